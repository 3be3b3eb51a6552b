# Wall time of the whole process, 100 requests of 200 ms
# Draw it again: gnuplot wall.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1794 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1794 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "wall.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time of the whole process, 100 requests of 200 ms"
set logscale x 10
set xrange [125000000:7.654550813e+10]
set yrange [40.60:0.4]
set y2range [40.60:0.4]
set xtics ("1 s" 1000000000, "10 s" 1e+10)
set xlabel "wall time (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9632
set bmargin at screen 0.0713
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0134 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0134 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "floor: the least time possible" at screen 0.3700, screen 0.0134 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.3700, screen 0.0078 to screen 0.3700, screen 0.0190 nohead lw 3 lc rgb "#555555"
set label 10002 "the article's figure" at screen 0.6900, screen 0.0134 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.6900, screen 0.0134 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("event loop" 2, "go-goroutines, 100 at once" 3, "node-http, 100 at once" 4, "python-uvloop, 100 at once" 5, "python-aiohttp, 100 at once" 6, "node-fetch, 100 at once" 7, "python-httpx, 100 at once" 8, "python-httpx-unlimited, 100 at once" 9, "10 threads" 10, "10 processes" 11, "python-threads, 10 at once" 12, "python-procs, 10 at once" 13, "sequential" 14, "python-session, 1 at once" 15, "python-requests, 1 at once" 16, "event loop" 18, "go-goroutines, 1000 at once" 19, "1000 threads" 20, "node-http, 1000 at once" 21, "python-uvloop, 1000 at once" 22, "python-aiohttp, 1000 at once" 23, "node-fetch, 1000 at once" 24, "python-threads, 1000 at once" 25, "100 processes" 26, "100 threads" 27, "python-threads, 100 at once" 28, "python-procs, 100 at once" 29, "python-httpx, 1000 at once" 30, "python-httpx-unlimited, 1000 at once" 31, "event loop" 33, "go-goroutines, 10,000 at once" 34, "node-http, 10,000 at once" 35, "node-fetch, 10,000 at once" 36, "python-uvloop, 10,000 at once" 37, "python-aiohttp, 10,000 at once" 38, "python-httpx-unlimited, 10,000 at once" 39, "python-httpx, 10,000 at once" 40) scale 0
set y2tics ("212 ms" 2, "228 ms" 3, "312 ms" 4, "326 ms" 5, "326 ms" 6, "379 ms" 7, "416 ms" 8, "429 ms" 9, "2.01 s" 10, "2.01 s" 11, "2.10 s" 12, "2.14 s" 13, "20.04 s" 14, "20.20 s" 15, "20.22 s" 16, "263 ms" 18, "320 ms" 19, "327 ms" 20, "496 ms" 21, "511 ms" 22, "528 ms" 23, "796 ms" 24, "871 ms" 25, "2.04 s" 26, "2.06 s" 27, "2.16 s" 28, "2.50 s" 29, "2.57 s" 30, "3.73 s" 31, "870 ms" 33, "1.04 s" 34, "1.72 s" 35, "3.39 s" 36, "4.48 s" 37, "5.66 s" 38, "28.41 s" 39, "47.84 s" 40) scale 0
set label 1 "100 requests of 200 ms" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 17 "1000 requests of 200 ms" at graph 0.012, first 17.10 left textcolor rgb "#555555"
set label 32 "10,000 requests of 200 ms" at graph 0.012, first 32.10 left textcolor rgb "#555555"
plot 'wall.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
