/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_HEADER_H
#define APLOMB_MAIL_HEADER_H

/*
 * The header fields of one message, in the order in which they came.
 *
 * A value is kept byte for byte as received, from the byte after the colon:
 * leading blank, folding (CRLF) and odd bytes included, since signatures cover
 * them. The list is bounded; what exceeds a bound is counted, not kept.
 *
 * Counts are per name and include dropped fields, so that an instance number is
 * the MTA's. Whoever deletes forged fields takes every instance from 1 to
 * header_count(): one that is not in the list could not be read.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/* libopendkim's cost grows with both; real mail stays far below. */
#define HEADER_MAX_FIELDS 1000u
#define HEADER_MAX_BYTES  (256u * 1024)
/* Name and value of the From field. No mail has a list of authors this long,
 * and a field of one address padded up to what MTAs take (100 KB) is judged. */
#define HEADER_MAX_FROM (128u * 1024)

struct header_field {
	struct str name;
	struct str value;
	unsigned instance; /* 1 for the first field of this name, 2, ... */
};

struct header_list {
	struct arena *arena;
	struct header_field *at;
	size_t count, capacity;
	size_t bytes;
	size_t dropped; /* fields that exceeded a bound */
	/* header.c's own: the fields of each name, and for each field the one
	 * of its name above it. */
	struct header_name *names;
	size_t name_count, name_capacity;
	size_t *above, above_capacity;
};

void header_init(struct header_list *l, struct arena *a);

/* Copies a field into the list; false when a bound made it drop the field. The
 * first From field has a bound of its own, even where the list is full, so that
 * padding cannot hide it (RFC 5322 3.6 sets no order). */
bool header_add(struct header_list *l, struct str name, struct str value);

/* Field names compare without regard to case; blanks before the colon, which
 * obsolete syntax allows (RFC 5322 4.5), are not part of the name. */
bool header_is(const struct header_field *f, struct str name);
struct str header_bare_name(const struct header_field *f);

/* How many fields have the name, kept or dropped. Exact for the names that
 * decisions depend on (From, Authentication-Results, X-Aplomb-Quarantine and
 * others that header.c lists) and for every name of a kept field; 0 for another
 * that only dropped fields have, so that distinct names cannot buy memory. */
size_t header_count(const struct header_list *l, struct str name);

/*
 * The fields of a list as an h= tag takes them: hundreds of names in a header
 * of a thousand fields cost a search and not a walk each.
 */
struct header_uses {
	const struct header_list *list;
	size_t *next; /* for each name of the list */
};

/* No field is taken yet. The list must not grow while it is used; the arena
 * must outlive the use. */
void header_uses_init(struct header_uses *u, const struct header_list *l,
    struct arena *a);

/* The last unused field of this name, now used; NULL when there is none left
 * (RFC 6376 5.4.2). */
const struct header_field *header_take_last(struct header_uses *u,
    struct str name);

#endif
