# 100 requests of 40 ms: requests in flight over time (line), of them waiting for the answer (filled)
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
set multiplot layout 2,2 title "100 requests of 40 ms: requests in flight over time (line), of them waiting for the answer (filled)\n" margins 0.085,0.975,0.0870,0.8551 spacing 0.1,0.1594
unset key
set title "20 processes: 206 ms" offset 0,-0.4
set xrange [0:206.396729]
set yrange [0:23]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 0 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#009E73", '' index 0 using 1:2 with steps lw 2 lc rgb "#009E73"
set title "event loop, 20 at once, 2 loops: 203 ms" offset 0,-0.4
set xrange [0:203.46102]
set yrange [0:23]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 1 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#0072B2", '' index 1 using 1:2 with steps lw 2 lc rgb "#0072B2"
set title "20 threads: 203 ms" offset 0,-0.4
set xrange [0:202.93175]
set yrange [0:23]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "in flight" offset 1,0
plot 'in-flight.dat' index 2 using 1:3 with filledcurves y1=0 fs solid 0.4 noborder lc rgb "#D98200", '' index 2 using 1:2 with steps lw 2 lc rgb "#D98200"
unset multiplot
unset output
}
