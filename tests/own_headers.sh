#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each x.c has its own x.h beside it, if another file calls it: it includes that first,
# and whatever x.h declares is defined in x.c.  So the name of a function leads from the
# include to the file.  No folder has more files than a reader takes in at a glance.
#
# What is declared and defined is read from the text: in our style a definition begins
# with its name at the beginning of a line.

# Headers that declare what other files define, with the reason.  This list only gets
# shorter: one that declares nothing of others any more is a fault.
exceptions='base/upcall.h: the call upwards that tests/layers.sh knows; report/ stands
above base/, which must not include its headers
sort/radix.h: its tables are one for each instruction set, each in a file of that set'

status=0
fault() { echo "$*"; status=1; }

# first FILE: what its first include names, as it is written
first() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<][^">]*[">]\).*/\1/p;' "$1" |
	    head -n 1
}

# included DIR: each x.c includes its x.h first
included() {
	files=$(cd "$1" && find . -name '*.c' | sed 's|^\./||' | sort)
	test -n "$files" || { fault "no source below $1"; return; }
	for file in $files; do
		own=${file%.c}.h
		written=$(first "$1/$file")
		if test -e "$1/$own" && test "$written" != "\"$own\""; then
			fault "$file does not include $own first, but $written"
		fi
	done
}

