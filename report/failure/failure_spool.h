/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_SPOOL_H
#define APLOMB_REPORT_FAILURE_FAILURE_SPOOL_H

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
#include "report/failure/failure_group.h"

struct arena;
struct failure_spool;

/* Files of one run; the largest spool holds fewer. */
#define FAILURE_SPOOL_MAX_FILES 300000u
/* Files that could not be read are kept for so long, and so many. */
#define FAILURE_SPOOL_KEEP_BAD (7 * 86400)
#define FAILURE_SPOOL_MAX_BAD  100u

enum failure_spool_status {
	FAILURE_SPOOL_OPEN,
	FAILURE_SPOOL_MISSING, /* there is no such directory: nothing was ever spooled */
	FAILURE_SPOOL_BUSY,    /* another run has it */
	FAILURE_SPOOL_FAILED   /* with a sentence in *reason */
};

struct failure_spool_name {
	char p[FAILURE_GROUP_NAME + 1];
};

/* Opens and locks it, and clears away what earlier runs and crashes left. */
enum failure_spool_status failure_spool_open(const char *path, int64_t now,
    struct arena *a, struct failure_spool **out, struct str *reason);
void failure_spool_close(struct failure_spool *b); /* NULL is fine */

/* The key of redaction, of REDACT_KEY bytes, made where there is none. False
 * with a sentence in *reason. */
bool failure_spool_key(struct failure_spool *b, char *out, struct str *reason);

/* The names of the files, in their order. False as above. */
bool failure_spool_list(struct failure_spool *b, struct failure_spool_name **out,
    size_t *count, struct str *reason);

/* Reads a file. False with a sentence in *reason: it is no file that the daemon
 * has written; or an empty one: it has gone. */
bool failure_spool_read(struct failure_spool *b, const char *name,
    struct arena *a, struct str *out, struct str *reason);

void failure_spool_remove(struct failure_spool *b, const char *name);

/* Keeps one that makes no sense, under "bad-NAME". */
void failure_spool_set_aside(struct failure_spool *b, const char *name);

/* The text that was saved last; empty: none, or one that cannot be read. */
struct str failure_spool_state(struct failure_spool *b, struct arena *a);
bool failure_spool_save(struct failure_spool *b, struct str text,
    struct str *reason);

#endif
