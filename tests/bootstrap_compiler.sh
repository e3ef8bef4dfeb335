#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# ./bootstrap configures anew, with the options that the build had, when another
# compiler is asked for than it was configured with, and only then.  All that it calls
# is replaced: nothing is installed, configured or built here.
top=$(cd "${top_srcdir:-.}" && pwd)
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }
unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS

mkdir -p "$tmp/bin" "$tmp/tree/build-aux" "$tmp/tree/m4"
program() { cat > "$1"; chmod +x "$1"; }
echo 'echo installed' | program "$tmp/bin/dpkg-query"
echo 'exit 0' | program "$tmp/bin/apt-get"
# shellcheck disable=SC2016 # it is the program that expands it
echo 'echo "make $*" >> "$LOG"' | program "$tmp/bin/make"
echo 'exit 1' | program "$tmp/bin/autoreconf"
cd "$tmp/tree" || exit 99
cp "$top/bootstrap" .
touch configure.ac m4/filch_x.m4 Makefile.am local.mk
touch aclocal.m4 config.h.in build-aux/ltmain.sh build-aux/tap-driver.sh Makefile.in
# Like configure: notes its arguments and what it obeys of the environment.
program configure << 'END'
#!/bin/sh
echo "configured: CC=${CC-} CFLAGS=${CFLAGS-}: $*" >> "$LOG"
words=
for word; do case $word in -q) ;; *) words="$words '$word'" ;; esac; done
test -z "${CC-}" || words="$words 'CC=$CC'"
cat > config.status << STATUS
#!/bin/sh
case \$1 in --config) echo "$words" ;; *) echo "recheck \$*" >> "$LOG" ;; esac
STATUS
chmod +x config.status
END
LOG=$tmp/log
PATH=$tmp/bin:$PATH
export LOG PATH

# says WHAT COMMAND...: configure says so; '' for: it does not run
says() {
	wanted=$1
	shift
	: > "$LOG"
	"$@" ./bootstrap bench-gate > "$tmp/out" 2>&1 ||
	    { cat "$tmp/out"; fault "bootstrap fails: $*"; }
	seen=$(grep '^configured' "$LOG")
	test "$seen" = "$wanted" || fault "$*: '$seen' instead of '$wanted'"
}
says 'configured: CC= CFLAGS=: -q' env
says '' env
says 'configured: CC=clang CFLAGS=: -q' env CC=clang
grep -q '^make.*clean' "$LOG" || fault "objects of the other compiler stay"
says '' env CC=clang
says 'configured: CC=clang-19 CFLAGS=-O0: -q' env CC=clang-19 CFLAGS=-O0
says 'configured: CC= CFLAGS=: -q' env
says '' env

# What was configured by hand keeps its options.
rm -r build
mkdir build
(cd build && CC=gcc ../configure --enable-invariants '--prefix=/a b')
says '' env
says 'configured: CC=clang CFLAGS=: -q --enable-invariants --prefix=/a b' env CC=clang
exit $status
