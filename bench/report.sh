#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Measures the rows of report.rows by every peer that was built, and writes the
# figures, the plots and the text of docs/benchmarks.md.  Run in the build
# directory, by `make bench-report`.
set -eu
source=${top_srcdir:?}/bench
bench=${BENCH:-bench}
into=${REPORT:-bench-report}
budget=${BUDGET:-600}
launches=${LAUNCHES:-7}
gnuplot=${GNUPLOT:-gnuplot}

command -v "$gnuplot" >/dev/null || {
	echo "bench-report: needs gnuplot (Debian: gnuplot-nox)" >&2
	exit 1
}
mkdir -p "$into"

# An optional peer is one whose packages were found when the tree was configured.
peers=
for name in serial filch_typed filch_plain hwloc; do
	peers="$peers $name=$bench/$name"
done
for name in tbb gomp omp rayon; do
	[ -x "$bench/peers/$name" ] && peers="$peers $name=$bench/peers/$name"
done

# A differing checksum is in the tables; the report is still made, and fails at its end.
status=0
if [ "${REUSE:-0}" = 0 ]; then
	# shellcheck disable=SC2086 # a list of words
	"$bench/driver" -o "$into/benchmarks.json" -r "$source/report.rows" -b "$budget" \
	    -l "$launches" -t 30 ${KERNELS:+-k "$KERNELS"} $peers || status=$?
	[ $status -le 1 ] || exit $status
fi
"$bench/driver" -T "$into/benchmarks.json" >"$into/tables.md"
"$bench/driver" -P "$into/benchmarks.json" "$into"
for plot in overhead speedup small_loops; do
	# A run of some kernels only may leave nothing to draw.
	sed 1d "$into/$plot.dat" | grep -q ' [0-9]' || {
		echo "bench-report: no figures for the plot $plot" >&2
		continue
	}
	"$gnuplot" -e "data='$into/$plot.dat'; out='$into/$plot'; style='$source/plot_style.gp'" \
	    "$source/plot_$plot.gp"
done

{
	cat <<-'TEXT'
	# Benchmarks

	Made by `make bench-report`; every figure below comes from that one run.

	    ./configure && make && make bench-report    # then bench-report/ in the build directory

	A figure is the median over launches (processes) of the median over the runs of
	a launch. Launches of the peers alternate in random order and are pinned to as
	many cores as they have workers. Leaf code is one object file for all peers, and
	all results are checked against each other. *serial* is the same program
	with each spawn a call (Ts), *filch_typed* uses typed tasks, *filch_plain* function
	pointers. "-" means that it was not measured; a crash, a time-out or a
	wrong result is named in its place. All peers of a row got the same size.

	TEXT
	echo '## Machine'
	echo
	sed -n '/^- /p' "$into/tables.md"
	for name in tbb gomp omp rayon; do
		[ -x "$bench/peers/$name" ] || echo "- $name: not built here"
	done
	cat <<-'TEXT'

	## Plots

	![overhead of one worker](benchmarks/overhead.svg)

	![speed-up of two workers](benchmarks/speedup.svg)

	![cost of small loops](benchmarks/small_loops.svg)

	## Tables
	TEXT
	sed '/^- /d' "$into/tables.md"
} >"$into/benchmarks.md"
echo "bench-report: look at $into/*.png, then copy benchmarks.md to docs/" \
    "and *.svg *.png to docs/benchmarks/"
exit $status
