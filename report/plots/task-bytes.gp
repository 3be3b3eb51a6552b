# Memory of each sleeping task, by slope: one row for each kind, the least first.
axis = "memory of one more sleeping task (logarithmic)"
unit = "bytes"
value_name = "PSS, with its 95 % interval"
low_name = ""
extra_name = "with the kernel's share"
languages = 1
