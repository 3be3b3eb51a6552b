# Requests in flight over time, and those of them that wait for their answer.
ylabel = "in flight"
height(p) = column("in_flight")
draw = "plot csv every ::first_of[p]::last_of[p] using (1e9 * column('t_s')):(column('waiting')) " \
    . "with fillsteps linecolor rgb light(colour_of[p]) fillstyle solid 1.0 " \
    . "border linecolor rgb light(colour_of[p]), '' every ::first_of[p]::last_of[p] " \
    . "using (1e9 * column('t_s')):(column('in_flight')) with steps " \
    . "linewidth 2 linecolor rgb colour_of[p]"
