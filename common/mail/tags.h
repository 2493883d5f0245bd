/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_TAGS_H
#define APLOMB_MAIL_TAGS_H

/*
 * Tag lists ("v=DMARC1; p=none"): DKIM signatures and keys (RFC 6376 3.2) and
 * DMARC records (RFC 9989 4.8) share this reader. It judges nothing: it gives
 * every segment with its position, and the reader of each format decides.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

#define TAGS_MAX 64u

struct tag {
	struct str name;  /* blanks around it taken off; empty without "=" */
	struct str value; /* blanks and folding around it taken off */
	size_t at, n;     /* the whole segment, in bytes of the list */
	size_t value_at;  /* where the value starts */
	bool has_equals;  /* false: the segment is no tag */
	bool is_empty;    /* nothing but blanks between two ";" */
	bool is_repeated; /* an earlier segment has this name (case ignored) */
};

struct tags {
	struct tag *at;
	size_t count;
	bool too_many; /* segments after the first TAGS_MAX were left out */
};

/* Splits a list at ";" into segments, in the arena. */
void tags_parse(struct str list, struct arena *a, struct tags *out);

/* The first tag of this name (case ignored), or NULL. */
const struct tag *tags_find(const struct tags *t, const char *name);

#endif
