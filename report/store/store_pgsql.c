/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine on PostgreSQL, and on what speaks its protocol; the one file that
 * knows libpq. */
#include "report/store/store_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

/* Types of parameters and results: pg_type.oid never changes for these. */
#define OID_BIGINT 20u
#define OID_TEXT   25u
/* Statements under way at once: their answers fit the socket's buffer, so that
 * neither side waits for the other to read. */
#define PIPELINE 128u

struct pgsql {
	struct engine base;
	PGconn *c;
	const char *at[ENGINE_MAX_STATEMENTS];
	size_t count;
};

/* ---- failures ----------------------------------------------------------- */

static const struct {
	const char *code;
	enum engine_status status;
} states[] = {
	{"40001", ENGINE_CONFLICT}, /* serialization_failure */
	{"40P01", ENGINE_CONFLICT}, /* deadlock_detected */
	{"23505", ENGINE_CONFLICT}, /* unique_violation: another was first */
	{"42P07", ENGINE_CONFLICT}, /* duplicate_table: the same */
	{"42P01", ENGINE_NO_TABLE}, /* undefined_table */
};

/* The first line of libpq's words. */
static void
explain(struct pgsql *e, const char *words)
{
	size_t n = strcspn(words, "\n");
	const char *cure = PQstatus(e->c) == CONNECTION_OK ? "" :
	    "; see that the server runs and lets this user in, and run the "
	    "command again";
	snprintf(e->base.reason, sizeof e->base.reason, "%.*s%s", (int)n,
	    words, cure);
}

static enum engine_status
failed(struct pgsql *e, const PGresult *r)
{
	const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	explain(e, words != NULL ? words : PQerrorMessage(e->c));
	for (size_t i = 0; code != NULL && i < sizeof states / sizeof *states;
	    i++)
		if (strcmp(states[i].code, code) == 0)
			return states[i].status;
	return ENGINE_FAILED;
}

static enum engine_status
status_of(struct pgsql *e, const PGresult *r)
{
	switch (PQresultStatus(r)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		return ENGINE_OK;
	default:
		return failed(e, r);
	}
}

/* ---- parameters and results --------------------------------------------- */

struct parameters {
	const char *values[ENGINE_MAX_PARAMETERS];
	int lengths[ENGINE_MAX_PARAMETERS], formats[ENGINE_MAX_PARAMETERS];
	char numbers[ENGINE_MAX_PARAMETERS][8];
};

/* All in the binary format: bytes as they are, numbers big-endian. */
static void
set_parameters(struct parameters *p, const struct engine_value *values,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct engine_value *v = &values[i];
		uint64_t n = (uint64_t)v->number;
		for (unsigned k = 0; k < 8; k++)
			p->numbers[i][k] = (char)(n >> (56 - 8 * k));
		const char *text = v->text.p != NULL ? v->text.p : "";
		p->values[i] = v->is_text ? text : p->numbers[i];
		p->lengths[i] = v->is_text ? (int)v->text.n : 8;
		p->formats[i] = 1;
	}
}

static int64_t
number_of(const char *p, int length)
{
	uint64_t n = 0;
	for (int i = 0; i < length; i++)
		n = n << 8 | (unsigned char)p[i];
	return (int64_t)n;
}

static void
give_rows(const PGresult *r, engine_row_fn fn, void *arg)
{
	struct engine_value columns[ENGINE_MAX_PARAMETERS] = {0};
	int count = PQnfields(r);
	if (fn == NULL || count > (int)ENGINE_MAX_PARAMETERS)
		return;
	for (int row = 0; row < PQntuples(r); row++) {
		for (int i = 0; i < count; i++) {
			const char *p = PQgetvalue(r, row, i);
			int n = PQgetlength(r, row, i);
			struct engine_value *v = &columns[i];
			v->is_text = PQftype(r, i) != OID_BIGINT;
			v->text = (struct str) {p, (size_t)n};
			v->number = v->is_text ? 0 : number_of(p, n);
		}
		fn(arg, columns);
	}
}

static int64_t
changed_by(PGresult *r)
{
	uint64_t n = 0;
	str_to_uint(str_of(PQcmdTuples(r)), INT64_MAX, &n);
	return (int64_t)n;
}

/* ---- statements --------------------------------------------------------- */

static void
name_of(size_t i, char out[16])
{
	snprintf(out, 16, "s%zu", i);
}

static enum engine_status
prepare(struct pgsql *e, const char *sql, const struct engine_value *values,
    size_t count, char name[16])
{
	Oid types[ENGINE_MAX_PARAMETERS];
	size_t i = 0;
	while (i < e->count && e->at[i] != sql)
		i++;
	name_of(i, name);
	if (i < e->count)
		return ENGINE_OK;
	if (e->count == ENGINE_MAX_STATEMENTS ||
	    count > ENGINE_MAX_PARAMETERS)
		abort();
	for (size_t k = 0; k < count; k++)
		types[k] = values[k].is_text ? OID_TEXT : OID_BIGINT;
	PGresult *r = PQprepare(e->c, name, sql, (int)count, types);
	enum engine_status status = status_of(e, r);
	PQclear(r);
	if (status == ENGINE_OK)
		e->at[e->count++] = sql;
	return status;
}

