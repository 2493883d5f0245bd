/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports, and who works on them. */
#include "mail/address.h"
#include "report/send/queue.h"

#include "base/arena.h"
#include "base/text.h"
#include "report/store/store_inside.h"

/* A clock that was set back leaves times that lie too far ahead: they count as
 * past. Clocks of hosts may differ by this. */
#define SKEW 3600
/* No try is put off for so long. */
#define FAR (2 * 86400)
/* Others that claim at the same moment. */
#define MAX_RACES 64

#define REPORT_COLUMNS                                                         \
	"r.id, r.made, r.state, r.reason, r.attempts, r.format, "              \
	"r.generator, r.org_name, r.sender, r.email, r.contact"

struct result {
	struct arena *arena;
	struct queue_report *out;
	bool is_damaged;
	size_t count;
};

static bool
read_report(const struct engine_value *c, struct arena *a,
    struct queue_report *out)
{
	const struct engine_value *r = c + STORE_DAY_COUNT;
	struct store_day day = store_day_of(c);
	int state, format;
	if (!table_value(queue_state_names, r[2].text, &state) ||
	    !table_value(report_format_names, r[5].text, &format))
		return false;
	*out = (struct queue_report) {
		.id = str_copy(r[0].text, a),
		.day = store_day_copy(&day, a),
		.sender = {
			.format = (enum report_format)format,
			.generator = str_copy(r[6].text, a),
			.org_name = str_copy(r[7].text, a),
			.from = str_copy(r[8].text, a),
			.email = str_copy(r[9].text, a),
			.contact = str_copy(r[10].text, a),
			.is_set = true,
		},
		.made = r[1].number,
		.state = (enum queue_state)state,
		.reason = str_copy(r[3].text, a),
		.attempts = (unsigned)r[4].number,
	};
	return address_is_plain(out->sender.from, a, &out->sender.domain);
}

static void
take_report(void *arg, const struct engine_value *c)
{
	struct result *r = arg;
	if (r->count++ == 0)
		r->is_damaged = !read_report(c, r->arena, r->out);
}

static bool
is_whole(struct store *s, const struct result *r)
{
	return !r->is_damaged ||
	    store_refuse(s, false, "a report of the outbox is damaged");
}

/* ---- claims ------------------------------------------------------------- */

/* Times at which reports are looked at again. */
struct span {
	int64_t first, last;
};

/* The first report of a span that nobody has claimed. Reports that are done lie
 * behind every span but the last, so the index leads to it at once. */
static bool
find_in(struct store *s, const struct queue_claim *c,
    const struct store_filter *f, struct span span, struct result *r)
{
	const struct engine_value values[] = {STORE_FILTER_VALUES(f),
	    ENGINE_NUMBER(span.first), ENGINE_NUMBER(span.last),
	    ENGINE_NUMBER(c->now),
	    ENGINE_NUMBER(c->now + QUEUE_LEASE + SKEW)};
	return store_run(s, "SELECT " STORE_DAY_COLUMNS ", " REPORT_COLUMNS
	    " FROM aplomb_report r JOIN aplomb_tally t ON t.id = r.tally "
	    "JOIN aplomb_policy p ON p.id = t.policy WHERE " STORE_FILTER
	    "AND r.next >= $4 AND r.next <= $5 AND r.state <> 'done' "
	    "AND (r.lease <= $6 OR r.lease > $7) "
	    "ORDER BY r.next, r.id LIMIT 1", values, 7, take_report, r,
	    NULL) && is_whole(s, r);
}

/* Whose time has come; then whose time lies too far ahead. */
static bool
find_due(struct store *s, const struct queue_claim *c,
    const struct store_filter *f, struct result *r)
{
	const struct span due = {INT64_MIN, c->now};
	const struct span far = {c->now + FAR + 1, INT64_MAX - 1};
	return find_in(s, c, f, due, r) &&
	    (r->count > 0 || find_in(s, c, f, far, r));
}

