#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every public header compiles by itself and without a warning, as C11 and as
# C++17, with each compiler found; every public macro is expanded in both
# (expand_macros.c); names are ours, and C++ sees C functions.  Without GNU C an error
# says what is needed.
inc=${top_srcdir:-.}/include
here=${top_srcdir:-.}/tests
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

strict='-pedantic -Wall -Wextra -Werror -Wmissing-field-initializers -Wundef'
c11="-x c -std=c11 $strict -Wstrict-prototypes"
cxx17="-x c++ -std=c++17 $strict -Wold-style-cast"

# compile FLAGS INCLUDE-DIR FILE OUTPUT, with $compiler
compile() {
	# shellcheck disable=SC2086 # lists of words
	$compiler $1 -O1 -I"$2" -c "$3" -o "$4"
}

# alone INCLUDE-DIR FLAGS: each header, by itself and twice
alone() {
	failed=0
	for header in "$1"/*.h "$1"/*/*.h; do
		test -e "$header" || continue
		name=${header#"$1"/}
		printf '#include <%s>\n#include <%s>\n' "$name" "$name" > "$tmp/alone.c"
		compile "$2" "$1" "$tmp/alone.c" "$tmp/alone.o" ||
		    { echo "<$name> does not stand alone: $compiler ${2%% -pedantic*}"; failed=1; }
	done
	return $failed
}

# Macros a user may write: all but include guards and FILCH_..._.
macros() {
	for header in "$1"/*.h "$1"/*/*.h; do
		test -e "$header" || continue
		# shellcheck disable=SC2086
		${CC:-cc} -x c -std=c11 -dM -E -I"$1" "$header"
	done | sed -n 's/^#define \(FILCH_[A-Za-z0-9_]*[A-Za-z0-9]\)\([ (].*\)*$/\1\2/p' |
	    grep -v '^FILCH_\([A-Z0-9_]*_\)\{0,1\}H *$' | sed 's/[ (].*//' | sort -u
}

# expanded INCLUDE-DIR FILE: each of them is named there, outside of comments
expanded() {
	failed=0
	sed 's|/\*.*\*/||; /\/\*/,/\*\//d' "$2" > "$tmp/code"
	for macro in $(macros "$1"); do
		grep -qw "$macro" "$tmp/code" ||
		    { echo "$macro is not expanded in ${2##*/}"; failed=1; }
	done
	return $failed
}

# ours INCLUDE-DIR: no header defines a name that is not ours
ours() {
	find "$1" -name '*.h' -exec grep -Hn '^[[:space:]]*#[[:space:]]*define' {} + |
	    grep -Ev 'define[[:space:]]+(FILCH|FLC)_' && return 1
	return 0
}

# without_gnu LANGUAGE: a compiler without GNU C is told why, and what to do
without_gnu() {
	echo '#include <filch.h>' > "$tmp/without.c"
	if compile "$1 -U__GNUC__" "$inc" "$tmp/without.c" "$tmp/without.o" 2> "$tmp/said"; then
		fault "typed tasks without GNU C: $compiler $1"
	fi
	grep -q 'error.*need GNU C.*compile with gcc or clang, or define FILCH_NO_TYPED_TASKS' \
	    "$tmp/said" || fault "does not say what lacks without GNU C: $compiler $1"
	compile "$1 -U__GNUC__ -DFILCH_NO_TYPED_TASKS" "$inc" "$tmp/without.c" "$tmp/without.o" ||
	    fault "does not do without typed tasks: $compiler $1"
}

# works COMPILER FLAGS
works() {
	echo 'int x;' > "$tmp/works.c"
	compiler=$1
	compile "$2" "$inc" "$tmp/works.c" "$tmp/works.o" 2> /dev/null
}

headers=$(find "$inc" -name '*.h' | wc -l)
test "$headers" -gt 1 || fault "no header below $inc"
test "$(macros "$inc" | wc -l)" -gt 10 || fault "no macro found below $inc"

cxx=0
seen=
for compiler in "${CC:-cc}" gcc clang clang-14 clang-16 clang-19; do
	case " $seen " in *" $compiler "*) continue ;; esac
	seen="$seen $compiler"
	if works "$compiler" "$c11"; then
		alone "$inc" "$c11" || status=1
		compile "$c11" "$inc" "$here/expand_macros.c" "$tmp/c.o" ||
		    fault "a macro does not expand as C: $compiler"
		without_gnu '-x c -std=c11'
	fi
	if works "$compiler" "$cxx17"; then
		cxx=1
		alone "$inc" "$cxx17" || status=1
		compile "$cxx17" "$inc" "$here/expand_macros.c" "$tmp/cxx.o" ||
		    fault "a macro does not expand as C++: $compiler"
		without_gnu '-x c++ -std=c++17'
		${NM:-nm} "$tmp/cxx.o" > "$tmp/names"
		grep -q ' U filch_' "$tmp/names" || fault "the C++ object calls nothing of ours"
		grep ' U _Z.*filch_' "$tmp/names" && fault "C++ sees our functions as C++ functions"
	fi
done
test $cxx -eq 1 || echo "no C++ compiler: checked as C only"
expanded "$inc" "$here/expand_macros.c" || status=1
ours "$inc" || fault "names that are not ours"

# The checks themselves must be able to fail.
planted() {
	mkdir -p "$tmp/planted"
	printf '%s\n' "$1" > "$tmp/planted/planted.h"
	shift
	"$@" > /dev/null 2>&1 && fault "a planted breach passes: $*"
}
compiler=${CC:-cc}
planted 'size_t planted(void);' alone "$tmp/planted" "$c11"
compiler=${CXX:-c++}
! works "$compiler" "$cxx17" ||
    planted 'inline long planted(void *p) { return (long)p; }' alone "$tmp/planted" "$cxx17"
compiler=${CC:-cc}
planted '#define FILCH_PLANTED(x) x' expanded "$tmp/planted" "$here/expand_macros.c"
planted '#define FILCH_PLANTED_INIT { 0 }' expanded "$tmp/planted" "$here/expand_macros.c"
planted '#define PLANTED 1' ours "$tmp/planted"
exit $status
