# Wall time against concurrency, and what of it is above the floor.
panels = 2
units = "ns ns"
logs = "1 1"
heights = "320 320"
ylabel(p) = p == 1 ? "wall time (log)" : "above the floor (log)"
xlabel = "most requests in flight at once, as asked (logarithmic)"
xunit = ""
xscale = "log"
mark_text = ""
extra_line = 0
