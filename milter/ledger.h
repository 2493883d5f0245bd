/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_LEDGER_H
#define APLOMB_MILTER_LEDGER_H

/*
 * The history as the daemon keeps it: whether there is one, and a journal that
 * is shared by counting, since a reload that does not move it keeps it.
 *
 * Threads: any.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct ledger;
struct message;
struct plan;
struct settings;
struct verdict;

/* The path that these settings lead to: NULL where there is to be no history,
 * with a sentence in *reason if that is for want of rights at the default
 * place. False, with a sentence, if a place that was asked for cannot be
 * written. To be asked as the user that will write. */
bool ledger_find(const struct settings *s, struct arena *a, const char **path,
    struct str *reason);

/* A journal at the path, held once; NULL for no path. NULL is a ledger that
 * keeps nothing, in all functions below. */
struct ledger *ledger_open(const char *path);
struct ledger *ledger_hold(struct ledger *l);
void ledger_drop(struct ledger *l);

/* Whether it keeps its lines at this path. */
bool ledger_is_at(const struct ledger *l, const char *path);

/* Writes the line of a message, if it is due one. False with a sentence when it
 * is lost. */
bool ledger_write(struct ledger *l, const struct message *m,
    const struct verdict *v, const struct plan *p, struct str *reason);

#endif
