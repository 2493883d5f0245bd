/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_STORE_INSIDE_H
#define APLOMB_REPORT_STORE_INSIDE_H

/* A store from the inside: for the files of the store alone. */

#include "report/store.h"
#include "report/store_engine.h"

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

/* False, after "store NAME: SENTENCE". */
bool store_refuse(struct store *s, bool is_conflict, const char *sentence);

#endif
