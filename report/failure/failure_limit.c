/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_limit.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"

#define HOUR 3600
/* The largest per_hour's. */
#define MAX_MISSING ((uint64_t)HOUR * 1000000)
#define MAX_TIME    UINT64_C(253402300800) /* the year 9999 ends before */

void
limits_init(struct limits *l, int64_t now, struct arena *a)
{
	*l = (struct limits) {.now = now};
	l->at = ARENA_ARRAY(a, struct limit, LIMIT_MAX);
}

static struct limit *
find(struct limits *l, const char id[DIGEST_TEXT])
{
	for (size_t i = 0; i < l->count; i++)
		if (memcmp(l->at[i].id, id, DIGEST_TEXT) == 0)
			return &l->at[i];
	return NULL;
}

void
limits_parse(struct limits *l, struct str words)
{
	uint64_t updated, missing;
	struct str id = str_cut(&words, ' ');
	if (id.n != DIGEST_TEXT || l->count == LIMIT_MAX ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TIME, &updated) ||
	    !str_to_uint(words, MAX_MISSING, &missing) ||
	    find(l, id.p) != NULL)
		return;
	struct limit limit = {.updated = (int64_t)updated,
	    .missing = (int64_t)missing};
	memcpy(limit.id, id.p, DIGEST_TEXT);
	if (limit.updated > l->now)
		limit.updated = l->now;
	if (l->now - limit.updated < HOUR)
		l->at[l->count++] = limit;
}

void
limits_print(const struct limits *l, struct text *t)
{
	for (size_t i = 0; i < l->count; i++)
		text_printf(t, "limit %.*s %" PRId64 " %" PRId64 "\n",
		    (int)DIGEST_TEXT, l->at[i].id, l->at[i].updated,
		    l->at[i].missing);
}

/* What is missing now. */
static int64_t
missing_now(const struct limits *l, const struct limit *limit,
    unsigned per_hour)
{
	int64_t most = (int64_t)per_hour * HOUR;
	int64_t missing = limit->missing < most ? limit->missing : most;
	missing -= (l->now - limit->updated) * per_hour;
	return missing > 0 ? missing : 0;
}

bool
limits_have(struct limits *l, struct str name, unsigned per_hour)
{
	char id[DIGEST_TEXT];
	digest_of(name, id);
	const struct limit *limit = find(l, id);
	if (limit == NULL)
		return l->count < LIMIT_MAX && per_hour > 0;
	return missing_now(l, limit, per_hour) + HOUR <=
	    (int64_t)per_hour * HOUR;
}

void
limits_take(struct limits *l, struct str name, unsigned per_hour)
{
	char id[DIGEST_TEXT];
	digest_of(name, id);
	struct limit *limit = find(l, id);
	if (limit == NULL && l->count < LIMIT_MAX) {
		limit = &l->at[l->count++];
		*limit = (struct limit) {.updated = l->now};
		memcpy(limit->id, id, DIGEST_TEXT);
	}
	if (limit == NULL)
		return;
	limit->missing = missing_now(l, limit, per_hour) + HOUR;
	limit->updated = l->now;
}
