/* SPDX-License-Identifier: BSD-2-Clause */
/* aplomb: the table of its commands, and the way to them. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/config.h"
#include "cli/expire.h"
#include "cli/import.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/store.h"

static int help(const struct command *self, const struct options *o, int argc,
    char **argv);

const struct command commands[] = {
	{"config check", "", config_check,
	    "Look for mistakes in the configuration."},
	{"config show", "", config_show,
	    "Print the configuration that is in force."},
	{"expire", "", expire,
	    "Delete from the store what is older than retention."},
	{"import", "[--format FORMAT] [FILE]", import,
	    "Count the history's messages in the store."},
	{"report bounce", "FILE", report_bounce,
	    "Take a bounce of a report from FILE, or - for standard input."},
	{"report list", "[--day DAY] [--domain DOMAIN] [--all]", report_list,
	    "List days, domains, and what became of their reports."},
	{"report preview", "[--day DAY] [--domain DOMAIN] [--output-dir DIR]",
	    report_preview,
	    "Show the reports that would be made, or write them as files."},
	{"report send", "[--day DAY] [--domain DOMAIN] [--dry-run]",
	    report_send,
	    "Make the reports of the days that are over, and send them."},
	{"report send-failures", "[--dry-run]", report_send_failures,
	    "Send the failure reports that the daemon has written down."},
	{"report show", "ID", report_show,
	    "Show a report: its destinations and its rows."},
	{"report suppress", "[--reason TEXT] [--remove] [ADDRESS | DOMAIN]",
	    report_suppress,
	    "List who gets no reports, or change that."},
	{"store upgrade", "", store_upgrade,
	    "Bring the store's tables up to date."},
	{"help", "[COMMAND]", help,
	    "List the commands, or explain one."},
	{NULL, NULL, NULL, NULL},
};

static int
help(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	int first = command_arguments(self, argc, argv, 2), length;
	int count = argc - first;
	char **words = argv + first;

	(void)o;
	if (count == 0) {
		command_print_usage(stdout, NULL);
		return EX_OK;
	}
	const struct command *c = command_find(count, words, &length);
	if (c != NULL && count > length)
		command_misuse("unexpected argument ", words[length]);
	if (c != NULL)
		command_print_help(stdout, c);
	else if (count == 1 && command_is_subject(words[0]))
		command_print_usage(stdout, words[0]);
	else
		command_refuse(count, words);
	return EX_OK;
}

/* "aplomb config --help" */
static bool
asks_for_help(int count, char **words)
{
	return count == 2 && command_is_subject(words[0]) &&
	    (strcmp(words[1], "-h") == 0 || strcmp(words[1], "--help") == 0);
}

static int
run(const struct options *o, int count, char **words)
{
	int length;
	const struct command *c = command_find(count, words, &length);

	if (c != NULL)
		return c->run(c, o, count - length + 1, words + length - 1);
	if (!asks_for_help(count, words))
		command_refuse(count, words);
	command_print_usage(stdout, words[0]);
	return EX_OK;
}

int
main(int argc, char **argv)
{
	struct options o;

	output_begin();
	options_read(argc, argv, &o);
	if (o.first < argc)
		return output_end(run(&o, argc - o.first, argv + o.first));
	command_print_usage(stderr, NULL);
	return EX_USAGE;
}
