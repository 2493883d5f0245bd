/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_index.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "mail/header.h"

struct entry {
	struct str name;
	const struct header_field *field;
	size_t left; /* at the first entry of a name: fields not taken yet */
	size_t all;
};

/* Sorted by name, fields of one name in the order of the header. */
struct arc_index {
	struct entry *at;
	size_t count;
};

/* A total order in which names that str_ieq() calls equal are equal. */
static int
order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t i = 0; i < n; i++) {
		int d = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);
		if (d != 0)
			return d;
	}
	return (a.n > b.n) - (a.n < b.n);
}

static int
compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int d = order(a->name, b->name);
	return d != 0 ? d : (a->field > b->field) - (a->field < b->field);
}

/* Without the blanks that may stand before the colon (RFC 5322 4.5). */
static struct str
bare(struct str name)
{
	while (name.n > 0 && ascii_is_wsp(name.p[name.n - 1]))
		name.n--;
	return name;
}

static void
count_names(struct arc_index *x)
{
	struct entry *first = x->at;
	for (size_t i = 0; i < x->count; i++) {
		if (order(x->at[i].name, first->name) != 0)
			first = &x->at[i];
		first->all++;
	}
}

struct arc_index *
arc_index_new(const struct header_list *headers, struct arena *a)
{
	struct arc_index *x = ARENA_NEW(a, struct arc_index);
	x->count = headers->count;
	x->at = ARENA_ARRAY(a, struct entry, x->count);
	for (size_t i = 0; i < x->count; i++)
		x->at[i] = (struct entry) {
			.name = bare(headers->at[i].name),
			.field = &headers->at[i],
		};
	qsort(x->at, x->count, sizeof *x->at, compare);
	count_names(x);
	return x;
}

void
arc_index_restart(struct arc_index *x)
{
	for (size_t i = 0; i < x->count; i++)
		x->at[i].left = x->at[i].all;
}

/* The first entry of the name, or where it would have to stand. */
static size_t
place(const struct arc_index *x, struct str name)
{
	size_t low = 0, high = x->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (order(x->at[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct header_field *
arc_index_take(struct arc_index *x, struct str name)
{
	size_t at = place(x, name);
	struct entry *first = &x->at[at];
	if (at == x->count || !str_ieq(first->name, name) || first->left == 0)
		return NULL;
	first->left--;
	return first[first->left].field;
}
