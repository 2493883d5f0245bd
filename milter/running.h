/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_RUNNING_H
#define APLOMB_MILTER_RUNNING_H

/*
 * What is in force: settings, DNS engine, history, and what the process has
 * but once. A reload puts a new one in place; a message holds the one that it
 * began with. Nothing else knows the lock between the two.
 *
 * Threads: any may hold, drop and count; one loads.
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"

struct arena;
struct deferrals;
struct dns;
struct ledger;
struct override_rule;
struct settings;
struct signature_library;
struct spool;

/* All of it is for reading. */
struct running {
	struct settings *settings;
	struct dns *dns;
	struct ledger *ledger; /* NULL: no history */
	struct spool *spool;   /* NULL: no failure is reported */
	struct deferrals *deferrals;
	struct signature_library *signatures;
};

/* Takes the settings (and the caller's hold of them) into force, at start or at
 * a reload. What they leave as it was is kept: the DNS engine with its cache,
 * the history. False with a sentence in *reason, and what was in force stays;
 * true with one in *warning where something is missing but can be. */
bool running_take(struct settings *s, struct arena *a, struct str *reason,
    struct str *warning);

/* What is in force now; never NULL after a running_take() that succeeded. */
struct running *running_hold(void);
void running_drop(struct running *l);

/* Counts a rule that decided, or would have. */
void running_count_rule(struct running *l, const struct override_rule *rule);

/* The counters of DNS, and those of each rule since the settings were loaded,
 * as "name=number" words; a rule's hits are "override:NAME". */
void running_print_counters(struct running *l, struct text *t);

#endif
