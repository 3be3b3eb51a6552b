# Times of the patterns, way beside way
# Draw it again: gnuplot patterns.gp
reset
set encoding utf8
do for [format in "svg png"] {
if (format eq "svg") {
    set terminal svg size 1200,1136 dynamic noenhanced font "DejaVu Sans,19" background "white"
} else {
    set terminal pngcairo size 1200,1136 noenhanced font "DejaVu Sans,14.5"
}
scale = format eq "svg" ? 0.6 : 1
set output "patterns.".format
set border lc rgb "#888888"
set tics textcolor rgb "#222222"
set grid lc rgb "#E4E4E4" lw 1 lt 1
set title textcolor rgb "#111111"
set ytics () scale 0
set ytics add ("Pattern 1: concurrent execution with gather" 1)
set ytics add ("one after the other (projected)" 2)
set ytics add ("gather" 3)
set ytics add ("Pattern 2: fire and forget" 4)
set ytics add ("handler, without waiting" 5)
set ytics add ("handler, waiting at its end" 6)
set ytics add ("Pattern 3: structured concurrency with a task group" 7)
set ytics add ("task group" 8)
set ytics add ("Pattern 4: a pool of 10 workers" 9)
set ytics add ("worker pool" 10)
set ytics add ("floor: items / workers x latency" 11)
set ytics add ("Pattern 5: a pipeline of fetch, enrich and save" 12)
set ytics add ("staged" 13)
set ytics add ("streamed" 14)
set ytics add ("Errors: a task group cancels what is left" 15)
set ytics add ("until the group has ended" 16)
set ytics add ("delay of the other requests" 17)
set ytics add ("Errors: a timeout at its deadline" 18)
set ytics add ("timeout" 19)
set ytics add ("until it was noticed" 20)
set ytics add ("Mistake 2: blocking the event loop" 21)
set ytics add ("right: co_sleep" 22)
set ytics add ("wrong: a blocking sleep" 23)
set ytics add ("wrong: computing in a task" 24)
set ytics add ("right: computing in a thread" 25)
set ytics add ("right: computing in a process" 26)
set ytics add ("Practice: start everything first" 27)
set ytics add ("one after the other" 28)
set ytics add ("all started first" 29)
set title "Times of the patterns, way beside way"
set logscale x 10
set xrange [86823:4.00931084e+11]
set yrange [29.6:0.4]
set style fill solid 0.8
unset key
set xtics ("100 us" 100000, "1 ms" 1000000, "10 ms" 10000000, "100 ms" 100000000, "1 s" 1000000000, "10 s" 1e+10, "100 s" 1e+11)
set xlabel "time (logarithmic)" textcolor rgb "#222222"
set grid xtics noytics
plot 'patterns.dat' using 2:1:(86823):2:($1-0.35):($1+0.35) with boxxyerror lc rgb "#3B6EA8" notitle
unset output
}
