#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Tests are found by the name of what they test.  check_X.c and check_X_aspect.c test the
# files of src/ that are called X or begin with X_, or include/filch/X.h, or, if X is
# "filch", the library as a whole.  A source file has such a test (group_spawn.c has
# check_group.c), or stands in the list below with the tests that cover it.

# What has no test of its own name, and the tests that cover it, as  file: check...
elsewhere='
algorithm/blocks.c: check_scan check_pack check_find
algorithm/lookback.c: check_scan check_pack
algorithm/lower_bounds.c: check_find
algorithm/minmax.c: check_find
topology/isa.c: check_sort
sort/radix.c: check_sort
sort/radix_avx2.c: check_sort
sort/radix_avx512.c: check_sort
sort/radix_level.c: check_sort
sort/radix_plain.c: check_sort
algorithm/shuffle.c: check_move
algorithm/split.c: check_pack
base/fence.c: check_mutex check_fork_deque
base/futex.c: check_park check_lock
memory/allocator.c: check_fork_deque check_size
base/static_lock.c: check_group_count check_wait_graph
base/status.c: check_filch_abi
base/text.c: check_formats check_stall
base/this_cpu.c: check_wake
base/thread_start.c: check_options check_pool_shortage
base/yield.c: check_wake
channel/create.c: check_channel check_size
channel/eventfd.c: check_channel_waits
channel/mpmc_ring.c: check_channel check_channel_history
channel/rendezvous.c: check_channel check_stall
channel/slot.c: check_channel
channel/spsc_ring.c: check_channel check_channel_history
channel/stats.c: check_channel_backpressure
channel/unbounded.c: check_channel check_channel_history
channel/wait.c: check_channel_waits check_select
count/counters.c: check_metrics check_words
count/merge.c: check_words check_page_rows
loop/cost_model.c: check_for_chunks check_loop_nothing
loop/part.c: check_for_balance
loop/progress.c: check_for_endings
loop/range.c: check_for check_for_chunks
pool/default_pool.c: check_pool check_fork_generation
pool/describe.c: check_options
report/capture.c: check_words
report/exposition.c: check_formats
report/fields.c: check_formats
report/json.c: check_formats
report/table.c: check_formats
sched/guest.c: check_pool_active check_for_light
sched/idle.c: check_wake check_pool_active
sched/inbox.c: check_broadcast
sched/places.c: check_block check_pool_active
sched/publish.c: check_wake check_group
sched/steal.c: check_metrics check_join
sched/this_thread.c: check_held_locks check_filch_sandbox
sched/thread.c: check_options check_pool
sched/worker.c: check_join check_group_wait
task/graph.c: check_graph_build check_graph_run
task/typed.c: check_spawn check_spawn_deque
topology/cpu_mask.c: check_sysfs check_placement
topology/described.c: check_topology
topology/reader.c: check_sysfs check_quota
topology/sort.c: check_topology
wait/backtrace.c: check_held_locks_sites
wait/call.c: check_run check_wait_graph_groups
wait/dump.c: check_block check_stall'

# Tests that are named after no file, as  check_X: why
others='
check_formats: one snapshot as exposition, json and table say it
check_faces: the shorter forms of calls, which several public headers have'

status=0
fault() { echo "$*"; status=1; }

# heads NAME: the name, and what is left of it without its last words
heads() {
	head=$1
	echo "$head"
	while test "${head%_*}" != "$head"; do
		head=${head%_*}
		echo "$head"
	done
}

# any FILE...: one of them is there
any() {
	for file in "$@"; do
		test -e "$file" && return 0
	done
	return 1
}

# named LIST NAME: what the list says of it
named() { echo "$1" | sed -n "s|^$2: *||p"; }

# subject TREE CHECK: the file that it is named after, or the first words of several files
subject() {
	for head in $(heads "${2#check_}"); do
		if any "$1"/src/*/"$head".[ch] "$1"/src/*/"$head"_*.[ch] "$1/include/$head.h" \
		    "$1/include/filch/$head.h"; then
			echo "$head"
			return
		fi
	done
}

