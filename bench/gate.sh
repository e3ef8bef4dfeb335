#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Exact costs that no noise can hide: instructions, locked instructions and
# allocations per operation, sizes of hot structs.  Run in the build directory
# by `make bench-gate`; fails on a regression, and if it misses a planted one.
#
# Instructions of an operation are those of a long run less those of a short
# one, divided; the table ir-baseline.tsv has them by architecture, compiler and
# flags.  Where it has none, they are printed in its form and not judged.
set -u
source=${top_srcdir:?}/bench
bench=${BENCH:-bench}
objdump=${OBJDUMP:-objdump}
compiler=$(${CC:-cc} --version | sed -n '1s/ (.*) / /;1p')
flags=$(echo " ${CFLAGS:-} " | tr ' ' '\n' | grep '^-[Ofm]' | tr '\n' ' ' | sed 's/ $//')
arch=$(uname -m)
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
# The caller alone: a worker beside it would look for work before it parks and may
# steal, so that no two counts were the same.
FILCH_WORKERS=none
export FILCH_WORKERS

# Operation, short and long run, operations in each; the planted faults are
# tried if fork is among them.
operations=${OPERATIONS:-'fork 1000 3000 1000 3000
fib 12 17 465 5167
join 1000 3000 1000 3000
join_forked 1000 3000 1000 3000
chunk 1000 3000 1000 3000
loop 1000 3000 1000 3000
loop_outside 1000 3000 1000 3000
spawn_outside 20 60 20 60
group 100 300 800 2400
group_queued 100 300 800 2400
mutex 1280 3840 1280 3840
channel 1280 3840 1280 3840
line 1280 3840 1280 3840'}

pass()
{
	passed=$((passed + 1))
	echo "ok   $*"
}

fail()
{
	failed=$((failed + 1))
	echo "FAIL $*"
}

# expect GOOD BAD COMMAND...: passes, saying GOOD, if the command succeeds.
expect()
{
	good=$1
	bad=$2
	shift 2
	if "$@"; then
		pass "$good"
	else
		fail "$bad"
	fi
}

for tool in valgrind "$objdump"; do
	command -v "$tool" >/dev/null || {
		echo "bench-gate: needs $tool (Debian: valgrind, binutils)" >&2
		exit 2
	}
done
if grep -qE '^#define FILCH_(INVARIANTS|SANITIZED)' config.h 2>/dev/null; then
	echo "bench-gate: this build has invariants or a sanitizer" >&2
	exit 2
fi

# ordering OBJECT: the list of its ordering instructions, made once.
ordering()
{
	list=$scratch/ordering.$(echo "$1" | tr / _)
	[ -e "$list" ] || "$objdump" -d --no-show-raw-insn "$1" 2>/dev/null |
	    awk -v object="$1" -f "$source/gate_ordering.awk" >"$list"
	cat "$list"
}

# count PROGRAM OPERATION LENGTH: prints instructions and ordering instructions.
count()
{
	valgrind --tool=callgrind --callgrind-out-file="$scratch/dump" --dump-instr=yes \
	    --compress-strings=no --compress-pos=no --toggle-collect=measured \
	    "$1" "$2" "$3" >"$scratch/out" 2>&1 || {
		sed 's/^/    /' "$scratch/out" >&2
		echo "0 0"
		return
	}
	sed -n 's/^ob=\(\/.*\)/\1/p' "$scratch/dump" | sort -u | while read -r object; do
		ordering "$object"
	done >"$scratch/ordering"
	# An empty list would be taken for the dump.
	echo "none 0" >>"$scratch/ordering"
	awk -f "$source/gate_count.awk" "$scratch/ordering" "$scratch/dump"
}

# allocations PROGRAM OPERATION LENGTH: of the whole process.
allocations()
{
	valgrind --leak-check=no --undef-value-errors=no "$1" "$2" "$3" 2>&1 |
	    sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' | tr -d ,
}

# per_operation SHORT LONG N_SHORT N_LONG
per_operation()
{
	awk -v a="$1" -v b="$2" -v m="$3" -v n="$4" 'BEGIN { printf "%.3f", (b - a) / (n - m) }'
}

# measure PROGRAM OPERATION SHORT LONG N_SHORT N_LONG: sets ir and ordered.
measure()
{
	short=$(count "$1" "$2" "$3")
	long=$(count "$1" "$2" "$4")
	ir=$(per_operation "${short% *}" "${long% *}" "$5" "$6")
	ordered=$(per_operation "${short#* }" "${long#* }" "$5" "$6")
}

# A quarter of an instruction: the counts are exact, the quotient is rounded.
more_than()
{
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b + 0.25) }'
}

