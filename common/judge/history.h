/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_HISTORY_H
#define APLOMB_JUDGE_HISTORY_H

/*
 * A verdict as one line of the history file, and back: JSON, specified field
 * by field in docs/FORMATS.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct message;
struct plan;
struct verdict;

#define HISTORY_VERSION 1
/* A line with its newline is never longer; outside text is bounded before. */
#define HISTORY_MAX_LINE (256u * 1024)

/* Whether the message belongs into the history: judged, not exempt. */
bool history_is_due(const struct message *m);

/* The line of a message, ending in one newline. */
struct str history_print(const struct message *m, const struct verdict *v,
    const struct plan *p, struct arena *a);

/* The first line of a new file. */
struct str history_print_head(const char *host, const char *uuid,
    int64_t created, struct arena *a);

/* Checks a line (without its newline) field by field. False with a sentence in
 * *reason that names the field. *is_head: the first line of a file. */
bool history_check(struct str line, struct arena *a, bool *is_head,
    struct str *reason);

#endif
