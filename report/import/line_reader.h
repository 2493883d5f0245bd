/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_LINE_READER_H
#define APLOMB_REPORT_IMPORT_LINE_READER_H

/* A file read line by line, in constant memory whatever it holds. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct line_read {
	struct str text;  /* without the newline; of a long one the start */
	uint64_t at;      /* of its first byte */
	uint64_t size;    /* with the newline */
	bool is_long;     /* it has more bytes than `text` */
	bool is_torn;     /* the file ends without a newline */
};

struct line_reader;

/* Begins at byte `at` of the open file, which stays the caller's. Of a line
 * at most `max` bytes are kept. */
struct line_reader *line_reader_open(int fd, uint64_t at, size_t max);
void line_reader_close(struct line_reader *l);

/* False at the end, or with errno in *error; out->text is good until the next
 * call. */
bool line_reader_next(struct line_reader *l, struct line_read *out, int *error);

#endif
