# Memory (PSS) with 1000 requests in flight: 17.0 MB (event loop) to 109 MB (1000 processes)
# Draw it again: gnuplot memory.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1074 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1074 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "memory.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Memory (PSS) with 1000 requests in flight: 17.0 MB (event loop) to 109 MB (1000 processes)"
set logscale x 10
set xrange [3287680:970614374.4]
set yrange [22.60:0.4]
set y2range [22.60:0.4]
set xtics ("5 MB" 5000000, "10 MB" 10000000, "20 MB" 20000000, "50 MB" 50000000, "100 MB" 100000000, "200 MB" 200000000, "500 MB" 500000000)
set xlabel "memory, proportional set size of the whole process tree (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9385
set bmargin at screen 0.1192
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0223 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0223 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "with one request" at screen 0.2900, screen 0.0223 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.2900, screen 0.0130 to screen 0.2900, screen 0.0317 nohead lw 3 lc rgb "#555555"
set label 10002 "with the kernel's share" at screen 0.5300, screen 0.0223 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.5300, screen 0.0223 point pt 2 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10003 "the article's figure" at screen 0.7700, screen 0.0223 left offset 1.2,0 textcolor rgb "#222222"
set label 10013 "" at screen 0.7700, screen 0.0223 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("100 threads" 2, "100 processes" 3, "python-threads, 100 at once" 4, "python-httpx, 100 at once" 5, "python-procs, 100 at once" 6, "event loop" 8, "go-goroutines, 1000 at once" 9, "1000 threads" 10, "python-aiohttp, 1000 at once" 11, "python-uvloop, 1000 at once" 12, "python-httpx-unlimited, 1000 at once" 13, "node-http, 1000 at once" 14, "python-threads, 1000 at once" 15, "node-fetch, 1000 at once" 16, "1000 processes" 17, "event loop" 19, "python-aiohttp, 10,000 at once" 20, "node-http, 10,000 at once" 21, "go-goroutines, 10,000 at once" 22) scale 0
set y2tics ("9.02 MB" 2, "16.9 MB" 3, "30.8 MB" 4, "37.1 MB" 5, "585 MB" 6, "17.0 MB" 8, "41.5 MB" 9, "42.1 MB" 10, "47.7 MB" 11, "49.4 MB" 12, "58.3 MB" 13, "81.8 MB" 14, "87.2 MB" 15, "90.7 MB" 16, "109 MB" 17, "120 MB" 19, "231 MB" 20, "235 MB" 21, "344 MB" 22) scale 0
set label 1 "100 requests in flight" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 7 "1000 requests in flight" at graph 0.012, first 7.10 left textcolor rgb "#555555"
set label 18 "10,000 requests in flight" at graph 0.012, first 18.10 left textcolor rgb "#555555"
plot 'memory.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 6:1:8 with points pt 2 ps 1.6*scale lw 2 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
