# Memory (PSS) by language: black C, red Python, blue Go, green Node
# Draw it again: gnuplot twins-memory.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1234 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1234 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "twins-memory.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Memory (PSS) by language: black C, red Python, blue Go, green Node"
set logscale x 10
set xrange [3287680:970614374.4]
set yrange [26.60:0.4]
set y2range [26.60:0.4]
set xtics ("5 MB" 5000000, "10 MB" 10000000, "20 MB" 20000000, "50 MB" 50000000, "100 MB" 100000000, "200 MB" 200000000, "500 MB" 500000000)
set xlabel "memory, proportional set size of the whole process tree (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9465
set bmargin at screen 0.1037
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0194 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0194 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "with one request" at screen 0.2900, screen 0.0194 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.2900, screen 0.0113 to screen 0.2900, screen 0.0276 nohead lw 3 lc rgb "#555555"
set label 10002 "with the kernel's share" at screen 0.5300, screen 0.0194 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.5300, screen 0.0194 point pt 2 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10003 "the article's figure" at screen 0.7700, screen 0.0194 left offset 1.2,0 textcolor rgb "#222222"
set label 10013 "" at screen 0.7700, screen 0.0194 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("threads (C)" 2, "python-threads (Python)" 3, "procs (C)" 5, "python-procs (Python)" 6, "python-httpx (Python)" 8, "threads (C)" 10, "python-threads (Python)" 11, "procs (C)" 13, "async (C)" 15, "python-aiohttp (Python)" 16, "python-uvloop (Python)" 17, "python-httpx-unlimited (Python)" 18, "go-goroutines (Go)" 19, "node-fetch (Node)" 20, "node-http (Node)" 21, "async (C)" 23, "python-aiohttp (Python)" 24, "go-goroutines (Go)" 25, "node-http (Node)" 26) scale 0
set y2tics ("9.02 MB" 2, "30.8 MB" 3, "16.9 MB" 5, "585 MB" 6, "37.1 MB" 8, "42.1 MB" 10, "87.2 MB" 11, "109 MB" 13, "17.0 MB" 15, "47.7 MB" 16, "49.4 MB" 17, "58.3 MB" 18, "41.5 MB" 19, "90.7 MB" 20, "81.8 MB" 21, "120 MB" 23, "231 MB" 24, "344 MB" 25, "235 MB" 26) scale 0
set label 1 "100 requests in flight: thread pool" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 4 "100 requests in flight: process pool" at graph 0.012, first 4.10 left textcolor rgb "#555555"
set label 7 "100 requests in flight: event loop" at graph 0.012, first 7.10 left textcolor rgb "#555555"
set label 9 "1000 requests in flight: thread pool" at graph 0.012, first 9.10 left textcolor rgb "#555555"
set label 12 "1000 requests in flight: process pool" at graph 0.012, first 12.10 left textcolor rgb "#555555"
set label 14 "1000 requests in flight: event loop" at graph 0.012, first 14.10 left textcolor rgb "#555555"
set label 22 "10,000 requests in flight: event loop" at graph 0.012, first 22.10 left textcolor rgb "#555555"
plot 'twins-memory.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 6:1:8 with points pt 2 ps 1.6*scale lw 2 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
