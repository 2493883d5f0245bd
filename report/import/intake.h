/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_INTAKE_H
#define APLOMB_REPORT_IMPORT_INTAKE_H

/*
 * Taking a history file away from under its writers, as docs/FORMATS says: one
 * taker at a time, what is left of an earlier one first, and a file that is
 * given out gets no line any more.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct intake;

enum intake_status {
	INTAKE_OK,
	INTAKE_NOTHING, /* there is no file, or no further one */
	INTAKE_BUSY,    /* another process is at it */
	INTAKE_FAILED
};

/* Takes the lock for the history at `path`, until intake_close(). Not
 * INTAKE_OK: a sentence in *reason, and nothing is open. */
enum intake_status intake_open(const char *path, struct arena *a,
    struct intake **out, struct str *reason);
void intake_close(struct intake *in);

/* The next file: what is left over, or the file that is at the path, renamed.
 * *fd is the intake's; the file may not be touched until intake_remove(). */
enum intake_status intake_next(struct intake *in, struct arena *a, int *fd,
    struct str *reason);

/* Deletes the file that was given out. */
bool intake_remove(struct intake *in, struct arena *a, struct str *reason);

#endif
