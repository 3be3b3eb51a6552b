# Wall time of 1000 requests of 200 ms against concurrency
# Draw it again: gnuplot concurrency.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,640 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,640 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "concurrency.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Wall time of 1000 requests of 200 ms against concurrency" offset 0,0.4
set logscale xy 10
set xrange [0.7:1500]
set yrange [125000000:3.205951474e+11]
set xtics ("1" 1, "10" 10, "100" 100, "1000" 1000)
set ytics ("1 s" 1000000000, "10 s" 1e+10, "100 s" 1e+11)
set xlabel "most requests in flight at once, as asked (logarithmic)"
set ylabel "wall time (logarithmic)"
set samples 2000
set key top right Left reverse samplen 2 spacing 1.3 textcolor rgb "#222222"
plot ceil(1000/(x < 1 ? 1 : x))*200000000 with lines lw 2 dt 2 lc rgb "#777777" title "floor: the least time possible", \
     'concurrency.dat' index 0 using 1:2 with lines lw 1.5 dt 3 lc rgb "#0072B2" notitle, '' index 0 using 1:2:3:4 with yerrorbars lw 2.5 pt 7 ps 1.8*scale lc rgb "#0072B2" title "event loop", \
     'concurrency.dat' index 1 using 1:2 with lines lw 1.5 dt 3 lc rgb "#D98200" notitle, '' index 1 using 1:2:3:4 with yerrorbars lw 2.5 pt 5 ps 1.8*scale lc rgb "#D98200" title "thread pool", \
     'concurrency.dat' index 2 using 1:2 with lines lw 1.5 dt 3 lc rgb "#009E73" notitle, '' index 2 using 1:2:3:4 with yerrorbars lw 2.5 pt 9 ps 1.8*scale lc rgb "#009E73" title "process pool", \
     'concurrency.dat' index 3 using 1:2 with lines lw 1.5 dt 3 lc rgb "#CC79A7" notitle, '' index 3 using 1:2:3:4 with yerrorbars lw 2.5 pt 13 ps 1.8*scale lc rgb "#CC79A7" title "sequential"
unset output
}
