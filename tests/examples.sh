#!/bin/sh
# The examples do what README says of them: hello prints its line, wordcount
# counts as tr and sort do and survives what lies about in real folders,
# mandelbrot writes a PNG of the size asked for, gzip reads what pigzlike writes.
LC_ALL=C
export LC_ALL
examples=docs/examples
test -x $examples/hello || { echo "no examples were built here"; exit 77; }
status=0
fail() {
	echo "$*"
	status=1
}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/filch-examples.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

# The output has a line that matches all of the pattern.
has() {
	grep -qxE "$2" "$tmp/$1" || fail "$1: no line like: $2"
}

$examples/hello >"$tmp/hello" || fail "hello: exit code $?"
has hello '999999 squared is 999998000001'

# A tree with everything that is not an ordinary file of text.
tree=$tmp/tree
mkdir -p "$tree/a/deep/er" "$tree/empty" "$tree/binary"
i=0
while test $i -lt 40; do
	echo "the word_$i and The_rest, $i times; the end" >"$tree/a/file$i"
	i=$((i + 1))
done
: >"$tree/a/empty_file"
printf 'no newline at the end' >"$tree/a/deep/er/last"
# A line of 3 MB, a token of 2.5 MB between others, bytes of every value.
head -c 3000000 /dev/zero | tr '\0' ' ' >"$tree/line"
echo word at the end >>"$tree/line"
{
	echo before
	head -c 2500000 /dev/zero | tr '\0' x
	echo
	echo after
} >"$tree/token"
awk 'BEGIN { for (i = 0; i < 400000; i++) print "line", i % 1000, "of", "many" }' >"$tree/large"
awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' >"$tree/binary/bytes"
ln -s nowhere "$tree/broken"
ln -s large "$tree/link"
ln -s .. "$tree/a/up"
mkfifo "$tree/fifo"
find "$tree" -type f -exec cat {} + >/dev/null

unreadable=0
if test "$(id -u)" = 0; then
	echo "note: root reads everything, so the unreadable file is left out"
else
	echo "unreadable words" >"$tree/a/locked"
	chmod 0 "$tree/a/locked"
	unreadable=1
fi

# What tr, sort and wc say of the same files; no token spans two of them.
find "$tree" -type f ! -name locked | while read -r file; do
	cat "$file"
	echo
done | tr -cs 'A-Za-z0-9_' '\n' | grep . >"$tmp/tokens"
tokens=$(wc -l <"$tmp/tokens" | tr -d ' ')
distinct=$(sort -u "$tmp/tokens" | wc -l | tr -d ' ')
bytes=$(find "$tree" -type f ! -name locked -exec cat {} + | wc -c | tr -d ' ')
megabytes=$(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1000000 }')
sort "$tmp/tokens" | uniq -c | awk 'length($2) < 40' | sort -k1,1nr -k2,2 | head -10 |
    awk '{ printf "%12d  %s\n", $1, $2 }' >"$tmp/top"

for workers in 1 2 4; do
	out=count$workers
	FILCH_WORKERS=$workers $examples/wordcount --pairs 2 "$tree" \
	    >"$tmp/$out" 2>"$tmp/$out.err" ||
	    fail "wordcount, $workers workers: exit code $?: $(cat "$tmp/$out.err")"
	has $out "read 45 files, $megabytes MB, in 6 folders below $tree"
	has $out 'empty: 1 files, 1 folders'
	has $out "skipped: $unreadable unreadable, 1 broken links, 2 other links, 1 not regular"
	has $out "$tokens tokens, $distinct distinct, checksum [0-9a-f]{16}"
	has $out '1 of them longer than 1000 bytes, the longest 2500000 bytes'
	has $out "speed-up [0-9.]+ \\(serial [0-9.]+ s, $workers workers [0-9.]+ s\\)"
	grep -E '^ *[0-9]+  [A-Za-z0-9_]+$' "$tmp/$out" | head -10 | cmp -s - "$tmp/top" ||
	    fail "wordcount, $workers workers: other top words than: $(cat "$tmp/top")"
	test $unreadable = 0 || grep -q "cannot read $tree/a/locked" "$tmp/$out.err" ||
	    fail "the unreadable file is not named"
done

# The sample is the first of each folder by name, cut at the limit.
$examples/wordcount --sample-mb 1 --pairs 1 "$tree/large" "$tree/line" >"$tmp/sample" ||
    fail "a sample: exit code $?"
has sample "read 2 files, 1.0 MB, in 0 folders below $tree/large $tree/line"

# What cannot be done is told, with exit code 1.
refused() {
	"$@" >"$tmp/refused" 2>&1 && fail "not refused: $*"
	test -s "$tmp/refused" || fail "refused without a word: $*"
}
refused $examples/wordcount "$tree/empty"
refused $examples/wordcount "$tree/nowhere"
refused $examples/wordcount ''
refused $examples/wordcount --sample-mb 0 "$tree"
refused $examples/wordcount --sample-mb 12x "$tree"
refused $examples/wordcount --pairs -1 "$tree"
refused $examples/wordcount --unknown "$tree"

