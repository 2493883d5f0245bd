/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/header.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"

#define FIRST_CAPACITY 32u

struct header_name {
	struct str name;
	unsigned count;
	size_t last; /* position of its last kept field, from 1; 0: none */
};

/* Names that a decision counts, or deletes by instance: known from the start,
 * so that a full list cannot hide them. */
static const struct str counted[] = {
	STR_INIT("Authentication-Results"),
	STR_INIT("Content-Type"),
	STR_INIT("DKIM-Signature"),
	STR_INIT("From"),
	STR_INIT("List-Id"),
	STR_INIT("Received-SPF"),
	STR_INIT("Subject"),
	STR_INIT("X-Aplomb-Quarantine"),
};

static struct str
bare_name(struct str name)
{
	while (name.n > 0 && ascii_is_wsp(name.p[name.n - 1]))
		name.n--;
	return name;
}

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

/* A larger array with the old one's content. */
static void *
grown(struct arena *a, const void *old, size_t *capacity, size_t size)
{
	size_t more = *capacity > 0 ? *capacity * 2 : FIRST_CAPACITY;
	void *p = arena_alloc(a, arena_array_size(more, size));
	if (*capacity > 0)
		memcpy(p, old, *capacity * size);
	*capacity = more;
	return p;
}

/* Where the name stands in the sorted array, or would have to. A sorted array
 * and not a hash: nobody can choose names that make it slow. */
static size_t
place(const struct header_list *l, struct str name)
{
	size_t low = 0, high = l->name_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (order(l->names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct header_name *
find(const struct header_list *l, struct str name)
{
	size_t at = place(l, name);
	if (at == l->name_count || !str_ieq(l->names[at].name, name))
		return NULL;
	return &l->names[at];
}

/* `name` outlives the list. */
static struct header_name *
insert(struct header_list *l, struct str name)
{
	if (l->name_count == l->name_capacity)
		l->names = grown(l->arena, l->names, &l->name_capacity,
		    sizeof *l->names);
	size_t at = place(l, name);
	memmove(l->names + at + 1, l->names + at,
	    (l->name_count - at) * sizeof *l->names);
	l->name_count++;
	l->names[at] = (struct header_name) {.name = name};
	return &l->names[at];
}

void
header_init(struct header_list *l, struct arena *a)
{
	*l = (struct header_list) {.arena = a};
	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
		insert(l, counted[i]);
}

static void
append(struct header_list *l, struct header_name *known, struct str name,
    struct str value)
{
	if (l->count == l->capacity)
		l->at = grown(l->arena, l->at, &l->capacity, sizeof *l->at);
	if (l->count == l->above_capacity)
		l->above = grown(l->arena, l->above, &l->above_capacity,
		    sizeof *l->above);
	l->at[l->count] = (struct header_field) {name, value, known->count};
	l->above[l->count] = known->last;
	known->last = ++l->count;
}

bool
header_add(struct header_list *l, struct str name, struct str value)
{
	struct str bare = bare_name(name);
	struct header_name *known = find(l, bare);
	if (known != NULL)
		known->count++;
	bool is_first_from = known != NULL && known->count == 1 &&
	    str_ieq(bare, STR("From"));
	size_t size = name.n + value.n;
	if (is_first_from ? size > HEADER_MAX_FROM :
	    l->count >= HEADER_MAX_FIELDS || size > HEADER_MAX_BYTES - l->bytes) {
		l->dropped++;
		return false;
	}
	if (!is_first_from)
		l->bytes += size;
	name = str_copy(name, l->arena);
	if (known == NULL) {
		known = insert(l, bare_name(name));
		known->count = 1;
	}
	append(l, known, name, str_copy(value, l->arena));
	return true;
}

struct str
header_bare_name(const struct header_field *f)
{
	return bare_name(f->name);
}

bool
header_is(const struct header_field *f, struct str name)
{
	return str_ieq(bare_name(f->name), name);
}

size_t
header_count(const struct header_list *l, struct str name)
{
	const struct header_name *known = find(l, name);
	return known != NULL ? known->count : 0;
}

void
header_uses_init(struct header_uses *u, const struct header_list *l,
    struct arena *a)
{
	u->list = l;
	u->next = ARENA_ARRAY(a, size_t, l->name_count);
	for (size_t i = 0; i < l->name_count; i++)
		u->next[i] = l->names[i].last;
}

const struct header_field *
header_take_last(struct header_uses *u, struct str name)
{
	const struct header_list *l = u->list;
	const struct header_name *known = find(l, name);
	size_t *next = known != NULL ? &u->next[known - l->names] : NULL;
	if (next == NULL || *next == 0)
		return NULL;
	size_t at = *next - 1;
	*next = l->above[at];
	return &l->at[at];
}
