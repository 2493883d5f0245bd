# SPDX-License-Identifier: BSD-2-Clause
# For ./dev: what passed, failed and was skipped.

# Results are lines "PASS name", "FAIL name", "SKIP name: reason".
is_counting=no step= attended=
start_count() {
	mkdir -p build
	: >"$results"
	is_counting=yes
}
count() { printf '%s %s\n' "$1" "$2" >>"$results"; }

# A verb that counts ends with its count, whatever stops it.
at_exit() {
	local status=$?
	set +e
	end_installing
	end_attended
	[ $is_counting = yes ] || return 0
	count FAIL "${step:-dev}: ${reason:-stopped with exit status $status}"
	finish
	exit 1
}
trap at_exit EXIT
trap 'reason="interrupted" ; exit 130' INT
trap 'reason="ended by a signal"; exit 143' TERM

# Ends what is still attended: servers of root's among it.
end_attended() {
	[ -n "$attended" ] || return 0
	as_root kill -TERM -- "-$attended" 2>/dev/null
	wait "$attended" 2>/dev/null
	attended=
}

# Runs a command, its output into a log, and shows every half minute that it is
# at work: what HOW_FAR prints, and the time. Its exit status is left in
# attend_status: in "if attend" or "attend ||" bash would ignore what fails
# inside.
attend() { # attend LOG HOW_FAR COMMAND...
	local log=$1 how_far=$2 start=$SECONDS told=$SECONDS pid; shift 2
	set -m # a process group of its own, which ends whole if this ends early
	(set -e; "$@") >"$log" 2>&1 &
	set +m
	pid=$! attended=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 0.5
		[ $((SECONDS - told)) -ge 30 ] || continue
		told=$SECONDS
		is_root || sudo -n -v 2>/dev/null || true # so that it need not ask again
		say "  $("$how_far") $(((SECONDS - start) / 60)) min $(((SECONDS - start) % 60)) s"
	done
	attend_status=0
	wait $pid || attend_status=$?
	attended=
}

# The results in the log of a test that make check ran: its own and, where it is
# a program of cmocka, one SKIP for each case that it skips, with the reason that
# check_skip() prints.
results_of() { # results_of NAME RESULT LOG
	case $2 in
	PASS | XFAIL) echo "PASS $1" ;;
	SKIP)
		local why
		why=$(sed -n 's/^skipped: //p' "$3" | tail -1 | cut -c1-200)
		echo "SKIP $1: ${why:-it gives no reason}"
		return
		;;
	*) echo "FAIL $1" ;;
	esac
	[ ! -r "$3" ] || awk -v name="$1" '
	/^\[ RUN      \] / { running = $0; sub(/^\[ RUN      \] /, "", running)
		reason = "it gives no reason" }
	/^skipped: / { reason = substr($0, 10)
		if (running == "") print "SKIP " name ": " reason }
	/^\[  SKIPPED \] / && running != "" {
		print "SKIP " name ": " running ": " reason; running = "" }
	/^\[ +(OK|FAILED|ERROR) +\] / { running = "" }' "$3"
}

# Runs make check in a build and counts every test of it.
check() {
	local name=$1 folder=$top/build/$1; shift
	step="make check ($name)"
	say "$step"
	local total trs test found=no
	total=$(make -C "$folder" -s print-tests "$@" | wc -w)
	tests_done() {
		local n
		n=$(find "$folder" -name '*.trs' -newer "$folder/make.log" | wc -l)
		if [ "$n" -eq 0 ]; then printf 'building the tests,'
		else printf '%s of %s tests,' "$n" "$total"; fi
	}
	attend "$folder/check.log" tests_done \
	    make -C "$folder" -s -j"$jobs" check "$@"
	while IFS= read -r trs; do
		found=yes
		test=${trs#"$folder"/} test=${test%.trs}
		results_of "$name: $test" \
		    "$(sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' "$trs" | head -1)" \
		    "$folder/$test.log" >>"$results"
	done < <(find "$folder" -name '*.trs' -newer "$folder/make.log" | sort)
	if [ $found = no ]; then
		tail -40 "$folder/check.log" >&2
		count FAIL "$name: make check ran no test ($folder/check.log)"
	elif [ $attend_status -ne 0 ] && ! grep -q "^FAIL $name: " "$results"; then
		tail -40 "$folder/check.log" >&2
		count FAIL "$name: make check stopped ($folder/check.log)"
	fi
	sed -n "s/^FAIL $name: //p" "$results" | while read -r test; do
		[ -r "$folder/$test.log" ] || continue
		printf -- '---- %s\n' "$test"; tail -30 "$folder/$test.log"
	done
}

# Runs one command as one test.
one() {
	local title=$1 log; shift
	log=$top/build/$(printf %s "$title" | tr -c 'a-zA-Z0-9\n' _).log
	step=$title
	say "$title"
	only_time() { :; }
	attend "$log" only_time "$@"
	if [ $attend_status -eq 0 ]; then
		count PASS "$title"
	else
		count FAIL "$title: $(tail -1 "$log" | cut -c1-200) ($log)"
		tail -40 "$log"
	fi
}

# In CI every test has to run: a SKIP fails there, unless a pattern of
# test/dev/skips.txt says that no package could help.
fail_skips() {
	local line pattern ok allowed=${allowed_skips:-$top/test/dev/skips.txt}
	[ -r "$allowed" ] || { count FAIL "$allowed cannot be read"; return; }
	{ grep '^SKIP ' "$results" || true; } | while IFS= read -r line; do
		ok=no
		while IFS= read -r pattern; do
			case $pattern in '' | '#'*) continue ;; esac
			# shellcheck disable=SC2254
			case ${line#SKIP } in $pattern) ok=yes ;; esac
		done <"$allowed"
		[ $ok = yes ] || count FAIL "not skipped in CI: ${line#SKIP }"
	done
}

# Tells what was skipped and what failed, and the count as the last line.
finish() {
	is_counting=no
	[ -z "${CI:-}" ] || fail_skips
	local passed failed skipped
	passed=$(grep -c '^PASS' "$results" || true)
	failed=$(grep -c '^FAIL' "$results" || true)
	skipped=$(grep -c '^SKIP' "$results" || true)
	grep '^SKIP' "$results" || true
	grep '^FAIL' "$results" || true
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
