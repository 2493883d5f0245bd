/* SPDX-License-Identifier: BSD-2-Clause */
/* Where reports go, and what became of them. */
#include "report/send/queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "report/store/store_inside.h"

const struct table_row queue_fate_names[] = {
	{QUEUE_WAITING, "waiting"},
	{QUEUE_UNVERIFIED, "unverified"},
	{QUEUE_UNUSABLE, "unusable"},
	{QUEUE_SUPPRESSED, "suppressed"},
	{QUEUE_SENT, "sent"},
	{QUEUE_REFUSED, "refused"},
	{QUEUE_GIVEN_UP, "given-up"},
	{QUEUE_BOUNCED, "bounced"},
	{0, NULL},
};

#define COLUMNS                                                                \
	"token, report, address, domain, fate, attempts, next, changed, reason"

static struct str
fate_text(enum queue_fate fate)
{
	return str_of(table_name(queue_fate_names, (int)fate));
}

/* ---- writing ------------------------------------------------------------ */

/* A hundred bits: nobody guesses whose bounce to forge. */
static void
draw_token(char out[QUEUE_TOKEN])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char bytes[QUEUE_TOKEN];
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		abort();
	for (size_t i = 0; i < sizeof bytes; i++)
		out[i] = letters[bytes[i] % 32];
}

bool
queue_add(struct store *s, const struct queue_delivery *d)
{
	char token[QUEUE_TOKEN];
	draw_token(token);
	const struct engine_value values[] = {
		ENGINE_TEXT(((struct str) {token, sizeof token})),
		ENGINE_TEXT(d->report), ENGINE_TEXT(d->address),
		ENGINE_TEXT(d->domain), ENGINE_TEXT(fate_text(d->fate)),
		ENGINE_NUMBER(d->next), ENGINE_NUMBER(d->changed),
		ENGINE_TEXT(d->reason)};
	return store_run(s, "INSERT INTO aplomb_delivery (token, report, "
	    "address, domain, fate, attempts, next, changed, reason) "
	    "VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8) "
	    "ON CONFLICT (report, address) DO UPDATE SET "
	    "fate = excluded.fate, next = excluded.next, "
	    "changed = excluded.changed, reason = excluded.reason "
	    "WHERE aplomb_delivery.fate IN ('unverified', 'unusable')",
	    values, 8, NULL, NULL, NULL);
}

bool
queue_record(struct store *s, const struct queue_delivery *d)
{
	const struct engine_value values[] = {
		ENGINE_TEXT(fate_text(d->fate)), ENGINE_NUMBER(d->attempts),
		ENGINE_NUMBER(d->next), ENGINE_NUMBER(d->changed),
		ENGINE_TEXT(d->reason), ENGINE_TEXT(d->token)};
	return store_run(s, "UPDATE aplomb_delivery SET fate = $1, "
	    "attempts = $2, next = $3, changed = $4, reason = $5 "
	    "WHERE token = $6", values, 6, NULL, NULL, NULL);
}

/* ---- reading ------------------------------------------------------------ */

struct result {
	struct arena *arena;
	struct queue_delivery *at;
	size_t count, capacity;
	bool is_damaged;
};

static void
take_delivery(void *arg, const struct engine_value *c)
{
	struct result *r = arg;
	int fate;
	if (!table_value(queue_fate_names, c[4].text, &fate)) {
		r->is_damaged = true;
		return;
	}
	if (r->count == r->capacity) {
		size_t capacity = r->capacity > 0 ? 2 * r->capacity : 8;
		struct queue_delivery *more =
		    ARENA_ARRAY(r->arena, struct queue_delivery, capacity);
		if (r->count > 0)
			memcpy(more, r->at, r->count * sizeof *more);
		r->at = more;
		r->capacity = capacity;
	}
	r->at[r->count++] = (struct queue_delivery) {
		.token = str_copy(c[0].text, r->arena),
		.report = str_copy(c[1].text, r->arena),
		.address = str_copy(c[2].text, r->arena),
		.domain = str_copy(c[3].text, r->arena),
		.fate = (enum queue_fate)fate,
		.attempts = (unsigned)c[5].number,
		.next = c[6].number,
		.changed = c[7].number,
		.reason = str_copy(c[8].text, r->arena),
	};
}

