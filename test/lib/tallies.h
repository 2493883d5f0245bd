/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_TALLIES_H
#define APLOMB_TEST_LIB_TALLIES_H

/* Days of domains in a store, and who reports them. */

#include <stdbool.h>
#include <stdint.h>

#include "report/row/sender.h"
#include "report/store/store.h"

#define TALLY_DAY 20778 /* 2026-11-21 */

/* A day of a domain: `failed` messages that fail, `passed` that pass; the first
 * `optional` of all are bounces. */
struct tallies_one {
	int64_t day;
	const char *domain;
	unsigned failed, passed, optional;
	bool has_rua;
};

/* Adds it in a transaction; fails the test where that fails. */
void tallies_add(struct store *s, const struct tallies_one *t);

/* One message of a domain that asks for reports, on TALLY_DAY. */
void tallies_add_domain(struct store *s, const char *domain);

/* Sends in the name of rcv.example. */
extern const struct sender tallies_sender;

/* Makes every report that can be made, at `now`; how many there were. */
uint64_t tallies_make_reports(struct store *s, int64_t now, struct arena *a);

#endif
