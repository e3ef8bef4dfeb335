#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# summary.sh FOLDER: the rows that have a target, from what the parts of bench-sync
# printed there.  A target is a ratio to a peer in the same run, or a time.
cd "$1" || exit 1
# part|how the row begins in its table|what it is called here|target|peer or -
cat << 'END' | while IFS='|' read -r part row name target peer; do
mutex|mutex uncontended|mutex, uncontended|0.80|pthread
mutex|mutex 2 threads|mutex, two threads|0.40|pthread
channel|1:1 filch|channel 1:1|1.00|1:1 rust-std
channel|1:1 filch|channel 1:1|1.00|1:1 crossbeam
channel|2:2 filch|channel 2:2|0.78|2:2 crossbeam
channel|1:1 filch-spsc|channel SPSC|0.98|1:1 boost-spsc
channel|batch filch|channel, batches of 32|3 ns|-
channel|batch filch-spsc|the same, SPSC|3 ns|-
channel|alone filch-try|try_send and try_recv|18 ns|-
channel|alone filch-try|the same|1.00|alone crossbeam
END
	test -e "$part.out" || { echo "$part did not run"; exit 1; }
	awk -v part="$part" -v row="$row" -v name="$name" -v target="$target" -v peer="$peer" '
	function value(what,   n, w, rest, f) {
		n = length(what)
		# The name is padded with blanks in the table.
		for (i = 1; i <= lines; i++) {
			rest = line[i]
			gsub(/[ \t]+/, " ", rest)
			if (substr(rest, 1, n + 1) == what " ") {
				split(substr(rest, n + 2), f, " ")
				return f[1]
			}
		}
		return ""
	}
	{ line[++lines] = $0 }
	END {
		ours = value(part == "mutex" ? row " filch" : row)
		if (ours == "") { print name ": no figure in " part ".out"; exit 1 }
		if (peer == "-") {
			printf "%-24s %8.2f ns %28s target %s%s\n", name, ours, "", target, \
			    (ours <= target + 0 ? ", met" : ", MISSED")
			exit
		}
		theirs = value(part == "mutex" ? row " " peer : peer)
		sub(/^[^ ]* /, "", peer)
		if (theirs == "") { printf "%-24s %8.2f ns   no %s here\n", name, ours, peer; exit }
		printf "%-24s %8.2f ns %14s %8.2f ns ratio %.2f target %s%s\n", name, ours, peer,
		    theirs, ours / theirs, target,
		    (ours / theirs <= target + 0 ? ", met" : ", MISSED")
	}' "$part.out" || exit 1
done || exit 1
awk '$1 == "block" && $2 == "core" {
	printf "%-24s %8.2f us %28s target 50 us%s\n", "a blocked core works", $3 / 1000, "",
	    ($3 <= 50000 ? ", met" : ", MISSED") }' mutex.out
awk '/^pigzlike by pigz:/ {
	printf "%-24s %40s ratio %.2f target 1.05%s\n", "pigzlike by pigz -p 2", "", $4,
	    ($4 <= 1.05 ? ", met" : ", MISSED") }
	/^skipping/' pigz.out
awk '/%/ && NF >= 5 {
	printf "counting: %-23s %28s%+5.1f %% target 1 %%%s\n", $1, "", $4,
	    ($4 <= 1 ? ", met" : ", MISSED") }' counting.out
