#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Faults in the use of typed tasks do not compile, and the compiler names the
# user's line; the same program without a fault compiles without a warning.
inc=${top_srcdir:-.}/include
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

cat > "$tmp/task.c" << 'END'
#include <filch.h>

struct pair { double a, b; };
typedef int (*function)(int);
FILCH_TASK_DECLARE(void, nothing);
FILCH_TASK_DECLARE(int, mutual, int, n);
FILCH_TASK(int, one, const int, n)
{
	return n;
}
FILCH_TASK(long, two, struct pair, p, const char *, text)
{
	return (long)p.a + text[0];
}
FILCH_TASK(int, eight, int, a, char, b, short, c, double, d, float, e, long double, f,
    function, g, void *, h)
{
	return a + b + c + (d > 0) + (e > 0) + (f > 0) + (g != NULL) + (h != NULL);
}
FILCH_TASK(int, mutual, int, n)
{
	FILCH_SPAWN(a, mutual, n - 1);
	FILCH_SPAWN(b, mutual, n - 2);
	return FILCH_JOIN(a, mutual) + FILCH_JOIN(b, mutual);
}
FILCH_TASK(void, nothing)
{
}
FILCH_TASK(int, both, int, a, int, b)
{
	return a + b;
}
FILCH_TASK(long, wide, int, n)
{
	return n;
}
FILCH_TASK(long, user, struct pair, p, int, n)
{
	struct pair *nowhere = NULL;
	typedef FILCH_RECORD(mutual) mutual_record;
	mutual_record array[2];
	long sum;
	FILCH_SPAWN(a, one, n);
	FILCH_SPAWN(b, nothing);
	FILCH_SPAWN(c, two, p, "text");
	FILCH_SPAWN(d, eight, n, 'b', 3, 4.0, 5.0f, 6.0L, NULL, nowhere);
	FILCH_SPAWN_AT(&array[0], mutual, n);
	FILCH_SPAWN_AT(&array[1], mutual, FILCH_CALL(mutual, FILCH_CALL(one, n)));
	sum = FILCH_CALL(mutual, FILCH_JOIN_AT(&array[1], mutual)) + FILCH_JOIN_AT(&array[0], mutual);
	/* PLANT */
	sum += FILCH_JOIN(d, eight) + FILCH_JOIN(c, two);
	FILCH_JOIN(b, nothing);
	FILCH_CALL(nothing);
	return sum + FILCH_JOIN(a, one);
}
extern filch_group group;
FILCH_LINKAGE void outside(void);
void
outside(void)
{
	/* OUTSIDE */
}
FILCH_LINKAGE long everything(int n);
long
everything(int n)
{
	struct pair p = { 1, 2 };
	FILCH_TASKS_HERE;
	FILCH_SPAWN(a, one, n);
	FILCH_RUN(nothing);
	return FILCH_RUN(user, p, n) + FILCH_JOIN(a, one);
}
END

# What is planted where PLANT stands.
cat > "$tmp/faults" << 'END'
FILCH_CALL(one);
FILCH_CALL(one, 1, 2);
FILCH_CALL(one, p);
FILCH_CALL(two, 1, "text");
FILCH_CALL(two, p, 2.5);
FILCH_CALL(nothing, 1);
FILCH_CALL(unknown, 1);
FILCH_SPAWN(z, one); FILCH_JOIN(z, one);
FILCH_SPAWN(z, one, 1, 2); FILCH_JOIN(z, one);
FILCH_SPAWN(z, one, p); FILCH_JOIN(z, one);
FILCH_SPAWN(z, two, p, nowhere); FILCH_JOIN(z, two);
FILCH_SPAWN(z, unknown, 1); FILCH_JOIN(z, unknown);
FILCH_SPAWN(z, one, 1); FILCH_JOIN(z, mutual);
FILCH_SPAWN(z, one, 1); FILCH_JOIN(z, unknown);
FILCH_SPAWN(z, one, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11); FILCH_JOIN(z, one);
FILCH_JOIN(n, one);
FILCH_JOIN(undeclared, one);
FILCH_SPAWN_AT(\&array[0], one, 1);
FILCH_SPAWN_AT(\&array[0], mutual);
FILCH_SPAWN_AT(\&array[0], mutual, p);
FILCH_JOIN_AT(\&array[0], one);
FILCH_JOIN_AT(\&n, one);
FILCH_RUN(one);
FILCH_RUN(one, 1, 2);
FILCH_RUN(one, p);
FILCH_RUN(unknown, 1);
{ FILCH_RECORD(unknown) z; FILCH_JOIN_AT(\&z, unknown); }
n = FILCH_CALL(nothing);
n = FILCH_RUN_IN(NULL, one);
n = FILCH_RUN_IN(NULL, one, p);
n = FILCH_RUN_IN(p, one, 1);
FILCH_RUN_INTO(NULL, \&n, one, 1, 2);
FILCH_GROUP_SPAWN(\&group, one, p);
FILCH_GROUP_SPAWN(\&group, one);
FILCH_GROUP_SPAWN(p, one, 1);
FILCH_GROUP_SPAWN_AT(\&group, \&array[0], mutual, p);
FILCH_GROUP_SPAWN_AT(\&group, \&array[0], mutual);
END

