/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_TALLY_H
#define APLOMB_REPORT_ROW_TALLY_H

/*
 * Messages folded into counted rows, in memory, for one transaction: a group
 * for each UTC day and published policy, in it a row for each kind of message.
 */

#include <stdint.h>

#include <uthash.h>

#include "base/str.h"
#include "report/row/row.h"

struct tally_row {
	struct str text; /* by row_print() */
	uint64_t messages, optional;
	UT_hash_handle hh;
};

struct tally_group {
	int64_t day;
	struct str policy;     /* by policy_print() */
	struct tally_row *rows; /* a table of uthash */
	uint64_t messages, optional;
	struct str key;
	UT_hash_handle hh;
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *f);

/* Counts r->count messages, of which r->optional are optional. */
void tally_add(struct tally *f, int64_t day, const struct report_policy *p,
    const struct report_row *r);

/* As much as one transaction should hold. */
bool tally_is_full(const struct tally *f);

/* The groups by day and policy, the same order in every process, so that two
 * which lock them one by one cannot wait for each other. */
struct tally_group *tally_sorted(struct tally *f);

void tally_clear(struct tally *f);

#endif
