#!/bin/sh
# dedup restores what it packed, makes the same archive with any number of workers
# and refuses what is corrupt; echo-pool answers everything in order, under load,
# with a small backlog, for a slow reader, and at SIGTERM; both print their table.
LC_ALL=C
export LC_ALL
examples=docs/examples
test -x $examples/echo-pool || { echo "no examples were built here"; exit 77; }
dedup=$examples/dedup
echo_pool=$examples/echo-pool
tmp=$(mktemp -d "${TMPDIR:-/tmp}/filch-sync.XXXXXX") || exit 99
server=
# shellcheck disable=SC2317 # the trap calls it
end() {
	test -z "$server" || kill -KILL "$server" 2>/dev/null
	rm -rf "$tmp"
}
trap end EXIT
trap 'exit 99' HUP INT TERM

number=0
status=0
failed=
fail() {
	echo "# $*"
	failed=yes
	status=1
}
# A test has ended: its name.
point() {
	number=$((number + 1))
	echo "${failed:+not }ok $number - $1"
	failed=
}
skip() {
	number=$((number + 1))
	echo "ok $number # SKIP $1"
}
refused() {
	"$@" >/dev/null 2>"$tmp/refused" </dev/null && fail "not refused: $*"
	grep -q '^dedup: \|^echo-pool: \|^usage: ' "$tmp/refused" ||
	    fail "refused without a word: $*: $(head -3 "$tmp/refused")"
}
# counted FILE NAME: FILE has a row of the table for NAME that counts something.
counted() {
	grep -qE "^$2 +\*? +[1-9]" "$tmp/$1" || fail "$1: no row of $2 that counts"
}

# -- dedup --

# packs NAME FILE: packed and restored with 1, 2 and 4 workers.
packs() {
	for workers in 1 2 4; do
		$dedup -p $workers -1 -c <"$2" >"$tmp/$1.$workers" 2>"$tmp/$1.out" ||
		    fail "$1, $workers workers: exit code $?: $(head -3 "$tmp/$1.out")"
		$dedup -p $workers -d <"$tmp/$1.$workers" 2>"$tmp/$1.back" | cmp - "$2" ||
		    fail "$1, $workers workers: restored another text: $(head -3 "$tmp/$1.back")"
		cmp "$tmp/$1.1" "$tmp/$1.$workers" || fail "$1: $workers workers differ"
	done
}

