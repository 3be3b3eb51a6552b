# Memory of each model with its requests in flight, beside the article's figure.
axis = "proportional set size of the process tree (logarithmic)"
unit = "bytes"
value_name = "median, with its range"
low_name = "with one request"
extra_name = "with the kernel's share"
languages = 0
