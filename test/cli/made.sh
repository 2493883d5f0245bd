#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Reports that were made and sent: aplomb report show and aplomb report bounce,
# over a store into which they are written, and over stores that fail.
set -u
aplomb=${APLOMB:-${top_builddir:-.}/aplomb}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
conf=$dir/conf bad=0
command -v python3 >/dev/null || {
	echo "skipped: python3 is missing (package python3)"; exit 77; }

fail() { echo "made.sh: $*" >&2; bad=1; }
run() { # run STATUS ARGUMENT...: of standard input; leaves $dir/out and $dir/err
	want=$1; shift
	line="aplomb $*"
	"$aplomb" -c "$conf" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ $got -eq "$want" ] || fail "$line: exit $got, not $want: $(cat "$dir/err")"
}
out() { # out TEXT: all of standard output
	[ "$(cat "$dir/out")" = "$1" ] || fail "$line: prints: $(cat "$dir/out")"
}
part() { # part TEXT: a part of it
	grep -qF -- "$1" "$dir/out" || fail "$line: no \"$1\" in: $(cat "$dir/out")"
}
err() { # err TEXT: a part of standard error; empty: nothing is there
	case $1 in
	'') [ ! -s "$dir/err" ] || fail "$line: complains: $(cat "$dir/err")" ;;
	*) grep -qF -- "$1" "$dir/err" || fail "$line: says: $(cat "$dir/err")" ;;
	esac
}
sql() { # sql STATEMENT: prints the rows
	python3 -B -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for row in db.execute(sys.argv[2]): print(*row)
db.commit()' "$dir/store" "$1" || fail "sql: $1"
}
cat >"$conf" <<TXT
store = "sqlite:$dir/store"
history = "$dir/history"
report-org-name = "Receiver"
report-from = noreply@rcv.example
log-target = stderr
TXT
cat >"$dir/history" <<'TXT'
{"version":1,"host":"h","uuid":"0f8fad5b-d9cb-469f-a165-70867728950e","created":1}
{"time":1795219200,"source_ip":"192.0.2.7","envelope_from":"esp.example","envelope_to":["rcv.example"],"recipients":1,"dmarc":"fail","reason":"x","spf":{"domain":"esp.example","scope":"mfrom","identity":"mailfrom","result":"pass"},"dkim":[],"authors":[{"header_from":"acme.example","dmarc":"fail","spf":"fail","dkim":"fail","aligned_dkim":[],"org_domain":"acme.example","disposition":"reject","reasons":[],"published":{"domain":"acme.example","discovery_method":"treewalk","p":"reject","sp":"reject","np":"reject","adkim":"s","aspf":"r","fo":"0","testing":"n","psd":"u","pct":100,"rua":true,"ruf":false},"tag":"p","policy":"reject"}],"decisive":0,"draw":17,"mode":"enforce","action":"reject","reply":550,"disposition":"reject","reasons":[]}
TXT
run 0 import </dev/null
id=0123456789abcdef0123456789abcdef
token() { printf "$1%.0s" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; }
made=1795305600 # 2026-11-22 00:00:00
sql "UPDATE aplomb_tally SET frozen = 1"
sql "INSERT INTO aplomb_report VALUES ('$id', (SELECT id FROM aplomb_tally),
	$made, 'sending', 'one waits', 1, 0, '', 0, 'rfc9990', 'Aplomb',
	'Receiver', 'noreply@rcv.example', 'noreply@rcv.example', '')"
deliver() { # deliver LETTER ADDRESS FATE ATTEMPTS NEXT CHANGED REASON
	sql "INSERT INTO aplomb_delivery VALUES ('$(token "$1")', '$id', '$2',
	    '${2#*@}', '$3', $4, $5, $6, '$7')"
}
deliver a sent@acme.example sent 1 0 $((made + 60)) '250 taken'
deliver b late@acme.example waiting 2 $((made + 3600)) $((made + 61)) '451 later'
deliver c new@acme.example waiting 0 0 0 ''

# ---- show

run 0 report show 01234567; err ''
sed 's/![0-9a-f]\{32\}/!ID/' "$dir/out" >"$dir/got"
cat >"$dir/want" <<TXT
report       $id
domain       acme.example
policy       p=reject sp=reject np=reject adkim=s aspf=r fo=0, found by treewalk
day          2026-11-21 UTC
messages     1 in 1 row
made         2026-11-22 00:00:00 UTC
state        sending
reason       one waits
from         noreply@rcv.example
file         rcv.example!acme.example!1795219200!1795305599!ID.xml.gz

