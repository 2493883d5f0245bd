/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report_dry.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "report/recipient/suppression.h"
#include "settings/settings.h"

/* ---- one report that would be made -------------------------------------- */

static bool
is_kept_back(const struct queue_run *r, struct str domain)
{
	return override_has_domain(&r->dispatch.settings->report_exclude,
	    domain);
}

/* Why it would not be written to; empty: it would. */
static struct str
hindrance(const struct queue_run *r, const struct destination *t, struct arena *a,
    bool *is_good)
{
	struct suppression e;
	bool is_listed = false;

	if (t->status != DESTINATION_OK)
		return output_plain(t->reason, a);
	if (is_kept_back(r, t->domain))
		return STR("report-exclude has its domain");
	*is_good = suppression_find(r->dispatch.store, t->address, t->domain,
	    clock_wall(), a, &e, &is_listed);
	return is_listed ? text_format(a, "suppressed: %.*s",
	    STR_ARG(output_plain(e.reason, a))) : STR("");
}

static bool
print_destination(const struct queue_run *r, const struct destination *t,
    struct arena *a)
{
	bool is_good = true;
	struct str why = hindrance(r, t, a, &is_good);

	printf("  %s %.*s%s%.*s\n", why.n == 0 ? "to" : "not to",
	    STR_ARG(output_plain(t->address.n > 0 ? t->address : t->uri, a)),
	    why.n == 0 ? "" : ": ", STR_ARG(why));
	return is_good;
}

static bool
print_report(struct queue_run *r, const struct store_day *d)
{
	struct arena *a = arena_new(0);
	struct report_policy p;
	struct destinations found = {.count = 0};
	bool is_good = store_policy(r->dispatch.store, d->policy, a, &p);

	if (is_good) {
		printf("%.*s %.*s: %" PRIu64 " message%s in %" PRIu64
		    " row%s\n", STR_ARG(date_print(d->day, a)),
		    STR_ARG(output_plain(d->domain, a)), d->messages,
		    d->messages == 1 ? "" : "s", d->rows,
		    d->rows == 1 ? "" : "s");
		delivery_look_up(&r->dispatch, d, p.method, a, &found);
		r->made++;
	}
	if (found.status != DESTINATIONS_FOUND)
		printf("  to nobody: %.*s\n",
		    STR_ARG(output_plain(found.reason, a)));
	for (size_t i = 0; i < found.count && is_good; i++)
		is_good = print_destination(r, &found.at[i], a);
	arena_free(a);
	return is_good;
}

static bool
print_page(struct queue_run *r, const struct queue_gates *g, int64_t *after)
{
	struct arena *a = arena_new(0);
	struct store_day *days;
	size_t count = 0;
	bool is_good = queue_due(r->dispatch.store, g, &r->filter, *after, a,
	    &days, &count);

	*after = is_good && count > 0 ? days[count - 1].tally : -1;
	for (size_t i = 0; i < count && is_good; i++)
		if (is_kept_back(r, days[i].domain))
			r->excluded++;
		else
			is_good = print_report(r, &days[i]);
	arena_free(a);
	return is_good;
}

/* ---- what waits from before --------------------------------------------- */

static void
print_waiting(void *arg, const struct queue_line *l)
{
	struct arena *a = arena_new(0);
	uint64_t *count = arg;

	if (l->id.n > 0 && l->state != QUEUE_DONE) {
		printf("%.*s %.*s: made before, %" PRIu64 " of %" PRIu64
		    " sent (aplomb report show %.*s)\n",
		    STR_ARG(date_print(l->day.day, a)),
		    STR_ARG(output_plain(l->day.domain, a)), l->sent,
		    l->sent + l->waiting + l->failed, STR_ARG(l->id));
		(*count)++;
	}
	arena_free(a);
}

int
report_dry_run(struct queue_run *r, struct arena *a)
{
	struct store *s = r->dispatch.store;
	struct queue_gates g;
	int64_t after = 0;
	uint64_t waiting = 0;

	(void)a;
	queue_run_gates(r->dispatch.settings, &r->filter, clock_wall(), &g);
	if (!queue_list(s, &r->filter, 0, print_waiting, &waiting))
		return setup_store_fails(s);
	while (after >= 0)
		if (!print_page(r, &g, &after))
			return setup_store_fails(s);
	printf("dry run: %" PRIu64 " would be made, %" PRIu64 " wait from "
	    "before, %" PRIu64 " kept back by report-exclude; nothing was "
	    "sent\n", r->made, waiting, r->excluded);
	return EX_OK;
}