# checks TREE: the names of the tests
checks() {
	any "$1"/tests/check_*.c || return
	for file in "$1"/tests/check_*.c; do
		name=${file##*/}
		echo "${name%.c}"
	done
}

# tests_are_named TREE: each test after a file
tests_are_named() {
	test -n "$(checks "$1")" || fault "no tests in $1/tests"
	for name in $(checks "$1"); do
		subject=$(subject "$1" "$name")
		why=$(named "$others" "$name")
		case $subject:$why in
		:) fault "$name.c: no file of src/ or include/ has the name that it begins with" ;;
		?*:?*) fault "$name: no exception any more" ;;
		esac
	done
	for name in $(echo "$others" | sed -n 's/:.*//p'); do
		any "$1/tests/$name.c" || fault "$name: an exception that is not there"
	done
}

# sources_are_tested TREE: each source file has a test or is listed
sources_are_tested() {
	any "$1"/src/*/*.c || fault "no sources in $1/src"
	subjects=$(for name in $(checks "$1"); do subject "$1" "$name"; done)
	for file in "$1"/src/*/*.c; do
		name=${file#"$1"/src/}
		stem=${name##*/}
		there=no
		own=
		for head in $(heads "${stem%.c}"); do
			echo "$subjects" | grep -qxF "$head" && there=yes && own="$own check_$head"
		done
		checks=$(named "$elsewhere" "$name")
		case $there$checks in
		no) fault "src/$name: which check_ covers it?" ;;
		esac
		for check in $checks; do
			case "$own " in
			*" $check "*)
				fault "src/$name: has a test of its name, and is listed, too" ;;
			esac
			any "$1/tests/$check.c" || fault "src/$name: there is no $check.c"
		done
	done
	for name in $(echo "$elsewhere" | sed -n 's/:.*//p'); do
		any "$1/src/$name" || fault "src/$name is listed, and is not there"
	done
}

tests_are_named "${top_srcdir:-.}"
sources_are_tested "${top_srcdir:-.}"

# The checks themselves must be able to fail, and to pass.
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
found=$status
# planted EXPECTED ELSEWHERE OTHERS FILE...
planted() {
	planting="$*"
	expected=$1
	elsewhere=$2
	others=$3
	shift 3
	mkdir -p "$tmp/src/base" "$tmp/src/sync" "$tmp/include/filch" "$tmp/tests"
	for file in "$@"; do
		: > "$tmp/$file"
	done
	status=0
	{ tests_are_named "$tmp"; sources_are_tested "$tmp"; } > /dev/null
	test $status -eq "$expected" || { echo "planted, wants $expected: $planting"; found=1; }
	rm -r "$tmp/src" "$tmp/include" "$tmp/tests"
}
planted 0 '' '' src/sync/mutex.c tests/check_mutex.c
planted 0 '' '' src/sync/mutex.c tests/check_mutex_pools.c
planted 0 '' '' src/sync/mutex_row.c src/sync/mutex.h tests/check_mutex.c
planted 0 '' '' src/sync/once.c include/filch/pool.h tests/check_once.c tests/check_pool.c
planted 0 '' '' src/sync/mutex_row.c tests/check_mutex.c
planted 1 '' '' src/sync/mutex.c tests/check_mutexes.c tests/check_mutex.c
planted 0 '' 'check_all: why' src/sync/mutex.c tests/check_all.c tests/check_mutex.c
planted 1 '' 'check_all: why' src/sync/mutex.c tests/check_mutex.c
planted 1 '' 'check_mutex: why' src/sync/mutex.c tests/check_mutex.c
planted 1 '' '' src/base/wait.c src/sync/wait_row.c tests/check_wait_row.c
planted 1 '' '' src/base/clock.c src/sync/mutex.c tests/check_mutex.c
planted 0 'base/clock.c: check_mutex' '' src/base/clock.c src/sync/mutex.c tests/check_mutex.c
planted 1 'base/clock.c: check_once' '' src/base/clock.c src/sync/mutex.c tests/check_mutex.c
planted 1 'base/clock.c: check_mutex' '' src/sync/mutex.c tests/check_mutex.c
planted 1 'sync/mutex.c: check_mutex' '' src/sync/mutex.c tests/check_mutex.c
planted 0 'base/mutex.c: check_once' '' src/base/mutex.c src/sync/mutex.c \
    tests/check_mutex.c src/sync/once.c tests/check_once.c
planted 1 '' '' src/sync/mutex.c
planted 1 '' '' src/sync/mutex.h tests/check_mutex.c
exit $found
