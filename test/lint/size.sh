#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No function above 60 lines, no file above 600, no line above 100 columns.
set -eu
cd "${srcdir:-.}"
bad=0
for f in common/*/*.[ch] milter/*.[ch] report/*/*.[ch] cli/*.[ch]; do
	[ -f "$f" ] || continue
	awk -v f="$f" '
	/^\{/ { open = NR }
	/^\}/ { if (open && NR - open - 1 > 60) {
		print "size: " f ":" open ": a function of " NR - open - 1 \
		    " lines: split it" > "/dev/stderr"; bad = 1 } open = 0 }
	{ line = $0; gsub(/\t/, "        ", line)
	  if (length(line) > 100) { print "size: " f ":" NR ": " length(line) \
	      " columns" > "/dev/stderr"; bad = 1 } }
	END { if (NR > 600) { print "size: " f ": " NR " lines: split by noun" \
	    > "/dev/stderr"; bad = 1 } exit bad }' "$f" || bad=1
done
exit $bad
