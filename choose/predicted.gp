# What was predicted of each cell against what was measured: points with their error bars around 1,
# and a band. The bars are pale: many lie upon one another. Settings: band, half as high as that is.

TOP = HEAD + 28
HEIGHT = 300
LEFT = 60
MOST = 48
array label_of[MOST]
array colour_of[MOST]
array point_of[MOST]
series = 0
longest = 0
low = 1 - 1.5 * band
high = 1 + 1.5 * band
x_low = 1e300
x_high = 0
take(i) = i > MOST ? 0 : (series = most(series, i), label_of[i] = stringcolumn("label"), \
    colour_of[i] = int(column("colour")), point_of[i] = int(column("point")), \
    longest = most(longest, strlen(label_of[i])), 0)
stats csv using (take(int(column("series"))), low = least(low, column("y_min")), \
    high = most(high, column("y_max")), x_low = least(x_low, column("x")), \
    x_high = most(x_high, column("x")), 0) nooutput
right = W - least(34 + LETTER * longest, 270)
H = TOP + most(HEIGHT, 18 * series) + 56
eval begin
set label 3 "measured wall time, seconds (logarithmic)" at screen X((LEFT + right) / 2), \
    Y(H - 14) center textcolor rgb INK
set label 4 "predicted / measured" at screen X(8), Y(TOP - 18) left textcolor rgb FAINT
eval margins(LEFT, right, TOP, H - 56)
set logscale x 10
eval log_tics("x", x_low / 1.35, x_high * 1.35, "")
set xrange [x_low / 1.35 : x_high * 1.35]
set yrange [most(0, low - 0.03) : high + 0.03]
set object 1 rectangle from graph 0, first 1 - band to graph 1, first 1 + band behind \
    fillcolor rgb "#E4EEF7" fillstyle solid noborder
do for [i = 1 : series] {
    set label 100 + i "" at screen X(right + 17), Y(TOP + 18 * i - 9) point \
        pointtype point_of[i] pointsize 1.1 * PS linewidth 2 linecolor rgb colour_of[i]
    set label 200 + i label_of[i] at screen X(right + 27), Y(TOP + 18 * i - 9) left \
        textcolor rgb INK
}
of(i) = int(column("series")) == i ? column("x") : NaN
shown(i) = int(column("series")) == i ? column("x") : 1e9 * x_high
said(i) = stringcolumn("cell") . sprintf(": predicted %.3g s, measured %.3g s", \
    column("x") * column("y"), column("x"))
plot 1 with lines linewidth 1 dashtype 2 linecolor rgb FAINT, \
    for [i = 1 : series] csv using (of(i)):(column("y_min")):(0) \
        :(column("y_max") - column("y_min")) with vectors nohead linewidth 2 \
        linecolor rgb colour_of[i] + 0x90000000, \
    for [i = 1 : series] '' using (shown(i)):(column("y")):(said(i)) with labels hypertext point \
        pointtype point_of[i] pointsize 1.1 * PS linewidth 2 linecolor rgb colour_of[i]