if test -x $examples/mandelbrot; then
	$examples/mandelbrot "$tmp/set.png" 161x83 >"$tmp/mandelbrot" 2>"$tmp/mandelbrot.err" ||
	    fail "mandelbrot: exit code $?: $(cat "$tmp/mandelbrot.err")"
	test ! -s "$tmp/mandelbrot.err" || fail "a progress bar without a terminal"
	has mandelbrot "$tmp/set.png: 161 x 83, the serial and the parallel picture are equal"
	has mandelbrot 'speed-up [0-9.]+ \(serial [0-9.]+ s, [0-9]+ workers [0-9.]+ s\)'
	# The signature, then the header's width, height, 8 bits, RGB.
	head=$(od -An -v -tx1 -N26 "$tmp/set.png" | tr -d ' \n')
	test "$head" = 89504e470d0a1a0a0000000d49484452000000a1000000530802 ||
	    fail "not the PNG asked for: $head"
	refused $examples/mandelbrot "$tmp/nowhere/set.png" 16x8
	refused $examples/mandelbrot "$tmp/set.png" 0x8
	refused $examples/mandelbrot "$tmp/set.png" 16
else
	echo "note: mandelbrot was not built (libpng)"
fi

# same NAME FILE: what gzip makes of $tmp/NAME.gz is FILE, and it has no complaint.
same() {
	gzip -t "$tmp/$1.gz" 2>"$tmp/gzip.err" || fail "pigzlike, $1: $(cat "$tmp/gzip.err")"
	test ! -s "$tmp/gzip.err" || fail "pigzlike, $1: $(cat "$tmp/gzip.err")"
	gzip -dc "$tmp/$1.gz" | cmp -s - "$2" || fail "pigzlike, $1: gzip -d gives another text"
}

if test -x $examples/pigzlike && command -v gzip >/dev/null; then
	# Nothing, a byte, a block of 128 KB and one byte around it, many blocks.
	: >"$tmp/z0"
	head -c 1 "$tree/large" >"$tmp/z1"
	i=131071
	while test $i -le 131073; do
		head -c $i "$tree/large" >"$tmp/z$i"
		i=$((i + 1))
	done
	head -c 300000 /dev/urandom >"$tmp/zrandom"
	# Noise at the end of a block, and the same again at the start of the next.
	head -c 20000 /dev/urandom >"$tmp/end"
	cat "$tree/large" "$tree/token" "$tmp/zrandom" "$tree/line" >"$tmp/zmany"
	{
		head -c 111072 /dev/zero
		cat "$tmp/end" "$tmp/end"
	} >"$tmp/zback"
	for file in z0 z1 z131071 z131072 z131073 zrandom zmany zback; do
		$examples/pigzlike "$tmp/$file" >"$tmp/pigzlike" 2>&1 ||
		    fail "pigzlike $file: exit code $?: $(cat "$tmp/pigzlike")"
		same $file "$tmp/$file"
		grep -qE '^write +[0-9]+ ' "$tmp/pigzlike" || fail "pigzlike: no row of the writer"
		refused $examples/pigzlike "$tmp/$file"
	done
	test "$(wc -c <"$tmp/zback.gz")" -lt 22000 || fail "pigzlike: no dictionary between blocks"
	# Blocks and workers make no difference to the text, nor workers to a byte.
	for workers in 1 2 4; do
		$examples/pigzlike -p $workers -1 -c "$tmp/zmany" "$tmp/z1" \
		    >"$tmp/both$workers.gz" 2>"$tmp/both.err" || fail "pigzlike -c: exit code $?"
		grep -q "$workers workers" "$tmp/both.err" ||
		    fail "pigzlike -p $workers: not so many"
		cmp -s "$tmp/both1.gz" "$tmp/both$workers.gz" ||
		    fail "pigzlike: $workers workers differ"
	done
	cat "$tmp/zmany" "$tmp/z1" >"$tmp/both"
	same both1 "$tmp/both"
	$examples/pigzlike -9 -q <"$tmp/zmany" >"$tmp/nine.gz" || fail "pigzlike -9: exit code $?"
	same nine "$tmp/zmany"
	test "$(wc -c <"$tmp/nine.gz")" -le "$(gzip -6c "$tmp/zmany" | wc -c)" ||
	    fail "pigzlike -9 makes more than gzip -6"
	$examples/pigzlike -f -q "$tmp/z1" || fail "pigzlike -f: exit code $?"
	refused $examples/pigzlike "$tmp/nowhere/file"
	refused $examples/pigzlike "$tree"
	test ! -e "$tree.gz" || fail "pigzlike leaves a file behind that it could not write"
	refused $examples/pigzlike -p 0 "$tmp/z1"
	refused $examples/pigzlike -x "$tmp/z1"
	if test -w /dev/full; then
		$examples/pigzlike -q <"$tmp/zrandom" 2>"$tmp/full.err" >/dev/full &&
		    fail "pigzlike: a full disk goes unnoticed"
		grep -q 'cannot write' "$tmp/full.err" || fail "pigzlike: a full disk is not named"
	fi
else
	echo "note: pigzlike was not built (zlib), or there is no gzip"
fi
exit $status
