/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_CHANNEL_H
#define APLOMB_NET_DNS_CHANNEL_H

/*
 * One channel of c-ares, which asks one server and remembers no answer. What
 * differs between the versions of c-ares is here, and is the same for the
 * caller: from 1.18 (Debian 12) to 1.34 (Debian 13).
 *
 * Threads: one for all channels.
 */

#include <ares.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A server's text: address, perhaps the interface, port. */
#define DNS_CHANNEL_SERVER 128u

struct dns_channel_options {
	const char *server;      /* "192.0.2.1:53", "[::1]:53" */
	int timeout_ms;          /* of the first try, doubled at each */
	int tries;
	bool has_own_sockets;    /* for each question; since 1.20 */
	ares_sock_state_cb watch;
	void *watch_arg;
};

/* Who asked: lives until take() is called, once for each question, perhaps
 * before dns_channel_ask() returns. `status` is one of c-ares; the packet is the
 * reply, valid during the call, empty where none came or none could be read. */
struct dns_channel_asker {
	void (*take)(struct dns_channel_asker *asker, int status,
	    struct str packet);
};

/* A server of the settings ("192.0.2.1", "192.0.2.1:5353", "[::1]:53", "::1") as
 * a channel takes it; false where it is none. */
bool dns_channel_server(struct str server, char out[DNS_CHANNEL_SERVER]);

/* A status of c-ares. Where it is not ARES_SUCCESS, *out is NULL or to be
 * destroyed all the same. */
int dns_channel_open(ares_channel *out, const struct dns_channel_options *o);

/* Sends a whole question (RFC 1035 4.1). Newer versions choose its id
 * themselves. */
void dns_channel_ask(ares_channel channel, const uint8_t *question, size_t n,
    struct dns_channel_asker *asker);

/* The system's servers, from /etc/resolv.conf, as texts; returns their number,
 * 0 when they cannot be read. */
size_t dns_channel_system(char servers[][DNS_CHANNEL_SERVER], size_t max);

#endif
