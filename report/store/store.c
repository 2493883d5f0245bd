/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/store/store_inside.h"
#include "report/store/store_schema.h"

/* Processes that make the tables of one database at the same moment. */
#define MAX_RACES 16

/* ---- failures ----------------------------------------------------------- */

bool
store_refuse(struct store *s, bool is_conflict, const char *sentence)
{
	free(s->reason);
	s->is_conflict = is_conflict;
	if (asprintf(&s->reason, "store %s: %s", s->shown, sentence) < 0)
		abort();
	return false;
}

struct str
store_reason(const struct store *s)
{
	return str_of(s->reason);
}

bool
store_is_conflict(const struct store *s)
{
	return s->is_conflict;
}

static bool
is_done(struct store *s, enum engine_status status)
{
	return status == ENGINE_OK || store_refuse(s,
	    status == ENGINE_CONFLICT, s->engine->reason);
}

bool
store_run(struct store *s, const char *sql, const struct engine_value *values,
    size_t count, engine_row_fn fn, void *arg, int64_t *changed)
{
	return is_done(s, s->engine->verbs->run(s->engine, sql, values, count,
	    fn, arg, changed));
}

bool
store_run_many(struct store *s, const char *sql,
    const struct engine_value *values, size_t count, size_t times,
    int64_t *changed)
{
	return is_done(s, s->engine->verbs->run_many(s->engine, sql, values,
	    count, times, changed));
}

/* ---- opening ------------------------------------------------------------ */

/* The name for people: no password, and no query, which may hold one. */
static struct str
shown_name(struct str name, struct arena *a)
{
	struct str s = str_sub(name, 0, str_find(name, '?'));
	size_t slashes = str_find(s, '/') + 2;
	struct str rest = str_sub(s, slashes, s.n);
	struct str host = str_sub(rest, 0, str_find(rest, '/'));
	size_t at = str_find_last(host, '@'), colon = str_find(host, ':');
	if (str_has_prefix(name, STR("sqlite:")) || at == host.n || colon > at)
		return s;
	return text_format(a, "%.*s%.*s%.*s", (int)slashes, s.p, (int)colon,
	    host.p, STR_ARG(str_sub(rest, at, rest.n)));
}

static bool
open_engine(struct store *s, struct str name, struct arena *a)
{
	struct str sqlite = STR("sqlite:");
	if (str_has_prefix(name, sqlite) && name.n > sqlite.n)
		return is_done(s, store_sqlite_open(
		    str_cstr(str_sub(name, sqlite.n, name.n), a), &s->engine));
	if (str_has_prefix(name, STR("postgresql://")) ||
	    str_has_prefix(name, STR("postgres://")))
		return is_done(s, store_pgsql_open(str_cstr(name, a),
		    &s->engine));
	return store_refuse(s, false,
	    "write sqlite:PATH or postgresql://USER@HOST/DATABASE");
}

/* Makes the tables where there are none, and upgrades where that is asked. One
 * of several processes does it; the others look again. */
static bool
settle(struct store *s, enum store_use use, int64_t *version)
{
	for (int i = 0; i < MAX_RACES; i++) {
		enum engine_status status =
		    store_schema_version(s->engine, version);
		if (i == 0)
			s->old_version = *version;
		if (status == ENGINE_OK && *version < 0)
			status = store_schema_make(s->engine);
		else if (status == ENGINE_OK && use == STORE_UPGRADE &&
		    *version < STORE_SCHEMA_VERSION)
			status = store_schema_upgrade(s->engine, *version);
		else
			return is_done(s, status);
		if (status != ENGINE_OK && status != ENGINE_CONFLICT)
			return is_done(s, status);
	}
	return store_refuse(s, true, "others change its tables all the time; "
	    "run the command again");
}

static bool
check_version(struct store *s, int64_t version, struct arena *a)
{
	if (version < STORE_SCHEMA_VERSION)
		return store_refuse(s, false, text_format(a, "its tables have "
		    "version %lld, this aplomb needs %d: run aplomb store "
		    "upgrade once", (long long)version,
		    STORE_SCHEMA_VERSION).p);
	if (version > STORE_SCHEMA_VERSION)
		return store_refuse(s, false, text_format(a, "its tables have "
		    "version %lld, this aplomb knows up to %d: use the newer "
		    "aplomb that made them", (long long)version,
		    STORE_SCHEMA_VERSION).p);
	return true;
}