# statements FILE: what stands outside of braces and comments, one a line
statements() {
	awk '{ text = text $0 "\n" }
	END {
		while ((at = index(text, "/*")) > 0) {
			rest = substr(text, at + 2)
			text = substr(text, 1, at - 1) " " substr(rest, index(rest, "*/") + 2)
		}
		gsub(/\\\n/, " ", text)
		n = split(text, line, "\n")
		for (i = 1; i <= n; i++) {
			if (line[i] ~ /^[ \t]*#/)
				continue
			for (k = 1; k <= length(line[i]); k++) {
				c = substr(line[i], k, 1)
				if (c == "{") {
					depth++
				} else if (c == "}") {
					if (--depth == 0) out = out ";"
				} else if (depth == 0) {
					out = out c
				}
			}
			out = out " "
		}
		gsub(/;/, "\n", out)
		print out
	}' "$1"
}

# declared FILE: functions and variables that the header declares
declared() {
	statements "$1" | sed -E 's/__attribute__ *\(\(([^()]|\([^()]*\))*\)\)//g;
		s/FLC_OF_THREAD//; s/_Static_assert.*//' |
	    grep -vE '^[[:space:]]*(static|typedef)\b' |
	    sed -nE 's/^[^(]*[ *]((flc)_[a-z0-9_]+) *\(.*/\1/p;
		s/^[[:space:]]*extern [^(]*[ *]((flc)_[a-z0-9_]+)[^(]*$/\1/p'
}

# defined FILE: functions and variables that the source defines for others
defined() {
	awk 'match($0, /^flc_[a-z0-9_]+\(/) && before !~ /(^|[ \t])static / && before !~ /[;}]$/ {
		print substr($0, 1, RLENGTH - 1) }
	/^[a-z_].*[ *]flc_[a-z0-9_]+( FLC_OF_THREAD)?( =.*|\[.*|;)$/ &&
	    !/^(static|extern|typedef|return)/ {
		line = $0
		sub(/( FLC_OF_THREAD)?( =.*|\[.*|;)$/, "", line)
		sub(/.*[ *]/, "", line)
		print line }
	{ before = $0 }' "$1"
}

# owned DIR: no header declares what another source defines; each thing is declared
owned() {
	(cd "$1" && for file in */*.c; do
		test -e "$file" && defined "$file" | sed "s|.*|D & ${file%.c}|"
	done
	for file in */*.h; do
		test -e "$file" && declared "$file" | sed "s|.*|H & ${file%.h}|"
	done) > "$tmp/names"
	grep -q '^D' "$tmp/names" || fault "nothing is defined below $1"
	grep -q '^H' "$tmp/names" || fault "nothing is declared below $1"
	{ echo "$exceptions" | sed -nE 's|^([a-z_/]+)\.h: .*|X \1|p'; cat "$tmp/names"; } | awk '
	$1 == "X" { known[$2] = 1 }
	$1 == "D" { where[$2] = $3 }
	$1 == "H" { header[++n] = $3; name[n] = $2; is[$2 " " $3] = 1 }
	END {
		for (i = 1; i <= n; i++) {
			if ((name[i] in where) && where[name[i]] == header[i])
				continue
			used[header[i]] = 1
			if (!(header[i] in known))
				print header[i] ".h declares " name[i] \
				    (name[i] in where ? " of " where[name[i]] ".c" \
				    : ", which nothing defines")
			else
				elsewhere[name[i]] = 1
		}
		for (k in where)
			if (!((k " " where[k]) in is) && !(k in elsewhere))
				print where[k] ".c defines " k \
				    ", which its own header does not declare"
		for (k in known)
			if (!(k in used))
				print k ".h declares nothing of others any more: no exception"
	}' > "$tmp/faults"
	while read -r line; do fault "$line"; done < "$tmp/faults"
}

# few DIR: no folder has more than 30 files
few() {
	folders=$(find "$1" -mindepth 1 -type d)
	test -n "$folders" || fault "no folder below $1"
	for folder in $folders; do
		count=$(find "$folder" -maxdepth 1 -type f | wc -l)
		test "$count" -le 30 || fault "$folder has $count files"
	done
}

top=${top_srcdir:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
included "$top/src"
owned "$top/src"
few "$top/src"

# The checks themselves must be able to fail, and to pass.
found=$status
# planted EXPECTED CHECK EXCEPTIONS FILE TEXT...: only these files
planted() {
	expected=$1
	check=$2
	exceptions=$3
	shift 3
	planting="$*"
	while test $# -gt 0; do
		mkdir -p "$tmp/src/${1%/*}"
		printf '%b\n' "$2" > "$tmp/src/$1"
		shift 2
	done
	status=0
	$check "$tmp/src" > /dev/null
	test $status -eq "$expected" || { echo "planted, wants $expected: $planting"; found=1; }
	rm -r "$tmp/src"
}
header='#include "base/compiler.h"\n\nvoid flc_x(int a,\n    int b);\n'
header="$header"'extern __thread int flc_v FLC_OF_THREAD;'
source='#include "a/x.h"\n\n__thread int flc_v FLC_OF_THREAD;\n\nvoid\nflc_x(int a, int b)\n{\n}'
planted 0 included '' a/x.h "$header" a/x.c "$source"
planted 1 included '' a/x.h "$header" a/x.c '#include "base/compiler.h"\n#include "a/x.h"'
planted 1 included '' a/x.h "$header" a/x.c '#include <stdio.h>'
planted 1 included '' a/x.h "$header" a/x.c ''
planted 0 included '' a/y.c '#include <stdio.h>'
planted 1 included '' a/x.h "$header"
planted 0 owned '' a/x.h "$header" a/x.c "$source"
planted 1 owned '' a/x.h "$header\nint flc_y(void);" a/x.c "$source" a/y.c 'int\nflc_y(void)\n{\n}'
planted 1 owned '' a/x.h "$header\nextern int flc_w;" a/x.c "$source" a/y.c 'int flc_w = 1;'
planted 1 owned '' a/x.h "$header\nint flc_gone(void);" a/x.c "$source"
planted 1 owned '' a/x.h "$header" a/x.c "$source\nint\nflc_y(void)\n{\n}"
inline='static inline int\nflc_y(void)\n{\n\treturn flc_z(1);\n}'
planted 0 owned '' a/x.h "$header\n/* int flc_y(void); */\n$inline" \
    a/x.c "$source\nstatic int\nflc_z(void)\n{\n}"
planted 0 owned 'a/z.h: known' a/x.h "$header" a/x.c "$source" a/z.h 'int flc_y(void);' \
    a/y.h 'int flc_y(void);' a/y.c 'int\nflc_y(void)\n{\n}'
planted 1 owned 'a/x.h: known' a/x.h "$header" a/x.c "$source"
planted 1 owned '' a/x.h '' a/x.c ''
mkdir -p "$tmp/many/a"
for i in 1 2 3 4 5 6; do
	for k in 1 2 3 4 5; do : > "$tmp/many/a/$i$k.c"; done
done
status=0
few "$tmp/many"
test $status -eq 0 || { echo "planted: 30 files are no fault"; found=1; }
: > "$tmp/many/a/31.h"
: > "$tmp/many/a/one.c"
status=0
few "$tmp/many" > /dev/null
test $status -eq 1 || { echo "planted: 31 files are not found"; found=1; }
exit $found
