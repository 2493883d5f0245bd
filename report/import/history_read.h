/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_HISTORY_READ_H
#define APLOMB_REPORT_IMPORT_HISTORY_READ_H

/*
 * The reader of history lines: it takes exactly what history_check() takes, and
 * reads our own writer's lines some ten times as fast as a general JSON library
 * would. What is unlike our writer's it lets history_check() judge.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "judge/history_line.h"

struct arena;

enum history_read {
	HISTORY_READ_BAD,
	HISTORY_READ_MESSAGE,
	HISTORY_READ_HEAD,    /* the first line of a file */
	HISTORY_READ_NEWER    /* the same, of a version above ours */
};

union history_entry {
	struct history_line message;
	struct history_head head;
};

/* Reads a line without its newline; texts are views into it, or copies in the
 * arena where it has escapes. HISTORY_READ_BAD with a sentence in *reason. */
enum history_read history_read(struct str line, struct arena *a,
    union history_entry *out, struct str *reason);

/* Reads one object of such fields, and nothing beside it, into the struct that
 * the table is of, at first zeroed; fields that it does not name are passed
 * over. Texts as above. */
bool history_read_object(struct str line, const struct history_field *fields,
    struct arena *a, void *out, size_t size);

#endif
