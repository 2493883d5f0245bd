/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_OPTIONS_H
#define APLOMB_CLI_OPTIONS_H

/* What stands before the command. */

struct options {
	const char *file; /* -c; NULL: the default file, if it exists */
	int first;        /* index of the first argument that is no option */
};

/* Reads the command line up to the command. Ends the process after -V and -h,
 * and with EX_USAGE and a sentence on stderr when it is wrong. */
void options_read(int argc, char **argv, struct options *out);

#endif