if test -x $dedup; then
	find /usr/include -name '*.h' -type f 2>/dev/null | sort | head -300 >"$tmp/names"
	tr '\n' '\0' <"$tmp/names" | xargs -0 cat >"$tmp/headers"
	head -c 400000 "$tmp/headers" | cat - "$tmp/headers" >"$tmp/text"
	packs text "$tmp/text"
	grep -qE '^compress +[1-9]' "$tmp/text.out" || fail "no row of the stage"
	counted text.out index
	point "dedup restores the headers of this machine, the same for 1, 2 and 4 workers"

	: >"$tmp/empty"
	printf x >"$tmp/byte"
	head -c 1000000 /dev/zero >"$tmp/zeros"
	# Noise, and the same each time: where it is cut decides on sizes below.
	awk 'BEGIN {
		x = 1
		for (i = 0; i < 300000; i++) {
			x = x * 16807 % 2147483647
			printf "%c", int(x / 4096) % 255 + 1
		}
	}' >"$tmp/random"
	cat "$tmp/random" "$tmp/random" >"$tmp/twice"
	cat "$tmp/random" "$tmp/zeros" "$tmp/twice" "$tmp/zeros" "$tmp/random" >"$tmp/many"
	for length in 2047 2048 2049 65535 65536 65537; do
		head -c $length "$tmp/random" >"$tmp/r$length"
	done
	# Three equal chunks side by side: a later one is often met first.
	awk 'BEGIN {
		for (i = 1; i <= 60; i++) {
			text = sprintf("%c", i + 64)
			while (length(text) < 196608)
				text = text text
			printf "%s", substr(text, 1, 196608)
		}
	}' >"$tmp/triples"
	for file in empty byte zeros random twice many triples r2047 r2048 r2049 \
	    r65535 r65536 r65537; do
		packs $file "$tmp/$file"
	done
	test "$(wc -c <"$tmp/zeros.1")" -lt 2000 || fail "zeros are not packed"
	test "$(wc -c <"$tmp/random.1")" -lt 303000 || fail "noise grows"
	test "$(wc -c <"$tmp/twice.1")" -lt 400000 || fail "twice the same is twice as large"
	point "dedup restores what is empty, small, all zeros, noise, repeated"

	cp "$tmp/text" "$tmp/file"
	$dedup -q "$tmp/file" || fail "file: exit code $?"
	refused $dedup -q "$tmp/file"
	rm "$tmp/file"
	$dedup -d "$tmp/file.dd" >"$tmp/back" || fail "file.dd: exit code $?"
	cmp "$tmp/file" "$tmp/text" || fail "no file back"
	$dedup -q -o "$tmp/two.dd" "$tmp/random" "$tmp/random" || fail "two files: $?"
	$dedup -q -d -c "$tmp/two.dd" | cmp - "$tmp/twice" || fail "two files are not one text"
	refused $dedup -o "$tmp/none.dd" "$tmp/byte" "$tmp/nowhere"
	test ! -e "$tmp/none.dd" || fail "half an archive is left behind"
	refused $dedup "$tmp/byte" "$tmp/random"
	refused $dedup -d "$tmp/byte"
	refused $dedup -p 0 "$tmp/byte"
	cp "$tmp/random" "$tmp/self"
	refused $dedup -f -o "$tmp/self" "$tmp/byte" "$tmp/self"
	cmp "$tmp/self" "$tmp/random" || fail "it wrote to what it was to read"
	refused $dedup -x
	if test -w /dev/full; then
		$dedup -q <"$tmp/random" 2>"$tmp/full" >/dev/full &&
		    fail "a full disk goes unnoticed"
		grep -q 'cannot write' "$tmp/full" || fail "a full disk is not named"
	fi
	point "dedup names its files and refuses what it cannot do"

	# corrupt OFFSET: a byte there is another one.
	corrupt() {
		cp "$tmp/twice.1" "$tmp/bad"
		printf '\377' | dd of="$tmp/bad" bs=1 seek="$1" conv=notrunc 2>/dev/null
		if cmp -s "$tmp/bad" "$tmp/twice.1"; then
			printf '\0' | dd of="$tmp/bad" bs=1 seek="$1" conv=notrunc 2>/dev/null
		fi
		refused $dedup -f -o "$tmp/out" -d "$tmp/bad"
		grep -q 'is corrupt at byte' "$tmp/refused" || fail "byte $1: $(cat "$tmp/refused")"
		test ! -e "$tmp/out" || fail "byte $1: a corrupt text is left behind"
	}
	size=$(wc -c <"$tmp/twice.1")
	# The magic; a kind, a length, a hash, a text; a reference; the end.
	for offset in 0 8 9 12 13 17 40 5000 200000 $((size - 26)) $((size - 25 - 8)) \
	    $((size - 25)) $((size - 20)) $((size - 1)); do
		corrupt "$offset"
	done
	for length in 0 7 8 9 30 5000 $((size - 25)) $((size - 1)); do
		head -c "$length" "$tmp/twice.1" >"$tmp/bad"
		refused $dedup -q -c -d "$tmp/bad"
		grep -q 'is corrupt at byte' "$tmp/refused" ||
		    fail "$length bytes: $(cat "$tmp/refused")"
	done
	cat "$tmp/twice.1" "$tmp/byte" >"$tmp/bad"
	refused $dedup -q -d -c "$tmp/bad"
	point "dedup refuses an archive with a wrong byte, cut short or with something behind"
else
	skip "dedup was not built (zlib, libxxhash)"
