# One worker's time over the serial program's, per kernel and peer.
load style
set title "Overhead: one worker over the serial program (T1/Ts)"
set ylabel "T1/Ts, log scale"
set logscale y
set yrange [0.5:*]
set xtics rotate by -35 nomirror textcolor rgb "black"
set bmargin 6
set rmargin 6
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#404040" lw 1.5 front
do for [terminal in "svg png"] {
	if (terminal eq "svg") { set terminal svg size 1100,480 enhanced background "white" }
	else { set terminal pngcairo size 1100,480 enhanced }
	set output out.".".terminal
	plot for [i = 2 : columns] data using i:xtic(1) title columnheader(i) lc rgb colour[i]
}
