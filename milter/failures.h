/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_FAILURES_H
#define APLOMB_MILTER_FAILURES_H

/*
 * Failure reports as the daemon sees them: which messages are written down for
 * them, and what is said when that does not work. It never changes what becomes
 * of a message.
 *
 * Threads: any.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct message;
struct plan;
struct settings;
struct spool;
struct verdict;

/* Whether the spool of these settings could be written, by who asks. Makes
 * nothing. False with a sentence. */
bool failures_are_possible(const struct settings *s, struct arena *a,
    struct str *reason);

/* The spool of these settings: that of `old` (which may be NULL) where it is the
 * same, else a new one; NULL in *out where no failure is reported. False, with a
 * sentence, when it cannot be written. To be asked as the user that will
 * write. */
bool failures_find(const struct settings *s, struct spool *old,
    struct arena *a, struct spool **out, struct str *reason);

/* Writes an answered message down, once for each report that it is to make. Counts, and logs a
 * loss: one at once, others of the next minutes together. */
void failures_note(struct spool *s, const struct message *m,
    const struct verdict *v, const struct plan *p);

#endif
