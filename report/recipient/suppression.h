/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_RECIPIENT_SUPPRESSION_H
#define APLOMB_REPORT_RECIPIENT_SUPPRESSION_H

/*
 * The list of addresses and domains that get no report: those whose mail
 * bounced, for a while that doubles with each bounce, and those that the
 * operator names, for good.
 *
 * Times are seconds UTC. A call that fails gives false, with a sentence in
 * store_reason().
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/store/store.h"

struct arena;

/* How long a first bounce keeps an address out; the longest. */
#define SUPPRESSION_FIRST (3 * 86400)
#define SUPPRESSION_LONGEST (96 * 86400)

struct suppression {
	struct str address; /* or a domain */
	int64_t since, until; /* until 0: for good */
	unsigned bounces;
	struct str reason;  /* outside text */
};

/* Whether an address, or its domain, is on the list now; *out is the entry. */
bool suppression_find(struct store *s, struct str address, struct str domain,
    int64_t now, struct arena *a, struct suppression *out, bool *is_found);

/* A bounce came for an address; *until is how long it stays out, 0 where it was
 * out for good. */
bool suppression_bounce(struct store *s, struct str address, int64_t now,
    struct str reason, int64_t *until);

/* Adds an address or a domain for good. */
bool suppression_add(struct store *s, struct str address, int64_t now,
    struct str reason);

/* *was_there is false when there is no such entry. */
bool suppression_remove(struct store *s, struct str address, bool *was_there);

/* Calls fn for each entry, by address; views are good during the call. */
typedef void (*suppression_fn)(void *arg, const struct suppression *e);
bool suppression_list(struct store *s, suppression_fn fn, void *arg);

#endif
