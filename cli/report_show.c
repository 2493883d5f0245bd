/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "report/send/queue.h"
#include "report/aggregate/aggregate_report.h"

static struct str
time_of(int64_t seconds, struct arena *a)
{
	return text_format(a, "%.*s UTC", STR_ARG(date_print_time(seconds, a)));
}

static void
field(const char *name, struct str value)
{
	printf("%-12s %.*s\n", name, STR_ARG(value));
}

/* ---- head --------------------------------------------------------------- */

static struct str
policy_of(const struct report_policy *p, struct arena *a)
{
	return text_format(a, "p=%s sp=%s np=%s adkim=%s aspf=%s fo=%.*s%s, "
	    "found by %s", table_name(record_policy_names, (int)p->p),
	    table_name(record_policy_names, (int)p->sp),
	    table_name(record_policy_names, (int)p->np),
	    p->is_strict_dkim ? "s" : "r", p->is_strict_spf ? "s" : "r",
	    STR_ARG(output_plain(p->fo, a)), p->is_test ? " t=y" : "",
	    table_name(discover_method_names, (int)p->method));
}

static void
print_head(const struct queue_report *r, const struct aggregate_report *o,
    struct arena *a)
{
	field("report", r->id);
	field("domain", output_plain(r->day.domain, a));
	field("policy", policy_of(&o->policy, a));
	field("day", text_format(a, "%.*s UTC",
	    STR_ARG(date_print(r->day.day, a))));
	field("messages", text_format(a, "%" PRIu64 " in %" PRIu64 " row%s%s",
	    r->day.messages, r->day.rows, r->day.rows == 1 ? "" : "s",
	    r->day.remainder > 0 ? ", some without one" : ""));
	field("made", time_of(r->made, a));
	field("state", str_of(table_name(queue_state_names, (int)r->state)));
	if (r->reason.n > 0)
		field("reason", output_plain(r->reason, a));
	if (o->policy.error.n > 0)
		field("error", output_plain(o->policy.error, a));
	field("from", r->sender.from);
	field("file", o->report_name.file);
}

/* ---- destinations ------------------------------------------------------- */

static void
print_delivery(const struct queue_delivery *d, struct arena *a)
{
	printf("  %-11s %.*s", table_name(queue_fate_names, (int)d->fate),
	    STR_ARG(output_plain(d->address, a)));
	if (d->attempts > 0)
		printf(", attempt %u", d->attempts);
	if (d->changed > 0)
		printf(", %.*s", STR_ARG(time_of(d->changed, a)));
	if (d->fate == QUEUE_WAITING && d->next > 0)
		printf(", again after %.*s", STR_ARG(time_of(d->next, a)));
	if (d->reason.n > 0)
		printf(": %.*s", STR_ARG(output_plain(d->reason, a)));
	putchar('\n');
}

static bool
print_deliveries(struct store *s, const struct queue_report *r,
    struct arena *a)
{
	struct queue_delivery *at;
	size_t count;

	if (!queue_deliveries(s, r->id, a, &at, &count))
		return false;
	printf("\ndestinations%s\n", count == 0 ? ": none" : "");
	for (size_t i = 0; i < count; i++)
		print_delivery(&at[i], a);
	return true;
}

/* ---- rows --------------------------------------------------------------- */

static void
print_row(const struct report_row *r)
{
	struct arena *a = arena_new(0);

	printf("  %8" PRIu64 " %-39.*s %-11s %-5s %-5s %.*s", r->count,
	    STR_ARG(output_plain(r->source_ip, a)),
	    table_name(report_disposition_names, (int)r->disposition),
	    r->is_dkim_aligned ? "pass" : "fail",
	    r->is_spf_aligned ? "pass" : "fail",
	    STR_ARG(output_plain(r->header_from, a)));
	for (size_t i = 0; i < r->reasons.count; i++)
		printf("%s%s", i == 0 ? " (" : ", ", table_name(
		    reason_names, (int)r->reasons.at[i].type));
	puts(r->reasons.count > 0 ? ")" : "");
	arena_free(a);
}

static bool
print_rows(struct store *s, int64_t tally)
{
	const struct report_row *row;
	struct store_rows *rows = store_rows_open(s, tally);

	printf("\n  %8s %-39s %-11s %-5s %-5s %s\n", "messages", "source",
	    "disposition", "dkim", "spf", "from");
	while (store_rows_next(rows, &row))
		print_row(row);
	return store_rows_close(rows);
}

/* ---- all ---------------------------------------------------------------- */

static int
run(const struct settings *settings, struct store *s, struct arena *a,
    void *arg)
{
	struct str id = str_lower(str_of(arg), a);
	struct queue_report r;
	struct aggregate_report o;
	bool is_found;

	(void)settings;
	if (!queue_find(s, id, a, &r, &is_found))
		return setup_store_fails(s);
	if (!is_found) {
		setup_complain(text_format(a, "no one report has the id %.*s; "
		    "aplomb report list --all shows them",
		    STR_ARG(output_plain(id, a))));
		return EX_DATAERR;
	}
	if (!aggregate_report_init(s, &r.sender, &r.day, a, &o))
		return setup_store_fails(s);
	print_head(&r, &o, a);
	if (!print_deliveries(s, &r, a) || !print_rows(s, r.day.tally))
		return setup_store_fails(s);
	return EX_OK;
}

int
report_show(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	int first = command_arguments(self, argc, argv, 1);

	if (argv[first] == NULL || argv[first][0] == '\0')
		command_misuse("name a report: its id, or how it begins", "");
	return setup_run(o, run, argv[first]);
}
