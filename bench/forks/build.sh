# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Sourced by table.sh and gate.sh: the kernels by each compiler that is here.
# build_all FORM...: fills $scratch with FORM.KERNEL.COMPILER, and $compilers; a form is
# serial, filch or lace.  A compiler that is not here is named, with the reason.
here=${top_srcdir:?}/bench/forks
library=src/.libs/libfilch.so
kernels='fib skynet uts'
compilers=
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
test -e "$library" || { echo "$0: no shared library in this build" >&2; exit 2; }

build_form()
{
	form=$1
	name=$2
	shift 2
	for kernel in $kernels; do
		leaf=
		test "$kernel" != uts || leaf="$scratch/uts.o -lm"
		# shellcheck disable=SC2086 # lists of words
		case $form in
		serial) "$@" -DFORK_SERIAL -I"$top_srcdir/include" "$here/$kernel.c" -x none $leaf \
			-o "$scratch/serial.$kernel.$name" ;;
		filch) "$@" ${PLANTED:-} -I"$top_srcdir/include" "$here/$kernel.c" -x none $leaf \
			"$library" -Wl,-rpath,"$PWD/src/.libs" -o "$scratch/filch.$kernel.$name" ;;
		lace) "$@" -D_GNU_SOURCE -DFORK_LACE -I"$scratch" -I"$LACE/src" "$here/$kernel.c" \
			-x none $leaf "$scratch/lace.o" -lpthread \
		    -o "$scratch/lace.$kernel.$name" ;;
		esac || exit 2
	done
}

# build NAME COMPILER...: its programs, if the compiler is there.
build()
{
	name=$1
	shift
	if ! "$@" -E -x c /dev/null >/dev/null 2>&1; then
		echo "skipping $name: $1 is not here" >&2
		return
	fi
	for form in $forms; do
		build_form "$form" "$name" "$@"
	done
	compilers="$compilers $name"
}

build_all()
{
	forms=$*
	${CC:-cc} -std=gnu11 -O3 -D_GNU_SOURCE -c "$top_srcdir/bench/leaf/uts.c" \
	    -o "$scratch/uts.o" || exit 2
	build gcc-O2 gcc -std=gnu11 -O2
	build gcc-O3 gcc -std=gnu11 -O3
	build g++-O3 g++ -std=gnu++17 -O3 -x c++
	build clang-O3 "${CLANG:-clang}" -std=gnu11 -O3
}

# instructions KERNEL COMPILER N: of a whole program, the caller alone.
instructions()
{
	FILCH_WORKERS=none valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    "$scratch/filch.$1.$2" "$3" 1 none 2>&1 | awk '/Collected/ { print $NF }'
}

# per_call KERNEL COMPILER: instructions of one call: a long run less a short one.
per_call()
{
	# uts counts its nodes before, by instructions that would be in the figure.
	case $1 in
	fib) set -- "$@" 16 24 146856 ;;
	skynet) set -- "$@" 3 5 110000 ;;
	*) return ;;
	esac
	short=$(instructions "$1" "$2" "$3")
	long=$(instructions "$1" "$2" "$4")
	awk -v a="$short" -v b="$long" -v n="$5" 'BEGIN { printf "%.2f\n", (b - a) / n }'
}
