#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What `make install` puts down is enough: the README's program compiles with
# the pkg-config line and runs, with the shared library and with libfilch.a.
top=${top_srcdir:-.}
pkg_config=${PKG_CONFIG:-pkg-config}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0
fault() { echo "$*"; status=1; }
skip() { echo "skipped: $*"; test $status -eq 0 && exit 77; exit 1; }

# program README: the first indented block that begins with an #include
program() {
	awk '
	/^(    |\t)/ { if (on || /#include/) { on = 1; sub(/^(    |\t)/, ""); print }; next }
	/^$/ { if (on) print; next }
	on { exit }' "$1"
}

# It is read the way a reader does.
printf 'filch\n\n    $ make\n\nThus:\n\n    #include <x.h>\n\n    \tint x;\n\nEnd\n    y\n' \
    > "$tmp/planted"
test "$(program "$tmp/planted")" = "$(printf '#include <x.h>\n\n\tint x;')" ||
    fault "the README's program is misread"

# The flags of the make that runs us are not for the one we run.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES
image=$tmp/image
${MAKE:-make} -s install DESTDIR="$image" > "$tmp/log" 2>&1 ||
    { cat "$tmp/log"; echo "make install failed"; exit 1; }

pc=$(find "$image" -name filch.pc)
test -n "$pc" || { echo "filch.pc is not installed"; exit 1; }
header=$(find "$image" -path '*/include/filch.h')
test -n "$header" || { echo "filch.h is not installed"; exit 1; }
for file in "$top"/include/*.h* "$top"/include/*/*.h*; do
	test -e "${header%/filch.h}/${file#"$top/include/"}" ||
	    fault "not installed: ${file#"$top/"}"
done

command -v "$pkg_config" > /dev/null || skip "no pkg-config"
# The image stands where it will not stay: point filch.pc at it.
sed -i "s#^\(prefix\|exec_prefix\|libdir\|includedir\)=/#\1=$image/#" "$pc"
PKG_CONFIG_PATH=${pc%/*}${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
test "$($pkg_config --modversion filch)" = "$(sed -n 's/^Version: //p' "$pc")" ||
    fault "pkg-config finds another filch"
libdir=$($pkg_config --variable=libdir filch)
# Of what libfilch.so stands on, a machine may have the libraries and no .pc file.
alone=$(PKG_CONFIG_LIBDIR=${pc%/*} PKG_CONFIG_PATH='' $pkg_config --cflags --libs filch 2>&1) ||
    fault "filch.pc asks for another: $alone"
PKG_CONFIG_LIBDIR=${pc%/*} PKG_CONFIG_PATH='' $pkg_config --static --libs filch > "$tmp/log" 2>&1 ||
    { cat "$tmp/log"; fault "filch.pc asks for another, with --static"; }
case $(cat "$tmp/log") in
*hwloc*) fault "a program that links libfilch.a needs no hwloc" ;;
esac
# A library for a sanitizer tells its programs to be built for it.
case $alone in
*"${SANITIZE_CFLAGS%% *}"*) ;;
*) fault "not for ${SANITIZE_CFLAGS%% *}: $alone" ;;
esac
for file in "$libdir"/*.la; do
	test ! -e "$file" || fault "libtool's ${file##*/} is installed"
done
case $($pkg_config --libs filch) in
*hwloc*) fault "a program that links the shared library needs no hwloc" ;;
esac

program "$top/README" > "$tmp/program.c"
test -s "$tmp/program.c" || { echo "README has no program"; exit 1; }

# build NAME PKG-CONFIG-FLAGS
build() {
	# shellcheck disable=SC2046,SC2086 # lists of words
	${CC:-cc} $SANITIZE_CFLAGS -std=c11 -pedantic -Wall -Wextra -Werror \
	    $($pkg_config --cflags filch) "$tmp/program.c" -o "$tmp/$1" \
	    $($pkg_config $2 --libs filch)
}
# needs_shared NAME: the program asks for libfilch.so
needs_shared() { readelf -d "$tmp/$1" | grep -q 'NEEDED.*libfilch'; }
# runs NAME
runs() {
	LD_LIBRARY_PATH=$libdir timeout 60 "$tmp/$1" > "$tmp/out" 2>&1 ||
	    { cat "$tmp/out"; fault "the $1 program fails"; }
}

if ls "$libdir"/libfilch.so > /dev/null 2>&1; then
	if build shared ''; then
		needs_shared shared || fault "the shared program has no libfilch.so"
		runs shared
	else
		fault "README's program does not build"
	fi
else
	echo "no shared library: configured static only"
fi

# A linker that finds no libfilch.so takes libfilch.a.
rm -f "$libdir"/libfilch.so*
test -e "$libdir/libfilch.a" || skip "no static library: configured shared only"
if build static --static; then
	needs_shared static && fault "the static program has libfilch.so"
	runs static
else
	fault "README's program does not link statically"
fi
exit $status
