/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/command.h"

#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/str.h"
#include "cli/output.h"
#include "settings/nearest.h"

/* Where the explanations of a list begin. */
#define COLUMN 20

static const char usage[] =
    "usage: aplomb [-c FILE] COMMAND [ARGUMENT...]\n"
    "       aplomb -V | -h\n";

/* ---- names -------------------------------------------------------------- */

/* The words of a name; the second is empty if it has one. */
static struct str
first_word(const struct command *c, struct str *second)
{
	*second = str_of(c->name);
	return str_cut(second, ' ');
}

const struct command *
command_find(int count, char **words, int *length)
{
	struct str second;
	for (const struct command *c = commands; c->name != NULL; c++) {
		struct str first = first_word(c, &second);
		*length = second.n > 0 ? 2 : 1;
		if (count >= *length && str_eq(first, str_of(words[0])) &&
		    (second.n == 0 || str_eq(second, str_of(words[1]))))
			return c;
	}
	return NULL;
}

static bool
has_subject(const struct command *c, const char *word)
{
	struct str second, first = first_word(c, &second);
	return second.n > 0 && str_eq(first, str_of(word));
}

bool
command_is_subject(const char *word)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (has_subject(c, word))
			return true;
	return false;
}

/* ---- usage -------------------------------------------------------------- */

void
command_print_usage(FILE *out, const char *subject)
{
	fprintf(out, "%s\ncommands:\n", usage);
	for (const struct command *c = commands; c->name != NULL; c++)
		if (subject == NULL || has_subject(c, subject))
			fprintf(out, "  %-*s %s\n", COLUMN, c->name, c->help);
	if (subject == NULL)
		fputs("\nThe manual is aplomb(1), the configuration's "
		      "aplomb.conf(5).\n", out);
}

void
command_print_help(FILE *out, const struct command *c)
{
	fprintf(out, "usage: aplomb [-c FILE] %s%s%s\n\n%s\n", c->name,
	    c->arguments[0] != '\0' ? " " : "", c->arguments, c->help);
}

/* ---- refusals ----------------------------------------------------------- */

void
command_misuse(const char *what, const char *argument)
{
	fprintf(stderr, "aplomb: %s%s\n%s", what, argument, usage);
	exit(EX_USAGE);
}

/* The last word that is not known, and what is near it. */
static void
find_nearest(const char *subject, const char *written, struct nearest *out)
{
	struct str second;
	nearest_init(out, str_of(written));
	for (const struct command *c = commands; c->name != NULL; c++) {
		struct str first = first_word(c, &second);
		if (subject == NULL)
			nearest_try(out, first);
		else if (has_subject(c, subject))
			nearest_try(out, second);
	}
}

void
command_refuse(int count, char **words)
{
	const char *subject = command_is_subject(words[0]) ? words[0] : NULL;
	const char *before = subject != NULL ? subject : "";
	const char *blank = subject != NULL ? " " : "";
	if (subject != NULL && count == 1) {
		fprintf(stderr, "aplomb: a command is missing after %s\n",
		    subject);
		command_print_usage(stderr, subject);
		exit(EX_USAGE);
	}
	struct nearest n;
	const char *written = words[subject != NULL ? 1 : 0];
	find_nearest(subject, written, &n);
	fprintf(stderr, "aplomb: unknown command %s%s%s", before, blank,
	    written);
	if (n.name.n > 0)
		fprintf(stderr, "; did you mean %s%s%.*s?", before, blank,
		    STR_ARG(n.name));
	fputc('\n', stderr);
	command_print_usage(stderr, subject);
	exit(EX_USAGE);
}

/* ---- arguments ---------------------------------------------------------- */

void
command_refuse_option(char **argv)
{
	char letter[] = {'-', (char)optopt, '\0'};
	/* getopt_long() has no letter for a long option. */
	bool is_long = optopt == 0;

	command_misuse("unknown option ", is_long ? argv[optind - 1] : letter);
}

int
command_options(const struct command *c, int argc, char **argv,
    const struct option *longs, int max, command_option_fn fn, void *arg)
{
	int option;
	optind = 0; /* begin anew, glibc */
	while ((option = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		if (option == 'h') {
			command_print_help(stdout, c);
			exit(output_end(EX_OK));
		}
		if (option == ':')
			command_misuse("an argument is missing after ",
			    argv[optind - 1]);
		if (option == '?' && optopt == 'c')
			command_misuse("-c FILE stands before the command",
			    "");
		if (option == '?')
			command_refuse_option(argv);
		fn(arg, option, optarg);
	}
	if (argc - optind > max)
		command_misuse("unexpected argument ", argv[optind + max]);
	return optind;
}

int
command_arguments(const struct command *c, int argc, char **argv, int max)
{
	static const struct option longs[] = {
		COMMAND_HELP, {NULL, 0, NULL, 0}};
	return command_options(c, argc, argv, longs, max, NULL, NULL);
}
