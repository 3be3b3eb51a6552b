# A line for each request: connecting, then until its answer.
ylabel = "request"
height(p) = column("place")
draw = "plot csv every ::first_of[p]::last_of[p] using (1e9 * column('connected_s')):" \
    . "(column('place')):(1e9 * (column('end_s') - column('connected_s'))):(0) " \
    . "with vectors nohead linewidth 2 linecolor rgb colour_of[p], " \
    . "'' every ::first_of[p]::last_of[p] using (1e9 * column('start_s')):(column('place')):" \
    . "(1e9 * (column('connected_s') - column('start_s'))):(0) " \
    . "with vectors nohead linewidth 2 linecolor rgb INK"
