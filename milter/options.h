/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_OPTIONS_H
#define APLOMB_MILTER_OPTIONS_H

/* The command line of aplombd. */

#include <stdbool.h>

struct options {
	const char *file;   /* -c; NULL: the default file, if it exists */
	const char *socket; /* -p; NULL: what the settings say */
	bool is_foreground; /* -f */
	bool is_test;       /* -t */
};

/* Reads the command line. Ends the process after -V and -h, and with EX_USAGE
 * and a sentence on stderr when it is wrong. */
void options_read(int argc, char **argv, struct options *out);

/* The configuration file to read; "" for none. */
const char *options_file(const struct options *o);

#endif
