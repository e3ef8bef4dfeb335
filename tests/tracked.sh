#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Nothing generated is tracked by git, and no file that .gitignore names.
top=${top_srcdir:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
# Inside of a hook these name another repository.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_PREFIX

generated='(^|/)(configure|aclocal\.m4|config\.(h|h\.in|log|status)|Makefile(\.in)?'\
'|libtool|ltmain\.sh|libtool\.m4|lt[a-z~]*\.m4|autom4te\.cache'\
'|build-aux|\.libs|\.deps|\.dirstamp)(/|$)|\.(o|lo|la|a|so|trs|gcda|gcno|pc|gz)$'

git_in() {
	dir=$1
	shift
	git -C "$dir" -c safe.directory='*' "$@"
}

# tracked DIR
tracked() {
	git_in "$1" ls-files > "$tmp/files" || return 1
	test -s "$tmp/files" || { echo "no tracked file in $1"; return 1; }
	git_in "$1" ls-files -ci --exclude-standard > "$tmp/bad"
	grep -E "$generated" "$tmp/files" >> "$tmp/bad"
	test ! -s "$tmp/bad" || { echo "tracked, but generated:"; sort -u "$tmp/bad"; return 1; }
}

test -e "$top/.git" || { echo "skipped: no .git in $top"; exit 77; }
command -v git > /dev/null || { echo "skipped: no git"; exit 77; }
status=0
tracked "$top" || status=1

# The check itself must be able to fail, and to pass.
planted() {
	rm -rf "$tmp/planted"
	mkdir -p "$tmp/planted/$(dirname "$2")"
	cp "$top/.gitignore" "$tmp/planted"
	echo planted > "$tmp/planted/$2"
	git_in "$tmp/planted" init -q 2> /dev/null
	git_in "$tmp/planted" add -f .
	tracked "$tmp/planted" > /dev/null
	test $? -eq "$1" || { echo "planted, wants $1: $2"; status=1; }
}
planted 1 configure
planted 1 src/Makefile.in
planted 1 build-old/notes
planted 1 src/.libs/x
planted 1 x.lo
planted 0 src/base/x.c
exit $status
