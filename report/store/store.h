/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_STORE_STORE_H
#define APLOMB_REPORT_STORE_STORE_H

/*
 * The store: counted rows of past messages, and which history files they came
 * from. SQLite or PostgreSQL, chosen by the name; docs/FORMATS has the schema.
 *
 * Rows are held in tallies: one for each UTC day, published policy and sequence
 * number. A tally takes messages until it is frozen for a report; what arrives
 * later goes into a tally with the next number.
 *
 * A call that fails gives false and leaves a sentence in store_reason(). Views
 * live in the arena given.
 *
 * Threads: one store belongs to one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "report/row/row.h"

struct arena;
struct store;

/* Seconds for which a report is tried after it was made; then it is given up. */
#define STORE_REPORT_LIFETIME (48 * 3600)

/* Days since 1970-01-01 UTC. */
typedef int64_t store_day_number;

/* How a store is opened. */
enum store_use {
	STORE_READ,   /* made if it is missing */
	STORE_UPGRADE /* the same, and an old schema is brought up to date */
};

/* Opens "sqlite:PATH" or "postgresql://...". NULL with a sentence in *reason:
 * what is wrong, with which store, and what cures it. */
struct store *store_open(const char *name, enum store_use use,
    struct arena *a, struct str *reason);
void store_close(struct store *s);

/* The version of the tables; *old: as they were found, -1 for none at all. */
int store_version(const struct store *s, int64_t *old);

/* Why the last call failed; good until the next one. */
struct str store_reason(const struct store *s);

/* The last failure was a conflict with somebody else's work: the transaction
 * is to be rolled back and done again. */
bool store_is_conflict(const struct store *s);

/* A transaction; a store has at most one. */
bool store_begin(struct store *s);
bool store_commit(struct store *s);
void store_rollback(struct store *s);

/* A tally as it stands. */
struct store_day {
	int64_t tally;        /* its number, for the calls below */
	store_day_number day;
	struct str domain;    /* the policy domain */
	struct str policy;    /* id of the published policy: 32 hex digits */
	unsigned sequence;    /* 0 for the first of this day and policy */
	bool is_frozen;
	bool has_rua;         /* as in struct report_policy */
	uint64_t rows;
	uint64_t messages;    /* in rows and in the remainder */
	uint64_t optional;    /* as in struct report_row */
	uint64_t remainder;   /* messages that got no row of their own, since
				 the day has too many (report-max-rows) */
};

/* Which tallies; zeroed: all. */
struct store_filter {
	bool has_day;
	store_day_number day;
	struct str domain; /* empty: all */
};

/* The tallies, by day, domain, policy and sequence. */
bool store_days(struct store *s, const struct store_filter *f,
    struct arena *a, struct store_day **out, size_t *count);

/* The published policy with this id. */
bool store_policy(struct store *s, struct str id, struct arena *a,
    struct report_policy *out);

/* The rows of a tally, one after the other in a stable order, in constant
 * memory. A row is good until the next one is asked for. Other calls may come
 * between; without a transaction, or before the tally is frozen, counts may
 * change meanwhile. */
struct store_rows;
struct store_rows *store_rows_open(struct store *s, int64_t tally);
/* False at the end, and after a failure. */
bool store_rows_next(struct store_rows *r, const struct report_row **out);
/* Whether it came to the end without a failure. */
bool store_rows_close(struct store_rows *r);

/* Freezes a tally; *was_open is false when another process was first. */
bool store_freeze(struct store *s, int64_t tally, bool *was_open);

#endif
