#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# counting.sh FOLDER: each row of the library, and of one built without counting,
# in turn, LAUNCHES (31) times.  The two of a turn run one after the other, so what
# is compared is the median of the turns' ratios.
dir=$1
tmp=$(mktemp) || exit 99
trap 'rm -f "$tmp"' EXIT

# both ROW PROGRAM ARGUMENT...: prints "ROW counted uncounted"; the last word that
# the program prints is its figure
both() {
	row=$1
	program=$2
	shift 2
	if test $((launch % 2)) -eq 0; then
		a=$(timeout 60 "$dir/$program" "$@") || exit 1
		b=$(timeout 60 "$dir/$program-uncounted" "$@") || exit 1
	else
		b=$(timeout 60 "$dir/$program-uncounted" "$@") || exit 1
		a=$(timeout 60 "$dir/$program" "$@") || exit 1
	fi
	a=$(echo "$a" | awk "$figure")
	b=$(echo "$b" | awk "$figure")
	echo "$row $a $b"
}

# What is read of each program, by awk.
# shellcheck disable=SC2016
whole='{ print $1; exit }' alone='/uncontended\tfilch\t/ { print $4 }' \
    contended='/2 threads\tfilch\t/ { print $5 }' core='$2 == "core" { print $3 }'

launch=0
while test $launch -lt "${LAUNCHES:-31}"; do
	figure=$whole
	for queue in filch filch-spsc; do
		for row in 1:1 2:2 batch alone; do
			test "$queue $row" != "filch-spsc 2:2" || continue
			both "$queue-$row" channel "$queue" "$row" "${MESSAGES:-5000000}"
		done
	done
	figure=$alone
	both mutex-uncontended mutex 1
	figure=$contended
	both mutex-2-threads mutex 1
	figure=$core
	both block-core block
	launch=$((launch + 1))
done > "$tmp" || { cat "$tmp"; echo "a program failed"; exit 1; }

awk '{ print $1, $2, $3, $2 / $3 }' "$tmp" | sort -k1,1 -k4,4n | awk '
	function flush(   low, high) {
		if (n == 0)
			return
		low = r[int((n + 3) / 4)]
		high = r[int((3 * n + 3) / 4)]
		printf "%-20s %9.2f %9.2f %+7.2f %% %+8.2f to %+.2f %%\n", key, a, b,
		    100 * (r[int((n + 1) / 2)] - 1), 100 * (low - 1), 100 * (high - 1)
		n = 0
	}
	BEGIN { printf "%-20s %9s %9s %9s %s\n", "row", "counted", "without", "cost",
	    "  quartiles of the turns" }
	{
		if ($1 != key) { flush(); key = $1; a = $2; b = $3 }
		a = $2 < a ? $2 : a
		b = $3 < b ? $3 : b
		r[++n] = $4
	}
	END { flush() }'
echo 'ns, the fastest of each; the cost is the median of the turns'
