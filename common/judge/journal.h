/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_JOURNAL_H
#define APLOMB_JUDGE_JOURNAL_H

/*
 * The history file on disk: lines appended by several threads, beside a reader
 * that renames the file away at any moment, through a full disk and a crash.
 * docs/FORMATS states the protocol.
 *
 * Threads: any; it locks itself.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct journal;

/* A journal at `path`; nothing is opened yet. Freed when no thread uses it. */
struct journal *journal_new(const char *path);
void journal_free(struct journal *j);

/* Whether a line could be written now: directory and file are writable for
 * this process. False with a sentence in *reason. Creates nothing. */
bool journal_is_writable(const char *path, struct arena *a,
    struct str *reason);

/* Appends one line, which ends in a newline, by one write. False with a
 * sentence in *reason (in the arena); then the file holds nothing of it, or a
 * torn line that is closed and that a reader counts. */
bool journal_append(struct journal *j, struct str line, struct arena *a,
    struct str *reason);

/* Lines written and lost since the start. */
void journal_count(struct journal *j, uint64_t *written, uint64_t *lost);

#endif
