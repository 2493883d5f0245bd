/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/counters.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/table.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"

static const struct table_row names[] = {
	{COUNTER_SESSIONS, "sessions"},
	{COUNTER_MESSAGES, "messages"},
	{COUNTER_ABORTED, "aborted"},
	{COUNTER_EXEMPT, "exempt"},
	{COUNTER_NONE, "none"},
	{COUNTER_PASS, "pass"},
	{COUNTER_FAIL, "fail"},
	{COUNTER_TEMPERROR, "temperror"},
	{COUNTER_PERMERROR, "permerror"},
	{COUNTER_ACCEPTED, "accepted"},
	{COUNTER_REJECTED, "rejected"},
	{COUNTER_DEFERRED, "deferred"},
	{COUNTER_HELD, "held"},
	{COUNTER_HISTORY_LOST, "history-lost"},
	{COUNTER_UNPERFORMED, "unperformed"},
	{COUNTER_RELOADS, "reloads"},
	{COUNTER_FAILURES, "failures"},
	{COUNTER_FAILURES_LOOP, "failures-loop"},
	{COUNTER_FAILURES_FULL, "failures-full"},
	{COUNTER_FAILURES_LOST, "failures-lost"},
	{0, NULL},
};

_Static_assert(COUNTER_PERMERROR - COUNTER_NONE == VERDICT_PERMERROR,
    "one counter for each result");
_Static_assert(COUNTER_HELD - COUNTER_ACCEPTED == PLAN_HOLD,
    "one counter for each action");

static _Atomic uint64_t counts[COUNTERS];

void
counters_add(enum counter c)
{
	atomic_fetch_add_explicit(&counts[c], 1, memory_order_relaxed);
}

uint64_t
counters_get(enum counter c)
{
	return atomic_load_explicit(&counts[c], memory_order_relaxed);
}

void
counters_message(const struct message *m, const struct verdict *v,
    const struct plan *p)
{
	counters_add(COUNTER_MESSAGES);
	if (m->exempt != MESSAGE_JUDGED)
		counters_add(COUNTER_EXEMPT);
	else
		counters_add(COUNTER_NONE + v->result);
	counters_add(COUNTER_ACCEPTED + p->reply);
}

void
counters_print(struct text *t)
{
	for (const struct table_row *r = names; r->name != NULL; r++)
		text_printf(t, "%s%s=%" PRIu64, t->n > 0 ? " " : "", r->name,
		    counters_get(r->value));
}
