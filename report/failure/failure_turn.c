/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_turn.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"

#define MAX_TIME  UINT64_C(253402300800) /* the year 9999 ends before */
#define MAX_TRIES 1000u

void
turns_init(struct turns *t, int64_t now, struct arena *a)
{
	*t = (struct turns) {.now = now};
	t->at = ARENA_ARRAY(a, struct turn, TURN_MAX);
}

struct turn *
turns_find(struct turns *t, const char key[DIGEST_TEXT])
{
	for (size_t i = 0; i < t->count; i++)
		if (memcmp(t->at[i].key, key, DIGEST_TEXT) == 0)
			return &t->at[i];
	return NULL;
}

/* Nothing is to be remembered of it. */
static bool
is_over(const struct turns *t, const struct turn *turn)
{
	return turn->tries == 0 && turn->told + TURN_QUIET <= t->now;
}

static bool
parse_report(struct turn *turn, struct str words)
{
	struct str last = str_cut(&words, ' ');
	if (turn->tries == 0)
		return true;
	if (last.n != TURN_NAME)
		return false;
	memcpy(turn->last, last.p, TURN_NAME);
	while (words.n > 0 && turn->done_count < TURN_MAX_DONE) {
		struct str done = str_cut(&words, ' ');
		if (done.n != DIGEST_TEXT)
			return false;
		memcpy(turn->done[turn->done_count++], done.p, DIGEST_TEXT);
	}
	return true;
}

/* KEY TOLD NEXT TRIES [LAST DONE...] */
void
turns_parse(struct turns *t, struct str words)
{
	uint64_t told, next, tries;
	struct turn turn = {.tries = 0};
	struct str key = str_cut(&words, ' ');
	if (key.n != DIGEST_TEXT || t->count == TURN_MAX ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TIME, &told) ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TIME, &next) ||
	    !str_to_uint(str_cut(&words, ' '), MAX_TRIES, &tries) ||
	    turns_find(t, key.p) != NULL)
		return;
	memcpy(turn.key, key.p, DIGEST_TEXT);
	turn.told = (int64_t)told;
	turn.next = (int64_t)next;
	turn.tries = (unsigned)tries;
	if (turn.told > t->now)
		turn.told = t->now;
	if (turn.next > t->now + TURN_LAST)
		turn.next = t->now + TURN_LAST;
	if (parse_report(&turn, words) && !is_over(t, &turn))
		t->at[t->count++] = turn;
}

void
turns_print(const struct turns *t, struct text *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct turn *turn = &t->at[i];
		if (is_over(t, turn))
			continue;
		text_printf(out, "turn %.*s %" PRId64 " %" PRId64 " %u",
		    (int)DIGEST_TEXT, turn->key, turn->told, turn->next,
		    turn->tries);
		if (turn->tries > 0)
			text_printf(out, " %.*s", (int)TURN_NAME, turn->last);
		for (size_t j = 0; turn->tries > 0 && j < turn->done_count; j++)
			text_printf(out, " %.*s", (int)DIGEST_TEXT,
			    turn->done[j]);
		text_add_char(out, '\n');
	}
}

struct turn *
turns_make(struct turns *t, const char key[DIGEST_TEXT])
{
	struct turn *turn = turns_find(t, key);
	if (turn != NULL || t->count == TURN_MAX)
		return turn;
	turn = &t->at[t->count++];
	*turn = (struct turn) {.tries = 0};
	memcpy(turn->key, key, DIGEST_TEXT);
	return turn;
}

bool
turn_is_due(const struct turn *t, int64_t now)
{
	if (t->tries > 0)
		return t->next <= now;
	return t->told == 0 || t->told + TURN_QUIET <= now;
}

bool
turn_has(const struct turn *t, struct str address)
{
	char id[DIGEST_TEXT];
	digest_of(address, id);
	for (size_t i = 0; i < t->done_count; i++)
		if (memcmp(t->done[i], id, DIGEST_TEXT) == 0)
			return true;
	return false;
}

void
turn_add(struct turn *t, struct str address)
{
	if (t->done_count < TURN_MAX_DONE)
		digest_of(address, t->done[t->done_count++]);
}

void
turn_end(struct turn *t, int64_t now)
{
	t->told = now;
	t->next = 0;
	t->tries = 0;
	t->done_count = 0;
}

void
turn_put_off(struct turn *t, int64_t now)
{
	int64_t wait = TURN_FIRST;
	for (unsigned i = 0; i < t->tries && wait < TURN_LAST; i++)
		wait *= 2;
	t->next = now + (wait < TURN_LAST ? wait : TURN_LAST);
	if (t->tries < MAX_TRIES)
		t->tries++;
}
