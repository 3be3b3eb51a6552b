# Wall time against concurrency, with requests that grow with it (200 ms each)
# Draw it again: gnuplot sweep.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1256 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1256 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "sweep.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set key at screen 0.5, screen 0.0080 bottom center horizontal maxcols 2 Left reverse samplen 2 spacing 1.3 textcolor rgb "#222222"
set multiplot layout 2,1 title "Wall time against concurrency, with requests that grow with it (200 ms each)\n" margins 0.13,0.97,0.2755,0.9283 spacing 0.1,0.07
set logscale xy 10
set xrange [0.7:15000]
set yrange [125000000:1.435228277e+11]
set xtics ("1" 1, "10" 10, "100" 100, "1000" 1000, "10,000" 10000)
set ytics ("1 s" 1000000000, "10 s" 1e+10, "100 s" 1e+11)
unset xlabel
set ylabel "wall time (logarithmic)"
plot 'sweep.dat' index 0 using 1:2:3:4 with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#CC79A7" title "sequential", \
     '' index 0 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" title "floor: the least time possible", \
     'sweep.dat' index 1 using 1:2:3:4 with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#B5261E" title "python-requests", \
     '' index 1 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 2 using 1:2:3:4 with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#E8803C" title "python-session", \
     '' index 2 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 3 using 1:2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#D98200" title "thread pool", \
     '' index 3 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 4 using 1:2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#B5261E" title "python-threads", \
     '' index 4 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 5 using 1:2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#009E73" title "process pool", \
     '' index 5 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 6 using 1:2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#B5261E" title "python-procs", \
     '' index 6 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 7 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#0072B2" title "event loop", \
     '' index 7 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 8 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#E8803C" title "python-httpx", \
     '' index 8 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 9 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#8E2A6B" title "python-httpx-unlimited", \
     '' index 9 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 10 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#D98CA0" title "python-aiohttp", \
     '' index 10 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 11 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#B5261E" title "python-uvloop", \
     '' index 11 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 12 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#2347B5" title "go-goroutines", \
     '' index 12 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 13 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#6B8E23" title "node-fetch", \
     '' index 13 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle, \
     'sweep.dat' index 14 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#A9C23F" title "node-http", \
     '' index 14 using 1:5 with lines lw 2 dt 2 lc rgb "#777777" notitle
unset key
set yrange [5797839.375:7.622550813e+10]
set ytics ("10 ms" 10000000, "100 ms" 100000000, "1 s" 1000000000, "10 s" 1e+10)
set xlabel "most requests in flight at once, as asked (logarithmic)"
set ylabel "above the floor (logarithmic)"
plot 'sweep.dat' index 0 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#CC79A7" title "sequential", \
     'sweep.dat' index 1 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#B5261E" title "python-requests", \
     'sweep.dat' index 2 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#E8803C" title "python-session", \
     'sweep.dat' index 3 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#D98200" title "thread pool", \
     'sweep.dat' index 4 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#B5261E" title "python-threads", \
     'sweep.dat' index 5 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#009E73" title "process pool", \
     'sweep.dat' index 6 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#B5261E" title "python-procs", \
     'sweep.dat' index 7 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#0072B2" title "event loop", \
     'sweep.dat' index 8 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#E8803C" title "python-httpx", \
     'sweep.dat' index 9 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#8E2A6B" title "python-httpx-unlimited", \
     'sweep.dat' index 10 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#D98CA0" title "python-aiohttp", \
     'sweep.dat' index 11 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#B5261E" title "python-uvloop", \
     'sweep.dat' index 12 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#2347B5" title "go-goroutines", \
     'sweep.dat' index 13 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#6B8E23" title "node-fetch", \
     'sweep.dat' index 14 using 1:($2-$5):($3-$5):($4-$5) with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#A9C23F" title "node-http"
unset multiplot
unset output
}
