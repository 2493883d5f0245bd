/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_COUNTERS_H
#define APLOMB_MILTER_COUNTERS_H

/*
 * What the daemon has done since it started, in numbers: written to the log on
 * USR2 and at the end.
 *
 * Threads: any.
 */

#include <stdint.h>

#include "base/text.h"

struct message;
struct plan;
struct verdict;

enum counter {
	COUNTER_SESSIONS,
	COUNTER_MESSAGES,  /* answered */
	COUNTER_ABORTED,   /* given up by the MTA */
	COUNTER_EXEMPT,
	COUNTER_NONE,      /* by result, as enum verdict_result */
	COUNTER_PASS,
	COUNTER_FAIL,
	COUNTER_TEMPERROR,
	COUNTER_PERMERROR,
	COUNTER_ACCEPTED,  /* by action, as enum plan_reply */
	COUNTER_REJECTED,
	COUNTER_DEFERRED,
	COUNTER_HELD,
	COUNTER_HISTORY_LOST,
	COUNTER_UNPERFORMED, /* the MTA did not take the action */
	COUNTER_RELOADS,
	COUNTER_FAILURES,      /* failure reports to be made */
	COUNTER_FAILURES_LOOP, /* not: a report could begin a loop */
	COUNTER_FAILURES_FULL, /* not: the spool is full */
	COUNTER_FAILURES_LOST, /* not: the disk, or rights */
	COUNTERS
};

void counters_add(enum counter c);
uint64_t counters_get(enum counter c);

/* Counts an answered message by its result and by its action. */
void counters_message(const struct message *m, const struct verdict *v,
    const struct plan *p);

/* All of them as "name=number" words, blanks between. */
void counters_print(struct text *t);

#endif
