/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_STORE_STORE_ENGINE_H
#define APLOMB_REPORT_STORE_STORE_ENGINE_H

/*
 * What a database must be able to do: run statements of the common subset of
 * SQL, in transactions. For the files of the store alone.
 *
 * Parameters are written $1, $2, ... and first appear in this order; each is a
 * BIGINT or a TEXT. A statement is kept by the address of its text, which must
 * be a constant.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The longest sentence that a failure leaves. */
#define ENGINE_REASON 1024u
#define ENGINE_MAX_PARAMETERS 24u
#define ENGINE_MAX_STATEMENTS 64u

enum engine_status {
	ENGINE_OK,
	ENGINE_CONFLICT, /* with another process: roll back and do it again */
	ENGINE_NO_TABLE, /* a table is missing */
	ENGINE_FAILED
};

struct engine_value {
	bool is_text;
	int64_t number;
	struct str text;
};

#define ENGINE_NUMBER(n) {.number = (int64_t)(n)}
#define ENGINE_TEXT(s)   {.is_text = true, .text = (s)}

/* One row of a result; its texts are good during the call. */
typedef void (*engine_row_fn)(void *arg, const struct engine_value *columns);

struct engine;

struct engine_verbs {
	const char *begin; /* the statement that begins a transaction */
	enum engine_status (*run)(struct engine *e, const char *sql,
	    const struct engine_value *values, size_t count, engine_row_fn fn,
	    void *arg, int64_t *changed);
	/* The statement once for each of `times` lines of `count` values;
	 * changed[i]: the rows that the i-th changed. */
	enum engine_status (*run_many)(struct engine *e, const char *sql,
	    const struct engine_value *values, size_t count, size_t times,
	    int64_t *changed);
	void (*close)(struct engine *e);
};

struct engine {
	const struct engine_verbs *verbs;
	char reason[ENGINE_REASON]; /* of the last failure: what, and a cure */
};

/* Opened by what stands behind "sqlite:", or by the whole URI. Always gives an
 * engine, to be closed; not ENGINE_OK: it cannot be used otherwise. */
enum engine_status store_sqlite_open(const char *path, struct engine **out);
enum engine_status store_pgsql_open(const char *uri, struct engine **out);

#endif
