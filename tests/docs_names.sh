#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What docs/*.md, docs/man, README, CONTRIBUTING and the comments of include/ and src/
# name exists, and the man pages are complete:
#
# files     Every path that begins with a folder of the tree or of src/, and every file
#           name with an ending of ours, is there; a program may be there as its source
#           or in a local.mk.  "Only `X` includes `<Y>`" is true, and "`x()` in `y.c`".
# words     Every filch_, FILCH_, flc_ and FLC_ word is in the code (comments do not
#           count) or what the compiler makes of the public headers; with a star behind
#           it, some word begins so.  Every filch...(3) or (7), here, in headers and in
#           src/, is a page.
# names     Every public function (those that end in _ are macros' own) stands in the NAME
#           of one page, and in its SYNOPSIS; what else stands in NAME is a public macro or
#           the page itself.
# see       SEE ALSO is complete: that of filch(3) has every page; that of any page has
#           filch(3), the pages that its text refers to, and those that list it.  filch(3)
#           names every header that <filch.h> includes, and every FILCH_ variable of the
#           environment.
# index     The questions of docs/design.md, 20 at least, are answered by files of src/.
# history   What docs/files.md says that the files of 0.1.0 became is there, and they are not.
# prose     No line of docs/*.md is wider than 90 columns, except in tables, code and what
#           `make bench-report` writes.
# types     Every type of functions that a caller passes, filch_<any>_fn, is named by a page
#           and used by a test.
# counters  Every counter of the lists of <filch/metrics.h> is in filch_metrics(3).
#
# Each check fails, too, if it found nothing to check.
LC_ALL=C
export LC_ALL
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

# texts TREE: the files that are checked
texts() { ls "$1"/docs/*.md "$1"/docs/man/*.[37] "$1"/README "$1"/CONTRIBUTING 2> /dev/null; }

# comments FILE...: alone
comments() {
	awk '{
		while (1)
			if (inside) {
				if (!(end = index($0, "*/"))) { print; next }
				print substr($0, 1, end - 1)
				$0 = substr($0, end + 2); inside = 0
			} else if (start = index($0, "/*")) {
				$0 = substr($0, start + 2); inside = 1
			} else next
	}' "$@"
}

# all_texts TREE: these, and the comments of include/ and src/, each as one file
all_texts() {
	texts "$1"
	for folder in include src; do
		# shellcheck disable=SC2046 # our file names have no spaces
		comments $(find "$1/$folder" -name '*.[ch]') > "$tmp/comments-of-$folder"
		echo "$tmp/comments-of-$folder"
	done
}

# code FILE...: without its comments
code() {
	awk '{
		while (1)
			if (inside) {
				if (!(end = index($0, "*/"))) next
				$0 = substr($0, end + 2); inside = 0
			} else if (start = index($0, "/*")) {
				printf "%s ", substr($0, 1, start - 1)
				$0 = substr($0, start + 2); inside = 1
			} else break
		print
	}' "$@"
}

# some FILE WHAT: it is not empty
some() { test -s "$1" || fault "found nothing to check: $2"; }

# lines FILE FORMAT: a fault for each line
lines() {
	while read -r line; do
		# shellcheck disable=SC2059 # the format is ours
		fault "$(printf "$2" "$line")"
	done < "$1"
}

# -- Files --

# there TREE PATH: as it is, from src/ or docs/, or a program of ours
there() {
	for path in "$2" "src/$2" "docs/$2" "include/$2" "$2.c" "$2.cpp"; do
		test ! -e "$1/$path" || return 0
	done
	grep -qE "%D%/${2##*/}([[:space:]]|\$)" "$1/${2%/*}/local.mk" 2> /dev/null
}

# Names that stand for any file.
placeholders=' program program.c x.c x.h '

