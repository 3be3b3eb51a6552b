# C and its twins in other languages: wall time by work and model.
axis = "wall time of the whole process (logarithmic)"
unit = "ns"
value_name = "median, with its range"
low_name = "floor: least time possible"
extra_name = ""
languages = 1
