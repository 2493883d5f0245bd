/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_OUTPUT_H
#define APLOMB_CLI_OUTPUT_H

/* Standard output, whose loss is an error. */

#include <stdint.h>

#include "base/str.h"

struct arena;
struct text;

/* A stream that was closed stays closed: no file takes its number. To be
 * called before any file is opened. */
void output_begin(void);

/* Writes what is left. Returns `code`, or EX_IOERR after a sentence on stderr
 * when something could not be written. */
int output_end(int code);

/* Outside text as a terminal may get it: what is not printable ASCII, and the
 * backslash, is \xNN. */
struct str output_plain(struct str outside, struct arena *a);

/* Adds "N WHAT" to a list, unless N is 0. */
void output_count(struct text *t, uint64_t n, const char *what);

#endif
