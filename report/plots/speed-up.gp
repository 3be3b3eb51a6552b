# Speed-up of computing against workers, beside the ideal and the machine's cores.
panels = 1
units = "count"
logs = "0"
heights = "400"
ylabel(p) = "times as fast"
xlabel = "threads, processes or loops that may compute at the same time"
xunit = ""
xscale = "workers"
mark_text = "%.0f cores"
extra_line = 1
