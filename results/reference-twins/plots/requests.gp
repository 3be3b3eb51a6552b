# 100 requests of 200 ms: one line for each request (dark: connecting; colour: until its answer)
# Draw it again: gnuplot requests.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1290 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1290 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "requests.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set multiplot layout 4,2 title "100 requests of 200 ms: one line for each request (dark: connecting; colour: until its answer)\n" margins 0.085,0.975,0.0465,0.9225 spacing 0.1,0.0853
unset key
set title "python-httpx-unlimited, 100 at once: 291 ms" offset 0,-0.4
set xrange [0:290.697883]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 0 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#8E2A6B", '' index 0 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "python-httpx, 100 at once: 278 ms" offset 0,-0.4
set xrange [0:277.578825]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 1 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#E8803C", '' index 1 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "node-fetch, 100 at once: 300 ms" offset 0,-0.4
set xrange [0:299.591137]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 2 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#6B8E23", '' index 2 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "python-aiohttp, 100 at once: 223 ms" offset 0,-0.4
set xrange [0:222.995906]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 3 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#D98CA0", '' index 3 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "python-uvloop, 100 at once: 219 ms" offset 0,-0.4
set xrange [0:219.335537]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 4 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#B5261E", '' index 4 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "node-http, 100 at once: 247 ms" offset 0,-0.4
set xrange [0:246.871656]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 5 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#A9C23F", '' index 5 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "go-goroutines, 100 at once: 224 ms" offset 0,-0.4
set xrange [0:224.392358]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 6 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#2347B5", '' index 6 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
set title "event loop: 206 ms" offset 0,-0.4
set xrange [0:206.332603]
set yrange [0:104]
set ytics autofreq
set xlabel "time (ms)" offset 0,0.5
set ylabel "request" offset 1,0
plot 'requests.dat' index 7 using 3:1:($4-$3):(0) with vectors nohead lw 2 lc rgb "#0072B2", '' index 7 using 2:1:($3-$2):(0) with vectors nohead lw 2 lc rgb "#333333"
unset multiplot
unset output
}
