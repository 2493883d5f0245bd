/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_LIMIT_H
#define APLOMB_REPORT_FAILURE_FAILURE_LIMIT_H

/*
 * How many failure reports may go: token buckets (RFC 9991 2 wants a limit, and
 * says none), one for each name, which live on between runs as lines of text. A
 * bucket holds what one hour allows, and is filled evenly; one that is not there
 * is full. It counts what is missing, not what is there, so that a changed
 * setting takes effect at once.
 *
 * The clock may jump: forward, a bucket is full at most; back, it is filled from
 * then on as if no time had passed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/text.h"
#include "base/digest.h"

struct arena;

/* Buckets kept; where there are more, a new name has no room: an hour in which
 * so many were written to is no ordinary one. */
#define LIMIT_MAX 5000u

struct limit {
	char id[DIGEST_TEXT]; /* of its name */
	int64_t updated;      /* seconds */
	int64_t missing;      /* in 3600ths of a report, at `updated` */
};

struct limits {
	struct limit *at;
	size_t count;
	int64_t now;
};

void limits_init(struct limits *l, int64_t now, struct arena *a);

/* Takes the words of a line behind "limit"; one that makes no sense, or whose
 * bucket is full again, is left out. */
void limits_parse(struct limits *l, struct str words);
void limits_print(const struct limits *l, struct text *t);

/* Whether a name has room for a report, of which `per_hour` may go. */
bool limits_have(struct limits *l, struct str name, unsigned per_hour);
void limits_take(struct limits *l, struct str name, unsigned per_hour);

#endif
