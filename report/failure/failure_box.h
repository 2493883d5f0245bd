/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_BOX_H
#define APLOMB_REPORT_FAILURE_FAILURE_BOX_H

/*
 * The spool of failures (judge/spool.h) as its reader has it: one run at a
 * time, by a lock; the files in the order of their time; and what is kept from
 * run to run beside them, the key of redaction and a text of state. Others may
 * write to the directory: nothing in it is followed or believed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "report/failure/failure_turn.h"

struct arena;
struct failure_box;

/* Files of one run; the largest spool holds fewer. */
#define BOX_MAX_FILES 300000u
/* Files that could not be read are kept for so long, and so many. */
#define BOX_KEEP_BAD (7 * 86400)
#define BOX_MAX_BAD  100u

enum box_status {
	BOX_OPEN,
	BOX_MISSING, /* there is no such directory: nothing was ever spooled */
	BOX_BUSY,    /* another run has it */
	BOX_FAILED   /* with a sentence in *reason */
};

struct box_name {
	char p[TURN_NAME + 1];
};

/* Opens and locks it, and clears away what earlier runs and crashes left. */
enum box_status failure_box_open(const char *path, int64_t now,
    struct arena *a, struct failure_box **out, struct str *reason);
void failure_box_close(struct failure_box *b); /* NULL is fine */

/* The key of redaction, of REDACT_KEY bytes, made where there is none. False
 * with a sentence in *reason. */
bool failure_box_key(struct failure_box *b, char *out, struct str *reason);

/* The names of the files, in their order. False as above. */
bool failure_box_list(struct failure_box *b, struct box_name **out,
    size_t *count, struct str *reason);

/* Reads a file. False with a sentence in *reason: it is no file that the daemon
 * has written; or an empty one: it has gone. */
bool failure_box_read(struct failure_box *b, const char *name,
    struct arena *a, struct str *out, struct str *reason);

void failure_box_remove(struct failure_box *b, const char *name);

/* Keeps one that makes no sense, under "bad-NAME". */
void failure_box_set_aside(struct failure_box *b, const char *name);

/* The text that was saved last; empty: none, or one that cannot be read. */
struct str failure_box_state(struct failure_box *b, struct arena *a);
bool failure_box_save(struct failure_box *b, struct str text,
    struct str *reason);

#endif
