# Memory against concurrency, for lanes that were measured at several.
panels = 1
units = "bytes"
logs = "1"
heights = "430"
ylabel(p) = "memory of the process tree (log)"
xlabel = "requests in flight at once (logarithmic)"
xunit = ""
xscale = "log"
mark_text = ""
extra_line = 1
