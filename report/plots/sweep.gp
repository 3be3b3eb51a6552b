# A sweep: the requests grow with the concurrency.
panels = 2
units = "ns ns"
logs = "1 1"
heights = "340 340"
ylabel(p) = p == 1 ? "wall time (log)" : "above the floor (log)"
xlabel = "most requests in flight at once, as asked (logarithmic)"
xunit = ""
xscale = "log"
mark_text = ""
extra_line = 0
