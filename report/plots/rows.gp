# A row for each figure, by group: a line from where it had to start (the floor, the memory of one
# request) to what was measured, its range, and the article's figure.
# Settings: axis, unit, value_name, low_name, extra_name (empty: there is none).

ROW = 22
TOP = HEAD
full = 20 # half of its width is of names

array at[records]
array heading_of[records]
array colour_of[records]
array point_of[records]
count = 0
y = 0
longest = 0
articles = 0
low = 1e300
high = 0
widen(v) = v >= 1 ? (low = least(low, v), high = most(high, v), 0) : 0
stats csv using (count = count + 1, y = y + (has("heading") ? 2 : 1), at[count] = y, \
    heading_of[count] = stringcolumn("heading"), colour_of[count] = column("colour"), \
    point_of[count] = column("point"), longest = most(longest, most( \
    strlen(stringcolumn("label")), least(strlen(stringcolumn("heading")), 28))), \
    articles = articles + has("article"), \
    widen(column("value")), widen(n("low")), widen(n("value_min")), widen(n("value_max")), \
    widen(n("extra")), widen(n("article")), 0) nooutput
room = high / low < 3 ? 1.3 : most(1.5, (high / low) ** 0.06)
low = (low < high ? low : high) / room
high = high * room

entries = 1 + (low_name ne "") + (extra_name ne "") + (articles > 0)
left = least(16 + LETTER * most(longest, 10), 300)
right = W - 80
bottom = TOP + ROW * (y + 1)
H = bottom + 56 + 22 * ((entries + 1) / 2)

eval begin
set border 1
eval margins(left, right, TOP, bottom)
set logscale x 10
set xrange [low : high]
set yrange [y + 1 : 0]
set x2range [0 : 1]
eval log_tics("x", low, high, unit)
unset ytics
set grid xtics noytics
set label 3 axis at screen X((left + right) / 2), Y(bottom + 40) center textcolor rgb INK

# What the marks mean.
entry = 0
key_x(i) = X(20 + (i % 2) * 270)
key_y(i) = Y(bottom + 66 + 22 * (i / 2))
do for [i = 1 : 4] {
    name = i == 1 ? value_name : i == 2 ? low_name : i == 3 ? extra_name : "the article's figure"
    if (i < 4 ? name ne "" : articles > 0) {
        set label 20 + i "" at screen key_x(entry), key_y(entry) point \
            pointtype (i == 1 ? 7 : i == 2 ? 1 : i == 3 ? 2 : 12) \
            pointsize (i == 2 ? 0 : 1.5 * PS) linewidth 2 linecolor rgb INK
        set label 30 + i name at screen key_x(entry) + X(16), key_y(entry) left textcolor rgb INK
        if (i == 2) {
            set arrow 1 from screen key_x(entry), key_y(entry) - 7.0 / H \
                to screen key_x(entry), key_y(entry) + 7.0 / H nohead linewidth 3 \
                linecolor rgb FAINT
        }
        entry = entry + 1
    }
}
do for [i = 1 : count] {
    set label 100 + i heading_of[i] at screen X(8), Y(TOP + ROW * (at[i] - 1)) left \
        textcolor rgb FAINT
}

r(i) = at[int(i) + 1]
said(x) = stringcolumn("label") . ": " . stringcolumn("text") \
    . range_of(n("value_min"), n("value_max"), unit) . samples_of("samples") \
    . (has("low") ? "; " . low_name . ": " . human(n("low"), unit) : "")
plot csv using (n("low")):(r($0)):(n("value") - n("low")):(0):(n("colour") + 0xA0000000) \
        with vectors nohead linewidth 7 linecolor rgb variable, \
    '' using (n("low")):(r($0) - 0.3):(0):(0.6) with vectors nohead linewidth 3 \
        linecolor rgb FAINT, \
    '' using (n("value_max") > n("value_min") ? n("value_min") : NaN):(r($0)) \
        :(n("value_max") - n("value_min")):(0):(n("colour")) with vectors nohead linewidth 3 \
        linecolor rgb variable, \
    '' using (n("extra")):(r($0)):(n("colour")) \
        with points pointtype 2 pointsize 1.3 * PS linewidth 2 linecolor rgb variable, \
    for [i = 0 : count - 1] '' every ::i::i using (n("value")):(r(i)):(said(0)) \
        with labels hypertext point pointtype point_of[i + 1] pointsize 1.5 * PS linewidth 2 \
        linecolor rgb colour_of[i + 1], \
    '' using (n("article")):(r($0)) with points pointtype 12 pointsize 2.1 * PS linewidth 2 \
        linecolor rgb "#000000", \
    '' using (0):(r($0)):(stringcolumn("label")) axes x2y1 with labels right offset -0.8, 0 \
        textcolor rgb INK, \
    '' using (1):(r($0)):(stringcolumn("text")) axes x2y1 with labels left offset 0.8, 0 \
        textcolor rgb INK
