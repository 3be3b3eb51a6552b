# The times of the patterns, way beside way.
axis = "time (logarithmic)"
unit = "ns"
value_name = "measured (cross: the wrong way)"
low_name = ""
extra_name = ""
languages = 0
