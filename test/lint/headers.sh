#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every header compiles alone, and has a guard named after its path.
set -eu
src=$(cd "${srcdir:-.}" && pwd)
bad=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for h in "$src"/common/*/*.h "$src"/milter/*.h "$src"/cli/*.h \
    "$src"/report/*/*.h "$src"/test/lib/*.h; do
	[ -f "$h" ] || continue
	name=${h#"$src"/}
	short=${name#common/}
	guard=APLOMB_$(printf %s "$short" | tr 'a-z./-' 'A-Z___')
	grep -q "^#ifndef $guard\$" "$h" || {
		echo "headers: $name: its guard is not $guard" >&2; bad=1; }
	printf '#include "%s"\n' "$short" >"$tmp/h.c"
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	    -I"$src/common" -I"$src" $(pkg-config --cflags opendkim libcares \
	    libpsl libcrypto libidn2 jansson libxml-2.0 zlib \
	    cmocka) \
	    -fsyntax-only "$tmp/h.c" || {
		echo "headers: $name does not compile alone" >&2; bad=1; }
done
exit $bad
