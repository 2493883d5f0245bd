/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_FOLD_H
#define APLOMB_REPORT_ROW_FOLD_H

/*
 * Messages folded into counted rows, in memory, for one transaction: a group
 * for each UTC day and published policy, in it a row for each kind of message.
 */

#include <stdint.h>

#include <uthash.h>

#include "base/str.h"
#include "report/row/row.h"

struct fold_row {
	struct str text; /* by row_print() */
	uint64_t messages, optional;
	UT_hash_handle hh;
};

struct fold_group {
	int64_t day;
	struct str policy;     /* by policy_print() */
	struct fold_row *rows; /* a table of uthash */
	uint64_t messages, optional;
	struct str key;
	UT_hash_handle hh;
};

struct fold;

struct fold *fold_new(void);
void fold_free(struct fold *f);

/* Counts r->count messages, of which r->optional are optional. */
void fold_add(struct fold *f, int64_t day, const struct report_policy *p,
    const struct report_row *r);

/* As much as one transaction should hold. */
bool fold_is_full(const struct fold *f);

/* The groups by day and policy, the same order in every process, so that two
 * which lock them one by one cannot wait for each other. */
struct fold_group *fold_sorted(struct fold *f);

void fold_clear(struct fold *f);

#endif
