# Memory over time, from the start of the lane to its end, and below it the requests in flight.
panels = 2
units = "bytes count"
logs = "0 0"
heights = "280 220"
ylabel(p) = p == 1 ? "memory" : "in flight"
xlabel = "time since the lane was started (s)"
xunit = ""
xscale = "linear"
mark_text = ""
extra_line = 1
