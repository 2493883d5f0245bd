/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "report/bounce/dsn.h"
#include "report/send/queue.h"
#include "report/row/sender.h"
#include "report/recipient/suppression.h"
#include "settings/settings.h"

/* ---- the message -------------------------------------------------------- */

/* What is looked at of it; the rest is read and left, so that who writes it
 * into a pipe is not cut off. */
static bool
read_all(FILE *f, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, DSN_MAX_BYTES);
	char rest[4096];

	*out = (struct str) {p, fread(p, 1, DSN_MAX_BYTES, f)};
	while (fread(rest, 1, sizeof rest, f) > 0)
		continue;
	return ferror(f) == 0;
}

static bool
read_message(const char *path, struct arena *a, struct str *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	bool is_read = f != NULL && read_all(f, a, out);

	if (!is_read)
		setup_complain(text_format(a, "%s cannot be read: %s", path,
		    strerror(errno)));
	if (f != NULL && !is_stdin)
		fclose(f);
	return is_read;
}

/* ---- what follows from it ----------------------------------------------- */

static struct str
reason_of(const struct dsn *d, struct arena *a)
{
	return text_format(a, "bounce%s%.*s: %.*s", d->code.n > 0 ? " " : "",
	    STR_ARG(d->code), STR_ARG(d->text.n > 0 ? d->text :
		STR("no reason was given")));
}

/* The delivery has bounced: its address gets nothing for a while. */
static int
take_failure(struct store *s, struct queue_delivery *e, const struct dsn *d,
    struct arena *a)
{
	int64_t until = 0, now = clock_wall();
	struct text line;

	e->fate = QUEUE_BOUNCED;
	e->reason = reason_of(d, a);
	e->changed = now;
	if (!queue_record(s, e) ||
	    !suppression_bounce(s, e->address, now, e->reason, &until))
		return setup_store_fails(s);
	printf("%.*s: the report bounced; it gets none %s%.*s\n",
	    STR_ARG(output_plain(e->address, a)),
	    until == 0 ? "any more" : "until ",
	    STR_ARG(until == 0 ? STR("") : date_print_time(until, a)));
	text_init(&line, a);
	log_pair(&line, "report-bounce", e->report);
	log_pair(&line, "address", e->address);
	log_pair(&line, "reason", e->reason);
	log_info("%s", text_cstr(&line));
	return EX_OK;
}

/* A report is sent at most once to an address, so a second bounce of one is a
 * copy. */
static int
take(struct store *s, struct queue_delivery *e, const struct dsn *d,
    struct arena *a)
{
	struct str address = output_plain(e->address, a);

	if (d->status == DSN_FAILED && e->fate == QUEUE_SENT)
		return take_failure(s, e, d, a);
	if (d->status == DSN_FAILED)
		printf("%.*s: nothing to do, this delivery is known as %s\n",
		    STR_ARG(address),
		    table_name(queue_fate_names, (int)e->fate));
	else
		printf("%.*s: nothing to do, the message says: %s\n",
		    STR_ARG(address), dsn_status_text(d->status));
	return EX_OK;
}

static int
run(const struct settings *settings, struct store *s, struct arena *a,
    void *arg)
{
	struct sender sender;
	struct str message, reason;
	struct queue_delivery e;
	struct dsn d;
	bool is_found = false;

	if (!sender_init(settings, a, &sender, &reason)) {
		setup_complain(reason);
		return EX_CONFIG;
	}
	if (!read_message(arg, a, &message))
		return EX_NOINPUT;
	log_open((enum log_target)settings->log_target, "aplomb",
	    (enum log_level)settings->log_level);
	dsn_parse(message, sender.bounce, a, &d);
	if (d.token.n > 0 &&
	    !queue_find_token(s, d.token, a, &e, &is_found))
		return setup_store_fails(s);
	if (is_found)
		return take(s, &e, &d, a);
	printf("nothing to do: %s\n", d.token.n > 0 ?
	    "the message is about a report that is not in the store" :
	    "the message was not sent to a report's own address");
	return EX_OK;
}

/* Whatever the message is, it has been dealt with: a status other than EX_OK
 * would make the MTA send a bounce of it. */
int
report_bounce(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	int first = command_arguments(self, argc, argv, 1);

	if (argv[first] == NULL)
		command_misuse("name a file with the message, or - for "
		    "standard input", "");
	return setup_run(o, run, argv[first]);
}