destinations
  waiting     late@acme.example, attempt 2, 2026-11-22 00:01:01 UTC, again after 2026-11-22 01:00:00 UTC: 451 later
  waiting     new@acme.example
  sent        sent@acme.example, attempt 1, 2026-11-22 00:01:00 UTC: 250 taken

  messages source                                  disposition dkim  spf   from
         1 192.0.2.7                               reject      fail  fail  acme.example
TXT
diff "$dir/want" "$dir/got" >"$dir/diff" || fail "show: $(cat "$dir/diff")"
cp "$dir/out" "$dir/first"
run 0 report show "$id"; cmp "$dir/out" "$dir/first" || fail "the whole id shows another"
run 0 report show 0123456789ABCDEF; cmp "$dir/out" "$dir/first" || fail "capitals show another"
run 65 report show 0124; out ''; err 'aplomb: no one report has the id 0124'
# What came from outside is shown as plain text.
sql "UPDATE aplomb_delivery SET reason = '550 ' || char(27) || '[31m' WHERE fate = 'sent'"
run 0 report show 0123; part 'sent@acme.example, attempt 1, 2026-11-22 00:01:00 UTC: 550 \x1B[31m'

# ---- bounce

notice() { # notice TO ACTION STATUS
	cat <<TXT
From: MAILER-DAEMON@mx.acme.example
To: $1
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It was not delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; sent@acme.example
Action: $2
Status: $3
Diagnostic-Code: smtp; 550 no such mailbox
--b--
TXT
}
fate() { sql "SELECT fate FROM aplomb_delivery WHERE token = '$(token "$1")'"; }
of() { printf 'noreply+%s@rcv.example' "$(token "$1")"; }

notice "$(of z)" failed 5.1.1 >"$dir/mail"
run 0 report bounce - <"$dir/mail"
out 'nothing to do: the message is about a report that is not in the store'
notice "$(of a)" delayed 4.4.1 >"$dir/mail"
run 0 report bounce - <"$dir/mail"; part 'sent@acme.example: nothing to do, the message says: '
[ "$(fate a)" = sent ] || fail "a delay makes it $(fate a)"
notice "$(of b)" failed 5.1.1 >"$dir/mail"
run 0 report bounce - <"$dir/mail"
out 'late@acme.example: nothing to do, this delivery is known as waiting'
[ "$(fate b)" = waiting ] || fail "what was not sent is $(fate b)"
run 0 report suppress </dev/null; out 'no address is suppressed'

# From standard input with the From line of a pipe, CR LF, and a longer tail than
# is read.
{ echo 'From MAILER-DAEMON Sun Nov 22 00:00:00 2026'; notice "$(of a)" failed 5.1.1; } |
    sed 's/$/\r/' >"$dir/mail"
head -c 3000000 /dev/zero | tr '\0' x >>"$dir/mail"
cat "$dir/mail" | (run 0 report bounce -; exit $bad) || bad=1
part 'sent@acme.example: the report bounced; it gets none '
err "report-bounce=$id address=sent@acme.example reason="
[ "$(fate a)" = bounced ] || fail "a bounce leaves it $(fate a)"
run 0 report suppress </dev/null; part 'sent@acme.example'
run 0 report show 0123 </dev/null
part '  bounced     sent@acme.example'; part 'bounce 5.1.1: '
run 0 report bounce "$dir/mail" </dev/null
out 'sent@acme.example: nothing to do, this delivery is known as bounced'
run 0 report bounce - </dev/null
out "nothing to do: the message was not sent to a report's own address"
run 66 report bounce "$dir" </dev/null; err 'Is a directory'; out ''
run 66 report bounce - <"$dir"; err '- cannot be read: Is a directory'; out ''

# ---- stores that fail

sql "UPDATE aplomb_row SET disposition = 'maybe'"
run 75 report show 0123 </dev/null; err 'aplomb: store '
sql "DROP TABLE aplomb_row"
run 75 report show 0123 </dev/null; err 'aplomb: store '
sql "UPDATE aplomb_delivery SET fate = 'lost'"
run 75 report show 0123 </dev/null; err 'aplomb: store '
run 75 report bounce "$dir/mail"; err 'aplomb: store '; out ''
sql "DROP TABLE aplomb_delivery"
run 75 report bounce "$dir/mail"; err 'aplomb: store '; out ''
sql "DROP TABLE aplomb_report"
run 75 report show 0123 </dev/null; err 'aplomb: store '; out ''
printf '%04096d' 0 >"$dir/store"
run 69 report show 0123 </dev/null; err 'aplomb: store '; out ''
run 69 report bounce "$dir/mail"; err 'aplomb: store '; out ''
sed -i "s|sqlite:$dir|&/absent|" "$conf"
run 69 report show 0123 </dev/null; err 'its directory must exist'; out ''
run 69 report bounce "$dir/mail"; err 'its directory must exist'; out ''
exit $bad
