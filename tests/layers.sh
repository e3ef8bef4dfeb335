#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A file includes only what stands at its level or below.  A layer is a folder
# of src/; lowest first; the same line heads docs/design.md.
layers='base | topology memory count | deque | sched | wait | task | loop | sync | channel | algorithm iter | report | tools'

# rank FOLDER: its level, or none
rank() {
	level=0
	for word in $layers; do
		case $word in
		'|') level=$((level + 1)) ;;
		"$1") echo $level; return ;;
		esac
	done
	echo none
}

# includes FILE: the names it includes, as they are written: "x.h" or <x.h>
includes() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<][^">]*[">]\).*/\1/p' "$1"
}

status=0
fault() { echo "$*"; status=1; }

# below DIR: what its files include stands at their level or below
below() {
	files=$(find "$1" -type f \( -name '*.[ch]' -o -name '*.cc' -o -name '*.hpp' \))
	test -n "$files" || { fault "no source below $1"; return; }
	for file in $files; do
		name=${file#"$1"/}
		folder=${name%%/*}
		mine=$(rank "$folder")
		test "$mine" != none || { fault "$name: its folder is in no layer"; continue; }
		for written in $(includes "$file"); do
			other=${written#[\"<]}; other=${other%[\">]}
			case $other in
			../* | */../*) fault "$name includes $written: name it from src/"; continue ;;
			*/*) ;;
			*) continue ;; # a neighbour, config.h or the system's
			esac
			case $written in
			\<filch/*) continue ;;
			esac
			theirs=$(rank "${other%%/*}")
			case $written$theirs in
			\<*none) ;; # the system's
			\<*) fault "$name includes $written: write it in quotes" ;;
			\"*none) fault "$name includes $written, which is in no layer" ;;
			*)	if test "$theirs" -gt "$mine"; then
					fault "$name includes $written, which stands above it"
				elif test "$folder" = tools && test "${other%%/*}" != tools; then
					fault "$name includes $written: tools use public headers only"
				fi ;;
			esac
		done
	done
}

# only DIR HEADER FILE: no other file includes that header
only() {
	# shellcheck disable=SC2013 # our file names have no spaces
	for file in $(grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$2[>\"]" "$1"); do
		test "${file#"$1"/}" = "$3" || fault "${file#"$1"/} includes <$2>: only $3 does"
	done
}

# public DIR: public headers include each other and the C library only
public() {
	test -n "$(find "$1" -name '*.h')" || { fault "no header below $1"; return; }
	# shellcheck disable=SC2044 # our file names have no spaces
	for file in $(find "$1" -name '*.h'); do
		for written in $(includes "$file"); do
			case $written in
			\<filch/*.h\> | \<std*.h\> | \<limits.h\> | \<string.h\>) ;;
			*) fault "${file#"$1"/} includes $written: not for a public header" ;;
			esac
		done
	done
}

# house DIR PAGE: under "The house" the page lists the files of DIR, and no others; of
# x.c and x.h the former
house() {
	named=$(awk '/^## / { house = $0 == "## The house" }
		house && /^    [a-z]/ { folder = sub("^    src/", "") ? substr($1, 1, index($1, "/")) : "" }
		house && folder != "" {
			while (match($0, /[a-z_]+\.[ch]/)) {
				print folder substr($0, RSTART, RLENGTH)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}' "$2" | sort)
	there=$(cd "$1" && find . -name '*.[ch]' | while read -r file; do
		test "${file%.h}" != "$file" && test -e "${file%.h}.c" || echo "${file#./}"
	done | sort)
	test "$named" = "$there" || fault "${2##*/} and the folders differ in:" \
	    "$(printf '%s\n%s\n' "$named" "$there" | sort | uniq -u | tr '\n' ' ')"
}

top=${top_srcdir:-.}
below "$top/src"
only "$top/src" atomic_ops.h base/atomic.h
only "$top/src" hwloc.h topology/described.c
only "$top/src" stdatomic.h nowhere
public "$top/include"
if test -e "$top/docs/design.md"; then
	grep -qF "$layers" "$top/docs/design.md" || fault "docs/design.md has other layers: $layers"
	house "$top/src" "$top/docs/design.md"
else
	echo "no docs/design.md to compare with"
fi

# The checks themselves must be able to fail, and to pass.
found=$status
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
# planted EXPECTED FILE LINE CHECK...
planted() {
	expected=$1
	mkdir -p "$(dirname "$tmp/src/$2")"
	echo "$3" > "$tmp/src/$2"
	shift 3
	status=0
	"$@" > /dev/null
	test $status -eq "$expected" || { echo "planted, wants $expected: $*"; found=1; }
	rm -r "$tmp/src"
}
planted 1 base/x.c '#include "sched/pool.h"' below "$tmp/src"
planted 1 base/deep/x.c '# include "sched/pool.h"' below "$tmp/src"
planted 1 base/x.h '#include <sched/pool.h>' below "$tmp/src"
planted 1 base/x.c '#include "../sched/pool.h"' below "$tmp/src"
planted 1 attic/x.c '#include <stdio.h>' below "$tmp/src"
planted 1 x.c '#include <stdio.h>' below "$tmp/src"
planted 1 tools/x.c '#include "base/clock.h"' below "$tmp/src"
planted 1 base/x.txt '' below "$tmp/src"
planted 0 sched/x.c '#include "base/clock.h" /* <sys/time.h> */' below "$tmp/src"
planted 0 sync/x.c '#include "loop/range.h"' below "$tmp/src"
planted 0 sched/x.c '#include <sys/time.h>' below "$tmp/src"
planted 1 sched/x.c '#include <hwloc.h>' only "$tmp/src" hwloc.h topology/described.c
planted 0 topology/described.c '#include <hwloc.h>' only "$tmp/src" hwloc.h topology/described.c
planted 1 filch/x.h '#include <atomic_ops.h>' public "$tmp/src"
planted 1 filch/x.h '#include "base/atomic.h"' public "$tmp/src"
printf '## The house\n\n    src/base/  x.c  what it is\n    tests/  y.c\n' > "$tmp/page"
planted 0 base/x.c '' house "$tmp/src" "$tmp/page"
planted 1 base/z.c '' house "$tmp/src" "$tmp/page"
planted 1 base/x.h '' house "$tmp/src" "$tmp/page"
exit $found
