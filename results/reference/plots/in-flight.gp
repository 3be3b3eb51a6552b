# 1000 requests of 200 ms: requests in flight over time (line), of them waiting for the answer (filled)
# Draw it again: gnuplot in-flight.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,690 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,690 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "in-flight.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set multiplot layout 2,2 title "1000 requests of 200 ms: requests in flight over time (line), of them waiting for the answer (filled)\n" margins 0.085,0.975,0.0870,0.8551 spacing 0.1,0.1594
unset key
set title "sequential: 200.4 s" offset 0,-0.4
set xrange [0:200.3616163]
set yrange [0:1.15]
set ytics 1
set xlabel "time (s)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 0 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#CC79A7", '' index 0 using 1:2 with steps lw 2 lc rgb "#CC79A7"
set title "100 processes: 2.03 s" offset 0,-0.4
set xrange [0:2.029090645]
set yrange [0:115]
set ytics autofreq
set xlabel "time (s)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 1 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#009E73", '' index 1 using 1:2 with steps lw 2 lc rgb "#009E73"
set title "1000 threads: 329 ms" offset 0,-0.4
set xrange [0:328.74544]
set yrange [0:1150]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 2 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#D98200", '' index 2 using 1:2 with steps lw 2 lc rgb "#D98200"
set title "event loop: 258 ms" offset 0,-0.4
set xrange [0:257.961938]
set yrange [0:1150]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 3 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#0072B2", '' index 3 using 1:2 with steps lw 2 lc rgb "#0072B2"
unset multiplot
unset output
}