line=$(grep -n PLANT "$tmp/task.c" | cut -d: -f1)
test -n "$line" || fault "nowhere to plant"

# works COMPILER FLAGS: is there such a compiler?
works() {
	echo 'int x;' > "$tmp/works.c"
	# shellcheck disable=SC2086 # lists of words
	$1 $2 -c "$tmp/works.c" -o "$tmp/works.o" 2> /dev/null
}

# clean COMPILER FLAGS: without a fault there is no warning
clean() {
	for level in -O0 -O2 -O3; do
		# shellcheck disable=SC2086
		$1 $2 -pedantic -Wall -Wextra -Wshadow -Wconversion -Werror $level -I"$inc" \
		    -c "$tmp/task.c" -o "$tmp/task.o" || fault "warns: $1 $2 $level"
	done
}

# faults COMPILER FLAGS: each fails, in the user's line
faults() {
	while read -r plant; do
		sed "${line}s|/\* PLANT \*/|$plant|" "$tmp/task.c" > "$tmp/fault.c"
		# shellcheck disable=SC2086
		if $1 $2 -pedantic -Wall -Wextra -I"$inc" -c "$tmp/fault.c" \
		    -o "$tmp/fault.o" 2> "$tmp/said"; then
			fault "compiles: $plant ($1 $2)"
		elif ! grep -q "fault\.c:$line:" "$tmp/said"; then
			fault "does not name the line: $plant ($1 $2)"
			sed 's/^/    /' "$tmp/said"
		fi
	done < "$tmp/faults"
}

# Faults that are told in one sentence: where it is planted, what is, the sentence.
cat > "$tmp/told" << 'END'
PLANT|FILCH_SPAWN(z, one, 1); FILCH_JOIN(z, mutual);|this is not a record of the task mutual
PLANT|FILCH_SPAWN(z, unknown, 1); FILCH_JOIN(z, unknown);|unknown is not a task
PLANT|FILCH_SPAWN(z, everything, 1); FILCH_JOIN(z, everything);|everything is not a task
PLANT|FILCH_SPAWN(z, unknown); FILCH_JOIN(z, unknown);|unknown is not a task
PLANT|FILCH_CALL(unknown, 1);|unknown is not a task
PLANT|FILCH_CALL(unknown);|unknown is not a task
PLANT|FILCH_RUN(unknown, 1);|is not a task
OUTSIDE|FILCH_RUN(unknown, 1);|is not a task
PLANT|FILCH_JOIN(a, unknown);|this is not a record of the task unknown
PLANT|FILCH_SPAWN_AT(\&array[0], unknown, 1);|this is not a record of the task unknown
PLANT|FILCH_JOIN_AT(\&array[0], unknown);|this is not a record of the task unknown
PLANT|FILCH_SPAWN_AT(\&array[0], one, 1);|this is not a record of the task one
PLANT|FILCH_JOIN_AT(\&array[0], one);|this is not a record of the task one
OUTSIDE|FILCH_CALL(one, 1);|write FILCH_TASKS_HERE
OUTSIDE|FILCH_SPAWN(z, one, 1);|write FILCH_TASKS_HERE
OUTSIDE|FILCH_RUN_IN(NULL, unknown, 1);|unknown is not a task
OUTSIDE|FILCH_RUN_INTO(NULL, NULL, unknown, 1);|unknown is not a task
OUTSIDE|long r; FILCH_RUN_INTO(NULL, \&r, one, 1);|does not point to what the task one returns
OUTSIDE|FILCH_RUN_INTO(NULL, NULL, one, 1);|does not point to what the task one returns
OUTSIDE|FILCH_GROUP_SPAWN(\&group, unknown, 1);|unknown is not a task
OUTSIDE|FILCH_GROUP_SPAWN(\&group, both, 1, 2);|both has more arguments than a word
OUTSIDE|FILCH_GROUP_SPAWN(\&group, wide, 1);|wide returns neither int nor void
OUTSIDE|FILCH_RECORD(one) r; FILCH_GROUP_SPAWN_AT(\&group, \&r, wide, 1);|not a record of the task wide
OUTSIDE|FILCH_RECORD(one) r; FILCH_RESULT_AT(\&r, wide);|not a record of the task wide
OUTSIDE|FILCH_CHANNEL_OF(long) c = { 0, 0 }; int i; FILCH_CHANNEL_RECV(\&c, \&i, 0);|this channel is of items of another type
END