files() {
	endings='c|h|cc|cpp|hpp|sh|md|mk|awk|tsv|gp'
	all_texts "$1" | while read -r text; do
		# Not the system's headers, nor <any>_file.c.
		sed '/^\.In [^f]/d; s/<[^>]*[^.h]>/ANY/g; s/<[^f][^>]*>//g; s/[^ ]*ANY[^ ]*//g' \
		    "$text" |
		    grep -oE '[A-Za-z0-9_.%-]+(/[A-Za-z0-9_.%-]+)+|[A-Za-z0-9_-]+\.('$endings')\b' |
		    sed 's|^\./||; s|^build/||; s|[./]*$||; /^$/d' | sort -u |
		    sed "s|^|${text##*/} |"
	done > "$tmp/named"
	some "$tmp/named" "file names"
	folders=$(cd "$1" && echo ./* .ci && cd src && echo ./*)
	folders=$(echo "$folders" | tr '\n' ' ')
	find "$1/." -type d \( -name '.?*' ! -name .ci -o -name 'build*' \) -prune -o \
	    -type f -print | sed 's|.*/||' | sort -u > "$tmp/there"
	while read -r text name; do
		case $placeholders in
		*" $name "*) continue ;;
		esac
		case $name in
		*/*)	case " $folders filch " in
			*" ./${name%%/*} "* | *" ${name%%/*} "*)
				there "$1" "$name" || fault "$text names $name: no such file" ;;
			esac ;;
		*)	grep -qxF "$name" "$tmp/there" || fault "$text names $name: no such file" ;;
		esac
	done < "$tmp/named"
}

# only TREE: "only `X` includes `<Y>`"
only() {
	# shellcheck disable=SC2016 # the marks are those of the text
	cat "$1"/docs/*.md | tr '\n' ' ' | grep -oE '[Oo]nly `[^`]*` includes `<[^>]*>`' |
	    sed 's/[Oo]nly `\([^`]*\)` includes `<\([^>]*\)>`/\1 \2/' > "$tmp/only"
	some "$tmp/only" "who alone includes what"
	while read -r file header; do
		by=$(cd "$1/src" && grep -rlF "#include <$header>" . | sed 's|^\./||' | tr '\n' ' ')
		test "$by" = "$file " ||
		    fault "only $file includes <$header>, it is said; found: $by"
	done < "$tmp/only"
}

# where TREE: "`x()` in `y.c`": it is
where() {
	# shellcheck disable=SC2016 # the marks are those of the text
	cat "$1"/docs/*.md | tr '\n' ' ' | tr -s ' ' |
	    grep -oE '`[A-Za-z_0-9]+(\(\))?` in `[a-z/_0-9]+\.[ch]`' |
	    sed 's/`\([^`(]*\)[()]*` in `\([^`]*\)`/\1 \2/' | sort -u > "$tmp/where"
	some "$tmp/where" "what is in which file"
	while read -r name file; do
		case $file in */*) ;; *) file=$(cd "$1" && find src -name "$file") ;; esac
		test -e "$1/$file" || file=src/$file
		grep -qsw "$name" "$1/$file" || fault "$name is not in $file"
	done < "$tmp/where"
}

# -- Words --

# known TREE: the words of the code
known() {
	find "$1/include" "$1/src" -name '*.[ch]' > "$tmp/sources"
	# shellcheck disable=SC2046 # our file names have no spaces
	{
		code $(cat "$tmp/sources")
		${CC:-cc} -E -P -I"$1/include" "$1/include/filch.h"
		cat "$1/configure.ac" "$1"/m4/*.m4 $(find "$1" -name local.mk) 2> /dev/null
		find "$1/tests" "$1/bench" -type f -exec grep -ohE '"FILCH_[A-Z_]+"' {} +
		ls "$1/docs/man" "$1/m4" 2> /dev/null
	} | grep -oE '\b(filch|FILCH|flc|FLC)_[A-Za-z0-9_]+' | sort -u
}

dead_words() {
	known "$1" > "$tmp/known"
	some "$tmp/known" "words of the code"
	all_texts "$1" | while read -r text; do
		# Not the names of files, nor a page's title.
		sed '/^\.Dt/d; s|[A-Za-z0-9_.-]*/[A-Za-z0-9_./-]*||g' "$text" |
		    grep -oE '\b(filch|FILCH|flc|FLC)_[A-Za-z0-9_]+[*<]?' | sort -u |
		    sed "s|^|${text##*/} |"
	done > "$tmp/words"
	some "$tmp/words" "words of the documents"
	while read -r text word; do
		case $word in
		*[*\<] | *_) grep -q "^${word%[*<]}" "$tmp/known" ;;
		*) grep -qxF "$word" "$tmp/known" ;;
		esac || fault "$text names $word, which does not exist"
	done < "$tmp/words"
}

