#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# rivals.sh FOLDER: measures the owners in FOLDER against each other and prints
# tables.  One launch of each program for each cell, then the next round
# (ROUNDS, 9): what disturbs the machine disturbs all alike.  Medians; a wrong
# result is an error.
set -u
folder=$1
rounds=${ROUNDS:-9}
owners='asks pays fenced slots the split lent'
figures=$(mktemp) || exit 1
trap 'rm -f "$figures"' EXIT

# launch PROGRAM KERNEL N THREADS: a line of figures behind its name
launch() {
	line=$("$folder/$1" "$2" "$3" "$4") || { echo "$1 $2 $3 $4 failed" >&2; exit 1; }
	echo "$1 $2 $4 $line" >>"$figures"
}

round=0
while [ "$round" -lt "$rounds" ]; do
	for cell in fib:40 binomial:2000 wide:200 coarse:50; do
		launch serial "${cell%:*}" "${cell#*:}" 1
		for owner in $owners; do
			launch "$owner" "${cell%:*}" "${cell#*:}" 1
			launch "$owner" "${cell%:*}" "${cell#*:}" 2
		done
	done
	for owner in $owners; do
		launch "$owner" only 5000000 1
		launch "$owner" owner 5000000 2
	done
	for how in alone broadcast targeted; do
		line=$("$folder/barrier" "$how") || exit 1
		echo "barrier $how 2 $line" >>"$figures"
	done
	round=$((round + 1))
done
# What sleeps is the same each time.
for owner in $owners; do
	launch "$owner" long 0 2
	mv "$figures" "$figures.0" && sed "s/^$owner long /$owner pair /" "$figures.0" >"$figures"
	rm -f "$figures.0"
	launch "$owner" long 1 2
done
awk -f "$(dirname "$0")/rivals.awk" "$figures"
