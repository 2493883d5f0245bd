/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SPF_LOOKAHEAD_H
#define APLOMB_AUTH_SPF_LOOKAHEAD_H

/*
 * The records of a check as a tree, as far as their answers are here, and the
 * questions that the known ones will need: asked before the evaluation gets to
 * them, so that it waits once for each depth of the tree and not for each term.
 *
 * A sender's records choose the names, so this must not multiply questions: it
 * goes in the order of evaluation, ends at what surely matches, at the tenth
 * term, after two void answers, and asks no more than is said below. Names with
 * macros are left to the evaluation.
 */

#include <stdbool.h>
#include <stddef.h>

#include "auth/spf_record.h"
#include "base/str.h"
#include "net/dns.h"
#include "net/ip.h"

struct arena;

/* Questions for SPF of a message, from which on nothing is asked ahead; and
 * those for the addresses of mx hosts, which a sender multiplies best. */
#define SPF_LOOKAHEAD_MAX 60u
#define SPF_LOOKAHEAD_MX  10u

/* A record, and what has been asked for each of its terms. */
struct spf_node {
	struct spf_record record;
	struct spf_step {
		struct lookup *asked;
		bool has_hosts;          /* mx: they have been asked, too */
		struct spf_node *target; /* include, redirect */
	} steps[SPF_RECORD_TERMS];
};

struct spf_lookahead {
	struct lookups *lookups;
	struct arena *arena;
	struct ip client;
	struct str domain;
	struct lookup *asked; /* the TXT records of `domain` */
	struct spf_node *top;
	unsigned terms, voids; /* of the walk under way */
	unsigned hosts;        /* asked by all walks */
};

/* Asks for the record of `domain`, which is in the one form. */
void spf_lookahead_init(struct spf_lookahead *l, struct lookups *lookups,
    const struct ip *client, struct str domain, struct arena *a);

/* Asks what the answers that are here call for. Never blocks. */
void spf_lookahead_go(struct spf_lookahead *l);

/* The node of a TXT answer about `domain`; kept in *node. */
struct spf_node *spf_lookahead_node(struct spf_lookahead *l,
    const struct dns_answer *txt, struct str domain, struct spf_node **node);

/* The type of address that is asked for a client (RFC 7208 5). */
enum dns_type spf_address_type(const struct ip *client);

/* One of the addresses has the client's first `bits` bits. */
bool spf_address_match(const struct dns_answer *addresses,
    const struct ip *client, unsigned bits);

/* A void lookup: no such name, or no such record (RFC 7208 4.6.4). */
bool spf_is_void(const struct dns_answer *answer);

#endif