# pages TREE: what is written as a man page of ours is one
pages() {
	# shellcheck disable=SC2046 # our file names have no spaces
	{
		grep -oHE '\bfilch[a-z_0-9]*\([37]\)' $(texts "$1" | grep -v '/man/') \
		    $(find "$1/include" "$1/src" -name '*.[ch]') |
		    sed 's|^[^:]*/||; s|:\(.*\)(\(.\))| \1 \2|'
		grep -E '^\.Xr filch' "$1"/docs/man/*.[37] | sed 's|^[^:]*/||; s|:\.Xr| |'
	} | awk '{ print $1, $2 "." $3 }' | sort -u > "$tmp/pages"
	some "$tmp/pages" "references to man pages"
	while read -r text page; do
		test -e "$1/docs/man/$page" || fault "$text refers to $page, which is no page"
	done < "$tmp/pages"
}

# -- Man pages --

# section PAGE NAME: its lines
section() { awk -v name="$2" '/^\.Sh/ { on = substr($0, 5) == name } on' "$1"; }

# functions TREE: declared in public headers
functions() {
	code "$1"/include/*.h "$1"/include/*/*.h | sed '/^[[:space:]]*#/d' | tr '\n' ' ' |
	    grep -oE 'FILCH_API [^;]*;' | sed -n 's/^[^(]*[^a-z0-9_(]\([a-z0-9_]*\)(.*/\1/p' |
	    grep -v '_$' | sort
}

names() {
	functions "$1" > "$tmp/functions"
	some "$tmp/functions" "public functions"
	for page in "$1"/docs/man/*.[37]; do
		own=$(basename "${page%.*}")
		section "$page" NAME | sed -n 's/^\.Nm \([^ ]*\).*/\1/p' > "$tmp/name"
		section "$page" SYNOPSIS | sed -n 's/^\.F[no] \([^ ]*\).*/\1/p' > "$tmp/synopsis"
		some "$tmp/name" "the NAME of $own"
		while read -r name; do
			if grep -qxF "$name" "$tmp/functions"; then
				echo "$name" >> "$tmp/all_names"
				grep -qxF "$name" "$tmp/synopsis" ||
				    fault "$own: no SYNOPSIS of $name"
			else
				test "$name" = "$own" || case $name in [A-Z]*) ;;
				*) fault "$own: $name in NAME is no public function" ;;
				esac
			fi
		done < "$tmp/name"
		grep -xFf "$tmp/functions" "$tmp/synopsis" | grep -vxFf "$tmp/name" > "$tmp/lacking"
		lines "$tmp/lacking" "$own: %s is not in its NAME"
	done
	sort "$tmp/all_names" | uniq -d > "$tmp/twice"
	lines "$tmp/twice" '%s stands in two NAMEs'
	sort -u "$tmp/all_names" | comm -13 - "$tmp/functions" > "$tmp/nowhere"
	lines "$tmp/nowhere" '%s stands in no NAME'
	rm -f "$tmp/all_names"
}

# listed PAGE: the pages of its SEE ALSO, and of its text
listed() { section "$1" 'SEE ALSO' | sed -n 's/^\.Xr \(filch[^ ]*\) \([37]\).*/\1.\2/p'; }
refers() { sed -n 's/^\.Xr \(filch[^ ]*\) \([37]\).*/\1.\2/p' "$1"; }

