#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A file includes and calls only what stands at its level or below.  A layer is a folder
# of src/; lowest first; the picture that heads docs/design.md shows the same.
#
# Calls are those of the objects in the build directory that this runs in: an undefined
# symbol is one that an object at its level or below defines.  The words of headers are
# judged in the same way: what they inline is called by others.
layers='base | topology memory count | deque | sched pool | wait | task | loop | sync | channel'
layers="$layers | algorithm sort iter | report | tools"

# Calls from below that are known: file, symbol: reason.  This list only gets shorter: one
# that is not found any more is a fault.
upcalls='count/page flc_report_start: it brings the report into a program that is linked
with the static library, where nobody else names anything of report/; so no pointer can be
registered instead
base/upcall.h flc_report_start: declares it'

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
			../* | */../*)
				fault "$name includes $written: name it from src/"
				continue ;;
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
					fault "$name: $written: tools use public headers only"
				fi ;;
			esac
		done
	done
}

# symbols BUILD TOP: "D" or "U", symbol, file; of each object, and the words of headers
symbols() {
	for source in $(cd "$2/src" && echo */*.c); do
		stem=${source%.c}
		object=$1/src/${source%/*}/.libs/libfilch_core_la-${stem##*/}.o
		test -e "$object" || object=$1/src/${source%/*}/libfilch_core_la-${stem##*/}.o
		test -e "$object" || { echo "lacks object $source"; continue; }
		${NM:-nm} -g "$object" | awk -v file="$stem" '$NF ~ /^(flc|filch)_/ {
			print $(NF - 1) ~ /^[Uvw]$/ ? "U" : "D", $NF, file }'
	done
	for source in $(cd "$2/src" && echo */*.h); do
		test -e "$2/src/$source" || continue
		sed 's|/\*.*\*/||; /\/\*/,/\*\//d' "$2/src/$source" |
		    grep -oE '\b(flc|filch)_[a-z0-9_]+' | sort -u | sed "s|.*|U & $source|"
	done
}

# calls BUILD TOP: no object calls, and no header names, what is defined above it
calls() {
	symbols "$1" "$2" > "$tmp/symbols"
	grep -q '^D' "$tmp/symbols" || fault "no symbol found below $1/src"
	{ echo "$upcalls" | sed -n 's/^\([^ ]* [a-z_]*\): .*/X \1/p'; cat "$tmp/symbols"; } |
	    awk -v layers="$layers" '
	function level(file) { return rank[substr(file, 1, index(file, "/") - 1)] }
	BEGIN {
		n = split(layers, word, " ")
		for (i = 1; i <= n; i++)
			if (word[i] == "|") at++; else rank[word[i]] = at + 0
	}
	$1 == "X" { known[$2 " " $3] = 1 }
	$1 == "D" { where[$2] = $3 }
	$1 == "U" { symbol[++uses] = $2; user[uses] = $3 }
	$1 == "lacks" { print "there is no object of " $3 }
	END {
		for (i = 1; i <= uses; i++) {
			if (!(symbol[i] in where) || level(where[symbol[i]]) <= level(user[i]))
				continue
			if ((user[i] " " symbol[i]) in known)
				delete known[user[i] " " symbol[i]]
			else
				print user[i] " calls " symbol[i] " of " where[symbol[i]] \
				    ", which stands above it"
		}
		for (call in known) print "no known upcall any more: " call
	}' > "$tmp/breaches"
	while read -r breach; do fault "$breach"; done < "$tmp/breaches"
}

# only DIR HEADER FILE: no other file includes that header
only() {
	# shellcheck disable=SC2013 # our file names have no spaces
	for file in $(grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$2[>\"]" \
	    "$1"); do
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

# picture PAGE: the layers that its picture has, lowest first
picture() {
	sed -n 's/^    | \([a-z][a-z ]*\) | .*/\1/p' "$1" | tac | tr '\n' '|'
}

# drawn PAGE: its picture has our layers; those of one level may stand in several rows
drawn() {
	shown=$(picture "$1" | sed 's/|/ | /g; s/ | $//')
	for word in $layers; do
		test "$word" = '|' || case " $shown " in
		*" $word "*) ;;
		*) fault "${1##*/} does not draw the layer $word" ;;
		esac
	done
	before=-1
	for word in $shown; do
		test "$word" != '|' || continue
		at=$(rank "$word")
		test "$at" != none || { fault "${1##*/} draws $word, which is no layer"; continue; }
		test "$at" -ge "$before" || fault "${1##*/} draws $word at another level"
		before=$at
	done
}

