#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No line of src/ and include/ is wider than 100 columns; a tab goes to the next
# multiple of 8.
most=100

# Files that may have wider lines, each with the reason, as:  path: why
exceptions=''

status=0
fault() { echo "$*"; status=1; }

# wide FILE: its lines that are too wide, as number: columns
wide() { expand -t 8 "$1" | awk -v most=$most 'length($0) > most { print NR ": " length($0) }'; }

# excepted FILE
excepted() { echo "$exceptions" | grep -q "^$1: "; }

# narrow DIR: none of its files has one, and each exception is needed
narrow() {
	find "$1/src" "$1/include" -type f > "$tmp/files"
	test -s "$tmp/files" || fault "no files in $1/src and $1/include"
	while read -r file; do
		name=${file#"$1"/}
		wide "$file" > "$tmp/wide"
		if excepted "$name"; then
			test -s "$tmp/wide" || fault "$name: no exception any more"
		else
			while read -r line; do
				fault "$name:$line columns"
			done < "$tmp/wide"
		fi
	done < "$tmp/files"
}

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
narrow "${top_srcdir:-.}"

# The check itself must be able to fail, and to pass.
found=$status
# planted EXPECTED EXCEPTIONS COLUMNS [TAB]
planted() {
	exceptions=$2
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree/src/base" "$tmp/tree/include"
	awk -v n="$3" -v tab="${4-}" \
	    'BEGIN { printf "%s", tab; while (n-- > 0) printf "x"; print "" }' \
	    > "$tmp/tree/src/base/x.c"
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
rm -r "$tmp/tree"
mkdir -p "$tmp/tree/src" "$tmp/tree/include"
status=0
narrow "$tmp/tree" > /dev/null
test $status -eq 1 || { echo "an empty tree passes"; found=1; }
exit $found
