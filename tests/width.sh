#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No line of the sources, tests, benchmarks, examples and build files is wider than 100
# columns, and no line of prose in the docs wider than 90, tables and code excepted.  A tab
# goes to the next multiple of 8.
most=100
most_prose=90
code='src include tests bench docs/examples m4 .ci bootstrap Makefile.am configure.ac'
prose='docs README CONTRIBUTING NEWS'

# Files that may have wider lines, each with the reason, as:  path: why
exceptions='docs/benchmarks.md: bench/report.sh writes it
tests/typed_errors.sh: in its table a case is a line
tests/model/mutants.sh: in its table a seeded fault is a line'

status=0
fault() { echo "$*"; status=1; }

# wide FILE: its lines that are too wide, as number: columns
wide() { expand -t 8 "$1" | awk -v most="$most" 'length($0) > most { print NR ": " length($0) }'; }

# wide_prose FILE: the same, without what stands between ``` or is indented by four, rows of
# tables, and lines that one word fills
wide_prose() {
	expand -t 8 "$1" | awk -v most="$most_prose" '
		/^```/ { code = !code; next }
		code || /^    / || /^\|/ || NF < 2 { next }
		length($0) > most { print NR ": " length($0) }'
}

# excepted FILE
excepted() { echo "$exceptions" | grep -q "^$1: "; }

# judge TREE FILE code|prose: none is too wide, and each exception is needed
judge() {
	name=${2#"$1"/}
	if test "$3" = code; then wide "$2"; else wide_prose "$2"; fi > "$tmp/wide"
	if excepted "$name"; then
		test -s "$tmp/wide" || fault "$name: no exception any more"
	else
		while read -r line; do
			fault "$name:$line columns"
		done < "$tmp/wide"
	fi
}

# narrow TREE
narrow() {
	for folder in $code; do
		test ! -e "$1/$folder" || find "$1/$folder" -type f -size -1000k
	done | grep -vE '\.(tsv|toml|txt|json|png|gz|log|trs)$|/m4/l(ib)?t.*\.m4$' > "$tmp/files"
	grep -q '/src/' "$tmp/files" || fault "no files in $1/src"
	while read -r file; do judge "$1" "$file" code; done < "$tmp/files"
	for folder in $prose; do
		test ! -e "$1/$folder" || find "$1/$folder" -type f
	done | grep -E '\.md$|/[A-Z]+$' > "$tmp/files"
	while read -r file; do judge "$1" "$file" prose; done < "$tmp/files"
}

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
narrow "${top_srcdir:-.}"

# The check itself must be able to fail, and to pass.
found=$status
# planted EXPECTED EXCEPTIONS COLUMNS [BEGIN [FILE]]: in a file with one line
planted() {
	exceptions=$2
	file=${5-src/base/x.c}
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree/src/base" "$tmp/tree/include" "$tmp/tree/docs"
	: > "$tmp/tree/src/base/x.c"
	awk -v n="$3" -v begin="${4-}" \
	    'BEGIN { printf "%s", begin; while (n-- > 0) printf "x"; print "" }' \
	    > "$tmp/tree/$file"
	status=0
	narrow "$tmp/tree" > /dev/null
	test $status -eq "$1" || { echo "planted, wants $1: $*"; found=1; }
}
planted 0 '' 100
planted 1 '' 101
planted 0 '' 92 '\t'
planted 1 '' 93 '\t'
planted 0 'src/base/x.c: it is generated' 101
planted 1 'src/base/x.c: it is generated' 100
planted 1 'src/base/y.c: it is generated' 101
planted 0 '' 88 'y ' README
planted 1 '' 89 'y ' README
planted 0 '' 100 '' README
planted 0 '' 100 '| ' README
planted 0 '' 100 '    y ' README
planted 0 '' 100 '```\ny ' README
rm -r "$tmp/tree"
mkdir -p "$tmp/tree/src" "$tmp/tree/include"
status=0
narrow "$tmp/tree" > /dev/null
test $status -eq 1 || { echo "an empty tree passes"; found=1; }
exit $found
