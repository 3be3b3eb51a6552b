# Wall time of the whole process, 1000 requests of 200 ms: 265 ms (event loop) to 200.4 s (sequential)
# Draw it again: gnuplot wall.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,874 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,874 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "wall.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time of the whole process, 1000 requests of 200 ms: 265 ms (event loop) to 200.4 s (sequential)"
set logscale x 10
set xrange [125000000:3.205951474e+11]
set yrange [17.60:0.4]
set y2range [17.60:0.4]
set xtics ("1 s" 1000000000, "10 s" 1e+10, "100 s" 1e+11)
set xlabel "wall time (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9245
set bmargin at screen 0.1465
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0275 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0275 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "floor: the least time possible" at screen 0.3700, screen 0.0275 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.3700, screen 0.0160 to screen 0.3700, screen 0.0389 nohead lw 3 lc rgb "#555555"
set label 10002 "the article's figure" at screen 0.6900, screen 0.0275 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.6900, screen 0.0275 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("event loop" 2, "10 threads" 3, "10 processes" 4, "sequential" 5, "event loop" 7, "1000 threads" 8, "event loop, 100 at once" 9, "100 processes" 10, "100 threads" 11, "10 threads" 12, "event loop, 10 at once" 13, "10 processes" 14, "sequential" 15, "event loop" 17) scale 0
set y2tics ("213 ms" 2, "2.01 s" 3, "2.01 s" 4, "20.04 s" 5, "265 ms" 7, "341 ms" 8, "2.02 s" 9, "2.03 s" 10, "2.05 s" 11, "20.05 s" 12, "20.05 s" 13, "20.05 s" 14, "200.4 s" 15, "877 ms" 17) scale 0
set label 1 "100 requests of 200 ms" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 6 "1000 requests of 200 ms" at graph 0.012, first 6.10 left textcolor rgb "#555555"
set label 16 "10,000 requests of 200 ms" at graph 0.012, first 16.10 left textcolor rgb "#555555"
plot 'wall.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
