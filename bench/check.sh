#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh BENCH [EXECUTABLE...]: every executable of the suite must give the
# serial twin's checksum for every kernel that it knows, at the small sizes, at
# 1, 2 and 4 workers.  Without a list: those built in BENCH, and those of
# FILCH_BENCH_PEERS.
set -u
bench=$1
shift
if test $# -eq 0; then
	set -- "$bench/filch_typed" "$bench/filch_plain" "$bench/peers/gomp" \
	    "$bench/peers/omp" "$bench/peers/tbb" "$bench/peers/rayon"
	IFS=:
	# shellcheck disable=SC2086 # a list of paths
	set -- "$@" ${FILCH_BENCH_PEERS:-}
	unset IFS
fi
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT

# "KERNEL SMALL" of what an executable knows, with the size of the plain kernel
# for its variants.
echo sizes | "$bench/serial" > "$directory/sizes"
kernels() {
	echo list | timeout 60 "$1" | while read -r kernel && test -n "$kernel"; do
		size=$(awk -v k="${kernel%_outside}" '$1 == k { print $3 }' "$directory/sizes")
		echo "$kernel ${size:-0}"
	done
}

bad=0 checked=0
for executable; do
	test -x "$executable" || { echo "not built: $executable"; continue; }
	kernels "$executable" > "$directory/kernels"
	test -s "$directory/kernels" || { echo "FAIL $executable: lists no kernel"; bad=1; }
	for workers in 1 2 4; do
		sed "s/.*/run & $workers/" "$directory/kernels" > "$directory/run"
		timeout 300 "$executable" < "$directory/run" | cut -d' ' -f2- > "$directory/got"
		"$bench/serial" < "$directory/run" | cut -d' ' -f2- > "$directory/want"
		paste -d' ' "$directory/run" "$directory/want" "$directory/got" > "$directory/all"
		awk -v who="$executable" '$5 != $6 || NF != 6 { print "FAIL " who ": " $0; bad = 1 }
			END { exit bad }' "$directory/all" || bad=1
		checked=$((checked + $(wc -l < "$directory/all")))
	done
done
echo "$checked results checked"
test "$checked" -gt 0 && exit $bad
