# The cost of an index of y[i] += a*x[i] over the length of the loop.
load style
set title "Small loops on two workers: y[i] += a x[i]"
set xlabel "n"
set ylabel "ns per index, log scale"
set logscale xy
set xrange [*:*] noextend
set format x "10^{%L}"
do for [terminal in "svg png"] {
	if (terminal eq "svg") { set terminal svg size 900,520 enhanced background "white" }
	else { set terminal pngcairo size 900,520 enhanced }
	set output out.".".terminal
	plot for [i = 2 : columns] data using 1:i with linespoints lw 2 pt 7 ps 0.7 \
	    lc rgb colour[i - 1] title columnheader(i)
}
