/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine on SQLite; the one file that knows libsqlite3. */
#include "report/store/store_engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

/* Another process writes for as long as one batch of an import takes. Who
 * waits longer waits for something that sleeps. */
#define BUSY_MS 30000

struct statement {
	const char *sql;
	sqlite3_stmt *compiled;
};

struct sqlite {
	struct engine base;
	sqlite3 *db;
	struct statement at[ENGINE_MAX_STATEMENTS];
	size_t count;
};

/* What is to be done where SQLite's own words do not tell. */
static const struct {
	int code;
	const char *cure;
} cures[] = {
	{SQLITE_READONLY, "; the file and its directory must be writable for "
			  "this user"},
	{SQLITE_CANTOPEN, "; its directory must exist and be writable for this "
			  "user"},
	{SQLITE_FULL, "; make room and run the command again, nothing is lost"},
	{SQLITE_IOERR, "; look at the disk and run the command again, nothing "
		       "is lost"},
	{SQLITE_BUSY, "; another process holds it, run the command again"},
	{SQLITE_NOTADB, "; name another file"},
};

static enum engine_status
failed(struct sqlite *e)
{
	int code = sqlite3_errcode(e->db);
	const char *cure = "", *text = sqlite3_errmsg(e->db);
	int error = sqlite3_system_errno(e->db);
	const char *system = code == SQLITE_CANTOPEN && error != 0 ?
	    strerror(error) : "";
	for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
		if (cures[i].code == code)
			cure = cures[i].cure;
	snprintf(e->base.reason, sizeof e->base.reason, "%s%s%s%s", text,
	    *system != '\0' ? ": " : "", system, cure);
	/* Another process made the same table or row first. */
	bool is_double = code == SQLITE_CONSTRAINT ||
	    strstr(text, "already exists") != NULL;
	if (is_double)
		return ENGINE_CONFLICT;
	return strstr(text, "no such table") != NULL ? ENGINE_NO_TABLE :
	    ENGINE_FAILED;
}

/* Parameters are numbered by their first appearance: so must the names be. */
static void
check_parameters(sqlite3_stmt *s)
{
	char want[16];
	for (int i = 1; i <= sqlite3_bind_parameter_count(s); i++) {
		snprintf(want, sizeof want, "$%d", i);
		if (strcmp(sqlite3_bind_parameter_name(s, i), want) != 0)
			abort();
	}
}

static sqlite3_stmt *
prepare(struct sqlite *e, const char *sql)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->at[i].sql == sql)
			return e->at[i].compiled;
	if (e->count == ENGINE_MAX_STATEMENTS)
		abort();
	struct statement s = {.sql = sql};
	if (sqlite3_prepare_v3(e->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &s.compiled, NULL) != SQLITE_OK)
		return NULL;
	check_parameters(s.compiled);
	e->at[e->count++] = s;
	return s.compiled;
}

static void
bind(sqlite3_stmt *s, const struct engine_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct engine_value *v = &values[i];
		int at = (int)i + 1;
		const char *p = v->text.p != NULL ? v->text.p : "";
		if (v->is_text)
			sqlite3_bind_text64(s, at, p, v->text.n, SQLITE_STATIC,
			    SQLITE_UTF8);
		else
			sqlite3_bind_int64(s, at, v->number);
	}
}

static void
give_row(sqlite3_stmt *s, engine_row_fn fn, void *arg)
{
	struct engine_value columns[ENGINE_MAX_PARAMETERS] = {0};
	int count = sqlite3_column_count(s);
	if (fn == NULL || count > (int)ENGINE_MAX_PARAMETERS)
		return;
	for (int i = 0; i < count; i++) {
		struct engine_value *v = &columns[i];
		v->is_text = sqlite3_column_type(s, i) == SQLITE_TEXT;
		if (v->is_text)
			v->text = (struct str) {
			    (const char *)sqlite3_column_text(s, i),
			    (size_t)sqlite3_column_bytes(s, i)};
		else
			v->number = sqlite3_column_int64(s, i);
	}
	fn(arg, columns);
}

static enum engine_status
run(struct engine *base, const char *sql, const struct engine_value *values,
    size_t count, engine_row_fn fn, void *arg, int64_t *changed)
{
	struct sqlite *e = (struct sqlite *)base;
	sqlite3_stmt *s = prepare(e, sql);
	int code;
	if (s == NULL)
		return failed(e);
	bind(s, values, count);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		give_row(s, fn, arg);
	enum engine_status status =
	    code == SQLITE_DONE ? ENGINE_OK : failed(e);
	if (changed != NULL)
		*changed = sqlite3_changes(e->db);
	sqlite3_reset(s);
	return status;
}

static enum engine_status
run_many(struct engine *base, const char *sql,
    const struct engine_value *values, size_t count, size_t times,
    int64_t *changed)
{
	enum engine_status status = ENGINE_OK;
	for (size_t i = 0; i < times && status == ENGINE_OK; i++)
		status = run(base, sql, values + i * count, count, NULL, NULL,
		    &changed[i]);
	return status;
}

static void
close_engine(struct engine *base)
{
	struct sqlite *e = (struct sqlite *)base;
	for (size_t i = 0; i < e->count; i++)
		sqlite3_finalize(e->at[i].compiled);
	sqlite3_close(e->db);
	free(e);
}

static const struct engine_verbs verbs = {
	.begin = "BEGIN IMMEDIATE",
	.run = run,
	.run_many = run_many,
	.close = close_engine,
};

/* WAL, so that who reads and who writes do not wait for each other; each commit
 * reaches the disk, since the history is deleted after it. */
static enum engine_status
set_up(struct sqlite *e)
{
	static const char *const pragmas[] = {
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA trusted_schema = OFF",
	};
	sqlite3_busy_timeout(e->db, BUSY_MS);
	for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++)
		if (sqlite3_exec(e->db, pragmas[i], NULL, NULL, NULL) !=
		    SQLITE_OK)
			return failed(e);
	return ENGINE_OK;
}

enum engine_status
store_sqlite_open(const char *path, struct engine **out)
{
	struct sqlite *e = calloc(1, sizeof *e);
	if (e == NULL)
		abort();
	e->base.verbs = &verbs;
	*out = &e->base;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	    SQLITE_OPEN_NOMUTEX;
	int code = sqlite3_open_v2(path, &e->db, flags, NULL);
	if (e->db == NULL)
		abort(); /* no memory */
	if (code != SQLITE_OK)
		return failed(e);
	return set_up(e);
}
