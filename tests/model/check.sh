#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The scenes in short: at random and exhaustively up to two context switches,
# and whether the faults of the leap and of groups would be found.
top=${top_srcdir:-.}
status=0
for scene in fork_deque job_deque range_rest fork_deque_leap fork sleep group mutex channel; do
	for how in "rand 20000" "bound 2"; do
		# shellcheck disable=SC2086 # a mode and a number
		timeout 300 tests/model/model_$scene $how ||
		    { echo "$scene $how: failed"; status=1; }
	done
done
"$top/tests/model/mutants.sh" fork_deque_leap group || status=1
exit $status
