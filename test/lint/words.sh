#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Calls and marks that the house does not use, and the licence line.
set -eu
cd "${srcdir:-.}"
bad=0
product=$(ls common/*/*.[ch] milter/*.[ch] report/*/*.[ch] cli/*.[ch] 2>/dev/null || true)
outside_base=$(printf '%s\n' $product | grep -v '^common/base/')
look() { # look PATTERN CURE FILE...
	pattern=$1 cure=$2; shift 2
	if grep -nE "$pattern" "$@" /dev/null >&2; then
		echo "words: $cure" >&2; bad=1
	fi
}
# shellcheck disable=SC2086
look '\b(strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|atoi|atol|sscanf|strncpy|strncat|gets|system|popen|alloca)\(' \
    'read through cursor and str, write through text' $outside_base
# shellcheck disable=SC2086
look '^#[ \t]*include[ \t]*<ctype\.h>' 'use base/ascii.h: <ctype.h> asks the locale' $product
# shellcheck disable=SC2086
look '\b(TODO|FIXME|XXX|HACK)\b' 'do it, or say in docs/DESIGN why not' $product \
    Makefile.am configure.ac dev
# shellcheck disable=SC2086
look '^typedef (struct|union|enum)' 'no typedef for structs' $product
# shellcheck disable=SC2086
look '[ 	]+$' 'blanks at the end of a line' $product
look '(^|[^_[:alnum:]])skip\(\)' 'check_skip("reason"), so that the count of ./dev tells why' \
    $(ls test/*/*.[ch] | grep -v '^test/lib/check\.c$')
# shellcheck disable=SC2016
for f in $(grep -lE 'exit\(? ?77' -r test --include='*.sh' --include='*.p[ly]'); do
	grep -q 'skipped: ' "$f" || {
		echo "words: $f exits 77: print \"skipped: reason\" before" >&2; bad=1; }
done
for f in $(find common milter report cli test \( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o -name '*.py' \) 2>/dev/null); do
	head -3 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || {
		echo "words: $f has no SPDX line" >&2; bad=1; }
done
exit $bad
