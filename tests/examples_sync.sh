#!/bin/sh
# The examples of locks and channels: dedup gives back what went in, the archive does
# not depend on the workers, and a wrong one is refused; echo-pool answers every line
# right, also those under way at a SIGTERM; both print their table.
LC_ALL=C
export LC_ALL
examples=docs/examples
test -x $examples/echo-pool || { echo "no examples were built here"; exit 77; }
status=0
fail() {
	echo "$*"
	status=1
}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/filch-sync.XXXXXX") || exit 99
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

for workers in 1 2 4; do
	$examples/echo-pool -p $workers --self 4 500 --rounds 200 >"$tmp/echo" 2>&1 ||
	    fail "echo-pool, $workers workers: exit code $?: $(cat "$tmp/echo")"
	grep -q '^2000 answers, all right' "$tmp/echo" || fail "echo-pool: not all were right"
	grep -qE '^answers .* 2000 +2000 ' "$tmp/echo" || fail "echo-pool: no row of its channel"
done
# With one line in hand the clients wait.
$examples/echo-pool --in-hand 1 --self 4 100 >"$tmp/echo" 2>&1 || fail "echo-pool --in-hand 1: $?"
grep -qE ' [1-9][0-9]* times a client was made to wait' "$tmp/echo" ||
    fail "echo-pool: no backpressure with one line in hand"

# SIGTERM comes while a client is in the middle of its lines.
$examples/echo-pool >"$tmp/server" 2>&1 &
server=$!
while ! grep -q '^listening' "$tmp/server" && kill -0 $server; do sleep 0.05; done
port=$(sed -n 's/^listening on port \([0-9]*\) .*/\1/p' "$tmp/server")
$examples/echo-pool --load 2 100000 --rounds 2000 --port "$port" >"$tmp/load" 2>&1 &
load=$!
while ! grep -q '^the first answer' "$tmp/load" && kill -0 $load; do sleep 0.02; done
kill -TERM $server
wait $server || fail "echo-pool: exit code $? at SIGTERM: $(cat "$tmp/server")"
server=
wait $load && fail "echo-pool: the load had ended before the signal"
grep -q 'the server ended the connection\|cannot send' "$tmp/load" || fail "$(cat "$tmp/load")"
grep -qE '^([1-9][0-9]*) requests taken, \1 answered' "$tmp/server" ||
    fail "echo-pool: not all that was taken was answered: $(cat "$tmp/server")"

refused() {
	"$@" >"$tmp/refused" 2>&1 && fail "not refused: $*"
	test -s "$tmp/refused" || fail "refused without a word: $*"
}
refused $examples/echo-pool -p 0
refused $examples/echo-pool --self 1
refused $examples/echo-pool --load 1 1

if test -x $examples/dedup; then
	: >"$tmp/empty"
	printf x >"$tmp/one"
	head -c 1000000 /dev/zero >"$tmp/zeros"
	head -c 700000 /dev/urandom >"$tmp/random"
	find /usr/include -maxdepth 1 -name '*.h' -exec cat {} + >"$tmp/headers"
	cat "$tmp/headers" "$tmp/random" "$tmp/headers" "$tmp/random" >"$tmp/twice"
	for file in empty one zeros random headers twice; do
		for workers in 1 2 4; do
			$examples/dedup -p $workers -c "$tmp/$file" >"$tmp/$file.$workers" 2>"$tmp/err" ||
			    fail "dedup $file: exit code $?: $(cat "$tmp/err")"
			cmp -s "$tmp/$file.1" "$tmp/$file.$workers" ||
			    fail "dedup $file: $workers workers make another archive"
			$examples/dedup -d -p $workers <"$tmp/$file.1" 2>"$tmp/err2" |
			    cmp -s - "$tmp/$file" || fail "dedup -d $file: another text: $(cat "$tmp/err2")"
		done
	done
	# Random bytes do not shrink but by their second occurrence.
	test "$(wc -c <"$tmp/twice.1")" -lt "$(($(wc -c <"$tmp/twice") / 2))" ||
	    fail "dedup: what occurs twice is there twice"
	grep -qE '^index[^*]* [1-9][0-9]* ' "$tmp/err" || grep -qE '^index.*\* +[1-9]' "$tmp/err" ||
	    fail "dedup: no row of its mutex: $(cat "$tmp/err")"
	# Cut short, changed in the middle, longer than it should be, no archive.
	size=$(wc -c <"$tmp/twice.1")
	head -c $((size - 1)) "$tmp/twice.1" >"$tmp/bad1"
	head -c $((size / 2)) "$tmp/twice.1" >"$tmp/bad2"
	{ cat "$tmp/bad2"; printf '\001\002\003'; tail -c +$((size / 2 + 4)) "$tmp/twice.1"; } >"$tmp/bad3"
	cat "$tmp/twice.1" "$tmp/one" >"$tmp/bad4"
	cp "$tmp/headers" "$tmp/bad5"
	for bad in bad1 bad2 bad3 bad4 bad5; do
		$examples/dedup -d -c "$tmp/$bad" >/dev/null 2>"$tmp/refused" &&
		    fail "dedup: $bad is not refused"
		grep -q '^dedup: ' "$tmp/refused" || fail "dedup: $bad is refused without a word"
	done
else
	echo "note: dedup was not built (zlib, libxxhash)"
fi
exit $status
