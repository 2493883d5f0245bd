#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# aplomb report preview, from a history over a store to files.
set -u
aplomb=${APLOMB:-${top_builddir:-.}/aplomb}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
conf=$dir/conf bad=0

fail() { echo "report.sh: $*" >&2; bad=1; }
run() { # run STATUS ARGUMENT...: leaves the output in $dir/out and $dir/err
	want=$1; shift
	line="aplomb $*"
	"$aplomb" -c "$conf" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	[ $got -eq "$want" ] || fail "$line: exit $got, not $want: $(cat "$dir/err")"
}
out() { # out TEXT: all of standard output; an id is ID
	sed 's/![0-9a-f]\{32\}/!ID/' "$dir/out" >"$dir/got"
	[ "$(cat "$dir/got")" = "$1" ] || fail "$line: prints: $(cat "$dir/got")"
}
err() { # err TEXT: a part of standard error; empty: nothing is there
	case $1 in
	'') [ ! -s "$dir/err" ] || fail "$line: complains: $(cat "$dir/err")" ;;
	*) grep -qF -- "$1" "$dir/err" || fail "$line: says: $(cat "$dir/err")" ;;
	esac
}
message() { # message TIME DOMAIN RUA
	printf '{"time":%s,"source_ip":"192.0.2.7","envelope_from":"esp.example","envelope_to":["rcv.example"],"recipients":1,"dmarc":"fail","reason":"x","spf":{"domain":"esp.example","scope":"mfrom","identity":"mailfrom","result":"pass"},"dkim":[],"authors":[{"header_from":"%s","dmarc":"fail","spf":"fail","dkim":"fail","aligned_dkim":[],"org_domain":"%s","disposition":"reject","reasons":[],"published":{"domain":"%s","discovery_method":"treewalk","p":"reject","sp":"reject","np":"reject","adkim":"r","aspf":"r","fo":"0","testing":"n","psd":"u","pct":100,"rua":%s,"ruf":false},"tag":"p","policy":"reject"}],"decisive":0,"draw":17,"mode":"enforce","action":"reject","reply":550,"disposition":"reject","reasons":[]}\n' \
	    "$1" "$2" "$2" "$2" "$3"
}
settings() { # settings LINE...
	printf 'store = "sqlite:%s/store"\nhistory = "%s/history"\n' "$dir" "$dir" >"$conf"
	printf '%s\n' "$@" >>"$conf"
}

day=1795219200 # 2026-11-21
far=4102444800 # 2100-01-01, which is not over
l63=$(printf '%063d' 0 | tr 0 z)
long=$l63.$l63.$l63.example
name='report-org-name = "Receiver & Sons"'
from='report-from = noreply@rcv.example'
settings "$name" "$from"

run 0 report preview
out 'nothing to report'
err ''
run 0 report preview --output-dir "$dir/none"
[ -d "$dir/none" ] || fail "an empty preview makes no directory"
{
	echo '{"version":1,"host":"h","uuid":"0f8fad5b-d9cb-469f-a165-70867728950e","created":1}'
	message $day acme.example true
	message $((day + 86399)) acme.example true
	message $((day + 86400)) acme.example true
	message $day quiet.example false
	message $day "$long" true
	message $far acme.example true
} >"$dir/history"
run 0 import

# ---- which reports

first='2026-11-21 acme.example: 2 messages in 1 row: rcv.example!acme.example!1795219200!1795305599!ID.xml.gz'
second='2026-11-22 acme.example: 1 message in 1 row: rcv.example!acme.example!1795305600!1795391999!ID.xml.gz'
other="2026-11-21 $long: 1 message in 1 row: rcv.example!$long!1795219200!1795305599!ID.xml.gz"
last='2100-01-01 acme.example: 1 message in 1 row, partial: the day is running: rcv.example!acme.example!4102444800!4102531199!ID.xml.gz'
left='left out: 1 whose domain has no usable rua, or where nothing but bounces and reports came in'
run 0 report preview
out "$(printf '%s\n' "$first" "$other" "$second" "$last" "4 reports; $left")"
err ''
cp "$dir/out" "$dir/before"
run 0 report preview
cmp "$dir/out" "$dir/before" || fail "another run has other names"
[ "$(grep -o '![0-9a-f]\{32\}' "$dir/out" | sort -u | wc -l)" -eq 4 ] ||
    fail "reports share an id"
