/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_UNIT_DMARC_FIXTURE_H
#define APLOMB_TEST_UNIT_DMARC_FIXTURE_H

/*
 * What the tests of common/dmarc share: the domains of the worked examples,
 * a public suffix list, and the engine that answers from them. Every name ends
 * in ".example"; an author domain that must not exist is not in the zone.
 */

#include "dmarc/discover.h"
#include "net/dns.h"

struct arena;

struct fixture {
	struct arena *arena; /* of the zone */
	struct dns *dns;
	struct suffix_list *suffixes;
	struct arena *message;    /* of the questions; see fixture_message() */
	struct lookups *lookups;
};

/* A record of a zone text. */
#define RECORD(name, tags) "_dmarc." name " TXT \"v=DMARC1; " tags "\"\n"

/* The zone of the worked examples, or `zone` alone when that is not NULL. */
void fixture_begin(struct fixture *f, const char *zone);
void fixture_end(struct fixture *f);

/* Begins a message: ends the one before it, and nothing is asked yet. */
void fixture_message(struct fixture *f);

/* Options of a method, the guard on. */
struct discover_options fixture_options(const struct fixture *f,
    enum discover_method method);

/* Begins a message and finds the policy of `author` in it. */
void fixture_discover(struct fixture *f, enum discover_method method,
    const char *author, struct discovery *out);

#endif
