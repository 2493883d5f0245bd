#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The script that cron and the timer run: its order, that it cannot overlap, and
# what its exit status is.
set -u
conf=${top_builddir:-.}/conf
script=$conf/aplomb-reports
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
export APLOMB_LOCK="$dir/lock" APLOMB="$dir/aplomb"
bad=0 all='import;report send;report send-failures;expire;'
fail() { echo "cron.sh: $*" >&2; bad=1; }
expect() { # expect WHAT WANT GOT
	[ "$2" = "$3" ] || fail "$1: $3, not $2"
}

cat >"$dir/aplomb" <<STUB
#!/bin/sh
echo "\$*" >>"$dir/calls"
echo "what goes well"
if [ -e "$dir/wait" ]; then
	: >"$dir/started"
	while [ -e "$dir/wait" ]; do sleep 0.05; done
fi
[ "\$*" != "\$(cat "$dir/fails" 2>/dev/null)" ] || { echo bad >&2; exit 75; }
STUB
chmod +x "$dir/aplomb"
calls() { tr '\n' ';' <"$dir/calls"; rm -f "$dir/calls"; }

sh "$script" >"$dir/out" 2>&1
expect "its status" 0 $?
expect "its order" "$all" "$(calls)"
expect "it prints" '' "$(cat "$dir/out")"

# A step that fails keeps no other from its work, and is told.
echo import >"$dir/fails"
sh "$script" >"$dir/out" 2>&1
expect "the status when a step fails" 75 $?
expect "the order when a step fails" "$all" "$(calls)"
expect "it prints when a step fails" bad "$(cat "$dir/out")"
rm "$dir/fails"

# While one runs, another does nothing.
: >"$dir/wait"
sh "$script" &
first=$!
n=0
while [ ! -e "$dir/started" ] && [ $n -lt 200 ]; do n=$((n + 1)); sleep 0.05; done
sh "$script"
expect "the status of a second one" 0 $?
expect "what a second one does" 'import;' "$(calls)"
rm "$dir/wait"
wait $first
expect "the first one goes on" 'report send;report send-failures;expire;' "$(calls)"
sh "$script"
expect "after that" "$all" "$(calls)"

APLOMB_LOCK=$dir/none/lock sh "$script" 2>/dev/null
[ $? -ne 0 ] || fail "a lock that cannot be made is not told"

# The line of the sample for cron does all of it, whether systemd runs here or
# not; and no other line of the sample is in force.
line=$(grep -v '^#' "$conf/aplomb.cron")
command=${line#17 \* \* \* \* aplomb }
case $command in
/*/aplomb-reports) ;;
*) fail "aplomb.cron has other lines than the script's: $line" ;;
esac
sh -c "sh ${script%/*}/${command##*/}"
expect "the line for cron" "$all" "$(calls)"
grep -q "^ExecStart=${command}\$" "$conf/aplomb-reports.service" ||
    fail "aplomb-reports.service does not run what cron runs"
exit $bad
