# Wall time of each cell above its floor, beside the article's figure.
axis = "wall time (logarithmic)"
unit = "ns"
value_name = "median, with its range"
low_name = "floor: least time possible"
extra_name = ""
languages = 0
