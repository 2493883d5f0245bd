/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/listen.h"

#include "base/ascii.h"

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

const char *
listen_problem(struct str address)
{
	struct str rest = address, kind = str_cut(&rest, ':');
	if (str_eq(kind, STR("unix")) || str_eq(kind, STR("local")))
		return rest.n > 0 && rest.n < UNIX_PATH_SIZE ? NULL :
		    "the path must have 1 to 107 bytes";
	if (str_eq(kind, STR("inet")) || str_eq(kind, STR("inet6")))
		return is_port(str_cut(&rest, '@')) ? NULL :
		    "the port must be a number from 1 to 65535 or the name of "
		    "a service, and stands before the host: inet:PORT@HOST";
	return "write inet:PORT@HOST, inet6:PORT@HOST, unix:PATH or "
	       "local:PATH";
}
