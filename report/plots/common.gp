# What all plots share: report gives gnuplot a few lines that name the files (csv, output, format)
# and the settings of the plot (plots.json), then this, then the plot's form: rows.gp, curves.gp or
# timelines.gp.
# Texts of a run come as values of columns, never as words of a script. Sizes are in pixels of the
# canvas and the same in both formats: all that is placed is placed by them, not by a font's width.

unset output
reset
set encoding utf8
set datafile separator comma
set datafile columnheaders

# A picture is half as wide as a page on a desk, and as wide as one on a phone.
W = 540.0
FONT = 14
LETTER = 7.8 # of a label, on average
LINE = 64    # letters
INK = 0x222222
FAINT = 0x666666
is_svg = format eq "svg"
PS = is_svg ? 0.62 : 1.0 # what makes points as large in both

canvas(h) = sprintf(is_svg ? \
    "set terminal svg size %d,%d dynamic noenhanced font 'DejaVu Sans,%g' background 'white'" : \
    "set terminal pngcairo size %d,%d noenhanced font 'DejaVu Sans,%g'", \
    W, h, is_svg ? FONT : FONT * 0.75)
X(px) = px / W
Y(px) = 1.0 - px / (1.0 * H)
margins(left, right, top, bottom) = sprintf("set lmargin at screen %g; set rmargin at screen %g; " \
    . "set tmargin at screen %g; set bmargin at screen %g", X(left), X(right), Y(top), Y(bottom))

least(a, b) = a < b ? a : b
most(a, b) = a > b ? a : b
has(name) = strlen(stringcolumn(name)) > 0
n(name) = has(name) ? column(name) : NaN

# ---- Figures as text ------------------------------------------------------------------------

# From a thousand of a unit on comes the next.
scaled(v, units) = v < 999.5 || words(units) == 1 ? sprintf("%.4g %s", v, word(units, 1)) \
    : scaled(v / 1000, units[strstrt(units, " ") + 1 : *])
thousands(v) = v < 9999.5 ? sprintf("%.4g", v) : v < 999999.5 \
    ? sprintf("%d,%03d", int(v / 1000), int(v) % 1000) \
    : sprintf("%d,%03d,%03d", int(v / 1e6), int(v / 1000) % 1000, int(v) % 1000)
human(v, unit) = unit eq "ns" ? (v > 0 ? scaled(v, "ns us ms s") : "0") \
    : unit eq "none" ? "" : unit eq "bytes" ? (v > 0 ? scaled(v, "bytes KB MB GB TB") : "0") \
    : thousands(v)
# No time is told in thousands of seconds.
human_s(v, unit) = unit eq "ns" && v > 999.5e9 ? thousands(v / 1e9) . " s" : human(v, unit)

# What a figure says where the mouse is: its value, from what to what its executions lie, and how
# many there are.
range_of(low, high, unit) = high > low \
    ? " (" . human(low, unit) . " to " . human(high, unit) . ")" : ""
samples_of(name) = has(name) ? ", n " . stringcolumn(name) : ""

without_end(list) = list[1 : strlen(list) - 2]

full = 150
# The tics of a logarithmic axis: each power of ten, on a very long one each thousandfold, on a
# short one twice and five times it as well; on one of less than a decade in equal steps. Where
# it ends at `full` times its beginning or more, there is room for three times only.
tics_from(decade, step, low, high, unit) = decade > high ? "" : (decade * step >= low \
    && decade * step <= high \
    ? sprintf("'%s' %.10g, ", human_s(decade * step, unit), decade * step) : "") \
    . (step == 5 || step == 3 || high / low >= 150 \
    ? tics_from(decade * 10 ** stride, 1, low, high, unit) \
    : tics_from(decade, step == 2 ? 5 : high / low >= full ? 3 : 2, low, high, unit))
round_step(v) = 10 ** floor(log10(v)) * (v / 10 ** floor(log10(v)) > 5 ? 10 \
    : v / 10 ** floor(log10(v)) > 2 ? 5 : v / 10 ** floor(log10(v)) > 1 ? 2 : 1)
steps_from(v, step, high, unit) = v > high ? "" \
    : sprintf("'%s' %.10g, ", human_s(v, unit), v) . steps_from(v + step, step, high, unit)
log_tics(axis, low, high, unit) = "set " . axis . "tics (" . without_end(high / low < 8 \
    ? steps_from(ceil(low / round_step((high - low) / 3)) * round_step((high - low) / 3), \
        round_step((high - low) / 3), high, unit) \
    : (stride = high / low > 1e6 ? 3 : 1, \
        tics_from(10 ** (stride * floor(log10(low) / stride)), 1, low, high, unit))) . ")"
# The tics of a linear axis from 0, at most `count` and one.
linear_tics(axis, high, unit, count) = "set " . axis . "tics (" . without_end(steps_from(0, \
    most(round_step(1.0 * high / count), unit eq "whole" ? 1 : 0), high, unit)) . ")"

# ---- How it looks ---------------------------------------------------------------------------

set border linecolor rgb "#888888"
set tics scale 0 textcolor rgb INK
set grid linecolor rgb "#E4E4E4" linewidth 1 linetype 1
unset key

title = ""
more = ""
records = 0
stats csv using (records = records + 1, \
    records == 1 ? (title = stringcolumn("title"), more = stringcolumn("more"), 0) : 0) nooutput
# The subtitle in lines: where the first of them ends, and how many there are.
blank(s, i) = i < 2 ? LINE : s[i:i] eq " " ? i : blank(s, i - 1)
lines(s) = s eq "" ? 0 : strlen(s) <= LINE ? 1 : 1 + lines(s[blank(s, LINE) + 1 : *])
line(s, k) = k > 1 ? line(s[blank(s, LINE) + 1 : *], k - 1) \
    : strlen(s) <= LINE ? s : s[1 : blank(s, LINE) - 1]
HEAD = 40 + 20 * lines(more)
# To be evaluated when the height H of the canvas is known.
begin = "eval canvas(H); set output output; " \
    . "set label 1 title at screen X(8), Y(20) left textcolor rgb '#111111'; " \
    . "do for [k = 1 : lines(more)] { set label 10 + k line(more, k) " \
    . "at screen X(8), Y(22 + 20 * k) left textcolor rgb FAINT }"
