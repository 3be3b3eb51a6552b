# Wall time of the whole process, 100 requests of 40 ms: 209 ms (20 threads) to 212 ms (20 processes)
# Draw it again: gnuplot wall.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,394 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,394 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "wall.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time of the whole process, 100 requests of 40 ms: 209 ms (20 threads) to 212 ms (20 processes)"
set logscale x 10
set xrange [125000000:347443216]
set yrange [5.60:0.4]
set y2range [5.60:0.4]
set xtics ("200 ms" 200000000)
set xlabel "wall time (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.8325
set bmargin at screen 0.3249
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0609 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0609 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "floor: the least time possible" at screen 0.3700, screen 0.0609 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.3700, screen 0.0355 to screen 0.3700, screen 0.0863 nohead lw 3 lc rgb "#555555"
set ytics ("20 threads" 2, "event loop, 20 at once, 2 loops" 3, "event loop, 20 at once" 4, "20 processes" 5) scale 0
set y2tics ("209 ms" 2, "209 ms" 3, "210 ms" 4, "212 ms" 5) scale 0
set label 1 "100 requests of 40 ms" at graph 0.012, first 1.10 left textcolor rgb "#555555"
plot 'wall.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
