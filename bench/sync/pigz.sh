#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pigz.sh PIGZLIKE: the example against pigz at the same level with two threads,
# on MEGABYTES (128) of the files of this machine, LAUNCHES (9) times in turn.
set -u
pigzlike=$1
command -v pigz > /dev/null || { echo "skipping pigz: no such program; sh bench/setup"; exit 0; }
test -x "$pigzlike" || { echo "skipping pigz: no $pigzlike; zlib1g-dev is missing"; exit 0; }
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# tar may find files that it cannot read, and dies when it has given enough.
tar cf - /usr/include /usr/lib /usr/share 2> /dev/null |
    head -c "${MEGABYTES:-128}M" > "$tmp/data"

# timed NAME COMMAND...: its output into $tmp/NAME.gz, "NAME seconds"
timed() {
	name=$1
	shift
	begin=$(date +%s%N)
	"$@" < "$tmp/data" > "$tmp/$name.gz" || { echo "$name failed" >&2; exit 1; }
	echo "$name $((($(date +%s%N) - begin) / 1000))"
}

launch=0
while test $launch -lt "${LAUNCHES:-9}"; do
	if test $((launch % 2)) -eq 0; then
		timed pigz pigz -6 -p 2
		timed pigzlike "$pigzlike" -6 -p 2 -q
	else
		timed pigzlike "$pigzlike" -6 -p 2 -q
		timed pigz pigz -6 -p 2
	fi
	launch=$((launch + 1))
done > "$tmp/samples" || exit 1
gzip -dc < "$tmp/pigzlike.gz" | cmp - "$tmp/data" || { echo "not the same after gzip -d"; exit 1; }
sort -k1,1 -k2,2n "$tmp/samples" | awk '
	{ v[$1, ++n[$1]] = $2 }
	END {
		printf "%-10s %10s %17s\n", "program", "seconds", "quartiles"
		for (i = 1; i <= split("pigz pigzlike", name, " "); i++) {
			k = name[i]
			printf "%-10s %10.3f %8.3f-%8.3f\n", k, v[k, int((n[k] + 1) / 2)] / 1e6,
			    v[k, int((n[k] + 3) / 4)] / 1e6, v[k, int((3 * n[k] + 3) / 4)] / 1e6
		}
		printf "pigzlike by pigz: %.3f\n", v["pigzlike", int((n["pigzlike"] + 1) / 2)] \
		    / v["pigz", int((n["pigz"] + 1) / 2)]
	}'
wc -c "$tmp/pigz.gz" "$tmp/pigzlike.gz" | awk '/gz$/ { print $1, "bytes", $2 }' | sed 's|[^ ]*/||'
