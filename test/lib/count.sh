# SPDX-License-Identifier: BSD-2-Clause
# How ./dev counts its tests. Sourced, with these set: $top, the source tree;
# $results, the file of results; $jobs; say, which prints a heading.
#
# Results are lines "PASS name", "FAIL name", "SKIP name: reason". A test that
# leaves out a part, or all, of itself prints "skipped: reason" once for each
# part; a part left out is counted beside the test, which may still pass.

start_count() { mkdir -p "$top/build"; : >"$results"; }
count() { printf '%s %s\n' "$1" "$2" >>"$results"; }

# count_one NAME LOG TRS: the result of one test of make check. In cmocka's
# output the reason stands before the line which names the case.
count_one() {
	local log=$2
	[ -r "$log" ] || log=/dev/null
	awk -v t="$1" '
	function skip(name, why) {
		print "SKIP " name ": " (why == "" ? "no reason is given" : why)
	}
	FILENAME ~ /\.trs$/ {
		if ($1 != ":test-result:")
			next
		r = $2
		if (r == "XFAIL") r = "PASS"
		if (r != "PASS" && r != "SKIP") r = "FAIL"
		if (r != "SKIP") print r, t
		next
	}
	/^\[ RUN      \] / { in_case = 1; why = "" }
	/^\[       OK \] / || /^\[  FAILED  \] / { in_case = 0 }
	# Said again in a summary, which no RUN precedes.
	/^\[  SKIPPED \] / && in_case { skip(t "/" $4, why); parts++; in_case = 0 }
	/^skipped: / {
		why = substr($0, 10, 200)
		if (!in_case && r != "SKIP") skip(t, why)
	}
	END {
		if (r == "") print "FAIL " t ": make check left no result"
		if (r == "SKIP" && parts == 0) skip(t, why)
	}' "$3" "$log" >>"$results"
}

# Runs make check in a build and counts every test of it.
check() {
	local name=$1 folder=$top/build/$1 status=0 trs t; shift
	say "make check ($name)"
	make -C "$folder" -s -j"$jobs" check "$@" >"$folder/check.log" 2>&1 ||
	    status=$?
	find "$folder" -name '*.trs' -newer "$folder/make.log" | sort \
	    >"$folder/check.tests"
	while IFS= read -r trs; do
		t=${trs#"$folder"/}
		count_one "$name: ${t%.trs}" "${trs%.trs}.log" "$trs"
	done <"$folder/check.tests"
	if [ ! -s "$folder/check.tests" ]; then
		tail -40 "$folder/check.log" >&2
		count FAIL "$name: make check ran no test"
	elif [ $status -ne 0 ] && ! grep -q "^FAIL $name: " "$results"; then
		tail -40 "$folder/check.log" >&2
		count FAIL "$name: make check failed, and no test of it"
	fi
	sed -n "s/^FAIL $name: //p" "$results" | while IFS= read -r t; do
		[ -r "$folder/$t.log" ] || continue
		printf -- '---- %s\n' "$t"; tail -30 "$folder/$t.log"
	done
}

# In CI nothing is skipped but what test/skips.allowed names, "test: why" without
# the name of the build; a name there which its test no longer skips is told.
hold_skips() {
	local list=$top/test/skips.allowed
	awk -v list="$list" '
	function bare(s) { sub(/^[a-z]+: /, "", s); return s }
	FILENAME == list {
		if ($0 ~ /^#/ || $0 == "") next
		name = $0; sub(/: .*/, "", name)
		if ($0 !~ /: ./) print "FAIL " name ": test/skips.allowed gives no reason"
		allowed[name] = 1
		next
	}
	/^(PASS|FAIL) / { ran[bare(substr($0, 6))] = 1 }
	/^SKIP / {
		name = bare(substr($0, 6)); sub(/: .*/, "", name)
		ran[name] = 1
		if (name in allowed) used[name] = 1
		else print "FAIL " substr($0, 6) " (skipped, which CI does not allow)"
	}
	END {
		for (name in allowed) {
			test = name
			if (!(test in ran)) sub(/\/[^\/]*$/, "", test)
			if (!(name in used) && test in ran)
				print "FAIL " name ": is not skipped; take it out of test/skips.allowed"
		}
	}' "$list" "$results" >"$results.held"
	cat "$results.held" >>"$results"
	rm -f "$results.held"
}

finish() {
	local passed failed skipped
	[ "${CI:-}" != true ] || hold_skips
	passed=$(grep -c '^PASS' "$results" || true)
	failed=$(grep -c '^FAIL' "$results" || true)
	skipped=$(grep -c '^SKIP' "$results" || true)
	grep '^SKIP' "$results" || true
	grep '^FAIL' "$results" || true
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
