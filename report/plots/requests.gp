# A line for each request: connecting, then until its answer.
ylabel = "request"
height(p) = column("place")
draw = "plot csv using (1e9 * of(p, 'connected_s')):(column('place')):" \
    . "(1e9 * (column('end_s') - column('connected_s'))):(0) with vectors nohead linewidth 2 " \
    . "linecolor rgb colour_of[p], '' using (1e9 * of(p, 'start_s')):(column('place')):" \
    . "(1e9 * (column('connected_s') - column('start_s'))):(0) with vectors nohead linewidth 2 " \
    . "linecolor rgb INK"