struct store *
store_open(const char *name, enum store_use use, struct arena *a,
    struct str *reason)
{
	struct store *s = calloc(1, sizeof *s);
	int64_t version = -1;
	if (s == NULL)
		abort();
	s->shown = strdup(str_cstr(shown_name(str_of(name), a), a));
	if (s->shown == NULL)
		abort();
	if (open_engine(s, str_of(name), a) && settle(s, use, &version) &&
	    check_version(s, version, a))
		return s;
	*reason = str_copy(store_reason(s), a);
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->engine != NULL)
		s->engine->verbs->close(s->engine);
	free(s->shown);
	free(s->reason);
	free(s);
}

int
store_version(const struct store *s, int64_t *old)
{
	*old = s->old_version;
	return STORE_SCHEMA_VERSION;
}

/* ---- transactions ------------------------------------------------------- */

bool
store_begin(struct store *s)
{
	s->is_in_transaction =
	    store_run(s, s->engine->verbs->begin, NULL, 0, NULL, NULL, NULL);
	return s->is_in_transaction;
}

bool
store_commit(struct store *s)
{
	s->is_in_transaction = false;
	return store_run(s, "COMMIT", NULL, 0, NULL, NULL, NULL);
}

/* What it is called for stays the reason. */
void
store_rollback(struct store *s)
{
	struct engine *e = s->engine;
	s->is_in_transaction = false;
	e->verbs->run(e, "ROLLBACK", NULL, 0, NULL, NULL, NULL);
}

int64_t
store_draw(void)
{
	uint64_t n = 0;
	if (getrandom(&n, sizeof n, 0) != (ssize_t)sizeof n)
		abort();
	return (int64_t)(n >> 1);
}

/* ---- tallies ------------------------------------------------------------ */

struct days {
	struct arena *arena;
	struct store_day *at;
	size_t count, capacity;
};

struct store_day
store_day_of(const struct engine_value *c)
{
	return (struct store_day) {
		.tally = c[0].number,
		.day = c[1].number,
		.domain = c[2].text,
		.policy = c[3].text,
		.sequence = (unsigned)c[4].number,
		.is_frozen = c[5].number != 0,
		.rows = (uint64_t)c[6].number,
		.messages = (uint64_t)c[7].number,
		.optional = (uint64_t)c[8].number,
		.remainder = (uint64_t)c[9].number,
		.has_rua = str_eq(c[10].text, STR("y")),
	};
}

struct store_day
store_day_copy(const struct store_day *d, struct arena *a)
{
	struct store_day copy = *d;
	copy.domain = str_copy(d->domain, a);
	copy.policy = str_copy(d->policy, a);
	return copy;
}

static void
add_day(void *arg, const struct engine_value *c)
{
	struct days *d = arg;
	struct store_day day = store_day_of(c);
	if (d->count == d->capacity) {
		size_t capacity = d->capacity > 0 ? 2 * d->capacity : 64;
		struct store_day *more =
		    ARENA_ARRAY(d->arena, struct store_day, capacity);
		if (d->count > 0)
			memcpy(more, d->at, d->count * sizeof *more);
		d->at = more;
		d->capacity = capacity;
	}
	d->at[d->count++] = store_day_copy(&day, d->arena);
}

bool
store_days(struct store *s, const struct store_filter *f, struct arena *a,
    struct store_day **out, size_t *count)
{
	const struct engine_value values[] = {STORE_FILTER_VALUES(f)};
	struct days d = {.arena = a};
	bool is_good = store_run(s, "SELECT " STORE_DAY_COLUMNS
	    " FROM aplomb_tally t JOIN aplomb_policy p ON p.id = t.policy "
	    "WHERE " STORE_FILTER "ORDER BY t.day, t.domain, t.policy, t.sequence", values, 3,
	    add_day, &d, NULL);
	*out = d.at;
	*count = d.count;
	return is_good;
}

bool
store_freeze(struct store *s, int64_t tally, bool *was_open)
{
	const struct engine_value values[] = {ENGINE_NUMBER(tally)};
	int64_t changed = 0;
	bool is_good = store_run(s, "UPDATE aplomb_tally SET frozen = 1 "
	    "WHERE id = $1 AND frozen = 0", values, 1, NULL, NULL, &changed);
	*was_open = changed == 1;
	return is_good;
}
