# Memory of one more sleeping task, by kind
# Draw it again: gnuplot task-bytes.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,474 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,474 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "task-bytes.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Memory of one more sleeping task, by kind"
set logscale x 10
set xrange [39.98890236:50906.26699]
set yrange [7.60:0.4]
set y2range [7.60:0.4]
set xtics ("100 bytes" 100, "1 KB" 1000, "10 KB" 10000)
set xlabel "memory of one more sleeping task (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.8608
set bmargin at screen 0.2700
unset key
set label 10000 "PSS, with its 95 % interval" at screen 0.0500, screen 0.0506 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0506 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "with the kernel's share" at screen 0.3700, screen 0.0506 left offset 1.2,0 textcolor rgb "#222222"
set label 10011 "" at screen 0.3700, screen 0.0506 point pt 2 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("stackless" 1, "timer" 2, "node-promises" 3, "python-asyncio" 4, "go-goroutines" 5, "coroutine" 6, "thread" 7) scale 0
set y2tics ("64 bytes" 1, "160 bytes" 2, "842 bytes" 3, "1.62 KB" 4, "2.78 KB" 5, "4.30 KB" 6, "8.49 KB" 7) scale 0
plot 'task-bytes.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 6:1:8 with points pt 2 ps 1.6*scale lw 2 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
