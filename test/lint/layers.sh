#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A file includes its own folder and those to its left, nothing else; and each
# outside library is included where docs/DESIGN says, nowhere else.
set -eu
cd "${srcdir:-.}"

# What this lint holds, as text: a line for each room, its files and the rooms
# that it includes.
if [ "${1:-}" = --graph ]; then
	for folder in common/*/ milter/ report/*/ cli/; do
		room=${folder#common/} room=${room%/}
		printf '%-18s %3d files  <- %s\n' "$room" \
		    "$(ls "$folder"*.[ch] | wc -l)" \
		    "$(sed -n 's/^#[ \t]*include[ \t]*"\(.*\)\/[^/]*".*/\1/p' \
		    "$folder"*.[ch] | grep -vx "$room" | sort -u | tr '\n' ' ')"
	done
	exit 0
fi

bad=0
say() { echo "layers: $*" >&2; bad=1; }

order='base mail net auth dmarc settings judge'
allowed() { # the folders that a room may include
	case $1 in
	milter) echo "$order milter" ;;
	cli) echo "$order report cli" ;;
	*) for r in $order; do printf '%s ' "$r"; [ "$r" = "$1" ] && break; done ;;
	esac
}
# The rooms of report/: row <- store <- { import ; aggregate }
# <- { recipient ; transport ; bounce } <- { send ; failure }
report_allowed() {
	case $1 in
	row) echo row ;;
	store) echo row store ;;
	import | aggregate) echo "row store $1" ;;
	recipient | transport | bounce) echo "row store import aggregate $1" ;;
	send | failure)
		echo "row store import aggregate recipient transport bounce $1" ;;
	esac
}

for folder in common/base common/mail common/net common/auth common/dmarc \
    common/settings common/judge milter cli; do
	room=${folder##*/}
	ok=" $(allowed "$room") "
	for f in "$folder"/*.[ch]; do
		[ -f "$f" ] || continue
		for inc in $(sed -n 's/^#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$f"); do
			case $ok in
			*" ${inc%%/*} "*) ;;
			*) say "$f includes \"$inc\": $room may include only:$ok" ;;
			esac
		done
	done
done
for folder in report/*/; do
	[ -d "$folder" ] || continue
	room=${folder#report/} room=${room%/}
	ok=" $(report_allowed "$room") "
	[ "$ok" != '  ' ] || say "$folder is no room of report/ that this lint knows"
	for f in "$folder"*.[ch]; do
		for inc in $(sed -n 's/^#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$f"); do
			case $inc in
			report/*) to=${inc#report/}; from=$ok ;;
			*) to=$inc; from=" $order " ;;
			esac
			case $from in
			*" ${to%%/*} "*) ;;
			*) say "$f includes \"$inc\": $room may include only:$from" ;;
			esac
		done
	done
done
for f in report/*.[ch]; do
	[ ! -f "$f" ] || say "$f belongs into one of the rooms of report/"
done

only() { # only PATTERN FILE...: the header PATTERN may be included by FILEs
	pattern=$1; shift
	for f in $(grep -lE "^#[ \t]*include[ \t]*<$pattern" common/*/*.[ch] \
	    milter/*.[ch] report/*/*.[ch] cli/*.[ch] 2>/dev/null); do
		case " $* " in
		*" $f "*) ;;
		*) say "$f includes <$pattern>: only $* may" ;;
		esac
	done
}
only 'libmilter/' $(ls milter/*.[ch])
only 'spf2/' common/auth/spf_engine.c common/auth/spf.c
only 'opendkim/' common/auth/sign.c common/auth/signature_engine.c
only 'openssl/' common/auth/sign.c common/auth/signature_engine.c common/auth/key.c common/auth/key_decode.c common/auth/sha256.c common/base/digest.c
only 'ares\.h' common/net/dns_channel.c common/net/dns_channel.h
only 'libpsl' common/net/suffix.c
only 'idn2' common/mail/domain.c
only 'libxml/' report/aggregate/xml.c
only 'zlib' report/aggregate/gzip.c
only 'curl/' report/transport/transport_smtp.c
only 'jansson' common/judge/history.c common/judge/history_check.c
only 'sqlite3' report/store/store_sqlite.c
only 'libpq' report/store/store_pgsql.c

for f in $(grep -l '"base/log.h"' common/*/*.[ch] 2>/dev/null); do
	case $f in
	common/base/log.c|common/settings/settings*.c) ;;
	*) say "$f includes base/log.h: libraries return reasons, programs log" ;;
	esac
done
exit $bad
