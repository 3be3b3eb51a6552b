# C and its twins in other languages: memory by requests in flight and model.
axis = "proportional set size of the process tree (logarithmic)"
unit = "bytes"
value_name = "median, with its range"
low_name = "with one request"
extra_name = "with the kernel's share"
languages = 1
