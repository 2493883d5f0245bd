/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_SEND_DELIVERY_H
#define APLOMB_REPORT_SEND_DELIVERY_H

/*
 * One report, from its claim to its release: its destinations are looked up,
 * written to the outbox, and each gets a message; what became of it is written
 * down at once. What failed for a while is put off, ever longer, until
 * STORE_REPORT_LIFETIME is over.
 *
 * Threads: blocks for DNS and for the mail server; not in the daemon.
 */

#include <stdbool.h>
#include <stdint.h>

#include "dmarc/discover.h"
#include "report/recipient/destination.h"
#include "report/send/queue.h"

struct arena;
struct dns;
struct settings;
struct transport;

struct delivery_counts {
	uint64_t sent, deferred, refused, given_up, suppressed;
	uint64_t unusable; /* destinations that are not to be written to */
	uint64_t dropped;  /* reports that have none at all */
};

struct delivery {
	struct store *store;
	struct transport *transport;
	struct dns *dns;
	struct discover_options discover;
	const struct settings *settings;
	struct str bounce;       /* the mailbox of bounces */
	struct str owner;        /* as in struct queue_claim */
	struct delivery_counts counts;
	struct str reason;       /* with anything but DELIVERY_OK */
	struct arena *arena;     /* of `reason` */
};

enum delivery_status {
	DELIVERY_OK,
	DELIVERY_STORE,   /* the store fails */
	DELIVERY_SERVICE, /* mail cannot be handed over at all: there is no use
			     in trying another report now */
	DELIVERY_LOCAL    /* this machine has no room for the message */
};

/* Works on a report that is claimed for d->owner, and releases it. */
enum delivery_status delivery_report(struct delivery *d,
    struct queue_report *r);

/* Where the report of a day would go: DNS is asked, and nothing written. */
void delivery_look_up(const struct delivery *d, const struct store_day *day,
    enum discover_method method, struct arena *a, struct destinations *out);

/* How long the n-th failure puts a message off, in seconds; n from 1. A share
 * is drawn at random, so that what failed together does not come together. */
int64_t delivery_delay(unsigned failures);

#endif