run 0 report preview --day 2026-11-22; out "$second
1 report"
run 0 report preview --domain ACME.example. --day 2026-11-21; out "$first
1 report"
run 0 report preview --domain quiet.example; out "nothing to report; $left"
run 0 report preview --day yesterday --domain other.example; out 'nothing to report'
run 0 report preview --day today --domain other.example; out 'nothing to report'

# ---- files

run 0 report preview --output-dir "$dir/files" --day 2026-11-21
[ "$(ls "$dir/files" | wc -l)" -eq 4 ] || fail "files: $(ls -a "$dir/files")"
gz=$(ls "$dir/files/rcv.example!acme.example!1795219200!1795305599!"*.xml.gz)
zcat "$gz" >"$dir/xml" || fail "no gzip"
grep -q '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">' "$dir/xml" || fail "no RFC 9990"
grep -q '<org_name>Receiver &amp; Sons</org_name>' "$dir/xml" || fail "no org_name"
grep -q '<email>noreply@rcv.example</email>' "$dir/xml" || fail "no email"
grep -q '<count>2</count>' "$dir/xml" || fail "no count"
eml=${gz%.xml.gz}.eml
grep -q '^From: "DMARC reports" <noreply@rcv.example>' "$eml" || fail "no From"
sed '1,/^Content-Disposition/d' "$eml" | tr -d '\r' | sed '1,/^$/d; /^$/,$d' | base64 -d | cmp - "$gz" ||
    fail "the message carries something else"
[ -z "$(ls -A "$dir/files" | grep '^\.')" ] || fail "a draft is left"
cksum "$gz" >"$dir/sum"
run 0 report preview --output-dir "$dir/files" --day 2026-11-21
cksum "$gz" | cmp - "$dir/sum" || fail "another run makes another file"
settings "$name" "$from" 'report-format = rfc7489' 'report-contact = people@rcv.example' \
    'report-extra-contact = "https://rcv.example/"'
run 0 report preview --output-dir "$dir/old" --day 2026-11-21
zcat "$dir/old/rcv.example!acme.example!"*.gz >"$dir/xml"
grep -q '^<feedback>$' "$dir/xml" || fail "no RFC 7489"
grep -q '<email>people@rcv.example</email>' "$dir/xml" || fail "no contact"
grep -q '<extra_contact_info>https://rcv.example/<' "$dir/xml" || fail "no extra contact"

# A name longer than a file's: the id alone.
sub=$l63.$l63.rcv.example
settings "$name" "report-from = a@$sub"
run 0 report preview --output-dir "$dir/long" --domain "$long"
ls "$dir/long" | grep -qE '^[0-9a-f]{32}\.xml\.gz$' || fail "long: $(ls "$dir/long")"

# ---- mail that is a report itself

report() { # report DOMAIN RESULT: the header says that it is one
	message $day "$1" true | sed 's/"recipients":1/&,"report":true/
	    s/"dmarc":"fail"/"dmarc":"'"$2"'"/g; s/"dkim":"fail"/"dkim":"'"$2"'"/'
}
rm "$dir/store"
{
	report peer.example pass
	report peer.example pass
	report forged.example fail
	report both.example pass
	message $day both.example true
} >"$dir/history"
run 0 import
run 0 report preview --domain peer.example; out "nothing to report; $left"
run 0 report preview --domain forged.example
grep -q 'forged.example: 1 message in 1 row' "$dir/out" || fail "hidden by a forged header: $(cat "$dir/out")"
run 0 report preview --domain both.example
grep -q 'both.example: 2 messages in 2 rows' "$dir/out" || fail "not counted: $(cat "$dir/out")"

# ---- lists