# house DIR PAGE: under "The files" the page lists the files of DIR, and no others; of
# x.c and x.h the former
house() {
	named=$(awk '/^## / { house = $0 == "## The files" }
		house && /^    [a-z]/ {
			folder = sub("^    src/", "") ? substr($1, 1, index($1, "/")) : ""
		}
		house && folder != "" {
			while (match($0, /[a-z0-9_]+\.[ch]/)) {
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
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
below "$top/src"
only "$top/src" atomic_ops.h base/atomic.h
only "$top/src" hwloc.h topology/described.c
only "$top/src" stdatomic.h nowhere
public "$top/include"
if test -e "$top/docs/design.md"; then
	drawn "$top/docs/design.md"
	house "$top/src" "$top/docs/files.md"
else
	echo "no docs/design.md to compare with"
fi
if test -e config.status; then
	calls . "$top"
else
	echo "no build directory: calls are not checked"
fi

# The checks themselves must be able to fail, and to pass.
found=$status
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
planted 1 base/x.c '#include "pool/pool.h"' below "$tmp/src"
planted 1 base/deep/x.c '# include "pool/pool.h"' below "$tmp/src"
planted 1 base/x.h '#include <pool/pool.h>' below "$tmp/src"
planted 1 base/x.c '#include "../pool/pool.h"' below "$tmp/src"
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
# linked EXPECTED UPCALLS FILE TEXT...: sources that are compiled, and headers
linked() {
	expected=$1
	upcalls=$2
	shift 2
	planting="$*"
	while test $# -gt 0; do
		mkdir -p "$tmp/src/${1%/*}"
		echo "$2" > "$tmp/src/$1"
		stem=${1%.c}
		case $1 in
		*.c)	# shellcheck disable=SC2086 # a list of words
			${CC:-cc} -c -o "$tmp/src/${1%/*}/libfilch_core_la-${stem##*/}.o" \
			    "$tmp/src/$1" || found=1 ;;
		esac
		shift 2
	done
	status=0
	calls "$tmp" "$tmp" > /dev/null
	test $status -eq "$expected" || { echo "planted, wants $expected: $planting"; found=1; }
	rm -r "$tmp/src"
}
low='void flc_low(void); void flc_low(void) { }'
high='void flc_low(void); void flc_high(void); void flc_high(void) { flc_low(); }'
up='void flc_high(void); void flc_up(void); void flc_up(void) { flc_high(); }'
inline='void flc_high(void); static inline void flc_up(void) { flc_high(); }'
linked 0 '' base/low.c "$low" sched/high.c "$high"
linked 1 '' base/up.c "$up" sched/high.c "$high" base/low.c "$low"
linked 1 '' base/up.h "$inline" sched/high.c "$high" base/low.c "$low"
linked 0 '' base/up.h '/* flc_high() is not called */' sched/high.c "$high" base/low.c "$low"
linked 0 'base/up flc_high: known' base/up.c "$up" sched/high.c "$high" base/low.c "$low"
linked 1 'base/up flc_high: known' sched/high.c "$high" base/low.c "$low"
linked 1 '' base/no_object.h '' sched/high.h ''

printf '    | b c  | x |\n    | a  | y |\n' > "$tmp/page"
layers='a | b c'
planted 0 base/x.c '' drawn "$tmp/page"
layers='a | b'
planted 1 base/x.c '' drawn "$tmp/page"
layers='a | b c | d'
planted 1 base/x.c '' drawn "$tmp/page"
layers='b c | a'
planted 1 base/x.c '' drawn "$tmp/page"
printf '## The files\n\n    src/base/  x.c  what it is\n    tests/  y.c\n' > "$tmp/page"
planted 0 base/x.c '' house "$tmp/src" "$tmp/page"
planted 1 base/z.c '' house "$tmp/src" "$tmp/page"
planted 1 base/x.h '' house "$tmp/src" "$tmp/page"
exit $found
