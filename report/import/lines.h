/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_LINES_H
#define APLOMB_REPORT_IMPORT_LINES_H

/* A file read line by line, in constant memory whatever it holds. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct line {
	struct str text;  /* without the newline; of a long one the start */
	uint64_t at;      /* of its first byte */
	uint64_t size;    /* with the newline */
	bool is_long;     /* it has more bytes than `text` */
	bool is_torn;     /* the file ends without a newline */
};

struct lines;

/* Begins at byte `at` of the open file, which stays the caller's. Of a line
 * at most `max` bytes are kept. */
struct lines *lines_open(int fd, uint64_t at, size_t max);
void lines_close(struct lines *l);

/* False at the end, or with errno in *error; out->text is good until the next
 * call. */
bool lines_next(struct lines *l, struct line *out, int *error);

#endif
