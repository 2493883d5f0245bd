/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/failures.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "judge/failure.h"
#include "judge/failure_print.h"
#include "judge/message.h"
#include "judge/spool.h"
#include "milter/counters.h"
#include "milter/log_line.h"
#include "settings/settings.h"

/* Of losses of one kind, how often the log speaks. */
#define NEWS_MS 600000

/* When the log has spoken last, in milliseconds, and what has come since. */
struct news {
	_Atomic int64_t said;
	_Atomic uint64_t untold;
};

static struct news full, failed;

bool
failures_are_possible(const struct settings *s, struct arena *a,
    struct str *reason)
{
	return !s->failure_reports ||
	    spool_is_usable(s->failure_spool, a, reason);
}

bool
failures_find(const struct settings *s, struct spool *old, struct arena *a,
    struct spool **out, struct str *reason)
{
	*out = NULL;
	if (!s->failure_reports)
		return true;
	if (!spool_prepare(s->failure_spool, a, reason))
		return false;
	*out = spool_is(old, s->failure_spool, s->failure_spool_size) ?
	    spool_hold(old) :
	    spool_new(s->failure_spool, s->failure_spool_size);
	return true;
}

/* Whether it is time to say so; *untold were not told of. */
static bool
is_due(struct news *n, uint64_t *untold)
{
	int64_t now = clock_mono_ms(), said = atomic_load(&n->said);
	if ((said != 0 && now - said < NEWS_MS) ||
	    !atomic_compare_exchange_strong(&n->said, &said, now)) {
		atomic_fetch_add(&n->untold, 1);
		return false;
	}
	*untold = atomic_exchange(&n->untold, 0);
	return true;
}

static void
lose(const struct message *m, enum spool_status status, struct str reason)
{
	uint64_t untold;
	if (status == SPOOL_FULL) {
		counters_add(COUNTER_FAILURES_FULL);
		if (is_due(&full, &untold))
			log_warning("%.*s: it is not reported to its domain: "
			    "failure-spool is full (failure-spool-size); does "
			    "aplomb report send-failures run? %" PRIu64
			    " more since the last such line",
			    STR_ARG(log_line_id(m)), untold);
		return;
	}
	counters_add(COUNTER_FAILURES_LOST);
	if (is_due(&failed, &untold))
		log_error("%.*s: %.*s; %" PRIu64 " more since the last such "
		    "line", STR_ARG(log_line_id(m)), STR_ARG(reason), untold);
}

static void
note_one(struct spool *s, const struct message *m, const struct verdict *v,
    const struct plan *p, unsigned type)
{
	struct str reason = {NULL, 0};
	enum spool_status status = spool_write(s,
	    failure_print(m, v, p, type, m->arena), m->received, m->arena,
	    &reason);
	if (status == SPOOL_WRITTEN)
		counters_add(COUNTER_FAILURES);
	else
		lose(m, status, reason);
}

void
failures_note(struct spool *s, const struct message *m,
    const struct verdict *v, const struct plan *p)
{
	unsigned types;
	if (s == NULL)
		return;
	enum failure_answer answer = failure_decide(m, v, p, &types);
	if (answer != FAILURE_DUE) {
		if (answer == FAILURE_LOOP)
			counters_add(COUNTER_FAILURES_LOOP);
		return;
	}
	for (const struct table_row *r = failure_type_names; r->name != NULL;
	    r++)
		if ((types & (unsigned)r->value) != 0)
			note_one(s, m, v, p, (unsigned)r->value);
}
