/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <getopt.h>
#include <inttypes.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/report_dry.h"
#include "cli/resolver.h"
#include "cli/selection.h"
#include "cli/setup.h"
#include "report/send/queue_run.h"
#include "report/transport/transport.h"
#include "settings/settings.h"

struct sending {
	struct store_filter filter;
	struct arena *arena;
	int64_t now;
	bool is_dry;
};

static const struct option longs[] = {
	{"day", required_argument, NULL, 'd'},
	{"domain", required_argument, NULL, 'D'},
	{"dry-run", no_argument, NULL, 'n'},
	COMMAND_HELP,
	{NULL, 0, NULL, 0},
};

static void
take_option(void *arg, int letter, const char *value)
{
	struct sending *s = arg;

	if (letter == 'd')
		selection_read_day(value, s->now, &s->filter);
	else if (letter == 'D')
		selection_read_domain(value, s->arena, &s->filter);
	else
		s->is_dry = true;
}

/* ---- what it says ------------------------------------------------------- */

static void
show_progress(void *arg, const struct queue_report *r, uint64_t before)
{
	(void)arg;
	fprintf(stderr, "\rreport %" PRIu64 ": %.*s\033[K", before + 1,
	    STR_ARG(r->day.domain));
}

static void
print_summary(const struct queue_run *r, struct arena *a)
{
	const struct delivery_counts *c = &r->dispatch.counts;
	struct text t;

	text_init(&t, a);
	output_count(&t, r->made, "made");
	output_count(&t, c->sent, "sent");
	output_count(&t, c->deferred, "put off");
	output_count(&t, c->refused, "refused");
	output_count(&t, c->given_up, "given up");
	output_count(&t, c->suppressed, "suppressed");
	output_count(&t, c->unusable, "not to be written to");
	output_count(&t, c->dropped, "without a destination");
	printf("reports: %s\n", t.n > 0 ? text_cstr(&t) : "nothing to send");
}

static void
log_summary(const struct queue_run *r, enum delivery_status status)
{
	const struct delivery_counts *c = &r->dispatch.counts;

	log_info("report-send made=%" PRIu64 " sent=%" PRIu64 " deferred=%"
	    PRIu64 " refused=%" PRIu64 " given-up=%" PRIu64 " suppressed=%"
	    PRIu64 " unusable=%" PRIu64 " dropped=%" PRIu64 " complete=%s",
	    r->made, c->sent, c->deferred, c->refused, c->given_up,
	    c->suppressed, c->unusable, c->dropped,
	    status == DELIVERY_OK && !*r->is_over ? "yes" : "no");
}

/* ---- sending ------------------------------------------------------------ */

/* As no other process calls itself, on any host. */
static struct str
owner_name(struct arena *a)
{
	char host[64] = "";

	gethostname(host, sizeof host - 1);
	return text_format(a, "%s %ld %" PRId64, host, (long)getpid(),
	    clock_mono_ms());
}

static int
run_round(struct queue_run *r, struct arena *a)
{
	bool is_shown = isatty(STDERR_FILENO) != 0;

	r->is_over = interrupt_watch();
	r->progress = is_shown ? show_progress : NULL;
	enum delivery_status status = queue_run_start(r);
	if (is_shown)
		fputs("\r\033[K", stderr);
	print_summary(r, a);
	log_summary(r, status);
	if (status == DELIVERY_OK)
		return EX_OK;
	setup_complain(text_format(a, "%.*s; what is left waits for the next "
	    "aplomb report send", STR_ARG(r->dispatch.reason)));
	return EX_TEMPFAIL;
}

static int
send_reports(struct queue_run *r, struct arena *a)
{
	struct str reason;

	r->dispatch.transport = transport_open(r->dispatch.settings,
	    r->sender->domain, a, &reason);
	if (r->dispatch.transport == NULL) {
		setup_complain(reason);
		return EX_CONFIG;
	}
	int code = run_round(r, a);
	transport_close(r->dispatch.transport);
	return code;
}

/* Whether a day that was named is over; says so where it is not. */
static bool
is_closed(const struct sending *s, const struct settings *settings)
{
	struct queue_gates g;

	queue_run_gates(settings, &s->filter, s->now, &g);
	if (!s->filter.has_day || s->filter.day <= g.last)
		return true;
	setup_complain(STR("that day is not over, or report-delay is not: "
	    "aplomb report preview shows what it has"));
	return false;
}

static int
run(const struct settings *settings, struct store *store, struct arena *a,
    void *arg)
{
	struct sending *s = arg;
	struct sender sender;
	struct str reason;

	if (!sender_init(settings, a, &sender, &reason)) {
		setup_complain(reason);
		return EX_CONFIG;
	}
	if (!sender.is_set && !s->is_dry) {
		puts("reports: sending is off until report-from and "
		     "report-org-name are set");
		return EX_OK;
	}
	if (!is_closed(s, settings))
		return EX_USAGE;
	struct queue_run r = {
		.dispatch = {
			.store = store,
			.dns = resolver_open(settings),
			.discover = resolver_discover(settings),
			.settings = settings,
			.bounce = sender.bounce,
			.owner = owner_name(a),
			.arena = a,
		},
		.sender = &sender,
		.filter = s->filter,
	};
	if (r.dispatch.dns == NULL)
		return EX_OSERR;
	log_open((enum log_target)settings->log_target, "aplomb",
	    (enum log_level)settings->log_level);
	int code = s->is_dry ? report_dry_run(&r, a) : send_reports(&r, a);
	dns_drop(r.dispatch.dns);
	return code;
}

int
report_send(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct sending s = {.arena = arena_new(0), .now = clock_wall()};

	command_options(self, argc, argv, longs, 0, take_option, &s);
	int code = setup_run(o, run, &s);
	arena_free(s.arena);
	return code;
}