static enum engine_status
run(struct engine *base, const char *sql, const struct engine_value *values,
    size_t count, engine_row_fn fn, void *arg, int64_t *changed)
{
	struct pgsql *e = (struct pgsql *)base;
	struct parameters p;
	char name[16];
	enum engine_status status = prepare(e, sql, values, count, name);
	if (status != ENGINE_OK)
		return status;
	set_parameters(&p, values, count);
	PGresult *r = PQexecPrepared(e->c, name, (int)count, p.values,
	    p.lengths, p.formats, 1);
	status = status_of(e, r);
	if (status == ENGINE_OK) {
		give_rows(r, fn, arg);
		if (changed != NULL)
			*changed = changed_by(r);
	}
	PQclear(r);
	return status;
}

/* One answer of the pipeline, and the NULL behind it. */
static enum engine_status
take_answer(struct pgsql *e, enum engine_status so_far, int64_t *changed)
{
	PGresult *r = PQgetResult(e->c);
	enum engine_status status = so_far;
	if (so_far == ENGINE_OK) /* what comes after a failure is skipped */
		status = status_of(e, r);
	if (status == ENGINE_OK)
		*changed = changed_by(r);
	PQclear(r);
	while (r != NULL && (r = PQgetResult(e->c)) != NULL)
		PQclear(r);
	return status;
}

static enum engine_status
run_pipeline(struct pgsql *e, const char *name,
    const struct engine_value *values, size_t count, size_t times,
    int64_t *changed)
{
	struct parameters p;
	enum engine_status status = ENGINE_OK;
	size_t sent = 0;
	for (; sent < times && status == ENGINE_OK; sent++) {
		set_parameters(&p, values + sent * count, count);
		if (!PQsendQueryPrepared(e->c, name, (int)count, p.values,
		    p.lengths, p.formats, 1))
			status = failed(e, NULL);
	}
	if (status != ENGINE_OK || !PQpipelineSync(e->c))
		return failed(e, NULL); /* the connection is gone */
	for (size_t i = 0; i < sent; i++)
		status = take_answer(e, status, &changed[i]);
	PQclear(PQgetResult(e->c)); /* of the synchronisation */
	return status;
}

static enum engine_status
run_many(struct engine *base, const char *sql,
    const struct engine_value *values, size_t count, size_t times,
    int64_t *changed)
{
	struct pgsql *e = (struct pgsql *)base;
	char name[16];
	if (times == 0)
		return ENGINE_OK;
	enum engine_status status = prepare(e, sql, values, count, name);
	if (status != ENGINE_OK)
		return status;
	if (!PQenterPipelineMode(e->c))
		return failed(e, NULL);
	for (size_t i = 0; i < times && status == ENGINE_OK; i += PIPELINE) {
		size_t n = times - i < PIPELINE ? times - i : PIPELINE;
		status = run_pipeline(e, name, values + i * count, count, n,
		    changed + i);
	}
	PQexitPipelineMode(e->c);
	return status;
}

static void
close_engine(struct engine *base)
{
	struct pgsql *e = (struct pgsql *)base;
	PQfinish(e->c);
	free(e);
}

static const struct engine_verbs verbs = {
	.begin = "BEGIN",
	.run = run,
	.run_many = run_many,
	.close = close_engine,
};

static void
be_silent(void *arg, const char *message)
{
	(void)arg, (void)message;
}

/* The texts are UTF-8; each commit reaches the disk, since the history is
 * deleted after it. */
static enum engine_status
set_up(struct pgsql *e)
{
	const char *encoding =
	    PQparameterStatus(e->c, "server_encoding");
	if (encoding != NULL && strcmp(encoding, "UTF8") != 0) {
		snprintf(e->base.reason, sizeof e->base.reason,
		    "the database has the encoding %s; make one with UTF8",
		    encoding);
		return ENGINE_FAILED;
	}
	if (PQsetClientEncoding(e->c, "UTF8") != 0)
		return failed(e, NULL);
	PGresult *r = PQexec(e->c, "SET synchronous_commit = on");
	enum engine_status status = status_of(e, r);
	PQclear(r);
	return status;
}

enum engine_status
store_pgsql_open(const char *uri, struct engine **out)
{
	/* The URI comes later, so that it decides. */
	static const char *const keys[] = {"connect_timeout",
	    "fallback_application_name", "dbname", NULL};
	const char *const values[] = {"20", "aplomb", uri, NULL};
	struct pgsql *e = calloc(1, sizeof *e);
	if (e == NULL)
		abort();
	e->base.verbs = &verbs;
	*out = &e->base;
	e->c = PQconnectdbParams(keys, values, 1);
	if (e->c == NULL)
		abort(); /* no memory */
	if (PQstatus(e->c) != CONNECTION_OK) {
		explain(e, PQerrorMessage(e->c));
		return ENGINE_FAILED;
	}
	PQsetNoticeProcessor(e->c, be_silent, NULL);
	return set_up(e);
}
