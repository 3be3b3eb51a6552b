# Curves in panels, one below the other, with one x axis. At the right of each stands what its
# curves are, each as high as the curve ends, or as near to it as there is room.
# Settings: of each panel units, logs (1: logarithmic), heights and ylabels; xlabel; xscale ("log",
# "linear", "workers" or "root"); marked (1: a line stands at the column `mark`). The column `extra`
# is a dashed line. Where `dash` is 0 no line joins the points, and their bars are pale.

TOP = HEAD + 28
GAP = 62
LEFT = 80
MOST = 48
ROW = 18

array label_of[MOST]
array colour_of[MOST]
array point_of[MOST]
array dash_of[MOST]
panels = |units|
array first_of[panels * MOST]
array last_of[panels * MOST]
array y_of[panels * MOST]
array low_of[panels]
array high_of[panels]
array shown_of[panels]
do for [k = 1 : panels * MOST] {
    first_of[k] = -1
    last_of[k] = -1
    y_of[k] = 0
    low_of[k % panels + 1] = 1e300
    high_of[k % panels + 1] = 0
    colour_of[k % MOST + 1] = 0
    point_of[k % MOST + 1] = 0
    dash_of[k % MOST + 1] = 1
}
at(p, i) = (p - 1) * MOST + i
moved(x) = xscale eq "log" ? x * 10 ** column("shift") : x + column("shift")
row = -1
series = 0
longest = 0
x_low = 1e300
x_high = -1e300
shares = ""
mark = NaN
# The rows of series i, of which those in a panel are at k.
take(i, k) = (series = most(series, i), label_of[i] = stringcolumn("label"), \
    colour_of[i] = column("colour"), point_of[i] = most(point_of[i], column("point")), \
    dash_of[i] = column("dash"), \
    longest = most(longest, strlen(label_of[i])), last_of[k] = row, y_of[k] = column("y"), \
    first_of[k] = first_of[k] < 0 ? row : first_of[k])
widen(p, low, high) = (low_of[p] = least(low_of[p], low), high_of[p] = most(high_of[p], high))
share(x) = strstrt(shares, sprintf("' %g,", x)) ? shares : shares . sprintf("'%.3g' %g, ", x, x)
stats csv using (row = row + 1, p = column("panel"), i = column("series"), \
    i > MOST ? 0 : take(i, at(p, i)), widen(p, column("y_min"), column("y_max")), \
    has("extra") ? widen(p, column("extra"), column("extra")) : 0, \
    x_low = least(x_low, moved(column("x"))), x_high = most(x_high, moved(column("x"))), \
    shares = share(column("x")), mark = marked ? n("mark") : NaN, 0) nooutput

# A panel without data takes no room, one with many curves as much as their names do.
do for [p = 1 : panels] {
    shown_of[p] = 0
    do for [i = 1 : series] {
        shown_of[p] = shown_of[p] + (first_of[at(p, i)] >= 0)
    }
}
height(p) = shown_of[p] > 0 ? most(heights[p], ROW * shown_of[p]) : 0
top_of(p) = p == 1 ? TOP : top_of(p - 1) + (height(p - 1) > 0 ? height(p - 1) + GAP : 0)
bottom = top_of(panels + 1) - GAP
right = W - least(34 + LETTER * longest, 270)
H = bottom + 56
eval begin
set label 3 xlabel at screen X((LEFT + right) / 2), Y(bottom + 42) center textcolor rgb INK

if (xscale eq "log") {
    set logscale x 10
    aside = most(1.05, least(1.35, (x_high / x_low) ** 0.06))
    set xrange [x_low / aside : x_high * aside]
    eval log_tics("x", x_low / aside, x_high * aside, "")
}
if (xscale eq "linear") {
    set xrange [least(x_low, 0) : x_high * 1.02]
    eval linear_tics("x", x_high * 1.02, "", 6)
}
if (xscale eq "workers") {
    set xrange [x_low - 0.3 : x_high + 0.3]
    set xtics most(1, round_step((x_high - x_low) / 8.0))
}
if (xscale eq "root") {
    eval "set xtics (" . without_end(shares) . ")"
    set nonlinear x via sqrt(x) inverse x * x
    set xrange [0 : x_high * 1.03]
}

