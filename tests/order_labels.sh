#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Memory-order comments name the two sides of an edge by one label:
#     release [deque.publish]: ...   with   acquire [deque.publish]: ...
#     store-load [deque.last]: ...   with   store-load [deque.last]: ...
# An operation may be both: acquire and release [deque.publish].
# A label without its other side has lost its partner, or its reason.  Elsewhere
# a comment may refer to an edge as [deque.publish].
label='\[[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z0-9._-]*[A-Za-z0-9]\]'

# comments FILE...: their text, one line each, without the leading stars
comments() {
	cat "$@" | awk '
	{
		rest = $0
		while (rest != "") {
			if (!inside) {
				if (!(at = index(rest, "/*"))) {
					if ((at = index(rest, "//")))
						print substr(rest, at + 2)
					break
				}
				rest = substr(rest, at + 2)
				inside = 1
			}
			at = index(rest, "*/")
			piece = at ? substr(rest, 1, at - 1) : rest
			sub(/^[ \t]*\*?[ \t]*/, "", piece)
			text = text " " piece
			if (!at)
				break
			print text
			text = ""
			inside = 0
			rest = substr(rest, at + 2)
		}
	}
	END { print text }'
}

# sides SIDE: the labels that have this side, once for each place
sides() {
	grep -oiE "(^|[^a-z-])$1[[:space:]]+$label" "$tmp/comments" | grep -oE "$label"
}

status=0
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# paired FILE...: every label in them has both sides
paired() {
	comments "$@" > "$tmp/comments"
	sides 'release( and acquire)?' | sort -u > "$tmp/release"
	sides 'acquire( and release)?' | sort -u > "$tmp/acquire"
	sides store-load | sort | uniq -d > "$tmp/whole"
	comm -12 "$tmp/release" "$tmp/acquire" >> "$tmp/whole"
	grep -oE "$label" "$tmp/comments" | sort -u > "$tmp/labels"
	test -s "$tmp/labels" || { echo "no label found"; return 1; }
	halves=$(sort -u "$tmp/whole" | comm -13 - "$tmp/labels")
	test -z "$halves" || { echo "one side only:"; echo "$halves"; return 1; }
}

LC_ALL=C
export LC_ALL
top=${top_srcdir:-.}
set -f
# shellcheck disable=SC2046 # our file names have no spaces
set -- $(find "$top/src" -name '*.[ch]') $(find "$top/include" -name hot.h)
set +f
test $# -gt 0 || { echo "no source below $top/src"; exit 1; }
paired "$@" || status=1

# The check itself must be able to fail, and to pass.
# planted EXPECTED COMMENT
planted() {
	echo "$2" > "$tmp/planted.c"
	paired "$tmp/planted.c" > /dev/null
	test $? -eq "$1" || { echo "planted, wants $1: $2"; status=1; }
}
planted 1 '/* release [planted.half]: no partner. */'
planted 1 '/* release [a.b]: x */ /* acquire [a.c]: y */'
planted 1 '/* store-load [a.b]: once */'
planted 1 '/* release [a.b] acquire [a.b], see [a.gone] */'
planted 1 'int nothing;'
planted 1 'x = "release [a.b] acquire [a.b]"; y[a.b];'
planted 0 '/* release [a.b-2.C_d]: x */ y; /* acquire [a.b-2.C_d]: y */'
planted 1 '/* release [a.b] */ /* acquire and release [a.c] */'
planted 0 '/* release [a.b] */ /* acquire and release [a.b]: a chain */'
planted 0 '/* store-load [a.b] */ /* store-load [a.b] */ /* see [a.b] */'
planted 0 '/* hence release
 * [a.b]: wrapped */ z[i.j]; // acquire [a.b]'
exit $status
