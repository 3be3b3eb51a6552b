# Wall time by language: black C, red Python, blue Go, green Node
# Draw it again: gnuplot twins.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,3154 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,3154 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "twins.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time by language: black C, red Python, blue Go, green Node"
set logscale x 10
set xrange [76488664.38:5.573774508e+10]
set yrange [74.60:0.4]
set y2range [74.60:0.4]
set xtics ("100 ms" 100000000, "1 s" 1000000000, "10 s" 1e+10)
set xlabel "wall time of the whole process (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9791
set bmargin at screen 0.0406
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0076 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0076 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "floor: the least time possible" at screen 0.3700, screen 0.0076 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.3700, screen 0.0044 to screen 0.3700, screen 0.0108 nohead lw 3 lc rgb "#555555"
set label 10002 "the article's figure" at screen 0.6900, screen 0.0076 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.6900, screen 0.0076 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("sync (C)" 2, "python-requests (Python)" 3, "python-session (Python)" 4, "threads (C)" 6, "python-threads (Python)" 7, "procs (C)" 9, "python-procs (Python)" 10, "async (C)" 12, "python-httpx (Python)" 13, "python-httpx-unlimited (Python)" 14, "python-aiohttp (Python)" 15, "python-uvloop (Python)" 16, "go-goroutines (Go)" 17, "node-fetch (Node)" 18, "node-http (Node)" 19, "threads (C)" 21, "python-threads (Python)" 22, "threads (C)" 24, "python-threads (Python)" 25, "procs (C)" 27, "python-procs (Python)" 28, "async (C)" 30, "python-aiohttp (Python)" 31, "python-uvloop (Python)" 32, "python-httpx (Python)" 33, "python-httpx-unlimited (Python)" 34, "go-goroutines (Go)" 35, "node-fetch (Node)" 36, "node-http (Node)" 37, "async (C)" 39, "python-aiohttp (Python)" 40, "python-uvloop (Python)" 41, "python-httpx (Python)" 42, "python-httpx-unlimited (Python)" 43, "go-goroutines (Go)" 44, "node-fetch (Node)" 45, "node-http (Node)" 46, "sync (C)" 48, "python-session (Python)" 49, "threads (C)" 51, "threads (C), simulated GIL" 52, "python-threads (Python)" 53, "node-workers (Node)" 54, "procs (C)" 56, "python-procs (Python)" 57, "async (C)" 59, "go-goroutines (Go)" 60, "node-http (Node)" 61, "sync (C)" 63, "python-session (Python)" 64, "threads (C)" 66, "python-threads (Python)" 67, "node-workers (Node)" 68, "procs (C)" 70, "python-procs (Python)" 71, "go-goroutines (Go)" 73, "node-http (Node)" 74) scale 0
set y2tics ("20.05 s" 2, "20.36 s" 3, "20.34 s" 4, "2.01 s" 6, "2.16 s" 7, "2.01 s" 9, "2.22 s" 10, "213 ms" 12, "568 ms" 13, "595 ms" 14, "418 ms" 15, "405 ms" 16, "228 ms" 17, "473 ms" 18, "377 ms" 19, "2.06 s" 21, "2.28 s" 22, "352 ms" 24, "1.44 s" 25, "2.04 s" 27, "2.70 s" 28, "262 ms" 30, "744 ms" 31, "703 ms" 32, "2.93 s" 33, "4.25 s" 34, "347 ms" 35, "1.08 s" 36, "613 ms" 37, "964 ms" 39, "7.16 s" 40, "5.93 s" 41, "18.53 s (invalid)" 42, "34.84 s" 43, "1.25 s" 44, "5.43 s" 45, "2.02 s" 46, "244 ms" 48, "972 ms" 49, "128 ms" 51, "258 ms" 52, "1.09 s" 53, "1.63 s" 54, "136 ms" 56, "582 ms" 57, "244 ms" 59, "244 ms" 60, "2.54 s" 61, "1.30 s" 63, "1.42 s" 64, "661 ms" 66, "773 ms" 67, "868 ms" 68, "658 ms" 70, "790 ms" 71, "2.52 s" 73, "1.45 s" 74) scale 0
set label 1 "100 requests of 200 ms: sequential, 1 at once" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 5 "100 requests of 200 ms: thread pool, 10 at once" at graph 0.012, first 5.10 left textcolor rgb "#555555"
set label 8 "100 requests of 200 ms: process pool, 10 at once" at graph 0.012, first 8.10 left textcolor rgb "#555555"
set label 11 "100 requests of 200 ms: event loop, 100 at once" at graph 0.012, first 11.10 left textcolor rgb "#555555"
set label 20 "1000 requests of 200 ms: thread pool, 100 at once" at graph 0.012, first 20.10 left textcolor rgb "#555555"
set label 23 "1000 requests of 200 ms: thread pool, 1000 at once" at graph 0.012, first 23.10 left textcolor rgb "#555555"
set label 26 "1000 requests of 200 ms: process pool, 100 at once" at graph 0.012, first 26.10 left textcolor rgb "#555555"
set label 29 "1000 requests of 200 ms: event loop, 1000 at once" at graph 0.012, first 29.10 left textcolor rgb "#555555"
set label 38 "10,000 requests of 200 ms: event loop, 10,000 at once" at graph 0.012, first 38.10 left textcolor rgb "#555555"
set label 47 "16 items of 20 ms of computing: sequential, 1 at once" at graph 0.012, first 47.10 left textcolor rgb "#555555"
set label 50 "16 items of 20 ms of computing: thread pool, 2 at once" at graph 0.012, first 50.10 left textcolor rgb "#555555"
set label 55 "16 items of 20 ms of computing: process pool, 2 at once" at graph 0.012, first 55.10 left textcolor rgb "#555555"
set label 58 "16 items of 20 ms of computing: event loop, 16 at once" at graph 0.012, first 58.10 left textcolor rgb "#555555"
set label 62 "64 items of 20 ms of computing, blocks of 65,536 B: sequential, 1 at once" at graph 0.012, first 62.10 left textcolor rgb "#555555"
set label 65 "64 items of 20 ms of computing, blocks of 65,536 B: thread pool, 2 at once" at graph 0.012, first 65.10 left textcolor rgb "#555555"
set label 69 "64 items of 20 ms of computing, blocks of 65,536 B: process pool, 2 at once" at graph 0.012, first 69.10 left textcolor rgb "#555555"
set label 72 "64 items of 20 ms of computing, blocks of 65,536 B: event loop, 64 at once" at graph 0.012, first 72.10 left textcolor rgb "#555555"
plot 'twins.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
