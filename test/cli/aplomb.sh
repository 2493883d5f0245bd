#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The command aplomb as its users meet it: what it prints, where, and its exit
# status. No configuration of the machine is looked at.
set -u
aplomb=${APLOMB:-${top_builddir:-.}/aplomb}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
conf=$dir/conf bad=0 rows=0

fail() { echo "aplomb.sh: $*" >&2; bad=1; }

# run STATUS ARGUMENT...: leaves the output in $dir/out and $dir/err
run() {
	want=$1; shift
	rows=$((rows + 1)) line="aplomb $*"
	"$aplomb" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	[ $got -eq "$want" ] || fail "$line: exit $got, not $want: $(cat "$dir/err")"
}
out() { # out TEXT: all of standard output, and nothing on standard error
	[ "$(cat "$dir/out")" = "$1" ] || fail "$line: prints: $(cat "$dir/out")"
	[ ! -s "$dir/err" ] || fail "$line: complains: $(cat "$dir/err")"
}
err() { # err TEXT: all of standard error, and nothing on standard output
	[ "$(cat "$dir/err")" = "$1" ] || fail "$line: complains: $(cat "$dir/err")"
	[ ! -s "$dir/out" ] || fail "$line: prints: $(cat "$dir/out")"
}
has() { # has STREAM TEXT: a line of it
	grep -qxF -- "$2" "$dir/$1" || fail "$line: no line \"$2\" in: $(cat "$dir/$1")"
}

usage='usage: aplomb [-c FILE] COMMAND [ARGUMENT...]
       aplomb -V | -h'
config='
commands:
  config check         Look for mistakes in the configuration.
  config show          Print the configuration that is in force.'
all="$usage
$config
  expire               Delete from the store what is older than retention.
  import               Count the history's messages in the store.
  report bounce        Take a bounce of a report from FILE, or - for standard input.
  report list          List days, domains, and what became of their reports.
  report preview       Show the reports that would be made, or write them as files.
  report send          Make the reports of the days that are over, and send them.
  report send-failures Send the failure reports that the daemon has written down.
  report show          Show a report: its destinations and its rows.
  report suppress      List who gets no reports, or change that.
  store upgrade        Bring the store's tables up to date.
  help                 List the commands, or explain one.

The manual is aplomb(1), the configuration's aplomb.conf(5)."

# ---- help and version

run 0 --help; out "$all"
run 0 -h; out "$all"
run 0 help; out "$all"
run 64; err "$all"
run 64 -c "$conf"; err "$all"
run 0 help config; out "$usage
$config"
run 0 config --help; out "$usage
$config"
run 0 config -h
run 0 help config check; out 'usage: aplomb [-c FILE] config check

Look for mistakes in the configuration.'
run 0 config check --help; out 'usage: aplomb [-c FILE] config check

Look for mistakes in the configuration.'
run 0 help help; out 'usage: aplomb [-c FILE] help [COMMAND]

