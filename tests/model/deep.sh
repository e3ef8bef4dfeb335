#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The scenes at length, and every seeded fault; some minutes.
top=${top_srcdir:-.}
status=0
for scene in fork_deque job_deque range_rest fork_deque_leap fork sleep group mutex channel; do
	timeout 3000 tests/model/model_$scene rand 1000000 || { echo "$scene: failed"; status=1; }
done
timeout 3000 tests/model/model_fork_deque_leap bound 3 leap || status=1
timeout 3000 tests/model/model_fork_deque_leap bound 3 leap-fenced || status=1
"$top/tests/model/mutants.sh" || status=1
exit $status
