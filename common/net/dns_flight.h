/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_FLIGHT_H
#define APLOMB_NET_DNS_FLIGHT_H

/*
 * How many questions may be on their way at once. So many new ones overflow the
 * sockets' buffers, and are repeated for nothing; those that have been out for a
 * while wait for a server that is slow or silent, and must not keep others from
 * being asked: whoever sends mail has any number of silent names.
 *
 * Threads: the engine's own.
 */

#include <stdbool.h>
#include <stdint.h>

#define DNS_FLIGHT_MAX_NEW 1000u
#define DNS_FLIGHT_NEW_MS  500
/* All together; each costs 2 KB and, until it is given up, three packets. */
#define DNS_FLIGHT_MAX     10000u

struct dns_flight_mark {
	int64_t since_ms;
	bool is_old;
	struct dns_flight_mark *prev, *next; /* among the new, oldest first */
};

struct dns_flight {
	struct dns_flight_mark *first;
	unsigned count, new_count;
};

/* Whether another question may go. */
bool dns_flight_has_room(struct dns_flight *f, int64_t now_ms);

/* The mark belongs to the question, and lives from one to the other. */
void dns_flight_begin(struct dns_flight *f, struct dns_flight_mark *m,
    int64_t now_ms);
void dns_flight_end(struct dns_flight *f, struct dns_flight_mark *m);

/* Milliseconds until time alone makes room; -1: it does not, or there is. */
int dns_flight_wait_ms(const struct dns_flight *f, int64_t now_ms);

#endif