fi

# -- echo-pool --

# A sandbox may have a network without a loopback.
has_loopback() {
	! test -r /proc/net/fib_trie || grep -q '127\.0\.0\.1' /proc/net/fib_trie
}
if has_loopback; then
	for workers in 1 2 4; do
		$echo_pool -p $workers --self --rounds 20 8 500 >"$tmp/self" 2>&1 ||
		    fail "$workers workers: exit code $?: $(cat "$tmp/self")"
		grep -q '^4000 answers verified' "$tmp/self" ||
		    fail "$workers workers: not all answered"
		grep -q '4000 requests, 4000 answers' "$tmp/self" || fail "the server counts others"
		counted self completions
	done
	point "echo-pool answers 8 clients with 1, 2 and 4 workers"
else
	skip "echo-pool over TCP: there is no loopback (127.0.0.1) here"
fi

$echo_pool -p 2 --self --rounds 5 --backlog 2 --listen "$tmp/socket" 5 400 >"$tmp/self" 2>&1 ||
    fail "exit code $?: $(cat "$tmp/self")"
grep -q '^2000 answers verified' "$tmp/self" || fail "a small backlog: not all answered"
grep -qE 'at most [12] under way.* [1-9][0-9]* times for the backlog' "$tmp/self" ||
    fail "no backpressure: $(grep 'under way' "$tmp/self")"
point "echo-pool stops reading at a backlog of 2, over a Unix socket"

# start OPTION...: a server; its address is in $address.
start() {
	$echo_pool "$@" >"$tmp/server" 2>"$tmp/server.err" &
	server=$!
	address=
	while test -z "$address" && kill -0 $server 2>/dev/null; do
		address=$(sed -n 's/^listening at //p' "$tmp/server")
		test -n "$address" || sleep 0.05
	done
}
finish() {
	kill -TERM $server
	wait $server || fail "at SIGTERM: exit code $?: $(cat "$tmp/server.err")"
	server=
}

if has_loopback; then
	start -p 2
	$echo_pool --load "$address" --rounds 1 1 1 >/dev/null 2>"$tmp/wrong" &&
	    fail "a wrong answer passes"
	grep -q 'is wrong' "$tmp/wrong" || fail "a wrong answer: $(cat "$tmp/wrong")"
	finish
	# A minute of work, of which the signal lets through what was read by then.
	start -p 2 --rounds 3000
	$echo_pool --load "$address" --rounds 3000 4 100000 >"$tmp/load" 2>"$tmp/load.err" &
	load=$!
	while ! grep -q '^first answer' "$tmp/load" && kill -0 $load 2>/dev/null; do
		sleep 0.05
	done
	finish
	wait $load && fail "the load does not tell that the server ended"
	grep -qvE 'the server hung up|^$' "$tmp/load.err" &&
	    fail "the load: $(head -3 "$tmp/load.err")"
	grep -qE '^[1-9][0-9]* answers verified' "$tmp/load" || fail "no answers before the signal"
	asked=$(sed -n 's/^served.*: \([0-9]*\) requests, \([0-9]*\) answers.*/\1/p' "$tmp/server")
	answered=$(sed -n 's/^served.*: \([0-9]*\) requests, \([0-9]*\) answers.*/\2/p' \
	    "$tmp/server")
	test "$asked" = "$answered" || fail "asked $asked, answered $answered"
	counted server completions
	point "echo-pool answers what it has read and ends at SIGTERM under load"
else
	skip "echo-pool under load, over TCP: there is no loopback (127.0.0.1) here"
fi

refused $echo_pool --load "$tmp/no/socket" 1 1
refused $echo_pool --listen "$tmp/no/socket"
refused $echo_pool --listen not-a-host.invalid:port
refused $echo_pool --self 0 1
refused $echo_pool --self 1
refused $echo_pool --backlog 0
refused $echo_pool --unknown
point "echo-pool refuses what it cannot do"
echo "1..$number"
exit $status