baseline()
{
	awk -F '\t' -v arch="$arch" -v compiler="$compiler" -v flags="$flags" -v op="$1" \
	    '$1 == arch && $2 == compiler && $3 == flags && $4 == op { print $5; exit }' \
	    "$source/ir-baseline.tsv"
}

check_instructions()
{
	known=$(baseline "$1")
	if ! more_than "$ir" 0; then
		fail "$1: nothing was counted"
	elif [ -z "$known" ]; then
		unknown=1
		printf '%s\t%s\t%s\t%s\t%s\n' "$arch" "$compiler" "$flags" "$1" "$ir" \
		    >>"$scratch/unknown"
	elif more_than "$ir" "$known"; then
		fail "$1: $ir instructions, $known in ir-baseline.tsv"
	else
		pass "$1: $ir instructions, at most $known"
		more_than "$known" "$ir" && echo "     fewer than the table says: lower it"
	fi
}

check_operation()
{
	operation=$1
	measure "$bench/gate_ops" "$@"
	echo "---- $operation: $ir instructions, $ordered locked or fences"
	check_instructions "$operation"
	if [ "$operation" = fork ]; then
		fork_ir=$ir
		expect "fork: no locked instruction and no fence" \
		    "fork: $ordered locked instructions or fences" [ "$ordered" = 0.000 ]
	fi
	# Eight tasks: a fence each, and five for the group.
	if [ "$operation" = group_queued ]; then
		expect "group_queued: at most 1.625 locked instructions and fences a task" \
		    "group_queued: $ordered locked instructions or fences a task" \
		    awk -v n="$ordered" 'BEGIN { exit !(n > 0 && n <= 1.625) }'
	fi
	short=$(allocations "$bench/gate_ops" "$1" "$2")
	long=$(allocations "$bench/gate_ops" "$1" "$3")
	# A thief may or may not come in time for the first array of its deque: a few
	# allocations a run, and no more of them in a longer one.
	if [ -n "$short" ] && [ -n "$long" ] && [ $((long - short)) -le 8 ] \
	    && [ $((short - long)) -le 8 ]; then
		pass "$operation: $short allocations in a short run, $long in a long one"
	else
		fail "$operation: $short allocations in a short run, $long in a long one"
	fi
}

check_sizes()
{
	if "$bench/gate_sizes" | diff "$source/hot-sizes.tsv" - >"$scratch/sizes"; then
		pass "sizes of hot structs"
	else
		fail "sizes of hot structs differ from hot-sizes.tsv:"
		sed 's/^/    /' "$scratch/sizes"
	fi
}

# The gate must see what was planted into each fork.
check_planted()
{
	measure "$bench/gate_planted_instruction" fork 1000 3000 1000 3000
	expect "a planted instruction is found ($fork_ir -> $ir)" \
	    "a planted instruction is missed ($fork_ir -> $ir)" more_than "$ir" "$fork_ir"
	measure "$bench/gate_planted_fence" fork 1000 3000 1000 3000
	expect "a planted fence is found" "a planted fence is missed ($ordered)" \
	    [ "$ordered" = 1.000 ]
	short=$(allocations "$bench/gate_planted_malloc" fork 1000)
	long=$(allocations "$bench/gate_planted_malloc" fork 3000)
	expect "a planted allocation is found" "a planted allocation is missed ($short, $long)" \
	    [ $((long - short)) -eq 2000 ]
}

unknown=0
fork_ir=
while read -r row; do
	# shellcheck disable=SC2086 # a list of words
	check_operation $row </dev/null
done <<EOF
$operations
EOF
[ -z "$fork_ir" ] || check_planted
check_sizes
if [ $unknown = 1 ]; then
	echo "---- no instruction counts are known for $arch, $compiler, $flags."
	echo "     They were not judged.  If these are right, append them to bench/ir-baseline.tsv:"
	cat "$scratch/unknown"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
