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
#include "cli/setup.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "report/recipient/suppression.h"

struct change {
	const char *what;   /* NULL: list all */
	const char *reason;
	bool is_removal;
};

static const struct option longs[] = {
	{"reason", required_argument, NULL, 'r'},
	{"remove", no_argument, NULL, 'd'},
	COMMAND_HELP,
	{NULL, 0, NULL, 0},
};

static void
take_option(void *arg, int letter, const char *value)
{
	struct change *c = arg;

	if (letter == 'r')
		c->reason = value;
	else
		c->is_removal = true;
}

/* ---- list --------------------------------------------------------------- */

struct list {
	int64_t now;
	uint64_t count;
};

static void
print_entry(void *arg, const struct suppression *e)
{
	struct list *l = arg;
	struct arena *a = arena_new(0);
	struct str until = e->until == 0 ? STR("for good") :
	    text_format(a, "%s %.*s UTC", e->until > l->now ? "until" :
		"was until", STR_ARG(date_print_time(e->until, a)));

	printf("%-40.*s %.*s, %u bounce%s: %.*s\n",
	    STR_ARG(output_plain(e->address, a)), STR_ARG(until), e->bounces,
	    e->bounces == 1 ? "" : "s", STR_ARG(output_plain(e->reason, a)));
	l->count++;
	arena_free(a);
}

static int
list(struct store *s)
{
	struct list l = {.now = clock_wall()};

	if (!suppression_list(s, print_entry, &l))
		return setup_store_fails(s);
	if (l.count == 0)
		puts("no address is suppressed");
	return EX_OK;
}

/* ---- changes ------------------------------------------------------------ */

static int
remove_entry(struct store *s, const char *what)
{
	bool was_there = false;

	if (!suppression_remove(s, str_of(what), &was_there))
		return setup_store_fails(s);
	puts(was_there ? "it gets reports again" : "it was not suppressed");
	return EX_OK;
}

static int
run(const struct settings *settings, struct store *s, struct arena *a,
    void *arg)
{
	const struct change *c = arg;
	struct str written = str_of(c->what), domain;

	(void)settings;
	if (c->what == NULL)
		return list(s);
	if (!address_is_plain(written, a, &domain) &&
	    (domain_parse(written, a, &domain) != DOMAIN_OK ||
		str_find(written, '@') < written.n)) {
		setup_complain(text_format(a, "%.*s is neither an address nor "
		    "a domain", STR_ARG(output_plain(written, a))));
		return EX_USAGE;
	}
	if (str_find(written, '@') == written.n)
		written = domain;
	if (c->is_removal)
		return remove_entry(s, str_cstr(written, a));
	if (!suppression_add(s, written, clock_wall(),
	    str_sub(str_of(c->reason), 0, 500)))
		return setup_store_fails(s);
	puts("it gets no report any more");
	return EX_OK;
}

int
report_suppress(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct change c = {.reason = "by hand"};
	int first =
	    command_options(self, argc, argv, longs, 1, take_option, &c);

	c.what = argv[first];
	if (c.what == NULL && c.is_removal)
		command_misuse("name the address or domain to remove", "");
	return setup_run(o, run, &c);
}
