# Memory (PSS) against requests in flight; dashed: with what the kernel holds
# Draw it again: gnuplot memory-concurrency.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,640 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,640 noenhanced font "DejaVu Sans,14.5"
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
set yrange [3317120:444648652.8]
set xtics ("1" 1, "10" 10, "100" 100, "1000" 1000, "10,000" 10000)
set ytics ("5 MB" 5000000, "10 MB" 10000000, "20 MB" 20000000, "50 MB" 50000000, "100 MB" 100000000, "200 MB" 200000000)
set xlabel "requests in flight at once (logarithmic)"
set ylabel "memory of the whole process tree (logarithmic)"
set key top left Left reverse samplen 2 spacing 1.3 textcolor rgb "#222222"
plot 'memory-concurrency.dat' index 0 using 1:2:3:4 with yerrorlines lw 2.5 pt 5 ps 1.8*scale lc rgb "#D98200" title "thread pool", \
     '' index 0 using 1:5 with lines lw 2 dt 2 lc rgb "#D98200" notitle, \
     'memory-concurrency.dat' index 1 using 1:2:3:4 with yerrorlines lw 2.5 pt 9 ps 1.8*scale lc rgb "#009E73" title "process pool", \
     '' index 1 using 1:5 with lines lw 2 dt 2 lc rgb "#009E73" notitle, \
     'memory-concurrency.dat' index 2 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#0072B2" title "event loop", \
     '' index 2 using 1:5 with lines lw 2 dt 2 lc rgb "#0072B2" notitle
unset output
}
