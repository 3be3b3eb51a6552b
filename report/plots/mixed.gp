# Mixed work against its CPU share. Small shares decide, large ones are there as well: the root
# gives both room.
panels = 3
units = "count count ns"
logs = "1 0 1"
heights = "280 280 280"
ylabel(p) = p == 1 ? "items per second (log)" : p == 2 ? "% of what the floor allows" \
    : "heartbeat late, p99 (log)"
xlabel = "CPU share of an item in % (root scale)"
xunit = ""
xscale = "root"
mark_text = "from here on another\nis clearly faster"
extra_line = 1
