#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A debugger that stops in a typed task, stolen or not, shows it by its name
# (NAME_flc_body_) with its parameters by theirs.
command -v gdb > /dev/null || { echo "no gdb here"; exit 77; }
case ${SANITIZE_CFLAGS:-} in ?*) echo "a sanitizer does not like ptrace"; exit 77 ;; esac
test -e src/.libs/libfilch.so || { echo "no shared library in this build"; exit 77; }
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

cat > "$tmp/task.c" << 'END'
#include <filch.h>
#include <time.h>

FILCH_TASK(int, stolen_leaf, int, apples, const char *, text)
{
	return apples + text[0]; /* STOLEN */
}
FILCH_TASK(int, own_leaf, int, pears)
{
	return pears + 1; /* OWN */
}
FILCH_TASK(int, parent, int, plums)
{
	static const struct timespec nap = { 2, 0 };

	FILCH_SPAWN(own, own_leaf, 3);
	int sum = FILCH_JOIN(own, own_leaf);
	FILCH_SPAWN(stolen, stolen_leaf, 17, "text");
	nanosleep(&nap, NULL); /* a thief comes */
	return sum + FILCH_JOIN(stolen, stolen_leaf) + plums;
}
int
main(void)
{
	return FILCH_RUN(parent, 5) == 0;
}
END
# clang tells no debugger where a parameter is that it keeps in a register.
level=-O1
if ${CC:-cc} --version | grep -q clang; then level=-O0; fi
# shellcheck disable=SC2086 # lists of words
${CC:-cc} ${SANITIZE_CFLAGS:-} -std=c11 -D_POSIX_C_SOURCE=200809L \
    -g $level -fno-omit-frame-pointer \
    -I"${top_srcdir:-.}/include" "$tmp/task.c" -o "$tmp/task" src/.libs/libfilch.so \
    -Wl,-rpath,"$PWD/src/.libs" || exit 1
line() { grep -n "$1" "$tmp/task.c" | head -1 | cut -d: -f1; }
# stop WORKERS MARK NAME: what gdb says in the marked line
stop() {
	cat > "$tmp/commands" << END
set pagination off
set confirm off
set breakpoint pending on
break task.c:$(line "$2")
run
backtrace
info args
kill
quit
END
	FILCH_WORKERS=$1 timeout 120 gdb -nx -batch -x "$tmp/commands" "$tmp/task" \
	    > "$tmp/$3" 2>&1
	if grep -qi 'ptrace.*not permitted\|cannot trace' "$tmp/$3"; then
		echo "gdb may not trace here"
		exit 77
	fi
}
stop 1 OWN own
stop 2 STOLEN stolen
says() { grep -q "$2" "$tmp/$1" || fault "the $1 task's stop does not show: $2"; }
says own 'own_leaf_flc_body_ (.*pears=3'
says own 'parent_flc_body_ (.*plums=5'
says own '^pears = 3'
says stolen 'stolen_leaf_flc_body_ (.*apples=17'
says stolen 'stolen_leaf_flc_body_ (.*text=0x[0-9a-f]* "text"'
says stolen '^apples = 17'
# A thief has it, hence its spawner is not below it on the stack.
says stolen 'flc_worker_run_record'
grep -q 'parent_flc_body_' "$tmp/stolen" && fault "the stolen task was not stolen"
test $status -eq 0 || sed 's/^/    /' "$tmp/own" "$tmp/stolen"
exit $status
