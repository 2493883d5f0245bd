/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/recipient/suppression.h"

#include "base/arena.h"
#include "report/store/store_inside.h"

#define MAX_RACES 16

static struct suppression
entry_of(const struct engine_value *c)
{
	return (struct suppression) {
		.address = c[0].text,
		.since = c[1].number,
		.until = c[2].number,
		.bounces = (unsigned)c[3].number,
		.reason = c[4].text,
	};
}

struct result {
	struct arena *arena;
	struct suppression *out;
	bool is_found;
};

static void
take_entry(void *arg, const struct engine_value *c)
{
	struct result *r = arg;
	*r->out = entry_of(c);
	r->out->address = str_copy(r->out->address, r->arena);
	r->out->reason = str_copy(r->out->reason, r->arena);
	r->is_found = true;
}

bool
suppression_find(struct store *s, struct str address, struct str domain,
    int64_t now, struct arena *a, struct suppression *out, bool *is_found)
{
	const struct engine_value values[] = {
		ENGINE_TEXT(str_lower(address, a)), ENGINE_TEXT(domain),
		ENGINE_NUMBER(now)};
	struct result r = {.arena = a, .out = out};
	bool is_good = store_run(s, "SELECT address, since, until, bounces, "
	    "reason FROM aplomb_suppression WHERE (address = $1 "
	    "OR address = $2) AND (until = 0 OR until > $3)", values, 3,
	    take_entry, &r, NULL);
	*is_found = r.is_found;
	return is_good;
}

/* ---- changes ------------------------------------------------------------ */

struct past {
	int64_t until, bounces;
	bool is_known;
};

static void
take_past(void *arg, const struct engine_value *c)
{
	*(struct past *)arg = (struct past) {c[0].number, c[1].number, true};
}

static int64_t
until_of(const struct past *p, int64_t now)
{
	int64_t lasts = SUPPRESSION_FIRST;
	if (p->is_known && p->until == 0)
		return 0;
	for (int64_t i = 0; i < p->bounces && lasts < SUPPRESSION_LONGEST; i++)
		lasts *= 2;
	return now + (lasts < SUPPRESSION_LONGEST ? lasts :
		SUPPRESSION_LONGEST);
}

static bool
write_bounce(struct store *s, struct str address, int64_t now,
    struct str reason, int64_t *until)
{
	const struct engine_value key[] = {ENGINE_TEXT(address)};
	struct past p = {.is_known = false};
	if (!store_run(s, "SELECT until, bounces FROM aplomb_suppression "
	    "WHERE address = $1", key, 1, take_past, &p, NULL))
		return false;
	*until = until_of(&p, now);
	const struct engine_value values[] = {ENGINE_TEXT(address),
	    ENGINE_NUMBER(now), ENGINE_NUMBER(*until), ENGINE_TEXT(reason)};
	return store_run(s, "INSERT INTO aplomb_suppression (address, since, "
	    "until, bounces, reason) VALUES ($1, $2, $3, 1, $4) "
	    "ON CONFLICT (address) DO UPDATE SET until = excluded.until, "
	    "bounces = aplomb_suppression.bounces + 1, "
	    "reason = excluded.reason", values, 4, NULL, NULL, NULL);
}

bool
suppression_bounce(struct store *s, struct str address, int64_t now,
    struct str reason, int64_t *until)
{
	struct arena *a = arena_new(0);
	struct str key = str_lower(address, a);
	bool is_good = false, is_over = false;
	for (int i = 0; i < MAX_RACES && !is_over; i++) {
		is_good = store_begin(s) &&
		    write_bounce(s, key, now, reason, until) &&
		    store_commit(s);
		is_over = is_good || !store_is_conflict(s);
		if (!is_good)
			store_rollback(s);
	}
	arena_free(a);
	return is_good;
}

bool
suppression_add(struct store *s, struct str address, int64_t now,
    struct str reason)
{
	struct arena *a = arena_new(0);
	const struct engine_value values[] = {
		ENGINE_TEXT(str_lower(address, a)), ENGINE_NUMBER(now),
		ENGINE_TEXT(reason)};
	bool is_good = store_run(s, "INSERT INTO aplomb_suppression (address, "
	    "since, until, bounces, reason) VALUES ($1, $2, 0, 0, $3) "
	    "ON CONFLICT (address) DO UPDATE SET until = 0, "
	    "reason = excluded.reason", values, 3, NULL, NULL, NULL);
	arena_free(a);
	return is_good;
}

bool
suppression_remove(struct store *s, struct str address, bool *was_there)
{
	struct arena *a = arena_new(0);
	const struct engine_value values[] = {
		ENGINE_TEXT(str_lower(address, a))};
	int64_t changed = 0;
	bool is_good = store_run(s, "DELETE FROM aplomb_suppression "
	    "WHERE address = $1", values, 1, NULL, NULL, &changed);
	*was_there = changed > 0;
	arena_free(a);
	return is_good;
}

/* ---- list --------------------------------------------------------------- */

struct list {
	suppression_fn fn;
	void *arg;
};

static void
give_entry(void *arg, const struct engine_value *c)
{
	struct list *l = arg;
	struct suppression e = entry_of(c);
	l->fn(l->arg, &e);
}

bool
suppression_list(struct store *s, suppression_fn fn, void *arg)
{
	struct list l = {fn, arg};
	return store_run(s, "SELECT address, since, until, bounces, reason "
	    "FROM aplomb_suppression ORDER BY address", NULL, 0, give_entry,
	    &l, NULL);
}
