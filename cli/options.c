/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/output.h"

static const struct option longs[] = {
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char *
file_name(const char *argument)
{
	if (argument[0] == '\0')
		command_misuse("the file name after -c is empty", "");
	return argument;
}

void
options_read(int argc, char **argv, struct options *out)
{
	int option;

	*out = (struct options) {.file = NULL};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:c:Vh", longs, NULL)) !=
	    -1) {
		switch (option) {
		case 'c':
			out->file = file_name(optarg);
			break;
		case 'V':
			puts("aplomb " APLOMB_VERSION);
			exit(output_end(EX_OK));
		case 'h':
			command_print_usage(stdout, NULL);
			exit(output_end(EX_OK));
		case ':':
			command_misuse("an argument is missing after -c", "");
		default:
			command_refuse_option(argv);
		}
	}
	out->first = optind;
}
