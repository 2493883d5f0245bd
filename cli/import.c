/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/import.h"

#include <getopt.h>
#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/setup.h"
#include "report/import/import.h"
#include "settings/settings.h"

static const struct table_row format_names[] = {
	{IMPORT_APLOMB, "aplomb"},
	{IMPORT_OPENDMARC, "opendmarc"},
	{0, NULL},
};

static const struct option longs[] = {
	{"format", required_argument, NULL, 'f'},
	COMMAND_HELP,
	{NULL, 0, NULL, 0},
};

/* ---- arguments ---------------------------------------------------------- */

static void
take_option(void *arg, int letter, const char *name)
{
	struct import_options *out = arg;
	int format;

	(void)letter; /* there is but one */
	if (!table_value(format_names, str_of(name), &format))
		command_misuse("--format is aplomb or opendmarc, not ", name);
	out->format = (enum import_format)format;
}

static void
read_arguments(const struct command *self, int argc, char **argv,
    struct import_options *out)
{
	int first =
	    command_options(self, argc, argv, longs, 1, take_option, out);

	out->path = argv[first];
	if (out->path == NULL && out->format == IMPORT_OPENDMARC)
		command_misuse("name OpenDMARC's history file", "");
}

/* ---- results ------------------------------------------------------------ */

static void
print_warnings(const struct import_options *o, const struct import_result *r)
{
	const struct store_counts *c = &r->counts;

	if (c->bad > 0)
		fprintf(stderr, "aplomb: %" PRIu64 " bad lines are kept in "
		    "%s.bad, with reasons\n", c->bad, o->path);
	if (c->remainder > 0)
		fprintf(stderr, "aplomb: %" PRIu64 " messages have no row of "
		    "their own, since a day has report-max-rows\n",
		    c->remainder);
	if (r->has_no_uuid)
		fprintf(stderr, "aplomb: history %s: it had lost its first "
		    "line: rename or remove a history, never empty it\n",
		    o->path);
}

static void
print_result(const struct import_options *o, const struct import_result *r)
{
	const struct store_counts *c = &r->counts;

	if (r->files == 0)
		printf("history %s: nothing to import\n", o->path);
	else if (r->is_known && c->lines == 0)
		printf("history %s: it was imported before\n", o->path);
	else
		printf("history %s: %" PRIu64 " lines: %" PRIu64 " messages "
		    "counted, %" PRIu64 " deferred, %" PRIu64 " without a "
		    "policy, %" PRIu64 " bad\n", o->path, c->lines,
		    c->messages, c->deferred, c->unreported, c->bad);
}

static int
code_of(enum import_status status)
{
	switch (status) {
	case IMPORT_OK:
		return EX_OK;
	case IMPORT_NEWER:
		return EX_DATAERR;
	case IMPORT_BUSY:
	case IMPORT_FAILED:
		break;
	}
	return EX_TEMPFAIL;
}

static int
run(const struct settings *s, struct import_options *options, struct arena *a)
{
	struct import_result result;
	struct str reason;

	options->max_rows = s->report_max_rows;
	options->has_envelope_to = s->report_envelope_to;
	if (options->path == NULL)
		options->path = s->history;
	if (options->path[0] == '\0') {
		setup_complain(STR("history is \"\": none is kept"));
		return EX_CONFIG;
	}
	struct store *store = setup_store(s, STORE_READ, a);
	if (store == NULL)
		return EX_UNAVAILABLE;
	enum import_status status =
	    import_run(store, options, a, &result, &reason);
	if (status != IMPORT_OK)
		setup_complain(reason);
	if (status == IMPORT_OK || result.counts.lines > 0)
		print_result(options, &result);
	print_warnings(options, &result);
	store_close(store);
	return code_of(status);
}

int
import(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct import_options options = {.format = IMPORT_APLOMB};

	read_arguments(self, argc, argv, &options);
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	int code = s != NULL ? run(s, &options, a) : EX_CONFIG;

	settings_drop(s);
	arena_free(a);
	return code;
}
