#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# include/filch/base.h has the version, and nothing else says another: configure takes
# it from there, NEWS begins with it, no other file names a release.
top=${top_srcdir:-.}
status=0
fault() { echo "$*"; status=1; }

# part NAME: a number of the version
part() {
	sed -n "s/^#define FILCH_VERSION_$1 \([0-9][0-9]*\)\$/\1/p" "$top/include/filch/base.h"
}
version=$(part MAJOR).$(part MINOR).$(part PATCH)
echo "$version" | grep -qx '[0-9]*\.[0-9]*\.[0-9]*' || fault "base.h: $version"

configured=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"$/\1/p' config.h)
test "$configured" = "$version" || fault "configured as $configured, base.h has $version"
news=$(sed -n 's/^\([0-9]*\.[0-9]*\.[0-9]*\)\(,.*\)*$/\1/p' "$top/NEWS" | head -1)
test "$news" = "$version" || fault "NEWS begins with $news, base.h has $version"

# others FOLDER...: lines that name a release, but not Prometheus' text format
others() {
	grep -rnE '(^|[^0-9.])0\.[0-9]+\.[0-9]+([^0-9.]|$)' "$@" |
	    grep -vF -e "$version" -e 0.0.4
}
others "$top/include" "$top/src" "$top/docs/man" "$top/configure.ac" && fault "these name another"

# It must be able to find one.
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
echo 'the version of the library, "0.0.7".' > "$tmp/planted"
others "$tmp" > /dev/null || fault "a planted release is not found"
exit $status