run 0 report list --all --domain both.example
grep -Eq '^2026-11-21 both.example +2 +2 +not made +-$' "$dir/out" || fail "list: $(cat "$dir/out")"
run 0 report list --all --domain peer.example
grep -q 'only bounces and reports' "$dir/out" || fail "list of reports: $(cat "$dir/out")"
run 0 report list --day 2026-11-20; out 'nothing is in the store'
run 0 report list --domain absent.example
out 'nothing is in the store of the last days; --all looks further back'
run 65 report show 0123abcd; err 'aplomb: no one report has the id 0123abcd'
run 65 report show "$(printf 'a\033[31m')"; err 'id a\x1B[31m'
run 64 report show; err 'aplomb: name a report'

# ---- who gets none

run 0 report suppress; out 'no address is suppressed'
run 0 report suppress --reason "$(printf 'ticket 7\n\033[0m')" Rua@acme.example
out 'it gets no report any more'
run 0 report suppress Junk.EXAMPLE.
run 0 report suppress
out "$(printf '%-40s for good, 0 bounces: %s\n' junk.example 'by hand' rua@acme.example 'ticket 7\x0A\x1B[0m')"
run 0 report suppress --remove rua@ACME.example; out 'it gets reports again'
run 0 report suppress --remove rua@acme.example; out 'it was not suppressed'
run 64 report suppress 'a b@c'; err 'neither an address nor a domain'
run 64 report suppress --remove; err 'name the address or domain'

# ---- bounces of nothing that is known

settings "$name" "$from"
printf 'To: noreply+aaaaaaaaaaaaaaaaaaaa@rcv.example\n\nhello\n' >"$dir/bounce"
run 0 report bounce "$dir/bounce"
out 'nothing to do: the message is about a report that is not in the store'
run 0 report bounce "$conf"
out "nothing to do: the message was not sent to a report's own address"
run 0 report bounce -
run 66 report bounce "$dir/absent"; err 'No such file'
run 64 report bounce; err 'aplomb: name a file'

# ---- sending that is off, and days that are not over

settings "$from"
run 0 report send; out 'reports: sending is off until report-from and report-org-name are set'
err ''
settings "$name" "$from" 'dns-servers = {"127.0.0.1:1"}' 'dns-timeout = 1' 'log-target = stderr' \
    'report-sendmail = /bin/true'
run 64 report send --day today; err 'that day is not over'
run 0 report send --day 2026-11-20; out 'reports: nothing to send'
err 'report-send made=0 sent=0 deferred=0 refused=0 given-up=0 suppressed=0 unusable=0 dropped=0 complete=yes'
run 0 report send --dry-run --day 2026-11-21 --domain both.example
grep -q '^  to nobody: .*_dmarc.both.example' "$dir/out" || fail "dry run: $(cat "$dir/out")"
grep -q '^dry run: 1 would be made, 0 wait' "$dir/out" || fail "dry run: $(cat "$dir/out")"
run 0 report list --all --domain both.example
grep -q 'not made' "$dir/out" || fail "a dry run makes a report"
settings "$name" "$from" 'report-bounce = "bounces@other.example"'
run 78 report send; err 'SPF would not count'

# ---- what is wrong

settings "$from"
run 0 report preview
err 'aplomb: report-from and report-org-name are not both set'
grep -q 'rcv.example!both.example!' "$dir/out" || fail "no preview without a name"
settings "$name" 'report-from = "a b@rcv.example"'
run 78 report preview; err 'report-from "a b@rcv.example" is no address'
settings "$name" "$from" 'report-contact = nobody'
run 78 report preview; err 'report-contact "nobody" is no address'
settings "$name" "$from"
run 73 report preview --output-dir "$dir/history.x/y"; err 'the directory cannot be made'
run 73 report preview --output-dir "$conf"; err 'Not a directory'
run 73 report preview --output-dir /proc; err '/proc: '
run 64 report preview --day 2026-02-30; err 'aplomb: --day is a date like'
run 64 report preview --day 2026-1-1
run 64 report preview --day 1969-12-31
run 64 report preview --day ''
run 64 report preview --domain 'a..b'; err 'aplomb: --domain is no domain: a..b'
run 64 report preview --day; err 'aplomb: an argument is missing after --day'
run 64 report preview x; err 'aplomb: unexpected argument x'
run 64 report preview --send; err 'aplomb: unknown option --send'
run 64 report prevew; err 'did you mean report preview?'
exit $bad
