# Speed-up of computing against workers: 64 items of 20 ms of computing
# Draw it again: gnuplot speed-up.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,800 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,800 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "speed-up.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Speed-up of computing against workers: 64 items of 20 ms of computing" offset 0,0.4
set samples 1001
set xrange [0.5:2.5]
set yrange [0:2.583679745]
set xtics 1
set xlabel "threads, processes or loops that may compute at the same time"
set ylabel "times as fast as one after another"
set tmargin at screen 0.9
set bmargin at screen 0.33
set key at screen 0.54, screen 0.20 top center horizontal Left reverse samplen 2 spacing 1.3 maxcols 2 font ",".(format eq "svg" ? "16" : "12.5") textcolor rgb "#222222"
set arrow 1 from 2, graph 0 to 2, graph 1 nohead lw 2 dt 3 lc rgb "#555555"
set label 1 "2 cores of this machine" at 2, graph 0.05 left offset 0.8,0 textcolor rgb "#555555"
plot (x < 1 ? 1/0 : 2 > 0 && x > 2 ? 2 : x) with lines lw 2 dt 2 lc rgb "#777777" title "ideal: every worker has a core", \
     'speed-up.dat' index 0 using ($1+0.055):2:3:4 with yerrorlines lw 2.5 pt 14 ps 1.8*scale dt 1 lc rgb "#332288" title "event loop, processes compute", \
     'speed-up.dat' index 1 using ($1+0.11):2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale dt 1 lc rgb "#009E73" title "process pool", \
     'speed-up.dat' index 2 using ($1+0.165):2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale dt 1 lc rgb "#D98200" title "thread pool, 64 KiB blocks", \
     'speed-up.dat' index 3 using ($1+0.22):2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale dt 1 lc rgb "#D98200" title "thread pool", \
     'speed-up.dat' index 4 using ($1+0.275):2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale dt 1 lc rgb "#009E73" title "process pool, 64 KiB blocks", \
     'speed-up.dat' index 5 using ($1+0.33):2:3:4 with yerrorlines lw 2.5 pt 6 ps 1.8*scale dt 1 lc rgb "#56B4E9" title "event loop, threads compute", \
     'speed-up.dat' index 6 using ($1+0.385):2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale dt 1 lc rgb "#B5261E" title "python-procs, 64 KiB blocks", \
     'speed-up.dat' index 7 using ($1+0.44):2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale dt 1 lc rgb "#B5261E" title "python-threads, 64 KiB blocks", \
     'speed-up.dat' index 8 using ($1+0.055):2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale dt 1 lc rgb "#0072B2" title "event loop", \
     'speed-up.dat' index 9 using ($1+0.495):2:3:4 with yerrorlines lw 2.5 pt 4 ps 1.8*scale dt 2 lc rgb "#B5261E" title "thread pool, simulated GIL", \
     'speed-up.dat' index 10 using ($1+0.55):2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale dt 1 lc rgb "#B5261E" title "python-procs", \
     'speed-up.dat' index 11 using ($1+0.605):2:3:4 with yerrorlines lw 2.5 pt 14 ps 1.8*scale dt 1 lc rgb "#332288" title "python-asyncio, processes compute", \
     'speed-up.dat' index 12 using ($1+0.66):2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale dt 1 lc rgb "#B5261E" title "python-threads", \
     'speed-up.dat' index 13 using ($1+0.11):2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale dt 1 lc rgb "#B5261E" title "python-asyncio", \
     'speed-up.dat' index 14 using ($1+0.715):2:3:4 with yerrorlines lw 2.5 pt 6 ps 1.8*scale dt 1 lc rgb "#56B4E9" title "python-asyncio, threads compute"
unset output
}
