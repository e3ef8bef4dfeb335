#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a typed fork costs by each compiler: nanoseconds a call of fib, the quickest
# run, on one worker and on two.  Run in the build directory by `make bench-fork-table`.
#
# LACE=folder has a checkout of Lace 1.4 (github.com/trolando/lace); without it only
# filch and the serial recursion are measured.  ROUNDS (9): launches of each program,
# interleaved, so that what disturbs the machine disturbs all alike.  The count of
# instructions is exact; the times need quiet cores.
set -u
here=${top_srcdir:?}/bench/forks
library=src/.libs/libfilch.so
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
test -e "$library" || { echo "bench-fork-table: no shared library in this build" >&2; exit 2; }

lace=
if [ -n "${LACE:-}" ]; then
	test -e "$LACE/src/lace.h" || { echo "bench-fork-table: no Lace in $LACE" >&2; exit 2; }
	lace=lace
	cat >"$scratch/lace_config.h" <<-'END'
	#define LACE_PIE_TIMES 0
	#define LACE_COUNT_TASKS 0
	#define LACE_COUNT_STEALS 0
	#define LACE_COUNT_SPLITS 0
	END
	${CC:-cc} -std=gnu11 -O3 -I"$scratch" -I"$LACE/src" -c "$LACE/src/lace.c" \
	    -o "$scratch/lace.o" || exit 2
fi

# build NAME COMPILER...: its programs, if the compiler is there.
compilers=
build()
{
	name=$1
	shift
	if ! "$@" -E -x c /dev/null >/dev/null 2>&1; then
		echo "skipping $name: not here" >&2
		return
	fi
	"$@" -DFORK_SERIAL -I"$top_srcdir/include" "$here/fib.c" -x none \
	    -o "$scratch/serial.$name" || exit 2
	"$@" -I"$top_srcdir/include" "$here/fib.c" -x none -o "$scratch/filch.$name" \
	    "$library" -Wl,-rpath,"$PWD/src/.libs" || exit 2
	if [ -n "$lace" ]; then
		"$@" -D_GNU_SOURCE -DFORK_LACE -I"$scratch" -I"$LACE/src" "$here/fib.c" \
		    -x none "$scratch/lace.o" -lpthread -o "$scratch/lace.$name" || exit 2
	fi
	compilers="$compilers $name"
}

build gcc-O2 gcc -std=gnu11 -O2
build gcc-O3 gcc -std=gnu11 -O3
build g++-O3 g++ -std=gnu++17 -O3 -x c++
build clang-O3 "${CLANG:-clang}" -std=gnu11 -O3

# launch FORM COMPILER N RUNS WORKERS: one figure.
launch()
{
	figure=$("$scratch/$1.$2" "$3" "$4" "$5") || { echo "$1 $2 failed" >&2; exit 1; }
	echo "$2 $1 $5 $figure" >>"$scratch/figures"
}

# count COMPILER: instructions of one call, where valgrind is here; no noise hides
# these.  A long run less a short one, the caller alone.
instructions()
{
	FILCH_WORKERS=none valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    "$scratch/filch.$1" "$2" 1 none 2>&1 | awk '/Collected/ { print $NF }'
}
count()
{
	command -v valgrind >/dev/null || return
	short=$(instructions "$1" 16)
	long=$(instructions "$1" 24)
	echo "$1 count 1 $short $long" |
	    awk '{ printf "%s %s %s %.2f\n", $1, $2, $3, ($5 - $4) / (150049 - 3193) }' \
		>>"$scratch/figures"
}

for compiler in $compilers; do
	count "$compiler"
done
round=0
while [ "$round" -lt "${ROUNDS:-9}" ]; do
	for compiler in $compilers; do
		launch serial "$compiler" 25 60 1
		for form in filch $lace; do
			launch "$form" "$compiler" 25 60 1
			launch "$form" "$compiler" 31 6 2
		done
	done
	round=$((round + 1))
done

awk '
{
	key = $1 " " $2 " " $3
	if (!(key in best) || $4 < best[key])
		best[key] = $4
	if (!($1 in seen)) {
		seen[$1] = 1
		order[++compilers] = $1
	}
}
function column(c, form, workers) {
	return (c " " form " " workers) in best ? sprintf("%.3f", best[c " " form " " workers]) : "-"
}
function ratio(c, workers,   f, l) {
	f = c " filch " workers
	l = c " lace " workers
	return l in best ? sprintf("%.2f", best[f] / best[l]) : "-"
}
END {
	print "| compiler | serial | filch: 1 worker, 2 | Lace: 1 worker, 2 | filch / Lace: 1 worker, 2 | filch, instructions |"
	print "|---|---|---|---|---|---|"
	for (i = 1; i <= compilers; i++) {
		c = order[i]
		printf "| %s | %s | %s, %s | %s, %s | %s, %s | %s |\n", c, column(c, "serial", 1),
		    column(c, "filch", 1), column(c, "filch", 2), column(c, "lace", 1),
		    column(c, "lace", 2), ratio(c, 1), ratio(c, 2),
		    (c " count 1") in best ? sprintf("%.1f", best[c " count 1"]) : "-"
	}
}' "$scratch/figures"
