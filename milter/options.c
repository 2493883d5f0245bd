/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "settings/settings.h"

static const char usage[] =
    "usage: aplombd [-ft] [-c FILE] [-p SOCKET]\n"
    "       aplombd -V | -h\n";

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
take(int option, struct options *out)
{
	char letter[] = {'-', (char)optopt, '\0'};

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
		refuse("unknown option ", letter);
	}
}

void
options_read(int argc, char **argv, struct options *out)
{
	int option;

	*out = (struct options) {.is_foreground = false};
	opterr = 0;
	while ((option = getopt(argc, argv, ":c:p:ftVh")) != -1)
		take(option, out);
	if (optind < argc)
		refuse("unexpected argument ", argv[optind]);
}

const char *
options_file(const struct options *o)
{
	return settings_file(o->file);
}
