/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_IMPORT_SOURCE_H
#define APLOMB_REPORT_IMPORT_IMPORT_SOURCE_H

/*
 * Taking a history file away from under its writers, as docs/FORMATS says: one
 * taker at a time, what is left of an earlier one first, and a file that is
 * given out gets no line any more.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct import_source;

enum import_source_status {
	IMPORT_SOURCE_OK,
	IMPORT_SOURCE_NOTHING, /* there is no file, or no further one */
	IMPORT_SOURCE_BUSY,    /* another process is at it */
	IMPORT_SOURCE_FAILED
};

/* Takes the lock for the history at `path`, until import_source_close(). Not
 * IMPORT_SOURCE_OK: a sentence in *reason, and nothing is open. */
enum import_source_status import_source_open(const char *path, struct arena *a,
    struct import_source **out, struct str *reason);
void import_source_close(struct import_source *in);

/* The next file: what is left over, or the file that is at the path, renamed.
 * *fd is the intake's; the file may not be touched until import_source_remove(). */
enum import_source_status import_source_next(struct import_source *in, struct arena *a, int *fd,
    struct str *reason);

/* Deletes the file that was given out. */
bool import_source_remove(struct import_source *in, struct arena *a, struct str *reason);

#endif
