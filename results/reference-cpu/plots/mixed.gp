# Mixed work against its CPU share, 20 requests at once: items per second, and how late the loop is
# Draw it again: gnuplot mixed.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1400 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1400 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "mixed.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set multiplot layout 3,1 title "Mixed work against its CPU share, 20 requests at once: items per second, and how late the loop is\n" margins 0.12,0.97,0.165,0.945 spacing 0.1,0.065
set key at screen 0.54, screen 0.095 top center horizontal Left reverse samplen 2 spacing 1.3 maxcols 2 font ",".(format eq "svg" ? "16" : "12.5") textcolor rgb "#222222"
set ylabel "items per second (logarithmic)"
set logscale y 10
set nonlinear x via sqrt(x) inverse x*x
set xrange [0:102]
set xtics ("0" 0, "2.5" 2.5, "5" 5, "10" 10, "25" 25, "50" 50, "75" 75, "100" 100)
set xlabel "CPU share of an item in % (root scale)"
set arrow 1 from 5, graph 0 to 5, graph 1 nohead lw 2 dt 3 lc rgb "#555555"
set label 1 "from here on another\nis clearly faster" at 5, graph 0.13 left offset 0.8,0 textcolor rgb "#555555"
set yrange [14.71266592:769.6986165]
set ytics ("20" 20, "50" 50, "100" 100, "200" 200, "500" 500)
plot 'mixed.dat' index 0 using 1:2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale dt 1 lc rgb "#D98200" title "20 threads", \
     'mixed.dat' index 1 using 1:2:3:4 with yerrorlines lw 2.5 pt 15 ps 1.8*scale dt 1 lc rgb "#882255" title "event loop, 2 loops", \
     'mixed.dat' index 2 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale dt 1 lc rgb "#0072B2" title "event loop", \
     'mixed.dat' index 3 using 1:2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale dt 1 lc rgb "#009E73" title "20 processes", \
     'mixed.dat' index 4 using 1:2:3:4 with yerrorlines lw 2.5 pt 14 ps 1.8*scale dt 1 lc rgb "#332288" title "event loop, 2 processes compute", \
     'mixed.dat' index 5 using 1:2:3:4 with yerrorlines lw 2.5 pt 6 ps 1.8*scale dt 1 lc rgb "#56B4E9" title "event loop, 2 threads compute"
unset key
unset label 1
set ylabel "of what the floor allows (%)"
unset logscale y
set yrange [0:109.5652148]
set ytics autofreq
plot 'mixed.dat' index 0 using 1:8:9:10 with yerrorlines lw 2.5 pt 5 ps 1.8*scale dt 1 lc rgb "#D98200" title "20 threads", \
     'mixed.dat' index 1 using 1:8:9:10 with yerrorlines lw 2.5 pt 15 ps 1.8*scale dt 1 lc rgb "#882255" title "event loop, 2 loops", \
     'mixed.dat' index 2 using 1:8:9:10 with yerrorlines lw 2.5 pt 7 ps 1.8*scale dt 1 lc rgb "#0072B2" title "event loop", \
     'mixed.dat' index 3 using 1:8:9:10 with yerrorlines lw 2.5 pt 9 ps 1.8*scale dt 1 lc rgb "#009E73" title "20 processes", \
     'mixed.dat' index 4 using 1:8:9:10 with yerrorlines lw 2.5 pt 14 ps 1.8*scale dt 1 lc rgb "#332288" title "event loop, 2 processes compute", \
     'mixed.dat' index 5 using 1:8:9:10 with yerrorlines lw 2.5 pt 6 ps 1.8*scale dt 1 lc rgb "#56B4E9" title "event loop, 2 threads compute"
set ylabel "heartbeat late, p99 (logarithmic)"
set logscale y 10
set yrange [16639.375:3328599653]
set ytics ("100 us" 100000, "1 ms" 1000000, "10 ms" 10000000, "100 ms" 100000000, "1 s" 1000000000)
plot 'mixed.dat' index 1 using 1:5:6:7 with yerrorlines lw 2.5 pt 15 ps 1.8*scale dt 1 lc rgb "#882255" title "event loop, 2 loops", \
     'mixed.dat' index 2 using 1:5:6:7 with yerrorlines lw 2.5 pt 7 ps 1.8*scale dt 1 lc rgb "#0072B2" title "event loop", \
     'mixed.dat' index 4 using 1:5:6:7 with yerrorlines lw 2.5 pt 14 ps 1.8*scale dt 1 lc rgb "#332288" title "event loop, 2 processes compute", \
     'mixed.dat' index 5 using 1:5:6:7 with yerrorlines lw 2.5 pt 6 ps 1.8*scale dt 1 lc rgb "#56B4E9" title "event loop, 2 threads compute"
unset multiplot
unset output
}
