#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The examples that compute, against answers that Python finds by itself: nbody, spmv and
# palette (examples_numbers.py), and what they say of bad input.
LC_ALL=C
export LC_ALL
examples=docs/examples
test -x $examples/nbody || { echo "no examples were built here"; exit 77; }
top=${top_srcdir:-..}
status=0
fail() { echo "$*"; status=1; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/filch-numbers.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

# The first Python that has PIL, else the first.
python=
pillow=
for candidate in python3 /usr/bin/python3; do
	command -v $candidate >/dev/null || continue
	if $candidate -c 'import PIL.Image' 2>/dev/null; then
		python=$candidate
		pillow=yes
		break
	fi
	python=${python:-$candidate}
done
test -n "$python" || { echo "skipped: no python3"; exit 77; }
ran=0
# answers NAME PROGRAM...: by Python, with 1, 2 and 4 workers
answers() {
	name=$1
	shift
	for workers in 1 2 4; do
		FILCH_WORKERS=$workers $python "$top/tests/examples_numbers.py" "$name" \
		    "$tmp" "$@" ||
		    fail "$name, $workers workers: see above"
	done
	ran=$((ran + 1))
}
# refused PATTERN PROGRAM...: ends with 1 and a line that has the pattern
refused() {
	pattern=$1
	shift
	"$@" >"$tmp/refused" 2>&1
	test $? -eq 1 || fail "not refused with 1: $*"
	grep -q -- "$pattern" "$tmp/refused" || fail "$*: no '$pattern' in: $(cat "$tmp/refused")"
}

answers nbody $examples/nbody
refused usage: $examples/nbody 0
refused usage: $examples/nbody 10 x
refused usage: $examples/nbody 1 1 1

answers spmv $examples/spmv
# bad WORDS TEXT: spmv refuses that file with those words
bad() {
	# shellcheck disable=SC2059 # the text is a format, for its \n
	printf "$2" >"$tmp/bad.mtx"
	refused "$1" $examples/spmv "$tmp/bad.mtx"
}
head='%%%%MatrixMarket matrix coordinate real general\n'
bad 'first line' ''
bad 'first line' '%%%%MatrixMarket vector\n'
bad 'dense' '%%%%MatrixMarket matrix array real general\n1 1\n1\n'
bad 'complex' '%%%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 0\n'
bad 'symmetry' '%%%%MatrixMarket matrix coordinate real hermitian\n1 1 1\n1 1 1\n'
bad 'not square' '%%%%MatrixMarket matrix coordinate real symmetric\n1 2 1\n1 1 1\n'
bad 'ROWS COLUMNS ENTRIES' "$head"
bad 'ROWS COLUMNS ENTRIES' "$head"'1 1\n'
bad 'ROWS COLUMNS ENTRIES' "$head"'-1 1 1\n1 1 1\n'
bad 'ROWS COLUMNS ENTRIES' "$head"'1 1 99999999999999999999\n'
bad 'its line of sizes says 2' "$head"'3 3 2\n1 1 1\n'
bad 'its line of sizes says 0' "$head"'3 3 0\n1 1 1\n'
bad 'entry 2 is not' "$head"'3 3 3\n1 1 1\n4 1 1\n0 1 1\n'
bad 'entry 1 is not' "$head"'3 3 1\n1 1 x\n'
bad 'entry 1 is not' "$head"'3 3 1\n1 1 1 1\n'
bad 'NUL byte' "$head"'3 3 1\n1 1 1\n\000\n'
refused 'No such file' $examples/spmv "$tmp/nowhere.mtx"
refused usage: $examples/spmv

if ! test -x $examples/palette; then
	echo "note: palette was not built (libpng)"
elif test -z "$pillow"; then
	echo "note: palette is not tested: no PIL (Debian: python3-pil)"
else
	answers palette $examples/palette
	refused 'cannot read' $examples/palette "$tmp/nowhere.png" "$tmp/out.png"
	echo 'no picture' >"$tmp/text.png"
	refused 'cannot read' $examples/palette "$tmp/text.png" "$tmp/out.png"
	refused usage: $examples/palette "$tmp/in.png" "$tmp/out.png" 257
	refused 'cannot write' $examples/palette "$tmp/in.png" "$tmp/nowhere/out.png"
fi
test $ran -ge 2 || fail "only $ran programs were tested"
exit $status
