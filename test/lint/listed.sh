#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every case file, recording, unit test and fuzz target of the tree is run by
# make check; every sample is installed, and named where one looks for it.
set -eu
cd "${srcdir:-.}"
bad=0
for f in test/cases/*.case; do
	grep -qF "	$f" test/case/cases.am || {
		echo "listed: $f is not in test/case/cases.am" >&2; bad=1; }
done
for f in test/mta/recorded/*.milter; do
	grep -qF "	$f" test/mta/recorded.am || {
		echo "listed: $f is not in test/mta/recorded.am" >&2; bad=1; }
done
# The suite is played by area: the word in front of a file's name.
for area in $(ls test/suite | sed -n 's/-.*\.case$//p' | sort -u); do
	grep -qF "test/suite/$area.area" test/suite/suite.am || {
		echo "listed: $area is no area of test/suite/suite.am" >&2
		bad=1; }
done
awk '
function complain(what) { print "listed: " FILENAME ": " what; bad = 1 }
FNR == 1 { is_ours = 0 }
FNR == 1 && !/^# RFC [0-9]+ [^:]+: .+\.$/ { complain("no RFC and why") }
/^extra/ { is_ours = 1; next }
is_ours { complain("a neutral line behind an extra one"); is_ours = 0 }
END { exit bad }' test/suite/*.case >&2 || bad=1
for f in test/unit/*.c test/fuzz/*.c; do
	name=${f%.c}
	case $name in
	test/fuzz/replay | *_fixture) continue ;; # parts of others
	esac
	grep -qE "^(unit_tests|fuzz_targets) \+?=.*$name( |\$)|^	.*$name( |\$)" \
	    common/*/*.am milter/*.am report/*/*.am cli/*.am test/*/*.am || {
		echo "listed: $name is in no fragment" >&2; bad=1; }
done
for f in conf/*.in conf/*.timer; do
	f=${f%.in}
	grep -qE "[ 	]$f( |\$)" conf/conf.am || {
		echo "listed: $f is not installed by conf.am" >&2; bad=1; }
	grep -qF "${f#conf/}" README.md || {
		echo "listed: $f is not named in README.md" >&2; bad=1; }
done
exit $bad
