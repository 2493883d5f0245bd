/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <getopt.h>
#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "cli/selection.h"
#include "cli/setup.h"
#include "report/aggregate/preview.h"
#include "settings/settings.h"

#define DAY 86400

struct preview {
	struct store_filter filter;
	const char *folder; /* NULL: only what would be written */
	const struct sender *sender;
	struct arena *arena;
	int64_t now;
	uint64_t reports, unasked; /* unasked: no report is to be made */
};

static const struct option longs[] = {
	{"day", required_argument, NULL, 'd'},
	{"domain", required_argument, NULL, 'D'},
	{"output-dir", required_argument, NULL, 'o'},
	COMMAND_HELP,
	{NULL, 0, NULL, 0},
};

/* ---- arguments ---------------------------------------------------------- */

static void
take_option(void *arg, int letter, const char *value)
{
	struct preview *p = arg;

	if (letter == 'd')
		selection_read_day(value, p->now, &p->filter);
	else if (letter == 'D')
		selection_read_domain(value, p->arena, &p->filter);
	else
		p->folder = value;
}

/* ---- one report --------------------------------------------------------- */

static void
print_line(const struct preview *p, const struct aggregate_report *o, struct str stem)
{
	struct arena *a = arena_new(0);
	bool is_running = o->day.day >= p->now / DAY;

	printf("%.*s %.*s: %" PRIu64 " message%s in %" PRIu64
	    " row%s%s%s: %.*s.xml.gz\n", STR_ARG(date_print(o->day.day, a)),
	    STR_ARG(o->report_name.domain), o->day.messages,
	    o->day.messages == 1 ? "" : "s", o->day.rows,
	    o->day.rows == 1 ? "" : "s",
	    is_running ? ", partial: the day is running" : "",
	    o->day.is_frozen ? ", made before" : "", STR_ARG(stem));
	arena_free(a);
}

/* The exit status so far. */
static int
preview_one(struct preview *p, struct store *s, const struct store_day *d)
{
	struct arena *a = arena_new(0);
	struct aggregate_report o;
	struct str stem, reason;
	bool is_made = aggregate_report_init(s, p->sender, d, a, &o);

	if (!is_made)
		reason = store_reason(s);
	else if (p->folder == NULL)
		stem = o.report_name.stem;
	else
		is_made = preview_write(s, &o, p->folder, p->now, a, &stem,
		    &reason);
	if (is_made)
		print_line(p, &o, stem);
	else
		setup_complain(reason);
	p->reports += is_made;
	arena_free(a);
	return is_made ? EX_OK : EX_CANTCREAT;
}

/* ---- all ---------------------------------------------------------------- */

/* Without a day: what no report has been made of yet. */
static bool
is_meant(const struct preview *p, const struct store_day *d)
{
	return p->filter.has_day || !d->is_frozen;
}

static int
preview_days(struct preview *p, struct store *s, struct arena *a)
{
	struct store_day *days;
	size_t count;
	struct str reason;

	if (!store_days(s, &p->filter, a, &days, &count)) {
		setup_complain(store_reason(s));
		return EX_TEMPFAIL;
	}
	if (p->folder != NULL && !preview_folder(p->folder, a, &reason)) {
		setup_complain(reason);
		return EX_CANTCREAT;
	}
	int code = EX_OK;
	for (size_t i = 0; i < count && code == EX_OK; i++) {
		if (!is_meant(p, &days[i]))
			continue;
		if (aggregate_report_is_due(&days[i]))
			code = preview_one(p, s, &days[i]);
		else
			p->unasked++;
	}
	return code;
}

static void
print_summary(const struct preview *p)
{
	if (p->reports == 0)
		printf("nothing to report");
	else
		printf("%" PRIu64 " report%s", p->reports,
		    p->reports == 1 ? "" : "s");
	if (p->unasked > 0)
		printf("; left out: %" PRIu64 " whose domain has no usable "
		    "rua, or where nothing but bounces and reports came in",
		    p->unasked);
	putchar('\n');
}

static int
run(const struct settings *settings, struct store *s, struct arena *a,
    void *arg)
{
	struct preview *p = arg;
	struct sender sender;
	struct str reason;

	if (!sender_init(settings, a, &sender, &reason)) {
		setup_complain(reason);
		return EX_CONFIG;
	}
	if (!sender.is_set)
		setup_complain(STR("report-from and report-org-name are not "
		    "both set: no report is sent before they are"));
	p->sender = &sender;
	int code = preview_days(p, s, a);
	if (code == EX_OK)
		print_summary(p);
	return code;
}

int
report_preview(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct preview p = {.now = clock_wall(), .arena = arena_new(0)};

	command_options(self, argc, argv, longs, 0, take_option, &p);
	int code = setup_run(o, run, &p);
	arena_free(p.arena);
	return code;
}
