/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/row/tally.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"
#include "report/row/row_text.h"

/* Of texts and rows; some 50 000 distinct rows. */
#define MAX_BYTES (24u << 20)

struct tally {
	struct arena *arena;   /* groups and rows */
	struct arena *scratch; /* texts of the message at hand */
	struct hash_key key;
	struct tally_group *groups;
};

struct tally *
tally_new(void)
{
	struct tally *f = calloc(1, sizeof *f);
	if (f == NULL)
		abort();
	hash_key_init(&f->key);
	f->arena = arena_new(0);
	f->scratch = arena_new(0);
	return f;
}

void
tally_clear(struct tally *f)
{
	struct tally_group *g, *next;
	HASH_ITER(hh, f->groups, g, next)
		HASH_CLEAR(hh, g->rows);
	HASH_CLEAR(hh, f->groups);
	arena_free(f->arena);
	f->arena = arena_new(0);
}

void
tally_free(struct tally *f)
{
	tally_clear(f);
	arena_free(f->arena);
	arena_free(f->scratch);
	free(f);
}

static unsigned
hash_of(const struct tally *f, struct str s)
{
	return (unsigned)hash_str(&f->key, s);
}

static struct tally_group *
group_of(struct tally *f, int64_t day, const struct report_policy *p)
{
	struct text t;
	struct tally_group *g;
	text_init(&t, f->scratch);
	text_printf(&t, "%020lld", (long long)day);
	size_t prefix = t.n;
	policy_print(&t, p);
	struct str key = text_str(&t);
	unsigned hash = hash_of(f, key);
	HASH_FIND_BYHASHVALUE(hh, f->groups, key.p, key.n, hash, g);
	if (g != NULL)
		return g;
	g = ARENA_NEW(f->arena, struct tally_group);
	g->day = day;
	g->key = str_copy(key, f->arena);
	g->policy = str_sub(g->key, prefix, key.n);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, f->groups, g->key.p, g->key.n, hash,
	    g);
	return g;
}

static struct tally_row *
row_of(struct tally *f, struct tally_group *g, const struct report_row *r)
{
	struct text t;
	struct tally_row *row;
	text_init(&t, f->scratch);
	row_print(&t, r);
	struct str key = text_str(&t);
	unsigned hash = hash_of(f, key);
	HASH_FIND_BYHASHVALUE(hh, g->rows, key.p, key.n, hash, row);
	if (row != NULL)
		return row;
	row = ARENA_NEW(f->arena, struct tally_row);
	row->text = str_copy(key, f->arena);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, g->rows, row->text.p, row->text.n,
	    hash, row);
	return row;
}

void
tally_add(struct tally *f, int64_t day, const struct report_policy *p,
    const struct report_row *r)
{
	struct tally_group *g = group_of(f, day, p);
	struct tally_row *row = row_of(f, g, r);
	row->messages += r->count;
	row->optional += r->optional;
	g->messages += r->count;
	g->optional += r->optional;
	if (arena_used(f->scratch) > MAX_BYTES / 64) {
		arena_free(f->scratch);
		f->scratch = arena_new(0);
	}
}

bool
tally_is_full(const struct tally *f)
{
	return arena_used(f->arena) > MAX_BYTES;
}

static int
by_key(const struct tally_group *a, const struct tally_group *b)
{
	return str_cmp(a->key, b->key);
}

struct tally_group *
tally_sorted(struct tally *f)
{
	HASH_SORT(f->groups, by_key);
	return f->groups;
}