static bool
is_whole(struct store *s, const struct result *r)
{
	return !r->is_damaged ||
	    store_refuse(s, false, "a delivery of the outbox is damaged");
}

bool
queue_deliveries(struct store *s, struct str report, struct arena *a,
    struct queue_delivery **out, size_t *count)
{
	const struct engine_value values[] = {ENGINE_TEXT(report)};
	struct result r = {.arena = a};
	bool is_good = store_run(s, "SELECT " COLUMNS " FROM aplomb_delivery "
	    "WHERE report = $1 ORDER BY address", values, 1, take_delivery, &r,
	    NULL);
	*out = r.at;
	*count = r.count;
	return is_good && is_whole(s, &r);
}

bool
queue_find_token(struct store *s, struct str token, struct arena *a,
    struct queue_delivery *out, bool *is_found)
{
	const struct engine_value values[] = {ENGINE_TEXT(token)};
	struct result r = {.arena = a};
	bool is_good = store_run(s, "SELECT " COLUMNS " FROM aplomb_delivery "
	    "WHERE token = $1", values, 1, take_delivery, &r, NULL);
	*is_found = r.count > 0;
	if (*is_found)
		*out = r.at[0];
	return is_good && is_whole(s, &r);
}

static void
take_number(void *arg, const struct engine_value *c)
{
	*(uint64_t *)arg = (uint64_t)c[0].number;
}

bool
queue_count_sent(struct store *s, struct str domain, int64_t since,
    uint64_t *out)
{
	const struct engine_value values[] = {ENGINE_TEXT(domain),
	    ENGINE_NUMBER(since)};
	*out = 0;
	return store_run(s, "SELECT COUNT(*) FROM aplomb_delivery "
	    "WHERE domain = $1 AND changed > $2 AND fate IN ('sent', "
	    "'bounced')", values, 2, take_number, out, NULL);
}

/* ---- lists -------------------------------------------------------------- */

struct list {
	queue_line_fn fn;
	void *arg;
	bool is_damaged;
};

static void
take_line(void *arg, const struct engine_value *c)
{
	struct list *l = arg;
	const struct engine_value *r = c + STORE_DAY_COUNT;
	int state = QUEUE_NEW;
	if (r[0].text.n > 0 &&
	    !table_value(queue_state_names, r[1].text, &state)) {
		l->is_damaged = true;
		return;
	}
	l->fn(l->arg, &(struct queue_line) {
		.day = store_day_of(c),
		.id = r[0].text,
		.state = (enum queue_state)state,
		.reason = r[2].text,
		.sent = (uint64_t)r[3].number,
		.waiting = (uint64_t)r[4].number,
		.failed = (uint64_t)r[5].number,
	});
}

#define SUM_OF(fates)                                                          \
	"(SELECT COUNT(*) FROM aplomb_delivery d WHERE d.report = r.id "       \
	"AND d.fate IN (" fates "))"

bool
queue_list(struct store *s, const struct store_filter *f,
    store_day_number first, queue_line_fn fn, void *arg)
{
	const struct engine_value values[] = {STORE_FILTER_VALUES(f),
	    ENGINE_NUMBER(first)};
	struct list l = {fn, arg, false};
	return store_run(s, "SELECT " STORE_DAY_COLUMNS
	    ", COALESCE(r.id, ''), COALESCE(r.state, ''), "
	    "COALESCE(r.reason, ''), " SUM_OF("'sent'") ", "
	    SUM_OF("'waiting', 'unverified'") ", "
	    SUM_OF("'refused', 'given-up', 'bounced', 'suppressed', "
	    "'unusable'") " FROM aplomb_tally t "
	    "JOIN aplomb_policy p ON p.id = t.policy "
	    "LEFT JOIN aplomb_report r ON r.tally = t.id "
	    "WHERE " STORE_FILTER "AND t.day >= $4 "
	    "ORDER BY t.day, t.domain, t.policy, t.sequence", values, 4,
	    take_line, &l, NULL) && (!l.is_damaged || store_refuse(s, false,
	    "a report of the outbox is damaged"));
}
