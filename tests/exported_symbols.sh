#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The shared library exports what public headers declare FILCH_API, all of it
# and nothing else; the static one has no global name but filch_ and flc_.
inc=${top_srcdir:-.}/include
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL
status=0
fault() { echo "$*"; status=1; }

# declared FILE...: names declared FILCH_API: the first before a parenthesis
declared() {
	sed 's|/\*.*\*/||; /\/\*/,/\*\//d; /^[[:space:]]*#/d' "$@" |
	    tr '\n' ' ' | grep -oE 'FILCH_API [^;]*;' |
	    sed -n -e 's/^[^(]*[^a-z0-9_(]\([a-z0-9_]*\)(.*/\1/p' \
	    -e 's/^[^(]*[^a-z0-9_(]\([a-z0-9_]*\)[^(]*;$/\1/p' |
	    sort -u
}

# defined NM-FLAG LIBRARY: its global names, but those of a sanitizer
defined() {
	${NM:-nm} "$1" --defined-only "$2" 2> /dev/null |
	    awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }' | grep -v '^__odr_asan' | sort -u
}

# same DECLARED EXPORTED
same() {
	failed=0
	for name in $(comm -23 "$1" "$2"); do echo "declared, not exported: $name"; failed=1; done
	for name in $(comm -13 "$1" "$2"); do echo "exported, not declared: $name"; failed=1; done
	return $failed
}

# clean NAMES REGEX
clean() {
	test -s "$1" || { echo "no symbol found"; return 1; }
	! grep -Ev "$2" "$1" | sed 's/^/not ours: /' | grep .
}

find "$inc" -name '*.h' | grep -q . || fault "no header below $inc"
# shellcheck disable=SC2046 # our file names have no spaces
declared $(find "$inc" -name '*.h') > "$tmp/declared"
clean "$tmp/declared" '^filch_' || fault "a public declaration is not ours"

# The checks themselves must be able to fail, and to pass.
cat > "$tmp/planted.h" <<'END'
FILCH_API int filch_planted_call(int (*a)(void *),
    void *b);
/* FILCH_API int filch_planted_comment(void); */
FILCH_API const int *filch_planted_data;
#define FILCH_API nothing(x);
END
declared "$tmp/planted.h" | tr '\n' ' ' > "$tmp/planted"
test "$(cat "$tmp/planted")" = 'filch_planted_call filch_planted_data ' ||
    fault "declarations are misread: $(cat "$tmp/planted")"
declared "$tmp/planted.h" > "$tmp/planted"
same "$tmp/planted" /dev/null > /dev/null && fault "a missing symbol passes"
same /dev/null "$tmp/planted" > /dev/null && fault "a symbol too many passes"
clean /dev/null '^filch_' > /dev/null && fault "an empty list passes"
clean "$tmp/planted" '^flc_' > /dev/null && fault "a stranger passes"

skipped=
if test -e src/.libs/libfilch.a; then
	defined -g src/.libs/libfilch.a > "$tmp/static"
	clean "$tmp/static" '^(filch_|flc_)' || fault "libfilch.a takes names that are not ours"
else
	skipped="no static library"
fi
if grep -q "^dlname='..*'" src/libfilch.la; then
	defined -D src/.libs/libfilch.so > "$tmp/exported"
	clean "$tmp/exported" '^(filch_|_init$|_fini$)' || fault "exported by mistake"
	sed -i '/^_init$/d; /^_fini$/d' "$tmp/exported"
	same "$tmp/declared" "$tmp/exported" || status=1
else
	skipped="no shared library: configured static only"
fi
test $status -eq 0 || exit 1
test -z "$skipped" || { echo "$skipped"; exit 77; }
