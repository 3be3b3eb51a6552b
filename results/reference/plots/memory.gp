# Memory (PSS) with 1000 requests in flight: 17.1 MB (event loop) to 109 MB (1000 processes)
# Draw it again: gnuplot memory.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,754 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,754 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "memory.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Memory (PSS) with 1000 requests in flight: 17.1 MB (event loop) to 109 MB (1000 processes)"
set logscale x 10
set xrange [3332160:800000000]
set yrange [14.60:0.4]
set y2range [14.60:0.4]
set xtics ("5 MB" 5000000, "10 MB" 10000000, "20 MB" 20000000, "50 MB" 50000000, "100 MB" 100000000, "200 MB" 200000000, "500 MB" 500000000)
set xlabel "memory, proportional set size of the whole process tree (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9125
set bmargin at screen 0.1698
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0318 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0318 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "with one request" at screen 0.2900, screen 0.0318 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.2900, screen 0.0186 to screen 0.2900, screen 0.0451 nohead lw 3 lc rgb "#555555"
set label 10002 "with the kernel's share" at screen 0.5300, screen 0.0318 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.5300, screen 0.0318 point pt 2 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10003 "the article's figure" at screen 0.7700, screen 0.0318 left offset 1.2,0 textcolor rgb "#222222"
set label 10013 "" at screen 0.7700, screen 0.0318 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("event loop" 2, "100 threads" 3, "100 processes" 4, "event loop" 6, "300 threads" 7, "300 processes" 8, "event loop" 10, "1000 threads" 11, "1000 processes" 12, "event loop" 14) scale 0
set y2tics ("6.76 MB" 2, "9.03 MB" 3, "17.1 MB" 4, "9.12 MB" 6, "16.4 MB" 7, "37.5 MB" 8, "17.1 MB" 10, "42.1 MB" 11, "109 MB" 12, "120 MB" 14) scale 0
set label 1 "100 requests in flight" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 5 "300 requests in flight" at graph 0.012, first 5.10 left textcolor rgb "#555555"
set label 9 "1000 requests in flight" at graph 0.012, first 9.10 left textcolor rgb "#555555"
set label 13 "10,000 requests in flight" at graph 0.012, first 13.10 left textcolor rgb "#555555"
plot 'memory.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 6:1:8 with points pt 2 ps 1.6*scale lw 2 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
