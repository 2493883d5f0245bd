/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_UNIT_ARC_FIXTURE_H
#define APLOMB_TEST_UNIT_ARC_FIXTURE_H

/* A world for tests of chains: the domains d1.example to d4.example, each with
 * the selectors s, big, tiny, ed and other, one for each key of the sealer. */

#include "auth/arc.h"
#include "test/lib/check.h"
#include "test/lib/sealer.h"

/* Seconds at which all messages come. */
#define ARC_FIXTURE_NOW 1500000000

/* A message that is sealed, then edited, and what is made of it. A row without
 * a want ends its table. */
struct arc_edit {
	enum { ARC_AS_IT_IS, ARC_REPLACE, ARC_REMOVE, ARC_DOUBLE, ARC_ADD,
	    ARC_BODY } verb;
	const char *name;
	unsigned instance;
	const char *from, *to;
};
struct arc_row {
	struct seal seals[3];
	unsigned count;
	struct arc_edit edits[3];
	const char *want; /* see arc_fixture_show() */
};

void arc_fixture_make(const struct arc_row *row, struct arena *a,
    struct sealed *out);

/* Questions to a zone: a text in front of the keys, so that it can say what
 * fails. */
struct lookups *arc_fixture_lookups(const char *zone, struct arena *a);

/* Validates a message whose body comes in pieces of `step` bytes. */
const struct arc_result *arc_fixture_ask(const struct sealed *m,
    struct lookups *l, size_t step, struct arena *a);

/* Both. */
const struct arc_result *arc_fixture_verify(const struct sealed *m,
    const char *zone, size_t step, struct arena *a);

/* "none", "pass COUNT oldest=N", or "fail COUNT REASON"; "oldest=?" where it is
 * not known, and "temperror" before such a reason. */
struct str arc_fixture_show(const struct arc_result *r, struct arena *a);

void arc_fixture_check(const struct arc_row *rows);

#endif
