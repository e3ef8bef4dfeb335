#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The comparison must be silent on the same binary, and find a planted +5 % and a planted -5 %,
# each time of TIMES (20).  Run in the build directory.
set -u
times=${TIMES:-20}
bench=${BENCH:-bench}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$bench" && pwd) || exit 2

for percent in 0 5; do
	printf '#!/bin/sh\nexec "%s/planted" %s\n' "$here" "$percent" >"$scratch/planted$percent"
	chmod +x "$scratch/planted$percent"
done

# try BASELINE CANDIDATE VERDICT STATUS: counts the runs that say so.
try()
{
	found=0
	i=0
	while [ $i -lt "$times" ]; do
		line=$("$here/compare" "$scratch/$1" "$scratch/$2" planted)
		status=$?
		case $line in
		*" $3 "*) [ $status -eq "$4" ] && found=$((found + 1)) ;;
		esac
		[ "${VERBOSE:-0}" = 0 ] || echo "    $line"
		i=$((i + 1))
	done
	echo "$1 against $2: $3 $found of $times"
	[ $found -eq "$times" ] || failed=1
}

failed=0
try planted0 planted0 same 0
try planted0 planted5 REGRESSED 1
[ "${QUICK:-0}" = 1 ] || try planted5 planted0 IMPROVED 0
exit $failed
