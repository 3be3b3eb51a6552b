# Wall time by language: black C, red Python, blue Go, green Node
# Draw it again: gnuplot twins.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,3434 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,3434 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "twins.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time by language: black C, red Python, blue Go, green Node"
set logscale x 10
set xrange [125000000:7.654550813e+10]
set yrange [81.60:0.4]
set y2range [81.60:0.4]
set xtics ("1 s" 1000000000, "10 s" 1e+10)
set xlabel "wall time of the whole process (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
set tmargin at screen 0.9808
set bmargin at screen 0.0373
unset key
set label 10000 "median, with its range" at screen 0.0500, screen 0.0070 left offset 1.2,0 textcolor rgb "#222222"
set label 10010 "" at screen 0.0500, screen 0.0070 point pt 7 ps 1.9*scale lw 2.5 lc rgb "#333333"
set label 10001 "floor: the least time possible" at screen 0.3700, screen 0.0070 left offset 1.2,0 textcolor rgb "#222222"
set arrow 10000 from screen 0.3700, screen 0.0041 to screen 0.3700, screen 0.0099 nohead lw 3 lc rgb "#555555"
set label 10002 "the article's figure" at screen 0.6900, screen 0.0070 left offset 1.2,0 textcolor rgb "#222222"
set label 10012 "" at screen 0.6900, screen 0.0070 point pt 12 ps 1.9*scale lw 2.5 lc rgb "#333333"
set ytics ("sync (C)" 2, "python-requests (Python)" 3, "python-session (Python)" 4, "threads (C)" 6, "python-threads (Python)" 7, "procs (C)" 9, "python-procs (Python)" 10, "async (C)" 12, "python-httpx (Python)" 13, "python-httpx-unlimited (Python)" 14, "python-aiohttp (Python)" 15, "python-uvloop (Python)" 16, "go-goroutines (Go)" 17, "node-fetch (Node)" 18, "node-http (Node)" 19, "threads (C)" 21, "python-threads (Python)" 22, "threads (C)" 24, "python-threads (Python)" 25, "procs (C)" 27, "python-procs (Python)" 28, "async (C)" 30, "python-aiohttp (Python)" 31, "python-uvloop (Python)" 32, "python-httpx (Python)" 33, "python-httpx-unlimited (Python)" 34, "go-goroutines (Go)" 35, "node-fetch (Node)" 36, "node-http (Node)" 37, "async (C)" 39, "python-aiohttp (Python)" 40, "python-uvloop (Python)" 41, "python-httpx (Python)" 42, "python-httpx-unlimited (Python)" 43, "go-goroutines (Go)" 44, "node-fetch (Node)" 45, "node-http (Node)" 46, "sync (C)" 48, "python-session (Python)" 49, "go-computing (Go)" 51, "threads (C)" 53, "threads (C), simulated GIL" 54, "python-threads (Python)" 55, "go-computing (Go)" 56, "node-workers (Node)" 57, "procs (C)" 59, "python-procs (Python)" 60, "async (C)" 62, "async (C), 2 threads compute" 63, "async (C), 2 processes compute" 64, "python-asyncio (Python)" 65, "python-asyncio (Python), 2 threads compute" 66, "python-asyncio (Python), 2 processes compute" 67, "node-http (Node)" 68, "sync (C)" 70, "python-session (Python)" 71, "threads (C)" 73, "python-threads (Python)" 74, "go-computing (Go)" 75, "node-workers (Node)" 76, "procs (C)" 78, "python-procs (Python)" 79, "node-http (Node)" 81) scale 0
set y2tics ("20.04 s" 2, "20.22 s" 3, "20.20 s" 4, "2.01 s" 6, "2.10 s" 7, "2.01 s" 9, "2.14 s" 10, "212 ms" 12, "416 ms" 13, "429 ms" 14, "326 ms" 15, "326 ms" 16, "228 ms" 17, "379 ms" 18, "312 ms" 19, "2.06 s" 21, "2.16 s" 22, "327 ms" 24, "871 ms" 25, "2.04 s" 27, "2.50 s" 28, "263 ms" 30, "528 ms" 31, "511 ms" 32, "2.57 s" 33, "3.73 s" 34, "320 ms" 35, "796 ms" 36, "496 ms" 37, "870 ms" 39, "5.66 s" 40, "4.48 s" 41, "47.84 s" 42, "28.41 s" 43, "1.04 s" 44, "3.39 s" 45, "1.72 s" 46, "1.29 s" 48, "4.15 s" 49, "2.33 s" 51, "660 ms" 53, "1.29 s" 54, "4.18 s" 55, "1.18 s" 56, "6.83 s" 57, "652 ms" 59, "2.22 s" 60, "1.29 s" 62, "667 ms" 63, "651 ms" 64, "4.21 s" 65, "4.27 s" 66, "2.25 s" 67, "11.20 s" 68, "1.31 s" 70, "1.38 s" 71, "653 ms" 73, "720 ms" 74, "2.04 s" 75, "792 ms" 76, "662 ms" 78, "716 ms" 79, "1.41 s" 81) scale 0
set label 1 "100 requests of 200 ms: sequential" at graph 0.012, first 1.10 left textcolor rgb "#555555"
set label 5 "100 requests of 200 ms: thread pool of 10" at graph 0.012, first 5.10 left textcolor rgb "#555555"
set label 8 "100 requests of 200 ms: process pool of 10" at graph 0.012, first 8.10 left textcolor rgb "#555555"
set label 11 "100 requests of 200 ms: event loop, 100 at once" at graph 0.012, first 11.10 left textcolor rgb "#555555"
set label 20 "1000 requests of 200 ms: thread pool of 100" at graph 0.012, first 20.10 left textcolor rgb "#555555"
set label 23 "1000 requests of 200 ms: thread pool of 1000" at graph 0.012, first 23.10 left textcolor rgb "#555555"
set label 26 "1000 requests of 200 ms: process pool of 100" at graph 0.012, first 26.10 left textcolor rgb "#555555"
set label 29 "1000 requests of 200 ms: event loop, 1000 at once" at graph 0.012, first 29.10 left textcolor rgb "#555555"
set label 38 "10,000 requests of 200 ms: event loop, 10,000 at once" at graph 0.012, first 38.10 left textcolor rgb "#555555"
set label 47 "64 items of 20 ms of computing: sequential" at graph 0.012, first 47.10 left textcolor rgb "#555555"
set label 50 "64 items of 20 ms of computing: thread pool of 1" at graph 0.012, first 50.10 left textcolor rgb "#555555"
set label 52 "64 items of 20 ms of computing: thread pool of 2" at graph 0.012, first 52.10 left textcolor rgb "#555555"
set label 58 "64 items of 20 ms of computing: process pool of 2" at graph 0.012, first 58.10 left textcolor rgb "#555555"
set label 61 "64 items of 20 ms of computing: event loop" at graph 0.012, first 61.10 left textcolor rgb "#555555"
set label 69 "64 items of 20 ms of computing, 64 KiB blocks: sequential" at graph 0.012, first 69.10 left textcolor rgb "#555555"
set label 72 "64 items of 20 ms of computing, 64 KiB blocks: thread pool of 2" at graph 0.012, first 72.10 left textcolor rgb "#555555"
set label 77 "64 items of 20 ms of computing, 64 KiB blocks: process pool of 2" at graph 0.012, first 77.10 left textcolor rgb "#555555"
set label 80 "64 items of 20 ms of computing, 64 KiB blocks: event loop" at graph 0.012, first 80.10 left textcolor rgb "#555555"
plot 'twins.dat' using 2:1:($3-$2):(0):($8+0xA0000000) with vectors nohead lw 9 lc rgb variable notitle, \
     '' using 2:($1-0.3):(0):(0.6) with vectors nohead lw 3 lc rgb "#555555" notitle, \
     '' using 4:1:($5-$4):(0):8 with vectors nohead lw 3 lc rgb variable notitle, \
     '' using 3:1:9:8 with points pt variable ps 1.8*scale lc rgb variable notitle, \
     '' using 7:1 with points pt 12 ps 2.6*scale lw 2.5 lc rgb "#000000" notitle
unset output
}
