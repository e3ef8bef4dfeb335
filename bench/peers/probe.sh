#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# probe.sh PEER: succeeds if the peer can be built here; else prints the reason.
set -u
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT

# Compiles and links a program that includes a header; one is used in $2.
compiles() {
	compiler=$1 suffix=$2 header=$3
	shift 3
	printf '#include <%s>\nint main(void) { return 0; }\n' "$header" \
	    > "$directory/probe.$suffix"
	$compiler "$directory/probe.$suffix" -o "$directory/probe" "$@" > /dev/null 2>&1
}

case $1 in
gomp)
	compiles "${CC:-cc}" c omp.h -fopenmp ||
		{ echo "${CC:-cc} does not build OpenMP programs"; exit 1; }
	;;
omp)
	compiles "${CLANG:-clang}" c omp.h -fopenmp ||
		{
			echo "${CLANG:-clang} does not build OpenMP programs (clang, libomp-dev)"
			exit 1
		}
	;;
tbb)
	compiles "${CXX:-c++}" cpp tbb/task_group.h -std=c++17 -ltbb ||
		{ echo "no oneTBB (libtbb-dev)"; exit 1; }
	;;
pthreadpool)
	compiles "${CC:-cc}" c pthreadpool.h -lpthreadpool ||
		{ echo "no pthreadpool (libpthreadpool-dev)"; exit 1; }
	;;
rayon)
	set -- "${FILCH_CARGO_REGISTRY:-/usr/share/cargo/registry}"/rayon-1.*
	test -d "$1" || { echo "no packaged rayon (librust-rayon-dev)"; exit 1; }
	command -v cargo > /dev/null || { echo "no cargo"; exit 1; }
	;;
*)
	echo "unknown peer"
	exit 1
	;;
esac
