# The speed-up of two workers over the serial program, per kernel and peer.
load style
set title "Speed-up: the serial program over two workers (Ts/T2)"
set ylabel "Ts/T2"
set yrange [0:*]
set xtics rotate by -35 nomirror textcolor rgb "black"
set bmargin 6
set rmargin 6
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#404040" lw 1.5 front
set arrow 2 from graph 0, first 2 to graph 1, first 2 nohead lc rgb "#404040" dt 2 front
do for [terminal in "svg png"] {
	if (terminal eq "svg") { set terminal svg size 1100,480 enhanced background "white" }
	else { set terminal pngcairo size 1100,480 enhanced }
	set output out.".".terminal
	plot for [i = 2 : columns] data using i:xtic(1) title columnheader(i) lc rgb colour[i]
}
