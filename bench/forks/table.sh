#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a typed fork costs by each compiler: nanoseconds a call of fib, a node of
# skynet and of uts, the quickest run, on one worker and on two.  Run in the build
# directory by `make bench-fork-table`.
#
# LACE=folder has a checkout of Lace 1.4 (github.com/trolando/lace); without it only
# filch and the serial recursion are measured.  ROUNDS (9): launches of each program,
# interleaved, so that what disturbs the machine disturbs all alike.  The count of
# instructions is exact; the times need quiet cores.
set -u
# shellcheck source=bench/forks/build.sh
. "${top_srcdir:?}/bench/forks/build.sh"

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

build_all serial filch $lace

# launch FORM KERNEL COMPILER N RUNS WORKERS: one figure.
launch()
{
	figure=$("$scratch/$1.$2.$3" "$4" "$5" "$6") || { echo "$1 $2 $3 failed" >&2; exit 1; }
	echo "$2 $3 $1 $6 $figure" >>"$scratch/figures"
}

# sizes KERNEL: N and RUNS on one worker, N and RUNS on two.
sizes()
{
	case $1 in
	fib) echo 25 60 31 6 ;;
	skynet) echo 5 60 6 20 ;;
	uts) echo 9 1 10 2 ;; # 10: the whole of T1, 4.1 million nodes
	esac
}

for kernel in $kernels; do
	for compiler in $compilers; do
		command -v valgrind >/dev/null || break
		count=$(per_call "$kernel" "$compiler")
		test -z "$count" || echo "$kernel $compiler count 1 $count" >>"$scratch/figures"
	done
done
round=0
while [ "$round" -lt "${ROUNDS:-9}" ]; do
	for kernel in $kernels; do
		# shellcheck disable=SC2046 # a list of words
		set -- $(sizes "$kernel")
		for compiler in $compilers; do
			launch serial "$kernel" "$compiler" "$1" "$2" 1
			for form in filch $lace; do
				launch "$form" "$kernel" "$compiler" "$1" "$2" 1
				launch "$form" "$kernel" "$compiler" "$3" "$4" 2
			done
		done
	done
	round=$((round + 1))
done

awk '
{
	c = $1 " " $2
	key = c " " $3 " " $4
	if (!(key in best) || $5 < best[key])
		best[key] = $5
	if (!(c in seen)) {
		seen[c] = 1
		order[++rows] = c
	}
}
function column(c, form, workers,   at) {
	at = c " " form " " workers
	return at in best ? sprintf("%.3f", best[at]) : "-"
}
function ratio(c, workers,   f, l) {
	f = c " filch " workers
	l = c " lace " workers
	return l in best ? sprintf("%.2f", best[f] / best[l]) : "-"
}
END {
	print "| kernel, compiler | serial | filch: 1 worker, 2 | Lace: 1 worker, 2 " \
		    "| filch / Lace: 1 worker, 2 | filch, instructions |"
	print "|---|---|---|---|---|---|"
	for (i = 1; i <= rows; i++) {
		c = order[i]
		printf "| %s | %s | %s, %s | %s, %s | %s, %s | %s |\n", c, column(c, "serial", 1),
		    column(c, "filch", 1), column(c, "filch", 2), column(c, "lace", 1),
		    column(c, "lace", 2), ratio(c, 1), ratio(c, 2),
		    (c " count 1") in best ? sprintf("%.1f", best[c " count 1"]) : "-"
	}
}' "$scratch/figures"
