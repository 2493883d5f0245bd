/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_OUTPUT_H
#define APLOMB_CLI_OUTPUT_H

/* Standard output, whose loss is an error. */

/* A stream that was closed stays closed: no file takes its number. To be
 * called before any file is opened. */
void output_begin(void);

/* Writes what is left. Returns `code`, or EX_IOERR after a sentence on stderr
 * when something could not be written. */
int output_end(int code);

#endif
