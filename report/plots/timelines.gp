# A panel for each lane: at the left all on one time axis, at the right as long as the fastest took.
# Of NAME.gp: ylabel, and draw, which draws the panel `p` from the rows first_of[p] to last_of[p].

TOP = 100
PANEL = 130
GAP = 36

array label_of[8]
array colour_of[8]
array most_of[8]
array first_of[8]
array last_of[8]
row = 0
panels = 0
end = 0
zoom = 0
stats csv using (panels = most(panels, column("panel")), \
    label_of[column("panel")] = stringcolumn("label"), \
    colour_of[column("panel")] = int(column("colour")), \
    most_of[column("panel")] = 0, \
    end = most(end, column("last_s")), zoom = column("zoom_s"), 0) nooutput
stats csv using (p = column("panel"), row = row + 1, last_of[p] = row - 1, \
    first_of[p] = most_of[p] == 0 ? row - 1 : first_of[p], \
    most_of[p] = most(most_of[p], most(height(0), 1e-9)), 0) nooutput
bottom = TOP + panels * (PANEL + GAP) - GAP
H = bottom + 66
eval canvas(H)
set output output
set label 1 at screen X(16), Y(26)
set label 2 more at screen X(16), Y(54) left textcolor rgb FAINT
set label 3 "time, the same for all" at screen X(280), Y(bottom + 48) center textcolor rgb INK
set label 4 "the beginning of it" at screen X(704), Y(bottom + 48) center textcolor rgb INK

# A colour on its way to white.
light(c) = (255 - (255 - c / 65536) * 2 / 5) * 65536 + (255 - (255 - c / 256 % 256) * 2 / 5) * 256 \
    + 255 - (255 - c % 256) * 2 / 5
set multiplot
do for [p = 1 : panels] {
    top = TOP + (p - 1) * (PANEL + GAP)
    set yrange [0 : most_of[p] * 1.1]
    eval linear_tics("y", most_of[p] * 1.1, "whole", 5)
    set label 5 label_of[p] at screen X(84), Y(top - 14) left textcolor rgb INK
    set label 6 ylabel at screen X(18), Y(top + PANEL / 2) center rotate by 90 textcolor rgb INK
    do for [side = 1 : 2] {
        span = side == 1 ? end * 1.02 : zoom
        eval side == 1 ? margins(84, 476, top, top + PANEL) : margins(532, 876, top, top + PANEL)
        eval linear_tics("x", span * 1e9, p == panels ? "ns" : "none", 4)
        set xrange [0 : span * 1e9]
        eval draw
        unset label
    }
}
unset multiplot
