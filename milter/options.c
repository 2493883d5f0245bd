/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "settings/settings.h"

static const char usage[] =
    "usage: aplombd [-ft] [-c FILE] [-p SOCKET]\n"
    "       aplombd -V | -h\n"
    "\n"
    "  -c FILE        read this configuration\n"
    "  -f             stay in the foreground, and log to standard error\n"
    "  -p SOCKET      listen there instead of at the socket of the settings\n"
    "  -t             test the configuration, print it, and start nothing\n"
    "  -h, --help     print this\n"
    "  -V, --version  print the version\n"
    "\nThe manual is aplombd(8), the configuration's aplomb.conf(5).\n";

static const struct option longs[] = {
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static _Noreturn void
show(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EX_OK : EX_IOERR);
}

static _Noreturn void
refuse(const char *what, const char *argument)
{
	fprintf(stderr, "aplombd: %s%s\n%s", what, argument, usage);
	exit(EX_USAGE);
}

static void
take(int option, char **argv, struct options *out)
{
	char letter[] = {'-', (char)optopt, '\0'};
	/* getopt_long() has no letter for an unknown long option, and that of
	 * a known one which is given an argument. */
	bool is_long = optopt == 0 || optopt == 'h' || optopt == 'V';

	switch (option) {
	case 'c':
		if (optarg[0] == '\0')
			refuse("the file name after -c is empty", "");
		out->file = optarg;
		break;
	case 'p':
		out->socket = optarg;
		break;
	case 'f':
		out->is_foreground = true;
		break;
	case 't':
		out->is_test = true;
		break;
	case 'V':
		show("aplombd " APLOMB_VERSION "\n");
	case 'h':
		show(usage);
	case ':':
		refuse("an argument is missing after ", letter);
	default:
		refuse("unknown option ", is_long ? argv[optind - 1] : letter);
	}
}

void
options_read(int argc, char **argv, struct options *out)
{
	int option;

	*out = (struct options) {.is_foreground = false};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":c:p:ftVh", longs,
	    NULL)) != -1)
		take(option, argv, out);
	if (optind < argc)
		refuse("unexpected argument ", argv[optind]);
}

const char *
options_file(const struct options *o)
{
	return settings_file(o->file);
}
