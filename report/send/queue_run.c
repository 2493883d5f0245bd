/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/send/queue_run.h"

#include "base/arena.h"
#include "base/clock.h"
#include "settings/settings.h"

#define DAY 86400

void
queue_run_gates(const struct settings *s, const struct store_filter *f,
    int64_t now, struct queue_gates *out)
{
	*out = (struct queue_gates) {
		.first = f->has_day ? f->day : now / DAY - QUEUE_RUN_DAYS,
		.last = (now - (int64_t)s->report_delay) / DAY - 1,
		.min_messages = s->report_min_messages,
		.is_only_if_passed = s->report_only_if_passed,
	};
}

static enum delivery_status
store_fails(struct queue_run *r)
{
	struct delivery *d = &r->dispatch;
	d->reason = str_copy(store_reason(d->store), d->arena);
	return DELIVERY_STORE;
}

/* ---- making reports ----------------------------------------------------- */

/* Leaves those out that the operator excludes. */
static size_t
choose(struct queue_run *r, struct store_day *days, size_t count)
{
	const struct override_patterns *p =
	    &r->dispatch.settings->report_exclude;
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		if (override_has_domain(p, days[i].domain))
			r->excluded++;
		else
			days[n++] = days[i];
	return n;
}

/* False: the store fails. *after is -1 at the end. */
static bool
make_page(struct queue_run *r, const struct queue_gates *g, int64_t *after)
{
	struct store *s = r->dispatch.store;
	struct arena *a = arena_new(0);
	struct store_day *days;
	size_t count = 0;
	uint64_t made = 0;
	bool is_good =
	    queue_due(s, g, &r->filter, *after, a, &days, &count);
	*after = is_good && count > 0 ? days[count - 1].tally : -1;
	size_t chosen = is_good ? choose(r, days, count) : 0;
	if (chosen > 0)
		is_good = queue_make(s, days, chosen, r->sender, clock_wall(),
		    a, &made);
	r->made += made;
	arena_free(a);
	return is_good;
}

static bool
make_reports(struct queue_run *r)
{
	struct queue_gates g;
	int64_t after = 0;
	queue_run_gates(r->dispatch.settings, &r->filter, clock_wall(), &g);
	while (after >= 0)
		if (!make_page(r, &g, &after))
			return false;
	return true;
}

/* ---- sending ------------------------------------------------------------ */

static enum delivery_status
send_next(struct queue_run *r, uint64_t before, bool *is_found)
{
	struct delivery *d = &r->dispatch;
	struct arena *a = arena_new(0);
	struct queue_claim c = {d->owner, clock_wall()};
	struct queue_report report;
	enum delivery_status status = DELIVERY_OK;
	if (!queue_take(d->store, &c, &r->filter, a, &report, is_found))
		status = store_fails(r);
	else if (*is_found) {
		if (r->progress != NULL)
			r->progress(r->arg, &report, before);
		status = delivery_report(d, &report);
	}
	arena_free(a);
	return status;
}

enum delivery_status
queue_run_start(struct queue_run *r)
{
	enum delivery_status status = DELIVERY_OK;
	bool is_found = true;
	if (!make_reports(r))
		return store_fails(r);
	for (uint64_t n = 0; is_found && status == DELIVERY_OK && !*r->is_over;
	    n++)
		status = send_next(r, n, &is_found);
	return status;
}
