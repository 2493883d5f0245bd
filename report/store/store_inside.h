/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_STORE_STORE_INSIDE_H
#define APLOMB_REPORT_STORE_STORE_INSIDE_H

/* A store from the inside: for the files of the store alone. */

#include "report/store/store.h"
#include "report/store/store_engine.h"

struct store {
	struct engine *engine;
	char *shown;         /* its name without a password */
	char *reason;        /* of the last failure */
	bool is_conflict;
	bool is_in_transaction;
	int64_t old_version; /* of the schema as it was found; -1: none */
};

/* Runs one statement. False with store_reason() and store_is_conflict() set. */
bool store_run(struct store *s, const char *sql,
    const struct engine_value *values, size_t count, engine_row_fn fn,
    void *arg, int64_t *changed);
bool store_run_many(struct store *s, const char *sql,
    const struct engine_value *values, size_t count, size_t times,
    int64_t *changed);

/* The columns of a tally t and its policy p, and what they say. The texts of
 * the day are views into the columns. */
#define STORE_DAY_COLUMNS                                                      \
	"t.id, t.day, t.domain, t.policy, t.sequence, t.frozen, "              \
	"t.row_count, t.messages, t.optional, t.remainder, p.rua"
#define STORE_DAY_COUNT 11u
struct store_day store_day_of(const struct engine_value *columns);
struct store_day store_day_copy(const struct store_day *d, struct arena *a);

/* The condition that a filter makes; its values are the first parameters. */
#define STORE_FILTER_VALUES(f)                                                 \
	ENGINE_NUMBER((f)->has_day), ENGINE_NUMBER((f)->day),                  \
	    ENGINE_TEXT((f)->domain)
#define STORE_FILTER                                                           \
	"($1 = 0 OR t.day = $2) AND ($3 = '' OR t.domain = $3) "

/* A number that no other process draws: no engine's own counter is alike. */
int64_t store_draw(void);

/* False, after "store NAME: SENTENCE". */
bool store_refuse(struct store *s, bool is_conflict, const char *sentence);

#endif