see() {
	for page in "$1"/docs/man/*.[37]; do
		own=$(basename "$page")
		{
			test "$own" = filch.3 || echo filch.3
			test "$own" != filch.3 || ls "$1/docs/man"
			refers "$page"
			for other in "$1"/docs/man/*.[37]; do
				! listed "$other" | grep -qxF "$own" || basename "$other"
			done
		} | grep -vxF "$own" | sort -u > "$tmp/wanted"
		listed "$page" | sort -u > "$tmp/listed"
		some "$tmp/listed" "SEE ALSO of $own"
		for other in $(comm -23 "$tmp/wanted" "$tmp/listed"); do
			fault "$own: SEE ALSO has no $other"
		done
	done
	sed -n 's|^#include <\(filch/.*\)>.*|.It In \1|p' "$1/include/filch.h" > "$tmp/wanted"
	some "$tmp/wanted" "the headers of filch.h"
	find "$1/src" -name '*.[ch]' -exec cat {} + | grep -oE '"FILCH_[A-Z_]+"' | sort -u |
	    sed 's/"\(.*\)"/.It Ev \1/' > "$tmp/variables"
	some "$tmp/variables" "variables of the environment"
	cat "$tmp/wanted" "$tmp/variables" | grep -vxFf "$1/docs/man/filch.3" > "$tmp/lacking"
	lines "$tmp/lacking" 'filch.3: there is no %s'
}

counters() {
	code "$1/include/filch/metrics.h" |
	    sed -n 's/^[[:space:]]*X(\([a-z_]*\),.*"filch_.*/\1/p' > "$tmp/counters"
	some "$tmp/counters" "counters"
	while read -r counter; do
		grep -qE "^\.It Va (.* )?$counter( |\$)" "$1/docs/man/filch_metrics.3" ||
		    fault "filch_metrics.3: there is no counter $counter"
	done < "$tmp/counters"
}

# -- The index of the design, and where files have gone --

index() {
	# shellcheck disable=SC2016 # the marks are those of the text
	sed -n 's/^| .*? | `\([^`]*\)` |$/\1/p' "$1/docs/design.md" > "$tmp/index"
	test "$(wc -l < "$tmp/index")" -ge 20 || fault "design.md answers less than 20 questions"
	while read -r file; do
		test -e "$1/src/$file" || test -e "$1/$file" || fault "design.md: no file $file"
	done < "$tmp/index"
}

became() {
	sed -n 's/^| \([a-z]*\)\/ \([^|]*\) | \([^|]*\) |$/\1 \2/p' "$1/docs/files.md" |
	    tr -d , > "$tmp/gone"
	some "$tmp/gone" "files of 0.1.0"
	while read -r folder names; do
		for name in $names; do
			line=$(grep "^| $folder/ .*\b$name\b.* | " "$1/docs/files.md")
			for end in c h; do
				# One that kept its name also became others.
				test ! -e "$1/src/$folder/$name.$end" ||
				    case $line in
				    *"| "*"$folder/$name."*) ;;
				    *) fault "files.md: $folder/$name.$end is still there" ;;
				    esac
			done
		done
	done < "$tmp/gone"
}

# -- The width of prose --

prose() {
	ls "$1"/docs/*.md > "$tmp/prose"
	some "$tmp/prose" "pages of docs/"
	while read -r page; do
		test "${page##*/}" != benchmarks.md || continue
		awk 'length($0) > 90 && !/^(\||    )/ { print FNR }' "$page" |
		    sed "s|^|${page##*/}:|; s|\$| is wider than 90 columns|"
	done < "$tmp/prose" > "$tmp/wide"
	lines "$tmp/wide" '%s'
}

# -- Types of functions --

