#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mutex.sh FOLDER: the mutexes' rows, LAUNCHES (15) times: the median, and its
# ratio to the median of pthread's normal mutex, with Rust's if its program was
# built; then what it costs to block.
dir=$1
tmp=$(mktemp) || exit 99
trap 'rm -f "$tmp"' EXIT
launch=0
while test $launch -lt "${LAUNCHES:-15}"; do
	timeout 60 "$dir/mutex" "${SCALE:-2}" >> "$tmp" || { echo "mutex failed"; exit 1; }
	if test -x "$dir/channel-rust"; then
		timeout 60 "$dir/channel-rust" mutex "${SCALE:-2}" >> "$tmp" || exit 1
	fi
	launch=$((launch + 1))
done
sort -t '	' -k1,1 -k2,2 -k3,3n "$tmp" | awk -F '\t' '
	function flush() {
		if (n > 0)
			median[key] = v[int((n + 1) / 2)]
		n = 0
	}
	{	if ($1 FS $2 != key) flush()
		key = $1 FS $2
		if (!(key in median) && n == 0) cell[++cells] = key
		v[++n] = $3 }
	END {
		flush()
		printf "%-20s %-18s %8s %7s\n", "row", "mutex", "ns", "ratio"
		for (i = 1; i <= cells; i++) {
			split(cell[i], part, FS)
			printf "%-20s %-18s %8.2f %7.2f\n", part[1], part[2], median[cell[i]],
			    median[cell[i]] / median[part[1] FS "pthread"]
		}
	}'
timeout 60 "$dir/block"
