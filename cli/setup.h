/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_SETUP_H
#define APLOMB_CLI_SETUP_H

/* What most commands begin with. What is wrong goes to stderr. */

#include "cli/options.h"
#include "report/store/store.h"

struct arena;
struct settings;
struct settings_problems;

/* The settings, to be dropped; NULL: the command ends with EX_CONFIG. */
struct settings *setup_load(const struct options *o, struct arena *a);

/* A line each, on stderr. */
void setup_print_problems(const struct settings_problems *problems);

/* The store that they name; NULL: the command ends with EX_UNAVAILABLE. */
struct store *setup_store(const struct settings *s, enum store_use use,
    struct arena *a);

/* Loads the settings, opens their store, calls fn and closes both. Returns what
 * fn returns, or EX_CONFIG, or EX_UNAVAILABLE. */
typedef int (*setup_fn)(const struct settings *s, struct store *store,
    struct arena *a, void *arg);
int setup_run(const struct options *o, setup_fn fn, void *arg);

/* What the store says of its failure, and EX_TEMPFAIL. */
int setup_store_fails(const struct store *store);

/* "aplomb: SENTENCE" */
void setup_complain(struct str sentence);

#endif
