#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A report in both forms, as other readers see it: zcat, Python's email and
# xml.etree, and, in the old form, Debian's Mail::DMARC.
set -u
build=${top_builddir:-.} source=${srcdir:-.}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "readers.sh: $*" >&2; bad=1; }

command -v python3 >/dev/null || {
	echo "skipped: python3 is missing (package python3)"; exit 77; }
for form in rfc9990 rfc7489; do
	mkdir "$dir/$form"
	"$build/test/report/write" $form "$dir/$form" >"$dir/$form/rows" ||
	    fail "$form: no report"
	zcat "$dir/$form/"*.xml.gz | cmp - "$dir/$form/report.xml" ||
	    fail "$form: zcat reads something else"
	python3 -B "$source/test/report/read.py" "$form" "$dir/$form" ||
	    fail "$form: read.py"
done
[ $bad -eq 0 ] || exit 1

perl -MMail::DMARC::Report::Receive -e 1 2>/dev/null || {
	echo "skipped: Mail::DMARC is missing (package libmail-dmarc-perl)"
	exit 77; }
perl "$source/test/report/read.pl" "$dir/rfc7489/report.xml" >"$dir/perl" ||
    fail "Mail::DMARC refuses the report"
python3 -B "$source/test/report/read.py" --totals "$dir/rfc7489" >"$dir/python" ||
    fail "read.py --totals"
diff "$dir/perl" "$dir/python" || fail "Mail::DMARC counts otherwise"
grep -q '^messages [1-9]' "$dir/perl" || fail "Mail::DMARC counts nothing"
exit $bad
