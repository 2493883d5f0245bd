#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# common/ has no writable statics: thread safety by absence. log is the one
# module with state of the process, and what a name below says of itself.
set -eu
archive=${top_builddir:-.}/libcommon.a
[ -f "$archive" ] || { echo "statics: $archive is not built" >&2; exit 1; }
# Data, bss and common symbols that are written; sanitizers, coverage and
# constants with relocations (.data.rel.ro) have names of their own.
for tool in nm objdump; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is missing (package binutils)"; exit 77; }
done
found=$(nm -A "$archive" | awk '
	$2 ~ /^[bBdDC]$/ || $3 ~ /^[bBdDC]$/ {
		file = $1; sub(/.*libcommon\.a:/, "", file); sub(/:.*/, "", file)
		name = $NF
		if (name ~ /^(__|\.|_ZT|llvm|asan|\.L)/) next
		print file ": " name
	}' | while IFS=': ' read -r file name; do
	case "$file $name" in
	log.o\ *|libcommon_a-log.o\ *) continue ;;
	spf*.o\ once*|*.o\ handlers_once*) continue ;; # libspf2 has process-wide handlers
	esac
	# A relocated constant lies in .data.rel.ro, which nm also calls "d".
	if objdump -t "$archive" 2>/dev/null |
	    awk -v n="$name" '$NF == n && $0 ~ /\.data\.rel\.ro/ { hit = 1 } END { exit !hit }'; then
		continue
	fi
	echo "$file: $name"
done)
[ -z "$found" ] && exit 0
echo "statics: writable statics in common/ (make them const, or a member of" >&2
echo "something that a caller owns):" >&2
echo "$found" >&2
exit 1