# The compiler adds who has expanded what: so many lines at most.
lines=25

# sentences COMPILER FLAGS: one error each, and it says that
sentences() {
	while IFS='|' read -r place plant sentence; do
		# What only C has.
		case "$1 $2 $plant" in
		*++*FILCH_CHANNEL_* | *++*FILCH_RUN_IN* | *++*FILCH_GROUP_* | *++*FILCH_RESULT_AT*) continue ;;
		esac
		sed "s|/\* $place \*/|$plant|" "$tmp/task.c" > "$tmp/fault.c"
		# shellcheck disable=SC2086
		$1 $2 -I"$inc" -c "$tmp/fault.c" -o "$tmp/fault.o" 2> "$tmp/said" \
		    && fault "compiles: $plant ($1 $2)"
		if ! grep 'error:' "$tmp/said" | grep -q "$sentence" \
		    || test "$(grep -c 'error:' "$tmp/said")" != 1 \
		    || test "$(wc -l < "$tmp/said")" -gt $lines; then
			fault "is not told in one sentence: $plant ($1 $2)"
			sed 's/^/    /' "$tmp/said"
		fi
	done < "$tmp/told"
}

# -- At run time, with -DFILCH_CHECK --

cat > "$tmp/run.c" << 'END'
#include <filch.h>
#include <stdlib.h>

FILCH_TASK(int, leaf, int, n)
{
	return n;
}
typedef FILCH_RECORD(leaf) leaf_record;
FILCH_TASK(int, parent, int, n)
{
	int sum = 0;
	leaf_record array[1];
	FILCH_SPAWN(a, leaf, n); /* SPAWNED */
	FILCH_SPAWN_AT(&array[0], leaf, n);
	sum += FILCH_JOIN_AT(&array[0], leaf); /* JOINED IN THE ARRAY */
	if (n == 1)
		return sum;
	sum += FILCH_JOIN(a, leaf); /* JOINED */
	if (n == 2)
		sum += FILCH_JOIN(a, leaf); /* AGAIN */
	if (n == 3)
		sum += FILCH_JOIN_AT(&array[0], leaf); /* AGAIN IN THE ARRAY */
	return sum;
}
/* What an array of records forgets: it may be gone when that is seen. */
FILCH_TASK(int, forgets, int, n)
{
	int sum = 0;
	leaf_record outer[2];
	FILCH_SPAWN_AT(&outer[0], leaf, 0);
	if (n > 0) {
		leaf_record array[3];
		for (int i = 0; i < 3; i++)
			FILCH_SPAWN_AT(&array[i], leaf, i); /* SPAWNED IN THE ARRAY */
		for (int i = 3; i-- > n - 5; )
			sum += FILCH_JOIN_AT(&array[i], leaf);
	}
	FILCH_SPAWN_AT(&outer[1], leaf, 0);
	if (n == 7)
		FILCH_SPAWN_AT(&outer[0], leaf, 0); /* USED AGAIN */
	return sum + FILCH_JOIN_AT(&outer[1], leaf) + FILCH_JOIN_AT(&outer[0], leaf);
}
FILCH_TASK(void, forgets_all, leaf_record *, array)
{
	FILCH_SPAWN_AT(array, leaf, 1); /* SPAWNED ON THE HEAP */
}
FILCH_LINKAGE int plain(int n);
int
plain(int n)
{
	FILCH_TASKS_HERE;
	leaf_record array[1];
	FILCH_SPAWN_AT(&array[0], leaf, n); /* SPAWNED IN A FUNCTION */
	if (n == 9)
		return 0;
	return FILCH_JOIN_AT(&array[0], leaf);
}
int
main(int argc, char **argv)
{
	leaf_record *heap;
	int n = argc - 1;
	(void)argv;
	if (n == 8) {
		heap = FLC_AS_(leaf_record *, malloc(sizeof(*heap)));
		FILCH_RUN(forgets_all, heap);
		free(heap);
	}
	if (n == 9)
		plain(n);
	if (n >= 5)
		return FILCH_RUN(forgets, n) == 3 && plain(n) == n ? 0 : 1;
	return FILCH_RUN(parent, n) == 2 * n ? 0 : 1;
}
END
at() { grep -n "/\* $1 \*/" "$tmp/run.c" | cut -d: -f1; }

