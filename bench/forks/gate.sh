#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Exact instructions of a typed fork by each compiler that is here: a call of fib, a
# node of skynet.  Part of `make bench-gate`; fails if one takes more than baseline.tsv
# says, and if a planted instruction is missed.  A compiler that is not here, or that
# the table does not know, is named and not judged.
set -u
if [ ! -e src/.libs/libfilch.so ]; then
	echo "skip bench/forks: no shared library in this build"
	exit 0
fi
# shellcheck source=bench/forks/build.sh
. "${top_srcdir:?}/bench/forks/build.sh"
table=$here/baseline.tsv
kernels='fib skynet'
passed=0
failed=0

# version NAME: the compiler's, as the table has it.
version()
{
	case $1 in
	clang*) "${CLANG:-clang}" --version ;;
	*) "${1%%-*}" --version ;;
	esac | sed -n '1s/.*[^0-9.]\([0-9][0-9]*\.[0-9][0-9.]*\)[^0-9.]*.*/\1/p;1q'
}

# more_than A B: by half an instruction in a hundred; the counts are exact, but what
# the library does at the end of a run is in them.
more_than()
{
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b * 1.005 + 0.05) }'
}

judge()
{
	key=$(printf '%s\t%s\t%s\t%s' "$(uname -m)" "$2" "$(version "$2")" "$1")
	known=$(awk -v key="$key" 'index($0, key "\t") == 1 { print $NF; exit }' "$table")
	count=$(per_call "$1" "$2")
	if ! more_than "${count:-0}" 1; then
		failed=$((failed + 1))
		echo "FAIL $1, $2: nothing was counted"
	elif [ -z "$known" ]; then
		echo "skip $1, $2: not in bench/forks/baseline.tsv; if right, append:"
		printf '%s\t%s\n' "$key" "$count"
	elif more_than "$count" "$known"; then
		failed=$((failed + 1))
		echo "FAIL $1, $2: $count instructions, $known in bench/forks/baseline.tsv"
	else
		passed=$((passed + 1))
		echo "ok   $1, $2: $count instructions, at most $known"
	fi
}

# One instruction in each call must be seen.
planted()
{
	plain=$(per_call "$1" "$2")
	export PLANTED=-DFORK_PLANTED
	build_all filch >/dev/null 2>&1
	count=$(per_call "$1" "$2")
	if more_than "$count" "$plain"; then
		passed=$((passed + 1))
		echo "ok   a planted instruction is found ($plain -> $count)"
	else
		failed=$((failed + 1))
		echo "FAIL a planted instruction is missed ($plain -> $count)"
	fi
}

command -v valgrind >/dev/null || { echo "skip bench/forks: needs valgrind"; exit 0; }
build_all filch
for kernel in $kernels; do
	for compiler in $compilers; do
		judge "$kernel" "$compiler"
	done
done
for compiler in $compilers; do
	planted skynet "$compiler"
	break
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
