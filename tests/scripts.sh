#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every script of ours parses, can be executed, and is clean under shellcheck
# if there is one.
cd "${top_srcdir:-.}" || exit 99
status=0
fault() { echo "$*"; status=1; }

# ours: scripts that no tool has generated
ours() {
	# shellcheck disable=SC2038 # our file names have no spaces
	find . \( -name 'build*' -o -name .git -o -name autom4te.cache \) -type d -prune -o \
	    -type f -exec grep -lE '^#! ?/(usr/)?bin/(env )?(ba)?sh' {} + |
	    xargs grep -LE '^# Generated .*by '
}

scripts=$(ours)
for want in ./bootstrap ./.ci/run ./tests/scripts.sh; do
	echo "$scripts" | grep -qxF "$want" || fault "$want was not found"
done
for script in $scripts; do
	test -x "$script" || fault "$script cannot be executed"
	case $(head -n 1 "$script") in
	*bash) shell='bash' ;;
	*) shell='sh' ;;
	esac
	command -v $shell > /dev/null || continue
	$shell -n "$script" || fault "$script does not parse"
done
if command -v shellcheck > /dev/null; then
	# shellcheck disable=SC2086 # a list; our file names have no spaces
	shellcheck -x $scripts || status=1
else
	echo "no shellcheck: parsed only"
fi
exit $status
