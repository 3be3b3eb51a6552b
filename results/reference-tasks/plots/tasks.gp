# Memory (PSS) against sleeping tasks; dashed: with what the kernel holds
# Draw it again: gnuplot tasks.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,736 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,736 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "tasks.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set title "Memory (PSS) against sleeping tasks; dashed: with what the kernel holds" offset 0,0.4
set logscale xy 10
set xrange [700:1500000]
set yrange [787200:6940352512]
set xtics ("1000" 1000, "10,000" 10000, "100,000" 100000, "1,000,000" 1000000)
set ytics ("1 MB" 1000000, "10 MB" 10000000, "100 MB" 100000000, "1 GB" 1000000000)
set xlabel "tasks that sleep at once (logarithmic)"
set ylabel "memory of the whole process tree (logarithmic)"
set key outside bottom center horizontal maxcols 3 Left reverse samplen 2 spacing 1.3 textcolor rgb "#222222"
plot 'tasks.dat' index 0 using 1:2:3:4 with yerrorlines lw 2.5 pt 11 ps 1.8*scale lc rgb "#8A4B08" title "coroutine", \
     '' index 0 using 1:5 with lines lw 2 dt 2 lc rgb "#8A4B08" notitle, \
     'tasks.dat' index 1 using 1:2:3:4 with yerrorlines lw 2.5 pt 15 ps 1.8*scale lc rgb "#56B4E9" title "stackless", \
     '' index 1 using 1:5 with lines lw 2 dt 2 lc rgb "#56B4E9" notitle, \
     'tasks.dat' index 2 using 1:2:3:4 with yerrorlines lw 2.5 pt 4 ps 1.8*scale lc rgb "#555555" title "timer", \
     '' index 2 using 1:5 with lines lw 2 dt 2 lc rgb "#555555" notitle, \
     'tasks.dat' index 3 using 1:2:3:4 with yerrorlines lw 2.5 pt 13 ps 1.8*scale lc rgb "#D98200" title "thread", \
     '' index 3 using 1:5 with lines lw 2 dt 2 lc rgb "#D98200" notitle, \
     'tasks.dat' index 4 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#2347B5" title "go-goroutines", \
     '' index 4 using 1:5 with lines lw 2 dt 2 lc rgb "#2347B5" notitle, \
     'tasks.dat' index 5 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#6B8E23" title "node-promises", \
     '' index 5 using 1:5 with lines lw 2 dt 2 lc rgb "#6B8E23" notitle, \
     'tasks.dat' index 6 using 1:2:3:4 with yerrorlines lw 2.5 pt 7 ps 1.8*scale lc rgb "#B5261E" title "python-asyncio", \
     '' index 6 using 1:5 with lines lw 2 dt 2 lc rgb "#B5261E" notitle
unset output
}
