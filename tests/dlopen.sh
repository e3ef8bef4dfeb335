#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# filch is loaded by dlopen() into programs that are not linked with it: its storage
# for each thread is small, and it can be loaded, used and unloaded again and again,
# by a program in C, by Python, in plug-ins that have it from libfilch.so or from
# libfilch.a, both in one process, and with pools that live on.
top=${top_srcdir:-.}
rounds=${FILCH_DLOPEN_ROUNDS:-500}
library=$PWD/src/.libs/libfilch.so
archive=$PWD/src/.libs/libfilch.a
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }
case ${SANITIZE_CFLAGS:-} in
*thread*) echo "skipped: the runtime of ThreadSanitizer has a thread of its own"; exit 77 ;;
esac
test -e "$library" || { echo "skipped: configured static only"; exit 77; }

# tls LIBRARY: size and alignment of its storage for each thread
tls() { readelf -lW "$1" | awk '$1 == "TLS" { print $6, $NF }'; }
# is_small LIBRARY: at most 256 bytes, aligned to 16 at most
is_small() {
	# shellcheck disable=SC2046 # two words
	set -- $(tls "$1")
	test $# -eq 2 && test $(($1)) -le 256 && test $(($2)) -le 16
}
# compile OUT FILE...: quiet unless it fails
compile() {
	out=$1
	shift
	# shellcheck disable=SC2086 # lists of words
	${CC:-cc} ${SANITIZE_CFLAGS:-} -std=gnu11 -Wall -Wextra -Werror -I"$top/include" \
	    "$@" -o "$tmp/$out" > "$tmp/log" 2>&1 || { cat "$tmp/log"; return 1; }
}
# plays ARGUMENT...: dlopen_host says that all went well
plays() {
	if ! timeout 300 "$tmp/host" "$@" > "$tmp/out" 2>&1 || ! grep -q ' rounds$' "$tmp/out"; then
		tail -20 "$tmp/out"
		fault "fails: $*"
	fi
}

if command -v readelf > /dev/null; then
	echo '_Thread_local char big[300]; char *f(void) { return big; }' > "$tmp/big.c"
	echo '_Thread_local _Alignas(32) char x; char *f(void) { return &x; }' > "$tmp/wide.c"
	for planted in big wide; do
		compile $planted.so -shared -fPIC -Wno-missing-prototypes "$tmp/$planted.c" ||
		    exit 1
		is_small "$tmp/$planted.so" && fault "$planted storage passes"
	done
	is_small "$library" || fault "storage for each thread: $(tls "$library")"
fi

compile host "$top/tests/dlopen_host.c" -ldl -pthread || exit 1
# A sanitizer is slow.
case ${SANITIZE_CFLAGS:-} in ?*) rounds=$((rounds / 20)) ;; esac
compile shared.so -shared -fPIC "$top/tests/dlopen_plugin.c" "$library" \
    -Wl,-rpath,"${library%/*}" || exit 1
plays ended "$rounds" "$tmp/shared.so"
plays alive "$rounds" "$tmp/shared.so"

# Plug-ins come and go in a process whose threads wait: in the library that the plug-in
# has, too, and in one of their own.
compile lifecycle "$top/tests/lifecycle.c" "$library" -Wl,-rpath,"${library%/*}" -ldl \
    -pthread || exit 1
# beside_waits PROGRAM PLUGIN
beside_waits() { timeout 300 "$tmp/$1" plug-in "$tmp/$2" > "$tmp/out" 2>&1; }
beside_waits lifecycle shared.so || { cat "$tmp/out"; fault "beside waits: shared.so"; }

# link_static OUT LIBRARY...: the plug-in with libfilch.a and these
link_static() {
	out=$1
	shift
	compile "$out" -shared -fPIC "$top/tests/dlopen_plugin.c" "$archive" "$@"
}
static_libs=$(sed -n 's/^Libs.private: //p' src/filch.pc)
# shellcheck disable=SC2046,SC2086 # lists of words
if ! test -e "$archive"; then
	echo "without libfilch.a: configured shared only"
elif link_static static.so $static_libs; then
	plays alive "$rounds" "$tmp/static.so" "$tmp/shared.so"
	plays ended $((rounds / 10)) "$tmp/static.so" "$tmp/shared.so"
	# shellcheck disable=SC2086 # a list of words
	compile lifecycle_alone "$top/tests/lifecycle.c" "$archive" $static_libs -ldl || exit 1
	for plugin in static.so shared.so; do
		beside_waits lifecycle_alone $plugin ||
		    { cat "$tmp/out"; fault "beside waits of another library: $plugin"; }
	done
	# Who does not want the plug-in to stay ends its pools first.
	link_static going.so $(echo "$static_libs" | sed 's/-Wl,-z,nodelete//') || exit 1
	plays gone $((rounds / 10)) "$tmp/going.so"
	test -n "${SANITIZE_CFLAGS:-}" || ! beside_waits lifecycle_alone going.so ||
	    fault "pools of a plug-in that is gone pass"
else
	fault "no plug-in can be linked with libfilch.a"
fi

case ${SANITIZE_CFLAGS:-} in ?*) exit $status ;; esac # no Python is built for them
if ! command -v python3 > /dev/null || ! python3 -c 'import ctypes' 2> /dev/null; then
	echo "without the part in Python: no python3"
elif ! timeout 300 python3 "$top/tests/dlopen.py" "$library" "$rounds" > "$tmp/out" 2>&1; then
	cat "$tmp/out"
	fault "Python's ctypes"
fi
exit $status