types() {
	code "$1"/include/*.h "$1"/include/*/*.h |
	    sed -n 's/^typedef .*[ *]\(filch_[a-z0-9_]*_fn\)(.*/\1/p' | sort -u > "$tmp/types"
	some "$tmp/types" "types of functions"
	while read -r type; do
		grep -qw "$type" "$1"/docs/man/*.[37] || fault "no page names $type"
		grep -qw "$type" "$1"/tests/*.[ch] || fault "no test uses $type"
	done < "$tmp/types"
}

all() {
	files "$1"; only "$1"; where "$1"; dead_words "$1"; pages "$1"; names "$1"
	see "$1"; counters "$1"
	types "$1"; index "$1"; became "$1"; prose "$1"
}

all "${top_srcdir:-.}"

# The checks themselves must be able to fail, and to pass: a tree that is right, and
# one fault at a time.
found=$status
# page NAME FUNCTION TEXT OTHER
page() {
	cat << END
.Dt $1 3
.Sh NAME
.Nm $1 ,
.Nm $2
.Nd a page
.Sh SYNOPSIS
.Ft int
.Fn $2 void
.Sh DESCRIPTION
$3
.Sh SEE ALSO
.Xr $4 3
END
}

# right DIR: a tree without a fault
right() {
	rm -rf "$1"
	mkdir -p "$1/include/filch" "$1/src/base" "$1/docs/man" "$1/tests" "$1/bench"
	printf '#include <filch/base.h>\n#include <filch/metrics.h>\n' > "$1/include/filch.h"
	{
		echo '#define FILCH_API'
		echo '/* See filch_metrics(3). */'
		echo 'FILCH_API int filch_now(void); FILCH_API int filch_own_(void);'
		echo 'typedef int filch_task_fn(void *context);'
	} > "$1/include/filch/base.h"
	{
		printf '#define FILCH_MAP(X) \\\n\tX(parks, "filch_parks_total", "naps")\n'
		echo 'FILCH_API int filch_read(void);'
	} > "$1/include/filch/metrics.h"
	printf '#include <hwloc.h>\nint flc_clock(void) { return getenv("FILCH_BIND"); }\n' \
	    > "$1/src/base/clock.c"
	# shellcheck disable=SC2016 # the marks are those of the text
	printf '%s\n' 'Only `base/clock.c` includes `<hwloc.h>`: src/base, `clock.c`,' \
	    'filch_now(), FILCH_MAP, `flc_*`, docs/man/filch_<page>.3, filch(3).' \
	    '`flc_clock()` in `base/clock.c`.' > "$1/docs/design.md"
	echo 'filch_task_fn task;' > "$1/tests/x.c"
	for n in $(seq 20); do
		# shellcheck disable=SC2016 # the marks are those of the text
		printf '| Where is %s? | `base/clock.c` |\n' "$n"
	done >> "$1/docs/design.md"
	echo '| base/ watch | base/clock.c |' > "$1/docs/files.md"
	page filch filch_now '.Fn filch_task_fn
.In filch/base.h
.It In filch/base.h
.It In filch/metrics.h
.It Ev FILCH_BIND' filch_metrics > "$1/docs/man/filch.3"
	page filch_metrics filch_read '.It Va naps , parks' filch > "$1/docs/man/filch_metrics.3"
	echo 'See include/filch.h.' > "$1/README"
	echo 'See docs/design.md.' > "$1/CONTRIBUTING"
}

# planted CHECK FILE SED: finds the fault that the sed makes in the file
planted() {
	right "$tmp/tree"
	sed "$3" "$tmp/tree/$2" > "$tmp/spoiled" && mv "$tmp/spoiled" "$tmp/tree/$2"
	status=0
	"$1" "$tmp/tree" > /dev/null
	test $status -eq 1 || { echo "planted for $1, passes: $2: $3"; found=1; }
}