# says ARGUMENTS SENTENCE: the program ends by abort and names the places.  Without
# workers: a thief may run a forgotten record whose memory is gone, and crash first.
says() {
	# shellcheck disable=SC2086 # a list of words
	(FILCH_WORKERS=none timeout 60 "$tmp/run" $1; echo "status $?") > "$tmp/out" 2> "$tmp/said"
	grep -q 'status 134' "$tmp/out" || fault "does not abort: $2: $(cat "$tmp/out")"
	grep -qF "$2" "$tmp/said" || fault "does not say: $2: $(cat "$tmp/said")"
}

# checks COMPILER FLAGS
checks() {
	test -e src/.libs/libfilch.so || return
	# Only the compiler that has built it knows its sanitizer.
	test -z "${SANITIZE_CFLAGS:-}" || return
	# shellcheck disable=SC2086
	$1 $2 -Wall -Wextra -Wshadow -pedantic -Werror -DFILCH_CHECK -I"$inc" \
	    "$tmp/run.c" -x none -o "$tmp/run" src/.libs/libfilch.so -Wl,-rpath,"$PWD/src/.libs" \
	    -lstdc++ \
	    || { fault "does not compile with FILCH_CHECK: $1 $2"; return; }
	timeout 60 "$tmp/run" 1 2 3 4 || fault "fails with FILCH_CHECK: $1 $2"
	timeout 60 "$tmp/run" 1 2 3 4 5 || fault "fails with FILCH_CHECK and an array: $1 $2"
	says '1 2 3 4 5 6' "run.c:$(at 'SPAWNED IN THE ARRAY'): filch: the task leaf, spawned here, is"
	says '1 2 3 4 5 6 7' "run.c:$(at 'USED AGAIN'): filch: the task leaf, spawned at"
	says '1 2 3 4 5 6 7 8' "run.c:$(at 'SPAWNED ON THE HEAP'): filch: the task leaf, spawned here,"
	says '1 2 3 4 5 6 7 8 9' "run.c:$(at 'SPAWNED IN A FUNCTION'): filch: the task leaf, spawned"
	says 1 "run.c:$(at SPAWNED): filch: the task leaf, spawned here, is not joined"
	says '1 2' "run.c:$(at AGAIN): filch: a second join of the task leaf, spawned at"
	says '1 2' "run.c:$(at SPAWNED) and joined at"
	says '1 2' "run.c:$(at JOINED)"
	says '1 2 3' "run.c:$(at 'AGAIN IN THE ARRAY'): filch: a second join of the task leaf"
	says '1 2 3' "run.c:$(at 'JOINED IN THE ARRAY')"
}

# invariants COMPILER FLAGS: such a library names the task without FILCH_CHECK
invariants() {
	test -e src/.libs/libfilch.so || return
	grep -q '^#define FILCH_INVARIANTS' config.h && command -v addr2line > /dev/null || return
	test -z "${SANITIZE_CFLAGS:-}" || return
	# shellcheck disable=SC2086
	$1 $2 -g -I"$inc" "$tmp/run.c" -x none -o "$tmp/run" src/.libs/libfilch.so \
	    -Wl,-rpath,"$PWD/src/.libs" || { fault "does not compile: $1 $2"; return; }
	# A thief may take the record before its spawner ends.
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		timeout 60 "$tmp/run" 1 > /dev/null 2> "$tmp/said" || :
		grep -q 'addr2line -fe' "$tmp/said" && break
		test "$try" -lt 20 || fault "does not say which task: $1 $2"
	done
	eval "$(sed -n 's/.*\(addr2line -fe [^ ]* 0x[0-9a-f]*\).*/\1/p' "$tmp/said")" > "$tmp/named"
	grep -q parent_flc_run_ "$tmp/named" || fault "does not name the task: $(cat "$tmp/named")"
	grep -q "run.c:$(grep -n 'FILCH_TASK(int, parent' "$tmp/run.c" | cut -d: -f1)" "$tmp/named" ||
	    fault "does not name the line: $(cat "$tmp/named")"
}

seen=
for compiler in "${CC:-cc}" gcc clang; do
	case " $seen " in *" $compiler "*) continue ;; esac
	seen="$seen $compiler"
	for flags in '-x c -std=c11' '-x c++ -std=c++17'; do
		if works "$compiler" "$flags"; then
			clean "$compiler" "$flags"
			faults "$compiler" "$flags"
			sentences "$compiler" "$flags"
			checks "$compiler" "$flags"
			invariants "$compiler" "$flags"
		else
			echo "not there: $compiler $flags"
		fi
	done
done
exit $status
