#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The scenes in short: at random and exhaustively up to two context switches,
# and whether the faults of the leap and of groups would be found.
top=${top_srcdir:-.}
status=0
for scene in forks loose leap join sleep group mutex channel rest; do
	for how in "rand 20000" "bound 2"; do
		# shellcheck disable=SC2086 # a mode and a number
		timeout 300 tests/model/model_$scene $how ||
		    { echo "$scene $how: failed"; status=1; }
	done
done
"$top/tests/model/mutants.sh" leap group || status=1
exit $status
