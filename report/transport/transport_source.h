/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_SOURCE_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_SOURCE_H

/* A message as it leaves, for transport*.c: a field of ours in front, the bytes
 * of the file, and the end of the last line if the file lacks it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

struct transport_source {
	FILE *file;
	struct str front;  /* "Name: value" and CRLF, or empty */
	struct str end;    /* CRLF, or empty */
	size_t front_at, end_at;
	int64_t file_size; /* bytes */
	bool has_failed;   /* the file could not be read */
};

/* Without a field in front. False when the file cannot be read. */
bool transport_source_init(struct transport_source *s, FILE *file);

/* Back to the first byte. */
void transport_source_rewind(struct transport_source *s);

/* At most n bytes; 0 at the end, and when reading fails. */
size_t transport_source_read(struct transport_source *s, char *out, size_t n);

/* Of all bytes to come from the start. */
int64_t transport_source_size(const struct transport_source *s);

#endif
