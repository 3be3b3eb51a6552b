# 100 requests of 200 ms: one line for each request (dark: connecting; colour: until its answer)
# Draw it again: gnuplot requests.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,690 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,690 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "requests.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set multiplot layout 2,2 title "100 requests of 200 ms: one line for each request (dark: connecting; colour: until its answer)\n" margins 0.085,0.975,0.0870,0.8551 spacing 0.1,0.1594
unset key
set title "sequential: 20.03 s" offset 0,-0.4
set xrange [0:20.0333132]
set yrange [0:104]
set ytics autofreq
set xlabel "time (s)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 0 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#CC79A7", '' index 0 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "10 processes: 2.01 s" offset 0,-0.4
set xrange [0:2.006576195]
set yrange [0:104]
set ytics autofreq
set xlabel "time (s)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 1 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#009E73", '' index 1 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "10 threads: 2.01 s" offset 0,-0.4
set xrange [0:2.006056198]
set yrange [0:104]
set ytics autofreq
set xlabel "time (s)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 2 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#D98200", '' index 2 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "event loop: 207 ms" offset 0,-0.4
set xrange [0:206.557838]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 3 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#0072B2", '' index 3 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
unset multiplot
unset output
}
