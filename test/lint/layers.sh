#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A file includes its own folder and those to its left, nothing else; and each
# outside library is included where docs/DESIGN says, nowhere else.
set -eu
cd "${srcdir:-.}"
bad=0
say() { echo "layers: $*" >&2; bad=1; }

order='base mail net auth dmarc settings judge'
allowed() { # the folders that a room may include
	case $1 in
	milter) echo "$order milter" ;;
	report) echo "$order report" ;;
	cli) echo "$order report cli" ;;
	*) for r in $order; do printf '%s ' "$r"; [ "$r" = "$1" ] && break; done ;;
	esac
}

for folder in common/base common/mail common/net common/auth common/dmarc \
    common/settings common/judge milter report cli; do
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

only() { # only PATTERN FILE...: the header PATTERN may be included by FILEs
	pattern=$1; shift
	for f in $(grep -lE "^#[ \t]*include[ \t]*<$pattern" common/*/*.[ch] \
	    milter/*.[ch] report/*.[ch] cli/*.[ch] 2>/dev/null); do
		case " $* " in
		*" $f "*) ;;
		*) say "$f includes <$pattern>: only $* may" ;;
		esac
	done
}
only 'libmilter/' $(ls milter/*.[ch])
only 'spf2/' common/auth/spf_engine.c common/auth/spf.c
only 'opendkim/' common/auth/sign.c common/auth/signature_engine.c
only 'openssl/' common/auth/sign.c common/auth/signature_engine.c common/auth/key.c common/auth/key_decode.c common/auth/sha256.c report/digest.c
only 'ares\.h' common/net/dns_channel.c common/net/dns_channel.h
only 'libpsl' common/net/suffix.c
only 'idn2' common/mail/domain.c
only 'libxml/' report/xml.c
only 'zlib' report/gzip.c
only 'curl/' report/transport_smtp.c
only 'jansson' common/judge/history.c common/judge/history_check.c
only 'sqlite3' report/store_sqlite.c
only 'libpq' report/store_pgsql.c

for f in $(grep -l '"base/log.h"' common/*/*.[ch] 2>/dev/null); do
	case $f in
	common/base/log.c|common/settings/settings*.c) ;;
	*) say "$f includes base/log.h: libraries return reasons, programs log" ;;
	esac
done
exit $bad
