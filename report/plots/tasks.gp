# Memory against tasks that sleep at once.
panels = 1
units = "bytes"
logs = "1"
heights = "430"
ylabel(p) = "memory of the process tree (log)"
xlabel = "tasks that sleep at once (logarithmic)"
xunit = ""
xscale = "log"
mark_text = ""
extra_line = 1
