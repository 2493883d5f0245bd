#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# What ./dev counts: a case that cmocka skips is a SKIP with its reason, a
# failure is never lost, in CI a SKIP is a FAIL unless it is allowed, and a verb
# that is stopped ends with its count all the same.
set -u
source=$(cd "${srcdir:-.}" && pwd)
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "count_test.sh: $*" >&2; bad=1; }
expect() { # expect WHAT WANT GOT
	[ "$2" = "$3" ] || fail "$1:
$3
not:
$2"
}

# counted COMMAND_LINE: what a verb prints that starts to count and runs it
counted() {
	(cd "$dir" && bash -c "
		set -euo pipefail
		exec 3>/dev/null
		top=$dir results=$dir/results jobs=1 reason= allowed_skips=$dir/allowed
		say() { printf '== %s\n' \"\$*\" >&3; }
		die() { reason=\"\$*\"; exit 1; }
		is_root() { true; }
		as_root() { \"\$@\"; }
		end_installing() { :; }
		. '$source/test/dev/count.sh'
		start_count
		$1" 2>/dev/null)
	echo "status $?"
}

# ---- the log of one test

cat >"$dir/cmocka.log" <<'LOG'
[==========] Running 4 test(s).
[ RUN      ] first
[       OK ] first
[ RUN      ] second
skipped: PostgreSQL is missing (package postgresql)
[  SKIPPED ] second
[ RUN      ] third
[  SKIPPED ] third
[ RUN      ] fourth
skipped: is only said
[       OK ] fourth
[==========] 4 test(s) run.
[  PASSED  ] 2 test(s).
[  SKIPPED ] 2 test(s), listed below:
[  SKIPPED ] second
[  SKIPPED ] third
LOG
printf 'skipped: python3 is missing (package python3)\nSKIP x.sh (exit status: 77)\n' >"$dir/whole.log"
printf 'skipped: no tool for one part\n' >"$dir/part.log"
log() { counted "results_of 'b: t' $1 $dir/$2.log; is_counting=no" | sed '$d'; }
expect "cases that cmocka skips" "PASS b: t
SKIP b: t: second: PostgreSQL is missing (package postgresql)
SKIP b: t: third: it gives no reason" "$(log PASS cmocka)"
expect "a skip in a test that fails" "FAIL b: t
SKIP b: t: second: PostgreSQL is missing (package postgresql)
SKIP b: t: third: it gives no reason" "$(log FAIL cmocka)"
expect "a whole script" "SKIP b: t: python3 is missing (package python3)" \
    "$(log SKIP whole)"
expect "a part of a script" "PASS b: t
SKIP b: t: no tool for one part" "$(log PASS part)"
expect "an error" "FAIL b: t" "$(log ERROR none)"
expect "a pass that was not to be" "FAIL b: t" "$(log XPASS none)"

# ---- the count

: >"$dir/allowed"
all='count PASS a; count PASS b; count "SKIP" "c: no IPv6";'
expect "a skip" "SKIP c: no IPv6
2 passed, 0 failed, 1 skipped
status 0" "$(CI='' counted "$all finish")"
expect "no skip in CI" "2 passed, 0 failed, 0 skipped
status 0" "$(CI=true counted 'count PASS a; count PASS b; finish')"
expect "a skip in CI" "SKIP c: no IPv6
FAIL not skipped in CI: c: no IPv6
2 passed, 1 failed, 1 skipped
status 1" "$(CI=true counted "$all finish")"
printf '# a reason\n?: no IPv6\n' >"$dir/allowed"
expect "a skip that is allowed in CI" "SKIP c: no IPv6
2 passed, 0 failed, 1 skipped
status 0" "$(CI=true counted "$all finish")"
expect "another skip in CI" "SKIP c: no IPv4
FAIL not skipped in CI: c: no IPv4
0 passed, 1 failed, 1 skipped
status 1" "$(CI=true counted 'count SKIP "c: no IPv4"; finish')"
expect "a failure" "FAIL b
1 passed, 1 failed, 0 skipped
status 1" "$(CI='' counted 'count PASS a; count FAIL b; finish')"
expect "nothing at all" "0 passed, 0 failed, 0 skipped
status 1" "$(CI='' counted finish)"

expect "a list that is not there" "SKIP c: no IPv6
FAIL $dir/none cannot be read
2 passed, 1 failed, 1 skipped
status 1" "$(CI=true counted "allowed_skips=$dir/none; $all finish")"
grep -q '^\*: test/unit/' "$source/test/dev/skips.txt" ||
    fail "test/dev/skips.txt has no pattern"

# ---- what stops a verb

expect "a step that dies" "FAIL the build: no compiler
1 passed, 1 failed, 0 skipped
status 1" "$(CI='' counted 'count PASS a; step="the build"; die no compiler')"
expect "a command that fails" "FAIL here: stopped with exit status 3
1 passed, 1 failed, 0 skipped
status 1" "$(CI='' counted 'count PASS a; step=here; (exit 3); count PASS b')"
expect "a signal" "FAIL here: ended by a signal
0 passed, 1 failed, 0 skipped
status 1" "$(CI='' counted 'step=here; kill -TERM $$; sleep 60')"

# ---- one command as one test

mkdir -p "$dir/build"
expect "one that passes" "1 passed, 0 failed, 0 skipped
status 0" "$(CI='' counted 'one title true; finish')"
one=$(CI='' counted 'both() { false; true; }; one "a title" both; finish')
expect "one whose first half fails" "FAIL a title:  ($dir/build/a_title.log)
0 passed, 1 failed, 0 skipped
status 1" "$one"
one=$(CI='' counted 'gone() { echo the reason; exit 9; }; one "a title" gone; finish' |
    grep -v '^the reason$')
expect "one that exits the script" "FAIL a title: the reason ($dir/build/a_title.log)
0 passed, 1 failed, 0 skipped
status 1" "$one"
exit $bad
