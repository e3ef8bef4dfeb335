# What the plots share.  `data` and `out` come from the command line; each plot
# is drawn twice, as SVG and as PNG.
set datafile missing "NaN"
set style fill solid 0.9 noborder
set style data histograms
set style histogram clustered gap 1.5
set boxwidth 0.95 relative
set border 3 lc rgb "#808080"
set tics nomirror textcolor rgb "black"
set grid ytics lc rgb "#d0d0d0" lt 1
set key outside top center horizontal samplen 1.5
# Colours that stay apart for colour-blind readers (Okabe and Ito, 2008).
array colour[10] = ["#000000", "#d55e00", "#e69f00", "#0072b2", "#56b4e9", "#009e73", \
    "#cc79a7", "#f0e442", "#888888", "#663300"]
columns = system("awk 'NR == 1 { n = gsub(/\"/, \"\") / 2; print n + 1; exit }' ".data) + 0
