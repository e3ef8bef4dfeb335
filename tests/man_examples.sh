#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each program in a man page's EXAMPLES compiles as strict C11 and succeeds, and
# mandoc and groff have nothing to say of any page.
top=${top_srcdir:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }

# programs PAGE PREFIX: the displays of its EXAMPLES as PREFIX-1.c, ...
programs() {
	awk -v prefix="$2" '
	/^\.Sh/ { on = /EXAMPLES/ }
	on && /^\.Bd -literal/ { inside = 1; out = prefix "-" ++n ".c"; next }
	/^\.Ed/ { inside = 0 }
	inside { gsub(/\\e/, "\\"); sub(/^\\&/, ""); print > out }' "$1"
}

# builds PROGRAM: against the library of this build, which is not installed
builds() {
	# shellcheck disable=SC2086 # lists of words
	./libtool --silent --tag=CC --mode=link ${CC:-cc} $SANITIZE_CFLAGS -std=c11 -pedantic \
	    -Wall -Wextra -Werror -I"$top/include" "$1.c" -o "$1" src/libfilch.la
}

# succeeds PROGRAM
succeeds() {
	builds "$1" > "$1.log" 2>&1 || { cat "$1.log"; fault "${1##*/} does not build"; return; }
	timeout 60 "$1" > "$1.log" 2>&1 || { cat "$1.log"; fault "${1##*/} fails"; }
}

# renders PAGE
renders() {
	: > "$tmp/lint"
	# Which pages are installed here is no matter; docs_names.sh knows ours.
	! command -v mandoc > /dev/null || mandoc -Tlint "$1" 2>&1 |
	    grep -vE 'outdated mandoc.db|referenced manual not found' > "$tmp/lint"
	! command -v groff > /dev/null ||
	    groff -ww -mandoc -Tutf8 "$1" 2>> "$tmp/lint" > /dev/null
	test ! -s "$tmp/lint" || { cat "$tmp/lint"; false; }
}

for tool in mandoc groff; do
	command -v $tool > /dev/null || echo "no $tool: pages are not judged by it"
done
for page in "$top"/docs/man/*.[37]; do
	test -e "$page" || { fault "no man pages"; break; }
	name=$(basename "$page")
	renders "$page" || fault "$name does not render cleanly"
	programs "$page" "$tmp/$name"
	test -e "$tmp/$name-1.c" || fault "$name has no example"
done
for program in "$tmp"/*.c; do
	succeeds "${program%.c}"
done

# The checks themselves must be able to fail.
found=$status
# planted LINE CHECK...
planted() {
	printf '.Sh EXAMPLES\n.Bd -literal\n%s\n.Ed\n' "$1" > "$tmp/planted.3"
	rm -f "$tmp"/planted-*
	programs "$tmp/planted.3" "$tmp/planted"
	status=0
	succeeds "$tmp/planted-1" > /dev/null
	test $status -eq "$2" || { echo "planted, wants $2: $1"; found=1; }
}
planted 'int main(void) { return 0; }' 0
planted 'int main(void) { return 1; }' 1
planted 'int main(void) { return nothing; }' 1
planted 'int main(void) { return "\en"[0] != 10; }' 0
# refused TOOL LINE: with that line a page of ours is not clean
refused() {
	command -v "$1" > /dev/null || return 0
	{ cat "$top/docs/man/filch_select.3"; echo "$2"; } > "$tmp/planted.3"
	! renders "$tmp/planted.3" > /dev/null || { echo "planted for $1, passes: $2"; found=1; }
}
refused mandoc "$(awk 'BEGIN { while (n++ < 20) printf "word " }')"
refused groff '.Unknown'
exit $found