# Where a curve ends, in pixels from the top of the canvas, and where its name stands: the names
# in the order of the curves, none nearer to the next than a row, all beside the panel.
array order[MOST]
array name_y[MOST]
above(p, y) = logs[p] ? log(y / low) / log(high / low) : (y - low) / (high - low)
end_of(p, i) = top_of(p) + height(p) * (1 - above(p, y_of[at(p, i)]))
said(p) = stringcolumn("label") . ": " . (units[p] eq "%" \
    ? sprintf("%g of 100 within %.4g ms", column("y"), column("x")) \
    : human(column("y"), units[p]) . range_of(column("y_min"), column("y_max"), units[p]) \
        . " at " . human(column("x"), "")) . samples_of("samples")
set multiplot
do for [p = 1 : panels] {
    if (height(p) > 0) {
        if (mark > 0) {
            set arrow 2 from mark, graph 0 to mark, graph 1 nohead linewidth 2 dashtype 3 \
                linecolor rgb FAINT
        }
        eval margins(LEFT, right, top_of(p), top_of(p) + height(p))
        low = logs[p] ? low_of[p] / 1.4 : 0
        high = logs[p] ? high_of[p] * 1.4 : high_of[p] * 1.08
        unset logscale y
        if (low > 0) {
            set logscale y 10
        }
        set yrange [low : high]
        eval low > 0 ? log_tics("y", low, high, units[p]) : linear_tics("y", high, units[p], 6)
        set label 5 ylabels[p] at screen X(8), Y(top_of(p) - 18) left textcolor rgb FAINT

        names = 0
        do for [i = 1 : series] {
            if (first_of[at(p, i)] >= 0) {
                names = names + 1
                k = names
                while (k > 1 && end_of(p, order[most(k - 1, 1)]) > end_of(p, i)) {
                    order[k] = order[k - 1]
                    k = k - 1
                }
                order[k] = i
            }
        }
        do for [k = 1 : names] {
            name_y[k] = most(end_of(p, order[k]), k > 1 ? name_y[most(k - 1, 1)] + ROW : 0)
        }
        do for [j = 1 : names] {
            k = names + 1 - j
            name_y[k] = least(name_y[k], k < names ? name_y[least(k + 1, names)] - ROW \
                : top_of(p) + height(p))
            i = order[k]
            if (units[p] ne "%" && abs(end_of(p, i) - name_y[k]) < 4 * ROW) {
                set arrow 100 + i from screen X(right + 3), Y(end_of(p, i)) to screen \
                    X(right + 10), Y(name_y[k]) nohead linewidth 1 linecolor rgb "#AAAAAA"
            }
            if (point_of[i] > 0) {
                set label 100 + i "" at screen X(right + 17), Y(name_y[k]) point \
                    pointtype point_of[i] pointsize 1.1 * PS linewidth 2 \
                    linecolor rgb colour_of[i]
            } else {
                set arrow 200 + i from screen X(right + 11), Y(name_y[k]) \
                    to screen X(right + 24), Y(name_y[k]) nohead linewidth 2 \
                    dashtype dash_of[i] linecolor rgb colour_of[i]
            }
            set label 200 + i label_of[i] at screen X(right + 27), Y(name_y[k]) left \
                textcolor rgb INK
        }
        a(i) = most(first_of[at(p, i)], 0)
        b(i) = most(last_of[at(p, i)], 0)
        x_of(i) = first_of[at(p, i)] >= 0 ? moved(column("x")) : NaN
        # gnuplot 5.4 ends itself at a set of labels that are nowhere; these are beyond the axis
        shown(p, i) = first_of[at(p, i)] >= 0 && column("point") > 0 \
            ? moved(column("x")) : 1e9 * x_high
        plot for [i = 1 : series] csv every ::a(i)::b(i) \
                using (x_of(i)):(n("extra")) with lines \
                linewidth 2 dashtype 2 linecolor rgb colour_of[i], \
            for [i = 1 : series] '' every ::a(i)::b(i) \
                using (dash_of[i] > 0 ? x_of(i) : NaN):(column("y")) with lines \
                linewidth 2 dashtype most(dash_of[i], 1) linecolor rgb colour_of[i], \
            for [i = 1 : series] '' every ::a(i)::b(i) using (point_of[i] > 0 \
                && column("y_max") > column("y_min") ? x_of(i) : NaN):(column("y_min")):(0) \
                :(column("y_max") - column("y_min")) with vectors nohead linewidth 2 \
                linecolor rgb colour_of[i] + (dash_of[i] > 0 ? 0 : 0x90000000), \
            for [i = 1 : series] '' every ::a(i)::b(i) \
                using (shown(p, i)):(column("y")):(said(p)) \
                with labels hypertext point pointtype point_of[i] pointsize 1.1 * PS \
                linewidth 2 linecolor rgb colour_of[i]
        unset label
        unset arrow
    }
}
unset multiplot
