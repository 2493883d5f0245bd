/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/resolver.h"

#include "cli/setup.h"
#include "net/dns_ares.h"
#include "settings/settings.h"

struct dns *
resolver_open(const struct settings *s)
{
	const char *reason;
	struct dns *dns = dns_ares_new(&(struct dns_ares_options) {
		.servers = s->dns_servers.at,
		.server_count = s->dns_servers.count,
		.cache_bytes = s->dns_cache_size,
	}, &reason);
	if (dns == NULL)
		setup_complain(str_of(reason));
	return dns;
}

struct discover_options
resolver_discover(const struct settings *s)
{
	return (struct discover_options) {
		.method = s->discovery,
		.has_psl_guard = s->psl_guard,
		.suffixes = s->suffixes,
	};
}