/* The one UPDATE of which one of several processes succeeds. */
static bool
claim(struct store *s, const struct queue_claim *c, struct str id,
    bool *is_ours)
{
	const struct engine_value values[] = {ENGINE_TEXT(c->owner),
	    ENGINE_NUMBER(c->now + QUEUE_LEASE), ENGINE_TEXT(id),
	    ENGINE_NUMBER(c->now),
	    ENGINE_NUMBER(c->now + QUEUE_LEASE + SKEW),
	    ENGINE_NUMBER(c->now + FAR)};
	int64_t changed = 0;
	bool is_good = store_run(s, "UPDATE aplomb_report SET owner = $1, "
	    "lease = $2 WHERE id = $3 AND state <> 'done' "
	    "AND (lease <= $4 OR lease > $5) AND (next <= $4 OR next > $6)",
	    values, 6, NULL, NULL, &changed);
	*is_ours = is_good && changed == 1;
	return is_good || store_is_conflict(s);
}

/* Looked at again after it was claimed: another may have gone on with it since
 * it was found. */
bool
queue_take(struct store *s, const struct queue_claim *c,
    const struct store_filter *f, struct arena *a, struct queue_report *out,
    bool *is_found)
{
	for (int i = 0; i < MAX_RACES; i++) {
		struct result r = {.arena = a, .out = out};
		if (!find_due(s, c, f, &r))
			return false;
		*is_found = r.count > 0;
		if (!*is_found)
			return true;
		struct str id = out->id;
		bool is_ours = false;
		if (!claim(s, c, id, &is_ours))
			return false;
		if (is_ours)
			return queue_find(s, id, a, out, is_found);
	}
	return store_refuse(s, true, "others claim its reports all the time; "
	    "run the command again");
}

bool
queue_renew(struct store *s, const struct queue_claim *c, struct str id,
    bool *is_ours)
{
	const struct engine_value values[] = {
		ENGINE_NUMBER(c->now + QUEUE_LEASE), ENGINE_TEXT(id),
		ENGINE_TEXT(c->owner)};
	int64_t changed = 0;
	bool is_good = store_run(s, "UPDATE aplomb_report SET lease = $1 "
	    "WHERE id = $2 AND owner = $3", values, 3, NULL, NULL, &changed);
	*is_ours = changed == 1;
	return is_good;
}

bool
queue_release(struct store *s, const struct queue_claim *c,
    const struct queue_report *r, int64_t next)
{
	const struct engine_value values[] = {
		ENGINE_TEXT(str_of(table_name(queue_state_names,
		    (int)r->state))),
		ENGINE_TEXT(r->reason), ENGINE_NUMBER(r->attempts),
		ENGINE_NUMBER(next), ENGINE_TEXT(r->id),
		ENGINE_TEXT(c->owner)};
	return store_run(s, "UPDATE aplomb_report SET state = $1, reason = $2, "
	    "attempts = $3, next = $4, owner = '', lease = 0 "
	    "WHERE id = $5 AND owner = $6", values, 6, NULL, NULL, NULL);
}

/* ---- one report --------------------------------------------------------- */

bool
queue_find(struct store *s, struct str id, struct arena *a,
    struct queue_report *out, bool *is_found)
{
	/* An id has digits, a to f, and s: below "z" in every collation. */
	const struct engine_value values[] = {ENGINE_TEXT(id),
	    ENGINE_TEXT(text_format(a, "%.*sz", STR_ARG(id)))};
	struct result r = {.arena = a, .out = out};
	bool is_good = store_run(s, "SELECT " STORE_DAY_COLUMNS ", "
	    REPORT_COLUMNS " FROM aplomb_report r "
	    "JOIN aplomb_tally t ON t.id = r.tally "
	    "JOIN aplomb_policy p ON p.id = t.policy "
	    "WHERE r.id >= $1 AND r.id < $2 ORDER BY r.id LIMIT 2", values, 2,
	    take_report, &r, NULL) && is_whole(s, &r);
	*is_found = r.count == 1 || (r.count == 2 && str_eq(out->id, id));
	return is_good;
}