List the commands, or explain one.'
run 0 -V; out "$(cat "$dir/out")"; grep -qE '^aplomb [0-9]+\.[0-9]+\.[0-9]+$' "$dir/out" || fail "-V: $(cat "$dir/out")"
run 0 --version; out "$("$aplomb" -V)"
# Each command of the list explains itself, and refuses what it does not know.
commands=$("$aplomb" -h | sed -n '/^commands:/,/^$/s/^  \(.\{20\}\).*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 13 ] || fail "commands: $commands"
while read -r command; do
	for word in --help -h; do
		# shellcheck disable=SC2086
		run 0 $command $word
		[ ! -s "$dir/err" ] || fail "$line: complains"
		grep -qE "^usage: aplomb \[-c FILE\] $command( |$)" "$dir/out" ||
		    fail "$line: prints: $(cat "$dir/out")"
	done
	# shellcheck disable=SC2086
	run 64 $command --no-such-option
	has err 'aplomb: unknown option --no-such-option'
	[ ! -s "$dir/out" ] || fail "$line: prints"
done <<TXT
$commands
TXT

# ---- wrong command lines: what, then the usage, as aplombd words it

run 64 -x; err "aplomb: unknown option -x
$usage"
run 64 --verbose; err "aplomb: unknown option --verbose
$usage"
run 64 -c; err "aplomb: an argument is missing after -c
$usage"
run 64 -c ''  config show; err "aplomb: the file name after -c is empty
$usage"
run 64 config show -x; err "aplomb: unknown option -x
$usage"
run 64 config show -c "$conf"; err "aplomb: -c FILE stands before the command
$usage"
run 64 config show now; err "aplomb: unexpected argument now
$usage"
run 64 help config check now; err "aplomb: unexpected argument now
$usage"
run 64 config; has err 'aplomb: a command is missing after config'
run 64 config chekc; has err 'aplomb: unknown command config chekc; did you mean config check?'
run 64 confg check; has err 'aplomb: unknown command confg; did you mean config?'
run 64 imprt; has err 'aplomb: unknown command imprt; did you mean import?'
run 64 help delivr; has err 'aplomb: unknown command delivr'
run 64 ''; has err 'aplomb: unknown command '
run 64 check; has err 'aplomb: unknown command check'

# ---- config show

run 78 -c "$dir/none" config show
err "$dir/none: cannot be read: No such file or directory; a configuration is a readable file of at most 1048576 bytes"
run 78 -c "$dir" config check
err "$dir: cannot be read: Is a directory; a configuration is a readable file of at most 1048576 bytes"

: >"$conf"
run 0 -c "$conf" config show; has out 'dns-timeout = 10'; has out 'mode = enforce'
cp "$dir/out" "$dir/defaults"
run 0 -c "$dir/defaults" config show; out "$(cat "$dir/defaults")"
run 0 -c "${top_builddir:-.}/conf/aplomb.conf" config show; out "$(cat "$dir/defaults")"
printf 'mode = monitor\noverride "a b" { treat-as = none }\n' >"$conf"
run 0 -c "$conf" config show; has out 'mode = monitor'; has out 'override "a b" {'
cp "$dir/out" "$dir/shown"
run 0 -c "$dir/shown" config show; out "$(cat "$dir/shown")"
run 0 -c "$conf" config show; cmp -s "$dir/shown" "$dir/out" || fail 'config show is not stable'

# ---- config check

printf 'history = ""\n' >"$conf"
run 0 -c "$conf" config check; out "$conf: no problems"
cat >"$conf" <<'TXT'
# one
mod = monitor
dns-timeout = 90
override x {
	from = a.example, b.example
}
TXT
run 78 -c "$conf" config check
err "$conf:2:1: unknown key mod; did you mean mode?
$conf:3:15: dns-timeout cannot be \"90\": it takes a time (90, 15m, 4h, 2d), 1 to 60
$conf:4:1: the block \"x\" has no effect: add disposition or treat-as
$conf:5:9: from has several values, and a list stands in braces: write from = {a.example, b.example}"
# Another mail filter's file: each line is answered, and the end is told.
{ printf 'AuthservID HOSTNAME\nSocket local:/run/opendmarc.sock\n'; for i in $(seq 60); do echo "Key$i yes"; done; } >"$conf"
run 78 -c "$conf" config check
has err "$conf:1:1: AuthservID is a key of OpenDMARC and OpenDKIM, and here it is authserv-id: HOSTNAME is its default, leave it out for that"
has err "$conf:2:1: Socket is a key of OpenDMARC and OpenDKIM, and here it is socket: write socket = local:/run/opendmarc.sock"
has err "$conf: and 12 more: mend these, and look again"
[ "$(wc -l <"$dir/err")" = 51 ] || fail "$(wc -l <"$dir/err") lines"
printf 'dns-timeout = 90\nmode = monitor\nmode = enforce\n' >"$conf"
for verb in check show; do
	run 78 -c "$conf" config $verb
	err "$conf:1:15: dns-timeout cannot be \"90\": it takes a time (90, 15m, 4h, 2d), 1 to 60
$conf:3:1: mode stands here again, after line 2: keep one of the two"
done

printf 'history = ""\nsocket = tcp:25\nuser = "no-such-user:no-such-group"\nsocket-group = no-such-group2\n' >"$conf"
run 78 -c "$conf" config check
err "$conf:2:10: socket cannot be \"tcp:25\": write inet:PORT@HOST, inet6:PORT@HOST, unix:PATH or local:PATH"
run 78 -c "$conf" config show
sed -i /^socket.=/d "$conf"
run 78 -c "$conf" config check
err "$conf:2:1: user no-such-user does not exist; create it or name another
$conf:2:1: group no-such-group does not exist; create it or name another
$conf:3:1: group no-such-group2 does not exist; create it or name another"
run 0 -c "$conf" config show
long=$(printf '%0108d' 0)
for socket in inet: inet:0@127.0.0.1 inet:65536@127.0.0.1 inet6:8893x \
    inet:127.0.0.1:8893; do
	printf 'history = ""\nsocket = "%s"\n' "$socket" >"$conf"
	run 78 -c "$conf" config check
	err "$conf:2:10: socket cannot be \"$socket\": the port must be a number from 1 to 65535 or the name of a service, and stands before the host: inet:PORT@HOST"
done
for socket in unix: "local:$long"; do
	printf 'history = ""\nsocket = "%s"\n' "$socket" >"$conf"
	run 78 -c "$conf" config check
	err "$conf:2:10: socket cannot be \"$socket\": the path must have 1 to 107 bytes"
done
for socket in inet:8893@localhost inet:65535@mx.example.org "unix:/${long%00}"; do
	printf 'history = ""\nsocket = "%s"\n' "$socket" >"$conf"
	run 0 -c "$conf" config check; out "$conf: no problems"
done
printf 'history = ""\nsocket = inet:8893\n' >"$conf"
run 0 -c "$conf" config check; has out "$conf: no problems, 1 warning"
has err "$conf:2:1: warning: socket inet:8893 is open on every address of this host, and whoever reaches it can pose as the MTA: write inet:8893@127.0.0.1, or let a firewall keep others out"

printf 'history = ""\nuser = ":root"\n' >"$conf"
run 78 -c "$conf" config check
err "$conf:2:8: user cannot be \":root\": it names no user; write USER or USER:GROUP"

# Postfix's order, and a number that libmilter would cut.
for socket in inet:127.0.0.1:8893 inet:80000@127.0.0.1; do
	printf 'history = ""\nsocket = "%s"\n' "$socket" >"$conf"
	run 78 -c "$conf" config check
	err "$conf:2:10: socket cannot be \"$socket\": the port must be a number from 1 to 65535 or the name of a service, and stands before the host: inet:PORT@HOST"
done

printf 'history = "%s/none/history"\n' "$dir" >"$conf"
run 78 -c "$conf" config check
err "$conf:1:1: history $dir/none/history: the directory $dir/none: No such file or directory; make it, or set history to another path, or to \"\""
printf 'history = "%s/history"\n' "$dir" >"$conf"
run 0 -c "$conf" config check; out "$conf: no problems"

cat >"$conf" <<'TXT'
history = ""
override old { from = a.example disposition = none until = 2020-01-31 }
override all { disposition = none }
override tried { disposition = none dry-run = yes }
TXT
run 0 -c "$conf" config check
has out "$conf: no problems, 3 warnings"
has err "$conf:2:1: warning: override \"old\" is over, its until has passed: remove it"
has err "$conf:3:1: warning: override \"all\" has no condition: it decides every message that fails, and no block after it is asked"
has err "$conf:4:1: warning: override \"tried\" is never asked: all that it matches is decided by \"all\" before it; move it up, or remove it"
sed -i '/^override all/d' "$conf"
run 0 -c "$conf" config check; has out "$conf: no problems, 1 warning"

cat >"$conf" <<'TXT'
history = ""
arc-trusted-sealers = {list.example}
override wide { from = {"*.a.example", a.example} disposition = none }
override narrow { from = {b.a.example} client = {192.0.2.7} disposition = none }
override never { policy = {none} result = {temperror} disposition = none }
TXT
run 0 -c "$conf" config check
has out "$conf: no problems, 3 warnings"
has err "$conf:4:1: warning: override \"narrow\" is never asked: all that it matches is decided by \"wide\" before it; move it up, or remove it"
has err "$conf:5:1: warning: override \"never\" can never decide anything: with only policy = {none} an error sends nothing away, so result = {temperror} cannot hold; remove one of the two"
has err "$conf:2:1: warning: arc-trusted-sealers are named, but chains are not looked at: set arc = yes"

# ---- import, expire, store upgrade

cat >"$conf" <<TXT
history = "$dir/history"
store = "sqlite:$dir/store.db"
TXT
store="sqlite:$dir/store.db"
run 0 -c "$conf" import; out "history $dir/history: nothing to import"
run 0 -c "$conf" store upgrade; out 'the store has version 2: nothing to do'
run 0 -c "$conf" expire; out 'nothing to expire'
rm "$dir/store.db"
run 0 -c "$conf" store upgrade; out 'the store is made, version 2'
echo junk >"$dir/history"
run 0 -c "$conf" import
has out "history $dir/history: 1 lines: 0 messages counted, 0 deferred, 0 without a policy, 1 bad"
has err "aplomb: 1 bad lines are kept in $dir/history.bad, with reasons"
has err "aplomb: history $dir/history: it had lost its first line: rename or remove a history, never empty it"
grep -qE '^# file=content-[0-9a-f]{32} byte=0: no JSON at byte' "$dir/history.bad" ||
    fail "history.bad: $(cat "$dir/history.bad")"
printf '{"version":2}\n' >"$dir/history"
run 65 -c "$conf" import
err "aplomb: history $dir/history: a newer aplombd has written it; it is left alone: import it with the aplomb of that version"
[ -s "$dir/history" ] || fail 'a newer history is gone'
rm "$dir/history"
printf 'job 1\nreceived 1795219201\nipaddr 192.0.2.1\nfrom a.example\npolicy 14\naction 2\n' >"$dir/odm"
run 0 -c "$conf" import --format opendmarc "$dir/odm"
out "history $dir/odm: 1 lines: 0 messages counted, 0 deferred, 1 without a policy, 0 bad"
run 64 -c "$conf" import --format opendmarc; has err "aplomb: name OpenDMARC's history file"
run 64 -c "$conf" import --format json; has err 'aplomb: --format is aplomb or opendmarc, not json'
run 64 -c "$conf" import --format; has err 'aplomb: an argument is missing after --format'
run 64 -c "$conf" import a b; has err 'aplomb: unexpected argument b'
run 64 -c "$conf" import --quick; has err 'aplomb: unknown option --quick'
run 0 import --help; has out 'usage: aplomb [-c FILE] import [--format FORMAT] [FILE]'
run 75 -c "$conf" import "$dir/none/history"
err "aplomb: history $dir/none/history.lock: cannot be made; its directory must be writable for this user: No such file or directory"
printf 'history = ""\nstore = "%s"\n' "$store" >"$conf"
run 78 -c "$conf" import; err 'aplomb: history is "": none is kept'
printf 'store = "sqlite:%s/none/store.db"\n' "$dir" >"$conf"
for command in import expire 'store upgrade'; do
	# shellcheck disable=SC2086
	run 69 -c "$conf" $command
	err "aplomb: store sqlite:$dir/none/store.db: unable to open database file: No such file or directory; its directory must exist and be writable for this user"
done
echo junk junk junk junk junk junk junk junk >"$dir/junk.db"
printf 'store = "sqlite:%s/junk.db"\n' "$dir" >"$conf"
run 69 -c "$conf" store upgrade
err "aplomb: store sqlite:$dir/junk.db: file is not a database; name another file"
printf 'store = "oracle:x"\n' >"$conf"
run 78 -c "$conf" expire
err "$conf:1:9: store cannot be \"oracle:x\": write sqlite:PATH or postgresql://USER@HOST/DATABASE"
printf 'history = ""\nstore = "oracle:x"\n' >"$conf"
run 78 -c "$conf" config check
err "$conf:2:9: store cannot be \"oracle:x\": write sqlite:PATH or postgresql://USER@HOST/DATABASE"
cat >"$conf" <<'TXT'
history = "" arc = yes
trusted-networks = {127.0.0.0/8, 10.0.0.0/8}
override inside { client = {10.1.0.0/16, 127.0.0.1} disposition = none }
override partly { client = {10.1.0.0/16, 192.0.2.1} disposition = none }
override shield { policy = none treat-as = none }
override far { arc-sealer = {a.example, b.example} disposition = none }
override near { arc-sealer = b.example disposition = none }
override again { arc-sealer = {b.example, a.example} disposition = none }
override idle { policy = none from = c.example disposition = none }
override tried { from = d.example disposition = reject dry-run = yes }
TXT
run 0 -c "$conf" config check
has out "$conf: no problems, 3 warnings"
has err "$conf:3:1: warning: override \"inside\" can never decide anything: its clients are in trusted-networks, whose mail is not judged"
has err "$conf:8:1: warning: override \"again\" is never asked: all that it matches is decided by \"far\" before it; move it up, or remove it"
has err "$conf:9:1: warning: override \"idle\" is never asked: all that it matches is decided by \"shield\" before it; move it up, or remove it"
sed -i '/^override shield/d' "$conf"
run 0 -c "$conf" config check
has err "$conf:8:1: warning: override \"idle\" changes nothing: what fails under policy = {none} is let in anyway; remove it"
printf 'history = ""\narc = yes\narc-trusted-sealers = {list.example, "*"}\n' >"$conf"
run 0 -c "$conf" config check
has err "$conf:3:1: warning: arc-trusted-sealers has \"*\": anybody who seals mail gets past every policy; name the forwarders that you trust"
printf 'history = ""\narc = yes\narc-trusted-sealers = {"*.list.example"}\n' >"$conf"
run 0 -c "$conf" config check; out "$conf: no problems"

# ---- config check: what keeps reports from being sent

secret=$dir/secret
printf 'user\npassword\n' >"$secret"
chmod 600 "$secret"
reports() { # reports WARNING LINE...: the warning, or none if it is empty
	warning=$1; shift
	printf 'history = ""\nreport-org-name = O\nreport-from = a@r.example\n' >"$conf"
	printf '%s\n' "$@" >>"$conf"
	run 0 -c "$conf" config check
	if [ -n "$warning" ]; then
		line=$(grep -n "^${warning%% *} =" "$conf" | cut -d: -f1)
		has err "$conf:${line:-3}:1: warning: no report can be sent: $warning"
	else
		out "$conf: no problems"
	fi
}
reports '' 'report-sendmail = "/bin/true --fixed"'
reports "report-sendmail $dir/none cannot be run: No such file or directory; install the MTA's command, name another, or set report-smtp" \
    "report-sendmail = \"$dir/none -oi\""
reports 'report-sendmail begins with no path; write one like /usr/sbin/sendmail, or set report-smtp' \
    'report-sendmail = sendmail'
for server in localhost relay.example:25 '[2001:db8::1]:587' 192.0.2.1:1; do
	reports '' "report-smtp = \"$server\""
done
for server in 'a b' a: :25 a:0 a:65536 a/b a%41 a@b 2001:db8::1 '[192.0.2.1]' '[::1' '[]' '[::1]25' 'a:2 5'; do
	reports "report-smtp \"$server\" is no server; write HOST, HOST:PORT or [ADDRESS]:PORT" \
	    "report-smtp = \"$server\""
done
smtp='report-smtp = relay.example' auth="report-smtp-auth = \"$secret\""
reports '' "$smtp" "$auth"
reports 'report-smtp-auth with report-smtp-tls = off would give the password in clear: set report-smtp-tls = required' \
    "$smtp" "$auth" 'report-smtp-tls = off'
reports 'report-smtp-helo "a b" is no name of a host; write one like mx.example.org' \
    "$smtp" 'report-smtp-helo = "a b"'
reports "report-smtp-ca $dir/none cannot be read: No such file or directory" \
    "$smtp" "report-smtp-ca = \"$dir/none\""
reports "report-smtp-auth $dir/none: cannot be read: No such file or directory" \
    "$smtp" "report-smtp-auth = \"$dir/none\""
reports "report-smtp-auth $dir is no file" "$smtp" "report-smtp-auth = \"$dir\""
chmod 604 "$secret"
reports "report-smtp-auth $secret: every user can read or change it; chmod o-rwx it, and take another secret if others may have read it" \
    "$smtp" "$auth"
chmod 640 "$secret"
reports '' "$smtp" "$auth"
echo user >"$secret"
reports "report-smtp-auth $secret: the first line has to be the user and the second the password" \
    "$smtp" "$auth"
command='report-sendmail = /bin/true'
reports 'report-dkim-key and report-dkim-selector are not both set: set both, or none if the MTA signs' \
    "$command" 'report-dkim-selector = s'
reports "report-dkim-key $secret: this is no private key in PEM" \
    "$command" 'report-dkim-selector = s' "report-dkim-key = \"$secret\""
reports "report-dkim-key $secret: report-dkim-selector is no name that can stand in DNS" \
    "$command" 'report-dkim-selector = "s t"' "report-dkim-key = \"$secret\""
chmod 666 "$secret"
reports "report-dkim-key $secret: every user can read or change it; chmod o-rwx it, and take another secret if others may have read it" \
    "$command" 'report-dkim-selector = s' "report-dkim-key = \"$secret\""

# ---- output that is lost is an error

: >"$conf"
if [ -w /dev/full ]; then
	for command in -V -h help 'config show'; do
		rows=$((rows + 1))
		# shellcheck disable=SC2086
		"$aplomb" -c "$conf" $command >/dev/full 2>"$dir/err"
		got=$?
		[ $got -eq 74 ] || fail "aplomb $command >/dev/full: exit $got"
		grep -qx 'aplomb: standard output: No space left on device' "$dir/err" ||
		    fail "aplomb $command >/dev/full: $(cat "$dir/err")"
	done
fi
rows=$((rows + 1))
"$aplomb" -c "$conf" config show >&- 2>"$dir/err"
got=$?
[ $got -eq 74 ] || fail "closed output: exit $got"
grep -qx 'aplomb: standard output: Bad file descriptor' "$dir/err" ||
    fail "closed output: $(cat "$dir/err")"
# A reader that has gone: the signal, or where that is ignored, the error.
rows=$((rows + 2))
mkfifo "$dir/pipe"
: <"$dir/pipe" &
exec 3>"$dir/pipe"
wait $!
"$aplomb" -c "$conf" config show >&3 2>/dev/null
got=$?
[ $got -eq 141 ] || [ $got -eq 74 ] || fail "closed pipe: exit $got"
(trap '' PIPE; exec "$aplomb" -c "$conf" config show) >&3 2>"$dir/err"
got=$?
[ $got -eq 74 ] || fail "closed pipe, no signal: exit $got"
grep -qx 'aplomb: standard output: Broken pipe' "$dir/err" ||
    fail "closed pipe, no signal: $(cat "$dir/err")"

[ $rows -gt 50 ] || fail "only $rows rows were run"
exit $bad
