/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <getopt.h>
#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/resolver.h"
#include "cli/setup.h"
#include "report/failure/failure_run.h"
#include "report/row/sender.h"
#include "report/transport/transport.h"
#include "settings/settings.h"

static const struct option longs[] = {
	{"dry-run", no_argument, NULL, 'n'},
	COMMAND_HELP,
	{NULL, 0, NULL, 0},
};

static void
take_option(void *arg, int letter, const char *value)
{
	bool *is_dry = arg;

	(void)letter, (void)value;
	*is_dry = true;
}

/* ---- what it says ------------------------------------------------------- */

static void
say(void *arg, struct str sentence)
{
	(void)arg;
	printf("%.*s\n", STR_ARG(sentence));
}

static void
complain(void *arg, struct str sentence)
{
	(void)arg;
	setup_complain(sentence);
	log_warning("failure-spool: %.*s", STR_ARG(sentence));
}

static void
print_summary(const struct failure_run *r, struct arena *a)
{
	const struct failure_counts *c = &r->counts;
	struct text t;

	text_init(&t, a);
	output_count(&t, c->sent, r->is_dry ? "would be sent" : "sent");
	if (c->sent > 0)
		text_printf(&t, " for %" PRIu64 " failure%s", c->told,
		    c->told == 1 ? "" : "s");
	output_count(&t, c->deferred, "put off");
	output_count(&t, c->refused, "refused");
	output_count(&t, c->unusable, "not to be written to");
	output_count(&t, c->waiting, "failures waiting");
	output_count(&t, c->limited, "failures beyond a limit");
	output_count(&t, c->dropped, "failures without a destination");
	output_count(&t, c->expired, "failures given up");
	output_count(&t, c->bad, "files set aside");
	printf("failure reports: %s\n",
	    t.n > 0 ? text_cstr(&t) : "nothing to send");
}

static void
log_summary(const struct failure_run *r, bool is_complete)
{
	const struct failure_counts *c = &r->counts;

	log_info("report-send-failures sent=%" PRIu64 " told=%" PRIu64
	    " deferred=%" PRIu64 " refused=%" PRIu64 " unusable=%" PRIu64
	    " waiting=%" PRIu64 " limited=%" PRIu64 " dropped=%" PRIu64
	    " expired=%" PRIu64 " bad=%" PRIu64 " complete=%s", c->sent,
	    c->told, c->deferred, c->refused, c->unusable, c->waiting,
	    c->limited, c->dropped, c->expired, c->bad,
	    is_complete && !*r->is_over ? "yes" : "no");
}

/* ---- the run ------------------------------------------------------------ */

static void
send_message(void *arg, struct str recipient, FILE *message, struct arena *a,
    struct transport_result *out)
{
	transport_send(arg, STR(""), recipient, message, a, out);
}

static int
finish(const struct failure_run *r, enum failure_run_status status,
    struct arena *a)
{
	if (status == FAILURE_RUN_BUSY) {
		setup_complain(STR("another aplomb report send-failures is "
		    "under way"));
		return EX_TEMPFAIL;
	}
	print_summary(r, a);
	if (!r->is_dry)
		log_summary(r, status == FAILURE_RUN_OK);
	if (status == FAILURE_RUN_OK)
		return EX_OK;
	setup_complain(text_format(a, "%.*s; what is left waits for the next "
	    "run", STR_ARG(r->reason)));
	return status == FAILURE_RUN_SERVICE ? EX_TEMPFAIL : EX_IOERR;
}

static int
run_with_transport(struct failure_run *r, struct arena *a)
{
	struct str reason;
	struct transport *t = NULL;

	if (!r->is_dry) {
		t = transport_open(r->settings, r->sender->domain, a, &reason);
		if (t == NULL) {
			setup_complain(reason);
			return EX_CONFIG;
		}
	}
	r->arg = t;
	int code = finish(r, failure_run(r, a), a);
	if (t != NULL)
		transport_close(t);
	return code;
}

static int
run(const struct settings *settings, bool is_dry, struct arena *a)
{
	struct sender sender;
	struct str reason;

	if (!sender_init(settings, a, &sender, &reason)) {
		setup_complain(reason);
		return EX_CONFIG;
	}
	if (!settings->failure_reports) {
		puts("failure reports: off (failure-reports = no)");
		return EX_OK;
	}
	if (!sender.is_set) {
		puts("failure reports: sending is off until report-from and "
		     "report-org-name are set");
		return EX_OK;
	}
	struct failure_run r = {
		.settings = settings,
		.sender = &sender,
		.dns = resolver_open(settings),
		.discover = resolver_discover(settings),
		.now = clock_wall(),
		.is_dry = is_dry,
		.is_over = interrupt_watch(),
		.send = send_message,
		.say = say,
		.complain = complain,
	};
	if (r.dns == NULL)
		return EX_OSERR;
	log_open((enum log_target)settings->log_target, "aplomb",
	    (enum log_level)settings->log_level);
	int code = run_with_transport(&r, a);
	dns_drop(r.dns);
	return code;
}

int
report_send_failures(const struct command *self, const struct options *o,
    int argc, char **argv)
{
	bool is_dry = false;

	command_options(self, argc, argv, longs, 0, take_option, &is_dry);
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	int code = s != NULL ? run(s, is_dry, a) : EX_CONFIG;

	settings_drop(s);
	arena_free(a);
	return code;
}
