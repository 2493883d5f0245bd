/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/listen.h"

#include "base/ascii.h"
#include "net/ip.h"

/* Bytes of a path in struct sockaddr_un, with its NUL. */
#define UNIX_PATH_SIZE 108u

/* A number of TCP, which libmilter would cut to 16 bits, or the name of a
 * service, which has a letter (RFC 6335 5.1). */
static bool
is_port(struct str port)
{
	uint64_t number;
	bool has_letter = false;
	for (size_t i = 0; i < port.n; i++) {
		if (!ascii_is_alnum(port.p[i]) && port.p[i] != '-')
			return false;
		has_letter = has_letter || ascii_is_alpha(port.p[i]);
	}
	return port.n > 0 && (has_letter ? !ascii_is_digit(port.p[0]) :
	    str_to_uint(port, UINT16_MAX, &number) && number > 0);
}

/* A literal address, with or without brackets and a zone, has the colons of
 * IPv6 and no others; what follows it is no host. */
static bool
is_host(struct str host, bool is_inet6)
{
	struct ip ip;
	if (str_find(host, ':') == host.n)
		return str_find(host, '/') == host.n;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_sub(host, 1, host.n - 2);
	return is_inet6 && ip_parse(str_cut(&host, '%'), &ip);
}

const char *
listen_problem(struct str address)
{
	struct str rest = address, kind = str_cut(&rest, ':');
	if (str_eq(kind, STR("unix")) || str_eq(kind, STR("local")))
		return rest.n > 0 && rest.n < UNIX_PATH_SIZE ? NULL :
		    "the path must have 1 to 107 bytes";
	if (str_eq(kind, STR("inet")) || str_eq(kind, STR("inet6")))
		return !is_port(str_cut(&rest, '@')) ?
		    "the port must be a number from 1 to 65535 or the name of "
		    "a service, and stands before the host: inet:PORT@HOST" :
		    is_host(rest, kind.n == 5) ? NULL :
		    "after the @ stands the name or the address of this host, "
		    "and nothing after it; an address of IPv6 needs inet6";
	return "write inet:PORT@HOST, inet6:PORT@HOST, unix:PATH or "
	       "local:PATH";
}
