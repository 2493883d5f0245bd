#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# ./dev counts what is skipped inside a test, and CI does not let it pass.
set -u
source=$(cd "${srcdir:-.}" && pwd)
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
top=$dir results=$dir/build/results jobs=1 bad=0
say() { :; }
. "$source/test/lib/count.sh"
mkdir -p "$dir/build/fake/t" "$dir/test"
: >"$dir/test/skips.allowed"

# A build whose check leaves what automake's would.
cat >"$dir/build/fake/Makefile" <<'TXT'
check: ; @sh ./play
TXT
touch -d '1 hour ago' "$dir/build/fake/make.log"
result() { # result TEST RESULT: its log is standard input
	printf ':test-result: %s\n:global-test-result: %s\n' "$2" "$2" \
	    >"$dir/build/fake/t/$1.trs"
	cat >"$dir/build/fake/t/$1.log"
}
play() { # play CI STATUS: counts what was left there
	rm -f "$dir/out"
	start_count
	(CI=$1; check fake >"$dir/shown" 2>&1; finish) >"$dir/out"
	got=$?
	[ $got -eq "$2" ] || fail "CI=$1: finish returns $got, not $2"
}
fail() { echo "counting: $*" >&2; sed 's/^/	/' "$dir/out" >&2; bad=1; }
has() { grep -qxF "$1" "$dir/out" || fail "no line \"$1\""; }
ends() { [ "$(tail -1 "$dir/out")" = "$1" ] || fail "does not end \"$1\""; }

echo 'exit 0' >"$dir/build/fake/play"
result good PASS <<'TXT'
[==========] Running 1 test(s).
[ RUN      ] one
[       OK ] one
TXT
play '' 0; ends '1 passed, 0 failed, 0 skipped'
play true 0; ends '1 passed, 0 failed, 0 skipped'

# Cases of cmocka, parts of a script, and a whole script.
result unit PASS <<'TXT'
[ RUN      ] one
skipped: no root
[  SKIPPED ] one
[ RUN      ] two
[       OK ] two
[ RUN      ] three
[  SKIPPED ] three
[==========] 3 test(s) run.
[  PASSED  ] 1 test(s).
[  SKIPPED ] 2 test(s), listed below:
[  SKIPPED ] one
[  SKIPPED ] three

 2 SKIPPED TEST(S)
TXT
result part PASS <<'TXT'
skipped: no perl
skipped: no python
TXT
result whole SKIP <<'TXT'
skipped: no mandoc
TXT
result dumb SKIP </dev/null
play '' 0
has 'SKIP fake: t/unit/one: no root'
has 'SKIP fake: t/unit/three: no reason is given'
has 'SKIP fake: t/part: no perl'
has 'SKIP fake: t/part: no python'
has 'SKIP fake: t/whole: no mandoc'
has 'SKIP fake: t/dumb: no reason is given'
ends '3 passed, 0 failed, 6 skipped'
play true 1
has 'FAIL fake: t/unit/one: no root (skipped, which CI does not allow)'
ends '3 passed, 6 failed, 6 skipped'

# What is allowed, what no longer has to be, what this run did not play.
rm "$dir/build/fake/t/part."* "$dir/build/fake/t/dumb."*
cat >"$dir/test/skips.allowed" <<'TXT'
# A remark.
t/unit/one: there is no root
t/unit/three: there is no three
t/whole: there is no mandoc
t/elsewhere/one: another verb plays it
TXT
play true 0; ends '2 passed, 0 failed, 3 skipped'
echo 't/unit/two: once' >>"$dir/test/skips.allowed"
echo 't/good: once' >>"$dir/test/skips.allowed"
play true 1
has 'FAIL t/unit/two: is not skipped; take it out of test/skips.allowed'
has 'FAIL t/good: is not skipped; take it out of test/skips.allowed'
ends '2 passed, 2 failed, 3 skipped'
play '' 0
echo 't/whole:' >"$dir/test/skips.allowed"
play true 1; has 'FAIL t/whole:: test/skips.allowed gives no reason'

# Failures, and a make that fails beside its tests.
: >"$dir/test/skips.allowed"
rm "$dir/build/fake/t/"*
result good PASS </dev/null
result broken ERROR </dev/null
result odd XPASS </dev/null
result known XFAIL </dev/null
play '' 1; ends '2 passed, 2 failed, 0 skipped'
rm "$dir/build/fake/t/broken."* "$dir/build/fake/t/odd."*
echo 'exit 1' >"$dir/build/fake/play"
play '' 1; has 'FAIL fake: make check failed, and no test of it'
rm "$dir/build/fake/t/"*
play '' 1; has 'FAIL fake: make check ran no test'

exit $bad
