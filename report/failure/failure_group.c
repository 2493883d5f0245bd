/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_group.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"

#define MAX_TIME  UINT64_C(253402300800) /* the year 9999 ends before */
#define MAX_TRIES 1000u

void
failure_groups_init(struct failure_groups *t, int64_t now, struct arena *a)
{
	*t = (struct failure_groups) {.now = now};
	t->at = ARENA_ARRAY(a, struct failure_group, FAILURE_GROUP_MAX);
}

struct failure_group *
failure_groups_find(struct failure_groups *t, const char key[DIGEST_TEXT])
{
	for (size_t i = 0; i < t->count; i++)
		if (memcmp(t->at[i].key, key, DIGEST_TEXT) == 0)
			return &t->at[i];
	return NULL;
}

/* Nothing is to be remembered of it. */
static bool
is_over(const struct failure_groups *t, const struct failure_group *turn)
{
	return turn->tries == 0 && turn->told + FAILURE_GROUP_QUIET <= t->now;
}

static bool
parse_report(struct failure_group *turn, struct str words)
{
	struct str last = str_cut(&words, ' ');
	if (turn->tries == 0)
		return true;
	if (last.n != FAILURE_GROUP_NAME)
		return false;
	memcpy(turn->last, last.p, FAILURE_GROUP_NAME);
	while (words.n > 0 && turn->done_count < FAILURE_GROUP_MAX_DONE) {
		struct str done = str_cut(&words, ' ');
		if (done.n != DIGEST_TEXT)
			return false;
		memcpy(turn->done[turn->done_count++], done.p, DIGEST_TEXT);
	}
	return true;
}

/* KEY TOLD NEXT TRIES [LAST DONE...] */
void
failure_groups_parse(struct failure_groups *t, struct str words)
{
	uint64_t told, next, tries;
	struct failure_group turn = {.tries = 0};
	struct str key = str_cut(&words, ' ');
	if (key.n != DIGEST_TEXT || t->count == FAILURE_GROUP_MAX ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TIME, &told) ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TIME, &next) ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TRIES, &tries) ||
	    failure_groups_find(t, key.p) != NULL)
		return;
	memcpy(turn.key, key.p, DIGEST_TEXT);
	turn.told = (int64_t)told;
	turn.next = (int64_t)next;
	turn.tries = (unsigned)tries;
	if (turn.told > t->now)
		turn.told = t->now;
	if (turn.next > t->now + FAILURE_GROUP_LAST)
		turn.next = t->now + FAILURE_GROUP_LAST;
	if (parse_report(&turn, words) && !is_over(t, &turn))
		t->at[t->count++] = turn;
}

void
failure_groups_print(const struct failure_groups *t, struct text *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct failure_group *turn = &t->at[i];
		if (is_over(t, turn))
			continue;
		text_printf(out, "turn %.*s %" PRId64 " %" PRId64 " %u",
		    (int)DIGEST_TEXT, turn->key, turn->told, turn->next,
		    turn->tries);
		if (turn->tries > 0)
			text_printf(out, " %.*s", (int)FAILURE_GROUP_NAME, turn->last);
		for (size_t j = 0; turn->tries > 0 && j < turn->done_count; j++)
			text_printf(out, " %.*s", (int)DIGEST_TEXT,
			    turn->done[j]);
		text_add_char(out, '\n');
	}
}

struct failure_group *
failure_groups_make(struct failure_groups *t, const char key[DIGEST_TEXT])
{
	struct failure_group *turn = failure_groups_find(t, key);
	if (turn != NULL || t->count == FAILURE_GROUP_MAX)
		return turn;
	turn = &t->at[t->count++];
	*turn = (struct failure_group) {.tries = 0};
	memcpy(turn->key, key, DIGEST_TEXT);
	return turn;
}

bool
failure_group_is_due(const struct failure_group *t, int64_t now)
{
	if (t->tries > 0)
		return t->next <= now;
	return t->told == 0 || t->told + FAILURE_GROUP_QUIET <= now;
}

bool
failure_group_has(const struct failure_group *t, struct str address)
{
	char id[DIGEST_TEXT];
	digest_of(address, id);
	for (size_t i = 0; i < t->done_count; i++)
		if (memcmp(t->done[i], id, DIGEST_TEXT) == 0)
			return true;
	return false;
}

void
failure_group_add(struct failure_group *t, struct str address)
{
	if (t->done_count < FAILURE_GROUP_MAX_DONE)
		digest_of(address, t->done[t->done_count++]);
}

void
failure_group_end(struct failure_group *t, int64_t now)
{
	t->told = now;
	t->next = 0;
	t->tries = 0;
	t->done_count = 0;
}

void
failure_group_put_off(struct failure_group *t, int64_t now)
{
	int64_t wait = FAILURE_GROUP_FIRST;
	for (unsigned i = 0; i < t->tries && wait < FAILURE_GROUP_LAST; i++)
		wait *= 2;
	t->next = now + (wait < FAILURE_GROUP_LAST ? wait : FAILURE_GROUP_LAST);
	if (t->tries < MAX_TRIES)
		t->tries++;
}
