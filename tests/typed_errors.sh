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
FILCH_SPAWN_AT(&array[0], one, 1);
FILCH_SPAWN_AT(&array[0], mutual);
FILCH_SPAWN_AT(&array[0], mutual, p);
FILCH_JOIN_AT(&array[0], one);
FILCH_JOIN_AT(&n, one);
FILCH_RUN(one);
FILCH_RUN(one, 1, 2);
FILCH_RUN(one, p);
FILCH_RUN(unknown, 1);
{ FILCH_RECORD(unknown) z; FILCH_JOIN_AT(&z, unknown); }
n = FILCH_CALL(nothing);
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
		# Without it a wrong pointer is but a warning in C.
		# shellcheck disable=SC2086
		if $1 $2 -pedantic -Wall -Wextra -Werror -I"$inc" -c "$tmp/fault.c" \
		    -o "$tmp/fault.o" 2> "$tmp/said"; then
			fault "compiles: $plant ($1 $2)"
		elif ! grep -q "fault\.c:$line:" "$tmp/said"; then
			fault "does not name the line: $plant ($1 $2)"
			sed 's/^/    /' "$tmp/said"
		fi
	done < "$tmp/faults"
}

seen=
for compiler in "${CC:-cc}" gcc clang; do
	case " $seen " in *" $compiler "*) continue ;; esac
	seen="$seen $compiler"
	for flags in '-x c -std=c11' '-x c++ -std=c++17'; do
		if works "$compiler" "$flags"; then
			clean "$compiler" "$flags"
			faults "$compiler" "$flags"
		else
			echo "not there: $compiler $flags"
		fi
	done
done
exit $status
