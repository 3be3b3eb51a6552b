# Wall time of 100 requests of 200 ms against concurrency
# Draw it again: gnuplot concurrency.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,832 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,832 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "concurrency.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time of 100 requests of 200 ms against concurrency" offset 0,0.4
set logscale xy 10
set xrange [0.7:150]
set yrange [125000000:3.235893285e+10]
set xtics ("1" 1, "2" 2, "5" 5, "10" 10, "20" 20, "50" 50, "100" 100)
set ytics ("200 ms" 200000000, "500 ms" 500000000, "1 s" 1000000000, "2 s" 2000000000, "5 s" 5000000000, "10 s" 1e+10, "20 s" 2e+10)
set xlabel "most requests in flight at once, as asked (logarithmic)"
set ylabel "wall time (logarithmic)"
set samples 2000
set key outside bottom center horizontal maxcols 3 Left reverse samplen 2 spacing 1.3 textcolor rgb "#222222"
plot ceil(100/(x < 1 ? 1 : x))*200000000 with lines lw 2 dt 2 lc rgb "#777777" title "floor: the least time possible", \
     'concurrency.dat' index 0 using 1:2 with lines lw 1.5 dt 3 lc rgb "#0072B2" notitle, '' index 0 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#0072B2" title "event loop", \
     'concurrency.dat' index 1 using 1:2 with lines lw 1.5 dt 3 lc rgb "#2347B5" notitle, '' index 1 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#2347B5" title "go-goroutines", \
     'concurrency.dat' index 2 using 1:2 with lines lw 1.5 dt 3 lc rgb "#A9C23F" notitle, '' index 2 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#A9C23F" title "node-http", \
     'concurrency.dat' index 3 using 1:2 with lines lw 1.5 dt 3 lc rgb "#B5261E" notitle, '' index 3 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#B5261E" title "python-uvloop", \
     'concurrency.dat' index 4 using 1:2 with lines lw 1.5 dt 3 lc rgb "#D98CA0" notitle, '' index 4 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#D98CA0" title "python-aiohttp", \
     'concurrency.dat' index 5 using 1:2 with lines lw 1.5 dt 3 lc rgb "#6B8E23" notitle, '' index 5 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#6B8E23" title "node-fetch", \
     'concurrency.dat' index 6 using 1:2 with lines lw 1.5 dt 3 lc rgb "#E8803C" notitle, '' index 6 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#E8803C" title "python-httpx", \
     'concurrency.dat' index 7 using 1:2 with lines lw 1.5 dt 3 lc rgb "#8E2A6B" notitle, '' index 7 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#8E2A6B" title "python-httpx-unlimited", \
     'concurrency.dat' index 8 using 1:2 with lines lw 1.5 dt 3 lc rgb "#D98200" notitle, '' index 8 using 1:2:3:4 with yerrorbars lw 2.5 pt 5 ps 1.8*scale lc rgb "#D98200" title "thread pool", \
     'concurrency.dat' index 9 using 1:2 with lines lw 1.5 dt 3 lc rgb "#009E73" notitle, '' index 9 using 1:2:3:4 with yerrorbars lw 2.5 pt 9 ps 1.8*scale lc rgb "#009E73" title "process pool", \
     'concurrency.dat' index 10 using 1:2 with lines lw 1.5 dt 3 lc rgb "#B5261E" notitle, '' index 10 using 1:2:3:4 with yerrorbars lw 2.5 pt 5 ps 1.8*scale lc rgb "#B5261E" title "python-threads", \
     'concurrency.dat' index 11 using 1:2 with lines lw 1.5 dt 3 lc rgb "#B5261E" notitle, '' index 11 using 1:2:3:4 with yerrorbars lw 2.5 pt 9 ps 1.8*scale lc rgb "#B5261E" title "python-procs", \
     'concurrency.dat' index 12 using 1:2 with lines lw 1.5 dt 3 lc rgb "#CC79A7" notitle, '' index 12 using 1:2:3:4 with yerrorbars lw 2.5 pt 13 ps 1.8*scale lc rgb "#CC79A7" title "sequential", \
     'concurrency.dat' index 13 using 1:2 with lines lw 1.5 dt 3 lc rgb "#E8803C" notitle, '' index 13 using 1:2:3:4 with yerrorbars lw 2.5 pt 13 ps 1.8*scale lc rgb "#E8803C" title "python-session", \
     'concurrency.dat' index 14 using 1:2 with lines lw 1.5 dt 3 lc rgb "#B5261E" notitle, '' index 14 using 1:2:3:4 with yerrorbars lw 2.5 pt 13 ps 1.8*scale lc rgb "#B5261E" title "python-requests"
unset output
}
