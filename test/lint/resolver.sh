#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# DNS is asked through net/dns_ares alone: no object of ours refers to another
# resolver, be it the C library's, c-ares' own, libspf2's or libopendkim's. Such a
# one would block, and know no deadline, no limit and no test's zone.
set -eu
top=${top_builddir:-.}
objects=$(cd "$top" && find common milter report cli -name '*.o' 2>/dev/null |
    sort) || true
[ -n "$objects" ] || { echo "resolver: nothing is built in $top" >&2; exit 1; }

# Symbols that are resolvers, or parts of one. SPF_server_new() brings libspf2's
# own, and the queries of a request let loopback clients pass.
resolvers='(__)?(getaddrinfo(_a)?|getnameinfo)
(__)?(gethostby[a-z0-9_]*|[gs]ethostent(_r)?)
(__)?(res|ns|dn)_[a-z0-9_]+
_?_?h_errno(_location)?
ares_[a-z0-9_]+
(ub|getdns|unbound)_[a-z0-9_]+
SPF_server_new
SPF_dns_(resolv|cache|zone|test|null)_[a-z0-9_]+
SPF_request_query_[a-z0-9_]+
dkim_dns_[a-z0-9_]+'

is_allowed() { # is_allowed OBJECT SYMBOL
	case "$1 $2" in
	common/net/dns_ares*.o\ ares_* | common/net/dns_channel*.o\ ares_*)
		return 0 ;;
	# The address to listen on may be a name, as in libmilter: asked at the
	# start, never for a message.
	milter/*endpoint.o\ getaddrinfo) return 0 ;;
	esac
	return 1
}

bad=0 seen=no
for object in $objects; do
	for symbol in $(nm -P -u "$top/$object" |
	    awk '{ sub(/@.*/, "", $1); print $1 }' |
	    grep -xE "$resolvers" || true); do
		if is_allowed "$object" "$symbol"; then
			seen=yes
			continue
		fi
		echo "resolver: $object refers to $symbol():" \
		    "ask through net/dns.h" >&2
		bad=1
	done
done
# What is known to be there must have been found, or nothing was looked at.
[ $seen = yes ] || { echo "resolver: not even net/dns_ares refers to c-ares" >&2
	bad=1; }
exit $bad
