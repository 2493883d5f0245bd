/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_RECIPIENT_H
#define APLOMB_REPORT_FAILURE_FAILURE_RECIPIENT_H

/*
 * Who gets the failure reports of each policy domain: asked of DNS once in a
 * run. Names that never answer must not keep the others waiting: whoever sends
 * mail chooses how many of them there are. So patience ends: when a minute has
 * been lost to them, each further one gets half a second.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "dmarc/discover.h"
#include "report/recipient/destination.h"

struct arena;
struct dns;
struct failure_recipient_cache;
struct sender;
struct settings;

#define FAILURE_RECIPIENT_PATIENCE_MS 60000 /* lost to silent names, in all */
#define FAILURE_RECIPIENT_HURRY_MS    500   /* and then for each */

struct failure_recipient {
	struct str addresses[DESTINATION_MAX];
	size_t count;
	bool is_unsure;    /* there may be others: ask in another run */
	unsigned unusable; /* that may not be written to */
};

struct failure_recipient_world {
	const struct settings *settings;
	const struct sender *sender;
	struct dns *dns;
	struct discover_options discover;
};

/* Keeps the answers in the arena, for as long as the world is there. */
struct failure_recipient_cache *failure_recipient_open(const struct failure_recipient_world *world,
    struct arena *a);
void failure_recipient_close(struct failure_recipient_cache *b); /* NULL is fine */

/* Those of a policy domain whose record was found by `method`. */
const struct failure_recipient *failure_recipient_find(struct failure_recipient_cache *b,
    struct str policy_domain, enum discover_method method);

#endif
