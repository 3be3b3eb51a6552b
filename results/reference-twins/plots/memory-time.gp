# Memory over time with up to 1000 requests in flight (memory cgroup, kernel included)
# Draw it again: gnuplot memory-time.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,760 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,760 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "memory-time.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set multiplot layout 2,1 title "Memory over time with up to 1000 requests in flight (memory cgroup, kernel included)\n" margins 0.13,0.97,0.1,0.9 spacing 0.1,0.09
set xrange [0:25.18177462]
set yrange [0:506649369.4]
set ytics ("0 bytes" 0, "60 MB" 60000000, "120 MB" 120000000, "180 MB" 180000000, "240 MB" 240000000, "300 MB" 300000000, "360 MB" 360000000, "420 MB" 420000000, "480 MB" 480000000)
unset xlabel
set ylabel "memory" offset 1,0
set key top center horizontal Left reverse samplen 2 textcolor rgb "#222222"
plot 'memory-time.dat' index 0 using 1:2 with lines lw 2.5 lc rgb "#D98200" title "1000 threads", \
     'memory-time.dat' index 1 using 1:2 with lines lw 2.5 lc rgb "#009E73" title "1000 processes", \
     'memory-time.dat' index 2 using 1:2 with lines lw 2.5 lc rgb "#0072B2" title "event loop", \
     'memory-time.dat' index 3 using 1:2 with lines lw 2.5 lc rgb "#2347B5" title "go-goroutines, 1000 at once", \
     'memory-time.dat' index 4 using 1:2 with lines lw 2.5 lc rgb "#6B8E23" title "node-fetch, 1000 at once", \
     'memory-time.dat' index 5 using 1:2 with lines lw 2.5 lc rgb "#A9C23F" title "node-http, 1000 at once", \
     'memory-time.dat' index 6 using 1:2 with lines lw 2.5 lc rgb "#D98CA0" title "python-aiohttp, 1000 at once", \
     'memory-time.dat' index 7 using 1:2 with lines lw 2.5 lc rgb "#B5261E" title "python-uvloop, 1000 at once", \
     'memory-time.dat' index 8 using 1:2 with lines lw 2.5 lc rgb "#B5261E" title "python-threads, 1000 at once", \
     'memory-time.dat' index 9 using 1:2 with lines lw 2.5 lc rgb "#8E2A6B" title "python-httpx-unlimited, 1000 at once"
unset key
set yrange [0:1150]
set ytics autofreq
set ylabel "in flight" offset 1,0
set xlabel "time since the lane was started (s)" offset 0,0.5
plot 'memory-time.dat' index 0 using 1:3 with lines lw 2.5 lc rgb "#D98200" title "1000 threads", \
     'memory-time.dat' index 1 using 1:3 with lines lw 2.5 lc rgb "#009E73" title "1000 processes", \
     'memory-time.dat' index 2 using 1:3 with lines lw 2.5 lc rgb "#0072B2" title "event loop", \
     'memory-time.dat' index 3 using 1:3 with lines lw 2.5 lc rgb "#2347B5" title "go-goroutines, 1000 at once", \
     'memory-time.dat' index 4 using 1:3 with lines lw 2.5 lc rgb "#6B8E23" title "node-fetch, 1000 at once", \
     'memory-time.dat' index 5 using 1:3 with lines lw 2.5 lc rgb "#A9C23F" title "node-http, 1000 at once", \
     'memory-time.dat' index 6 using 1:3 with lines lw 2.5 lc rgb "#D98CA0" title "python-aiohttp, 1000 at once", \
     'memory-time.dat' index 7 using 1:3 with lines lw 2.5 lc rgb "#B5261E" title "python-uvloop, 1000 at once", \
     'memory-time.dat' index 8 using 1:3 with lines lw 2.5 lc rgb "#B5261E" title "python-threads, 1000 at once", \
     'memory-time.dat' index 9 using 1:3 with lines lw 2.5 lc rgb "#8E2A6B" title "python-httpx-unlimited, 1000 at once"
unset multiplot
unset output
}
