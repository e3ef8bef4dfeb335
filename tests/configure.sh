#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# configure refuses a 32-bit machine in one sentence; here it is told that it is one.
top=$(cd "${top_srcdir:-.}" && pwd)
test -x "$top/configure" || { echo "skipped: no configure in $top"; exit 77; }
test ! -e "$top/config.status" || { echo "skipped: configured in the source tree"; exit 77; }
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 99
status=0
fault() { echo "$*"; cat out; status=1; }

# refuses ARGUMENT...
refuses() {
	rm -rf config.*
	if "$top/configure" -q "$@" > out 2>&1; then
		fault "not refused: $*"
	elif test "$(grep -c 'configure: error: ' out)" -ne 1 ||
	    ! grep -q 'error: filch needs a 64-bit machine; size_t has 4 bytes here$' out ||
	    test "$(wc -l < out)" -ne 1; then
		fault "not in one sentence: $*"
	fi
}
refuses CC="${CC:-cc}" ac_cv_sizeof_size_t=4
echo '#include <stddef.h>
int main(void) { return sizeof(size_t) != 4; }' > m32.c
if ${CC:-cc} -m32 m32.c -o m32 2> /dev/null && ./m32; then
	refuses CC="${CC:-cc} -m32"
fi
exit $status
