# Memory (PSS) against requests in flight; dashed: with what the kernel holds
# Draw it again: gnuplot memory-concurrency.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,768 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,768 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "memory-concurrency.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Memory (PSS) against requests in flight; dashed: with what the kernel holds" offset 0,0.4
set logscale xy 10
set xrange [0.7:15000]
set yrange [3287680:970614374.4]
set xtics ("1" 1, "10" 10, "100" 100, "1000" 1000, "10,000" 10000)
set ytics ("5 MB" 5000000, "10 MB" 10000000, "20 MB" 20000000, "50 MB" 50000000, "100 MB" 100000000, "200 MB" 200000000, "500 MB" 500000000)
set xlabel "requests in flight at once (logarithmic)"
set ylabel "memory of the whole process tree (logarithmic)"
set key outside bottom center horizontal maxcols 3 Left reverse samplen 2 spacing 1.3 textcolor rgb "#222222"
plot 'memory-concurrency.dat' index 0 using 1:2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#D98200" title "thread pool", \
     '' index 0 using 1:5 with lines lw 2 dt 2 lc rgb "#D98200" notitle, \
     'memory-concurrency.dat' index 1 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#0072B2" title "event loop", \
     '' index 1 using 1:5 with lines lw 2 dt 2 lc rgb "#0072B2" notitle, \
     'memory-concurrency.dat' index 2 using 1:2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#B5261E" title "python-threads", \
     '' index 2 using 1:5 with lines lw 2 dt 2 lc rgb "#B5261E" notitle, \
     'memory-concurrency.dat' index 3 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#8E2A6B" title "python-httpx-unlimited", \
     '' index 3 using 1:5 with lines lw 2 dt 2 lc rgb "#8E2A6B" notitle, \
     'memory-concurrency.dat' index 4 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#D98CA0" title "python-aiohttp", \
     '' index 4 using 1:5 with lines lw 2 dt 2 lc rgb "#D98CA0" notitle, \
     'memory-concurrency.dat' index 5 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#B5261E" title "python-uvloop", \
     '' index 5 using 1:5 with lines lw 2 dt 2 lc rgb "#B5261E" notitle, \
     'memory-concurrency.dat' index 6 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#2347B5" title "go-goroutines", \
     '' index 6 using 1:5 with lines lw 2 dt 2 lc rgb "#2347B5" notitle, \
     'memory-concurrency.dat' index 7 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#6B8E23" title "node-fetch", \
     '' index 7 using 1:5 with lines lw 2 dt 2 lc rgb "#6B8E23" notitle, \
     'memory-concurrency.dat' index 8 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#A9C23F" title "node-http", \
     '' index 8 using 1:5 with lines lw 2 dt 2 lc rgb "#A9C23F" notitle, \
     'memory-concurrency.dat' index 9 using 1:2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#009E73" title "process pool", \
     '' index 9 using 1:5 with lines lw 2 dt 2 lc rgb "#009E73" notitle, \
     'memory-concurrency.dat' index 10 using 1:2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#B5261E" title "python-procs", \
     '' index 10 using 1:5 with lines lw 2 dt 2 lc rgb "#B5261E" notitle, \
     'memory-concurrency.dat' index 11 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#E8803C" title "python-httpx", \
     '' index 11 using 1:5 with lines lw 2 dt 2 lc rgb "#E8803C" notitle
unset output
}
