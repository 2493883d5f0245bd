/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_set.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/header.h"

/* The sets while they are collected; the first error stands. */
struct collector {
	const struct header_list *headers;
	struct arena *arena;
	struct arc_sets *out;
};

static void
fail(struct collector *c, struct str error)
{
	if (str_is_empty(c->out->error))
		c->out->error = error;
}

struct str
arc_set_error(enum arc_kind kind, unsigned instance, const char *what,
    struct arena *a)
{
	return text_format(a, "%s %u: %s", table_name(arc_kind_names,
	    (int)kind), instance, what);
}

static void
fail_set(struct collector *c, enum arc_kind kind, unsigned instance,
    const char *what)
{
	fail(c, arc_set_error(kind, instance, what, c->arena));
}

static struct str
name_of(enum arc_kind kind)
{
	return str_of(table_name(arc_kind_names, (int)kind));
}

static bool
has_fields(struct collector *c)
{
	size_t all = 0;
	for (int kind = 0; kind < ARC_KINDS; kind++) {
		size_t n = header_count(c->headers,
		    name_of((enum arc_kind)kind));
		if (n > ARC_MAX_SETS)
			fail(c, STR("there are more than 50 sets"));
		all += n;
	}
	/* A field that was dropped may belong to the chain, or be one that a
	 * signature denies (RFC 6376 8.15). */
	if (all > 0 && c->headers->dropped > 0)
		fail(c, STR("the message has more header fields than are "
		    "read"));
	return all > 0;
}

static void
take(struct collector *c, enum arc_kind kind, const struct header_field *f)
{
	struct arc_field field;
	arc_field_parse(kind, f, c->arena, &field);
	if (field.instance == 0) {
		fail(c, text_format(c->arena, "%s: %s",
		    table_name(arc_kind_names, (int)kind), field.error));
		return;
	}
	struct arc_field *slot =
	    &c->out->at[field.instance - 1].fields[kind];
	if (slot->header != NULL)
		fail_set(c, kind, field.instance, "there are several");
	*slot = field;
	if (c->out->count < field.instance)
		c->out->count = field.instance;
}

static void
take_all(struct collector *c)
{
	c->out->at = ARENA_ARRAY(c->arena, struct arc_set, ARC_MAX_SETS);
	for (size_t i = 0; i < c->headers->count; i++)
		for (int kind = 0; kind < ARC_KINDS; kind++)
			if (header_is(&c->headers->at[i],
				name_of((enum arc_kind)kind)))
				take(c, (enum arc_kind)kind,
				    &c->headers->at[i]);
}

/* RFC 8617 5.2 step 3: each set has one field of each kind; the first found no
 * chain, and each later one a chain that passed. */
static void
check_set(struct collector *c, unsigned instance)
{
	struct arc_field *fields = c->out->at[instance - 1].fields;
	for (int kind = 0; kind < ARC_KINDS; kind++)
		if (fields[kind].header == NULL) {
			fail_set(c, (enum arc_kind)kind, instance,
			    "there is none");
			return;
		}
	const struct arc_field *seal = &fields[ARC_SEAL];
	if (seal->error != NULL)
		fail_set(c, ARC_SEAL, instance, seal->error);
	else if (!str_ieq(seal->validation,
		instance == 1 ? STR("none") : STR("pass")))
		fail_set(c, ARC_SEAL, instance, instance == 1 ?
		    "cv= is not none" : "cv= is not pass");
}

/* RFC 8617 5.2 step 2 */
static void
check_newest(struct collector *c)
{
	const struct arc_set *newest = &c->out->at[c->out->count - 1];
	if (str_ieq(newest->fields[ARC_SEAL].validation, STR("fail")))
		fail_set(c, ARC_SEAL, c->out->count,
		    "the chain was broken already (cv=fail)");
	const char *error = newest->fields[ARC_SIGNATURE].error;
	if (error != NULL)
		fail_set(c, ARC_SIGNATURE, c->out->count, error);
}

static void
check_times(struct collector *c, int64_t now)
{
	for (unsigned i = 0; i < c->out->count; i++) {
		arc_field_check_time(&c->out->at[i].fields[ARC_SEAL], now);
		arc_field_check_time(&c->out->at[i].fields[ARC_SIGNATURE],
		    now);
	}
}

void
arc_sets_collect(const struct header_list *headers, int64_t now,
    struct arena *a, struct arc_sets *out)
{
	struct collector c = {headers, a, out};
	*out = (struct arc_sets) {.error = {NULL, 0}};
	if (!has_fields(&c) || !str_is_empty(out->error))
		return;
	take_all(&c);
	if (out->count == 0)
		return;
	check_times(&c, now);
	check_newest(&c);
	for (unsigned i = 1; i <= out->count; i++)
		check_set(&c, i);
}
