/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <getopt.h>
#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/selection.h"
#include "cli/setup.h"
#include "report/send/queue.h"
#include "report/aggregate/aggregate_report.h"
#include "report/send/queue_run.h"

#define DAY 86400

struct list {
	struct store_filter filter;
	struct arena *arena;
	int64_t now;
	bool is_all;
	uint64_t lines;
};

static const struct option longs[] = {
	{"all", no_argument, NULL, 'a'},
	{"day", required_argument, NULL, 'd'},
	{"domain", required_argument, NULL, 'D'},
	COMMAND_HELP,
	{NULL, 0, NULL, 0},
};

static void
take_option(void *arg, int letter, const char *value)
{
	struct list *l = arg;

	if (letter == 'd')
		selection_read_day(value, l->now, &l->filter);
	else if (letter == 'D')
		selection_read_domain(value, l->arena, &l->filter);
	else
		l->is_all = true;
}

/* What keeps a tally from being a report, or what it waits for. */
static const char *
unmade(const struct list *l, const struct store_day *d)
{
	if (d->is_frozen)
		return "expiring";
	if (!d->has_rua)
		return "nobody asks";
	if (!aggregate_report_is_due(d))
		return "only bounces and reports";
	return d->day >= l->now / DAY ? "day is running" : "not made";
}

static struct str
state_of(const struct list *l, const struct queue_line *line,
    struct arena *a)
{
	uint64_t all = line->sent + line->waiting + line->failed;

	if (line->id.n == 0)
		return str_of(unmade(l, &line->day));
	if (line->state == QUEUE_NEW && all == 0)
		return STR("new");
	if (line->state != QUEUE_DONE)
		return text_format(a, "waiting (%" PRIu64 " of %" PRIu64
		    " sent)", line->sent, all);
	if (all == 0)
		return STR("no destination");
	return text_format(a, "sent to %" PRIu64 " of %" PRIu64, line->sent,
	    all);
}

static void
print_line(void *arg, const struct queue_line *line)
{
	struct list *l = arg;
	struct arena *a = arena_new(0);

	if (l->lines++ == 0)
		printf("%-10s %-30s %8s %9s  %-20s %s\n", "DAY", "DOMAIN",
		    "ROWS", "MESSAGES", "STATE", "ID");
	printf("%-10.*s %-30.*s %8" PRIu64 " %9" PRIu64 "  %-20.*s %.*s\n",
	    STR_ARG(date_print(line->day.day, a)),
	    STR_ARG(output_plain(line->day.domain, a)), line->day.rows,
	    line->day.messages, STR_ARG(state_of(l, line, a)),
	    STR_ARG(line->id.n > 0 ? line->id : STR("-")));
	arena_free(a);
}

static int
run(const struct settings *s, struct store *store, struct arena *a, void *arg)
{
	struct list *l = arg;
	bool is_recent = !l->is_all && !l->filter.has_day;

	(void)s, (void)a;
	if (!queue_list(store, &l->filter,
	    is_recent ? l->now / DAY - QUEUE_RUN_DAYS : 0, print_line, l))
		return setup_store_fails(store);
	if (l->lines == 0)
		printf("nothing is in the store%s\n", is_recent ?
		    " of the last days; --all looks further back" : "");
	return EX_OK;
}

int
report_list(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct list l = {.arena = arena_new(0), .now = clock_wall()};

	command_options(self, argc, argv, longs, 0, take_option, &l);
	int code = setup_run(o, run, &l);
	arena_free(l.arena);
	return code;
}
