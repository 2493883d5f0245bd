/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SPF_RUN_H
#define APLOMB_AUTH_SPF_RUN_H

/*
 * One evaluation under way: the answers to what its terms ask, under the limits
 * of RFC 7208 4.6.4. What ends the whole check (a limit, a DNS error, a target
 * without a record) is decided here, once; whoever evaluates sees is_decided
 * and stops. Every function but the last blocks.
 */

#include <stdbool.h>
#include <stddef.h>

#include "auth/spf_lookahead.h"
#include "auth/spf_macro.h"
#include "auth/spf_record.h"

struct spf_run {
	struct arena *arena;
	struct lookups *lookups;
	struct spf_identity who;
	struct spf_lookahead ahead;
	struct spf_source sources[SPF_MAX_SOURCES];
	size_t source_count;
	unsigned terms, voids;
	bool is_decided;
	enum spf_result result; /* when decided */
	struct str reason;
	/* Validated names of the client (5.5), once they have been needed. */
	bool has_names, is_nameless;
	size_t name_count;
	struct str names[SPF_MAX_PTR];
};

/* The record of the domain itself; NULL: decided, maybe as none. */
struct spf_node *spf_run_top(struct spf_run *run);

/* Begins a term: counts it and makes its name. False: it cannot match, or the
 * check is decided. */
bool spf_run_begin(struct spf_run *run, const struct spf_record *record,
    const struct spf_term *t, struct str *name);

/* The record of an include or a redirect that has begun; NULL: decided. */
struct spf_node *spf_run_target(struct spf_run *run, const struct spf_term *t,
    struct str name, struct spf_step *step);

/* Whether an a, exists or ptr that has begun matches. */
bool spf_run_matches(struct spf_run *run, const struct spf_term *t,
    struct str name);

/* The hosts of an mx that has begun, with their addresses asked for; none when
 * the check is decided. */
const struct dns_answer *spf_run_hosts(struct spf_run *run,
    const struct spf_term *t, struct str name);

/* Whether the client has an address of such a host. */
bool spf_run_host_matches(struct spf_run *run, const struct spf_term *t,
    struct str host);

/* Outside text for a reason: quoted, printable, and bounded. */
struct str spf_run_quote(const struct spf_run *run, struct str text);

#endif
