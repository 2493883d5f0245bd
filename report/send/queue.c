/* SPDX-License-Identifier: BSD-2-Clause */
/* How tallies become reports. */
#include "report/send/queue.h"

#include "base/arena.h"
#include "report/aggregate/report_name.h"
#include "report/store/store_inside.h"

#define DAY 86400
/* Conflicts with others who make reports. */
#define MAX_RACES 16

const struct table_row queue_state_names[] = {
	{QUEUE_NEW, "new"},
	{QUEUE_SENDING, "sending"},
	{QUEUE_DONE, "done"},
	{0, NULL},
};

/* ---- what is due -------------------------------------------------------- */

struct page {
	struct arena *arena;
	struct store_day *at;
	size_t count;
};

static void
add_day(void *arg, const struct engine_value *c)
{
	struct page *p = arg;
	struct store_day d = store_day_of(c);
	if (p->count < QUEUE_PAGE)
		p->at[p->count++] = store_day_copy(&d, p->arena);
}

/* A message of the day passed if a row of any tally of it says so. */
bool
queue_due(struct store *s, const struct queue_gates *g,
    const struct store_filter *f, int64_t after, struct arena *a,
    struct store_day **out, size_t *count)
{
	const struct engine_value values[] = {STORE_FILTER_VALUES(f),
	    ENGINE_NUMBER(after), ENGINE_NUMBER(g->first),
	    ENGINE_NUMBER(g->last), ENGINE_NUMBER(g->min_messages),
	    ENGINE_NUMBER(g->is_only_if_passed), ENGINE_NUMBER(QUEUE_PAGE)};
	struct page p = {a, ARENA_ARRAY(a, struct store_day, QUEUE_PAGE), 0};
	bool is_good = store_run(s, "SELECT " STORE_DAY_COLUMNS
	    " FROM aplomb_tally t JOIN aplomb_policy p ON p.id = t.policy "
	    "WHERE " STORE_FILTER "AND t.id > $4 AND t.day >= $5 "
	    "AND t.day <= $6 AND t.frozen = 0 AND p.rua = 'y' "
	    "AND t.row_count > 0 AND t.messages > t.optional "
	    "AND t.messages >= $7 AND ($8 = 0 OR EXISTS (SELECT 1 "
	    "FROM aplomb_tally u JOIN aplomb_row r ON r.tally = u.id "
	    "WHERE u.day = t.day AND u.domain = t.domain "
	    "AND (r.dkim = 'pass' OR r.spf = 'pass'))) "
	    "ORDER BY t.id LIMIT $9", values, 9, add_day, &p, NULL);
	*out = p.at;
	*count = p.count;
	return is_good;
}

/* ---- making ------------------------------------------------------------- */

static struct str
id_of(const struct store_day *d, const struct sender *sender, struct arena *a)
{
	struct report_name p;
	report_name_make(&(struct report_name_facts) {
		.submitter = sender->domain,
		.domain = d->domain,
		.policy = d->policy,
		.begin = d->day * DAY,
		.end = d->day * DAY + DAY - 1,
		.sequence = d->sequence,
	}, a, &p);
	return p.id;
}

static bool
insert(struct store *s, const struct store_day *d, const struct sender *sender,
    int64_t now, struct arena *a)
{
	const struct engine_value values[] = {
		ENGINE_TEXT(id_of(d, sender, a)), ENGINE_NUMBER(d->tally),
		ENGINE_NUMBER(now), ENGINE_TEXT(str_of(table_name(
		    report_format_names, (int)sender->format))),
		ENGINE_TEXT(sender->generator), ENGINE_TEXT(sender->org_name),
		ENGINE_TEXT(sender->from), ENGINE_TEXT(sender->email),
		ENGINE_TEXT(sender->contact)};
	return store_run(s, "INSERT INTO aplomb_report (id, tally, made, "
	    "format, generator, org_name, sender, email, contact, state, "
	    "reason, attempts, next, owner, lease) VALUES ($1, $2, $3, $4, "
	    "$5, $6, $7, $8, $9, 'new', '', 0, 0, '', 0)", values, 9, NULL,
	    NULL, NULL);
}

static bool
make(struct store *s, const struct store_day *days, size_t count,
    const struct sender *sender, int64_t now, struct arena *a, uint64_t *made)
{
	*made = 0;
	for (size_t i = 0; i < count; i++) {
		bool was_open = false;
		if (!store_freeze(s, days[i].tally, &was_open) ||
		    (was_open && !insert(s, &days[i], sender, now, a)))
			return false;
		*made += was_open;
	}
	return true;
}

bool
queue_make(struct store *s, const struct store_day *days, size_t count,
    const struct sender *sender, int64_t now, struct arena *a, uint64_t *made)
{
	for (int i = 0; i < MAX_RACES; i++) {
		if (store_begin(s) &&
		    make(s, days, count, sender, now, a, made) &&
		    store_commit(s))
			return true;
		bool is_conflict = store_is_conflict(s);
		store_rollback(s);
		if (!is_conflict)
			return false;
	}
	return false;
}
