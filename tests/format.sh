#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# C and C++ files are laid out as format.awk says, which see; clang-format cannot keep the
# style (it aligns chains of ?:, opens tables and braces of macros, fills no comment).
#
#     format.sh                  says what is wrong
#     format.sh --mend [FILE]... fills comments and takes blanks away, and fills paragraphs of
#                                docs, README and so on that are too wide (width.sh); the
#                                whole tree if no file is named; also as `make format`
folders='src include tests bench docs/examples'

top=${top_srcdir:-.}
rules=$top/tests/format.awk
prose_rules=$top/tests/format_prose.awk
status=0
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# sources TREE: the files
sources() {
	for folder in $folders; do
		test ! -d "$1/$folder" || find "$1/$folder" -type f -name '*.[ch]*'
	done | grep -E '\.(c|h|cpp|hpp)$' | sort
}

# is_cpp FILE: 1 if it is, which awk takes for true
is_cpp() { case $1 in *pp) echo 1 ;; esac; }

# judge FILE
judge() { awk -v cpp="$(is_cpp "$1")" -f "$rules" "$1"; }

# pages TREE: the files of prose, except for what bench/report.sh writes
pages() {
	for page in "$1"/docs/*.md "$1/README" "$1/NEWS" "$1/CONTRIBUTING"; do
		test ! -e "$page" || echo "$page"
	done | grep -v '/benchmarks\.md$'
}

# mend FILE
mend() {
	case $1 in
	*.md) awk -f "$prose_rules" "$1" ;;
	*README | *NEWS | *CONTRIBUTING) awk -v double=1 -f "$prose_rules" "$1" ;;
	*) awk -v mend=1 -v cpp="$(is_cpp "$1")" -f "$rules" "$1" ;;
	esac > "$tmp/mended" || exit 99
	cmp -s "$1" "$tmp/mended" || { cat "$tmp/mended" > "$1" && echo "mended: $1"; }
}

if test "${1-}" = --mend; then
	shift
	if test $# -gt 0; then
		for file in "$@"; do mend "$file"; done
	else
		for file in $(sources "$top") $(pages "$top"); do mend "$file"; done
	fi
	exit 0
fi

# laid_out TREE
laid_out() {
	test -n "$(sources "$1")" || { echo "no sources in $1"; status=1; }
	for file in $(sources "$1"); do
		judge "$file"
	done > "$tmp/faults"
	test ! -s "$tmp/faults" || { cat "$tmp/faults"; status=1; }
}

laid_out "$top"

# The check itself must be able to fail, to pass, and to mend.
found=$status
words='aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa'
# planted EXPECTED TEXT [MENDED]: with \n and \t
planted() {
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree/tests"
	file=$tmp/tree/tests/x.c
	# shellcheck disable=SC2059 # it is a format
	printf "$2" > "$file"
	status=0
	laid_out "$tmp/tree" > /dev/null
	test $status -eq "$1" || { echo "planted, wants $1: $2"; found=1; }
	test $# -eq 3 || return
	mend "$file" > /dev/null
	# shellcheck disable=SC2059
	printf "$3" | cmp -s - "$file" || { echo "planted, is mended to:"; cat "$file"; found=1; }
	status=0
	laid_out "$tmp/tree" > /dev/null
	test $status -eq 0 || { echo "planted, is not mended: $2"; found=1; }
}
planted 0 "/* $words 3456 */\n"
planted 1 "/* $words 34567 */\n" "/* $words\n * 34567 */\n"
planted 0 "/* $words 3456\n * 345 */\n"
planted 1 "/* $words\n * 345 */\n" "/* $words 345 */\n"
planted 0 "/* $words 3.\n * 34567 */\n"
planted 1 "/* a.\n * b. */\n" "/* a.  b. */\n"
planted 1 "/*\n * a\n * b\n */\n" "/*\n * a b\n */\n"
planted 0 "/*\n * a\n *\n * b\n *     c\n *     d\n * - e\n * f   g\n */\n"
planted 0 "#define X \\\\\n\t/* a \\\\\n\t * b */ \\\\\n\t1\n"
planted 1 "\t/* $words a */\n" "\t/* $words\n\t * a */\n"
planted 1 "int a; \n" "int a;\n"
planted 1 "int a;\n\n\nint b;\n\n" "int a;\n\nint b;\n"
planted 1 "    \tint a;\n"
planted 0 "int\nf(void)\n{\n\tif (a) {\n\t} else {\n\t}\n}\n"
planted 1 "int\nf(void) {\n}\n"
planted 1 "int f(void)\n{\n}\n"
planted 1 "\tif(a)\n"
planted 1 "\t}\n\telse\n"
planted 1 "char* a;\n"
rm -r "$tmp/tree"
mkdir -p "$tmp/tree/tests"
printf '%s\n' "- $words bbb cccc dddd." "  e" "" "    $words $words" > "$tmp/tree/README"
mend "$tmp/tree/README" > /dev/null
printf '%s\n' "- $words bbb cccc" "  dddd.  e" "" "    $words $words" > "$tmp/wanted"
cmp "$tmp/tree/README" "$tmp/wanted" || { echo "planted prose is mended so"; found=1; }
rm "$tmp/tree/README"
status=0
laid_out "$tmp/tree" > /dev/null
test $status -eq 1 || { echo "an empty tree passes"; found=1; }
exit $found
