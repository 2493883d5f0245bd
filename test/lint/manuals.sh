#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every manual page is clean mdoc. Skipped (77) where mandoc is missing.
set -eu
cd "${srcdir:-.}"
command -v mandoc >/dev/null || { echo "skipped: mandoc is missing (package mandoc)"; exit 77; }
bad=0
for page in docs/*.[158].in; do
	[ -f "$page" ] || continue
	out=$(mandoc -Tlint -W warning "$page") || true
	[ -z "$out" ] || { printf '%s\n' "$out" >&2; bad=1; }
done
exit $bad
