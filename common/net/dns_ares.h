/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_ARES_H
#define APLOMB_NET_DNS_ARES_H

/*
 * The engine that asks servers through c-ares: one thread with its own epoll,
 * one shared cache (positive and negative), questions in flight shared.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct dns;

/* Servers of the option below; more are not asked. */
#define DNS_ARES_MAX_SERVERS 16u

struct dns_ares_options {
	const struct str *servers; /* "192.0.2.1", "192.0.2.1:5353", "[::1]:53" */
	size_t server_count;       /* 0: the system's, from /etc/resolv.conf */
	size_t cache_bytes;
	unsigned avoid_ms;         /* how long a server that was silent is asked
				      last; 0: half a minute */
};

/* A server text of the option above is well formed. */
bool dns_ares_is_server(struct str server);

/* Starts an engine; the caller holds it once. NULL with a reason in *reason
 * (static text) when it cannot start. No question is asked yet. */
struct dns *dns_ares_new(const struct dns_ares_options *o,
    const char **reason);

#endif
