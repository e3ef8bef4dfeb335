#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# channel.sh FOLDER: the channels' rows against the peers that were built:
# LAUNCHES (15) launches of each, turn by turn; the median, the quartiles, and the
# ratio of the median to that of filch (of its spsc channel for spsc peers).
dir=$1
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

for program in channel channel-peers channel-rust; do
	test ! -x "$dir/$program" || "$dir/$program" | sed "s/^/$program /"
done > "$tmp/cells"
test -s "$tmp/cells" || { echo "nothing is built in $dir"; exit 1; }

# measure MESSAGES: of the cell; nanoseconds a message
measure() {
	timeout 60 "$dir/$program" "$queue" "$row" "$1" ||
	    { echo "$queue $row failed" >&2; exit 1; }
}

# So many messages that a launch takes MILLISECONDS (100): in a short one the
# threads may not even have come to two cores.
while read -r program queue row; do
	ns=$(measure 50000) || exit 1
	echo "$program $queue $row $(echo "$ns" | awk -v ms="${MILLISECONDS:-100}" '
	    { n = ms * 1e6 / $1; print int(n > 1e7 ? 1e7 : n < 1e4 ? 1e4 : n) }')"
done < "$tmp/cells" > "$tmp/sized" || exit 1
launch=0
while test $launch -lt "${LAUNCHES:-15}"; do
	while read -r program queue row messages; do
		ns=$(measure "$messages") || exit 1
		echo "$row $queue $ns"
	done < "$tmp/sized" >> "$tmp/samples" || exit 1
	launch=$((launch + 1))
done
sort -k1,1 -k2,2 -k3,3n "$tmp/samples" | awk '
	function flush() {
		if (n > 0) {
			cell[++cells] = key
			median[key] = v[int((n + 1) / 2)]
			low[key] = v[int((n + 3) / 4)]
			high[key] = v[int((3 * n + 3) / 4)]
		}
		n = 0
	}
	{ if ($1 " " $2 != key) flush(); key = $1 " " $2; v[++n] = $3 }
	END {
		flush()
		printf "%-8s %-16s %8s %17s %7s\n", "row", "queue", "ns", "quartiles", "ratio"
		for (i = 1; i <= cells; i++) {
			split(cell[i], part, " ")
			base = median[part[1] " filch" (part[2] ~ /spsc/ ? "-spsc" : "")]
			printf "%-8s %-16s %8.1f %8.1f-%8.1f %7.2f\n", part[1], part[2],
			    median[cell[i]], low[cell[i]], high[cell[i]], median[cell[i]] / base
		}
	}'
