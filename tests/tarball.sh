#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A release holds every file that README, CONTRIBUTING and the man pages name.
top=${top_srcdir:-.}
tmp=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

# named FILE...: paths into the tree, as a reader sees them; without the patterns
named() {
	sed 's/\\-/-/g' "$@" |
	    grep -oE '(^|[^A-Za-z0-9_./-])(\./)?'\
'(docs|bench|tests|include|src|m4|\.ci)/[A-Za-z0-9_./-]*[A-Za-z0-9/]'\
'|\./bootstrap|\./configure|COPYING|CONTRIBUTING|NEWS|README' |
	    sed 's/^[^A-Za-z0-9.]*//; s|^\./||' | sort -u
}
# holds DIR NAMES: all of them are there
holds() {
	test -s "$2" || { echo "no file is named"; return 1; }
	failed=0
	while read -r name; do
		# A module is named without its ending.
		case $(echo "$1/$name" "$1/$name".*) in
		*"/$name.*") test -e "$1/$name" || { echo "not in a release: $name"; failed=1; } ;;
		esac
	done < "$2"
	return $failed
}

# The checks themselves must be able to fail, and to pass.
mkdir -p "$tmp/planted/docs"
echo 'See docs/a.md, docs/examples/ (b) and ./configure; not xdocs/c or /docs/d.' > "$tmp/text"
named "$tmp/text" > "$tmp/names"
test "$(tr '\n' ' ' < "$tmp/names")" = 'configure docs/a.md docs/examples/ ' ||
    fault "names are misread: $(cat "$tmp/names")"
holds "$tmp/planted" "$tmp/names" > /dev/null && fault "a file that lacks passes"
mkdir "$tmp/planted/docs/examples"
touch "$tmp/planted/docs/a.md" "$tmp/planted/configure"
holds "$tmp/planted" "$tmp/names" || fault "files that are there do not pass"
holds "$tmp/planted" /dev/null > /dev/null && fault "no name passes"

unset MAKEFLAGS MFLAGS MAKEOVERRIDES
${MAKE:-make} -s distdir distdir="$tmp/release" > "$tmp/log" 2>&1 ||
    { cat "$tmp/log"; echo "make distdir failed"; exit 1; }
named "$top/README" "$top/CONTRIBUTING" "$top"/docs/man/*.3 > "$tmp/names"
grep -qx docs/design.md "$tmp/names" || fault "README names no docs/design.md"
holds "$tmp/release" "$tmp/names" || status=1
exit $status
