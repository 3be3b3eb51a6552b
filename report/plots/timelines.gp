# A panel for each lane: at the left all on one time axis, at the right as long as the fastest took.
# Settings: ylabel; height, the column that is drawn upwards.

TOP = HEAD + 28
PANEL = 80
GAP = 34
LEFT = 52
WIDTH = 208

array label_of[8]
array colour_of[8]
array most_of[8]
array first_of[8]
array last_of[8]
row = 0
panels = 0
end = 0
zoom = 0
add(p) = (panels = p, label_of[p] = stringcolumn("label"), colour_of[p] = int(column("colour")), \
    first_of[p] = row, most_of[p] = 1e-9)
stats csv using (p = column("panel"), p > panels ? add(p) : 0, last_of[p] = row, row = row + 1, \
    most_of[p] = most(most_of[p], column(height)), end = most(end, column("last_s")), \
    zoom = column("zoom_s"), 0) nooutput
bottom = TOP + panels * (PANEL + GAP) - GAP
H = bottom + 56
eval begin
set label 3 "time, the same for all" at screen X(LEFT + WIDTH / 2), Y(bottom + 42) center \
    textcolor rgb INK
set label 4 "the beginning of it" at screen X(W - 16 - WIDTH / 2), Y(bottom + 42) center \
    textcolor rgb INK
if (height eq "place") {
    set arrow 1 from screen X(W - 122), Y(20) to screen X(W - 102), Y(20) nohead linewidth 2 \
        linecolor rgb INK
    set label 7 "connecting" at screen X(W - 94), Y(20) left textcolor rgb INK
}

# A colour on its way to white.
light(c) = (255 - (255 - c / 65536) * 2 / 5) * 65536 + (255 - (255 - c / 256 % 256) * 2 / 5) * 256 \
    + 255 - (255 - c % 256) * 2 / 5
set multiplot
do for [p = 1 : panels] {
    top = TOP + (p - 1) * (PANEL + GAP)
    set yrange [0 : most_of[p] * 1.1]
    eval linear_tics("y", most_of[p] * 1.1, "whole", 3)
    set label 5 label_of[p] at screen X(LEFT), Y(top - 13) left textcolor rgb INK
    do for [side = 1 : 2] {
        span = side == 1 ? end * 1.02 : zoom
        eval side == 1 ? margins(LEFT, LEFT + WIDTH, top, top + PANEL) \
            : margins(W - 16 - WIDTH, W - 16, top, top + PANEL)
        eval linear_tics("x", span * 1e9, p == panels ? "ns" : "none", 2)
        set xrange [0 : span * 1e9]
        if (height eq "place") {
            plot csv every ::first_of[p]::last_of[p] using (1e9 * column("connected_s")): \
                    (column("place")):(1e9 * (column("end_s") - column("connected_s"))):(0) \
                    with vectors nohead linewidth 2 linecolor rgb colour_of[p], \
                '' every ::first_of[p]::last_of[p] using \
                    (column("connected_s") > column("start_s") ? 1e9 * column("start_s") : NaN): \
                    (column("place")):(1e9 * (column("connected_s") - column("start_s"))):(0) \
                    with vectors nohead linewidth 2 linecolor rgb INK
        } else {
            plot csv every ::first_of[p]::last_of[p] using (1e9 * column("t_s")): \
                    (column("waiting")) with filledcurves y1=0 linecolor rgb light(colour_of[p]) \
                    fillstyle solid 1.0 noborder, \
                '' every ::first_of[p]::last_of[p] using (1e9 * column("t_s")): \
                    (column("in_flight")) with lines linewidth 2 linecolor rgb colour_of[p]
        }
        unset label
        unset arrow
    }
}
unset multiplot