status=0
right "$tmp/tree"
all "$tmp/tree"
test $status -eq 0 || { echo "a tree without a fault is refused"; found=1; }
man=docs/man
planted files docs/design.md 's|$| src/base/gone.c|'
planted files docs/design.md 's|$| base/gone|'
planted files README 's|$| gone.c|'
planted files $man/filch.3 's|^.Sh SEE|.In filch/gone.h\n&|'
planted files src/base/clock.c 's|$| /* see gone.h */|'
planted files include/filch/base.h 's|$| /*\n * see src/base/gone.c\n */|'
planted only docs/design.md 's|base/clock|base/watch|'
planted only docs/design.md 's|Only||'
planted where docs/design.md 's|flc_clock|filch_read|'
# shellcheck disable=SC2016 # the marks are those of the text
planted where docs/design.md 's|` in `|` of `|'
planted dead_words docs/design.md 's|$| filch_gone|'
planted dead_words README 's|$| FILCH_GONE|'
planted dead_words CONTRIBUTING 's|$| flc_gone()|'
planted dead_words docs/design.md 's|$| filch_gone_*|'
planted dead_words $man/filch.3 's|^.Sh SEE|.Fn filch_gone\n&|'
planted dead_words src/base/clock.c 's|$| /* as flc_gone() */|'
planted dead_words include/filch/base.h 's|filch_metrics(3)|filch_gone()|'
planted pages docs/design.md 's|$| filch_gone(3)|'
planted pages include/filch/base.h 's|filch_metrics(3)|filch_metrics(7)|'
planted pages $man/filch.3 's|^.Sh SEE|.Xr filch_gone 3\n&|'
planted names $man/filch.3 '/^.[NF][mn] filch_now/d'
planted names $man/filch.3 '/^.Nm filch_now/d'
planted names $man/filch.3 '/^.Fn filch_now/d'
planted names $man/filch.3 's|^.Nd|.Nm filch_gone\n&|'
planted names $man/filch_metrics.3 \
    's|^.N[md] filch_read|.Nm filch_now ,\n&|; s|^.Fn|.Fn filch_now\n&|'
planted names include/filch/metrics.h 's|filch_read|filch_write|'
planted see $man/filch.3 's|^.Xr filch_metrics|.Xr filch|'
planted see $man/filch_metrics.3 's|^.Xr filch 3|.Xr fork 2|'
planted see $man/filch.3 '/^.It In filch.metrics/d'
planted see $man/filch.3 '/^.It Ev/d'
planted prose docs/design.md "s|\$| $(seq 90 | tr -d '\n')|"
planted index docs/design.md '/is 7?/d'
planted index docs/design.md '/is 7?/s|clock|watch|'
planted became docs/files.md 's|watch|clock|; s|base/clock|docs|'
planted became docs/files.md d
planted types $man/filch.3 '/filch_task_fn/d'
planted types tests/x.c 's/task_fn/other_fn/'
planted types include/filch/base.h '/typedef/d'
planted counters $man/filch_metrics.3 's|parks|parked|'
planted counters include/filch/metrics.h '/X(parks/d'
# Another page: those that one refers to, and that list it, are in its SEE ALSO.
also() {
	page filch_pool filch_now "$2" filch > "$1/docs/man/filch_pool.3"
	echo "$3" >> "$1/docs/man/filch_pool.3"
	sed 's|^.Xr filch_metrics 3|& ,\n.Xr filch_pool 3|' "$1/docs/man/filch.3" \
	    > "$tmp/spoiled" &&
	    mv "$tmp/spoiled" "$1/docs/man/filch.3"
	status=0
	see "$1" > /dev/null
}
right "$tmp/tree"
also "$tmp/tree" 'It has no other.' ''
test $status -eq 0 || { echo "a page that refers to none is refused"; found=1; }
right "$tmp/tree"
also "$tmp/tree" '.Xr filch_metrics 3' ''
test $status -eq 1 || { echo "SEE ALSO may leave out what the text refers to"; found=1; }
right "$tmp/tree"
also "$tmp/tree" 'It lists one that does not list it.' '.Xr filch_metrics 3'
test $status -eq 1 || { echo "SEE ALSO may be one-sided"; found=1; }
exit $found
