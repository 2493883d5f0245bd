/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/store/store_import.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "report/row/tally.h"
#include "report/row/row_text.h"
#include "report/store/store_inside.h"

/* Rows that are sent at once. */
#define BATCH 512u
/* Tallies that others freeze while one is looked for. */
#define MAX_RACES 8

/* ---- files -------------------------------------------------------------- */

struct file_result {
	bool is_found;
	struct store_file *out;
};

static void
take_file(void *arg, const struct engine_value *c)
{
	struct file_result *r = arg;
	r->is_found = true;
	r->out->taken = (uint64_t)c[0].number;
	r->out->is_finished = c[1].number != 0;
}

bool
store_file_find(struct store *s, struct str id, bool *is_known,
    struct store_file *out)
{
	const struct engine_value values[] = {ENGINE_TEXT(id)};
	struct file_result r = {.out = out};
	*out = (struct store_file) {.id = id};
	bool is_good = store_run(s, "SELECT taken, finished FROM aplomb_file "
	    "WHERE id = $1", values, 1, take_file, &r, NULL);
	*is_known = r.is_found;
	return is_good;
}

bool
store_file_advance(struct store *s, const struct store_file *f, uint64_t from,
    const struct store_counts *c)
{
	const struct engine_value first[] = {ENGINE_TEXT(f->id),
	    ENGINE_TEXT(f->host), ENGINE_NUMBER(clock_wall())};
	const struct engine_value values[] = {ENGINE_NUMBER(f->taken),
	    ENGINE_NUMBER(f->is_finished), ENGINE_NUMBER(c->lines),
	    ENGINE_NUMBER(c->messages), ENGINE_NUMBER(c->deferred),
	    ENGINE_NUMBER(c->unreported), ENGINE_NUMBER(c->bad),
	    ENGINE_TEXT(f->id), ENGINE_NUMBER(from)};
	int64_t changed = 0;
	if (!store_run(s, "INSERT INTO aplomb_file (id, host, taken, finished, "
	    "imported, lines, messages, deferred, unreported, bad) "
	    "VALUES ($1, $2, 0, 0, $3, 0, 0, 0, 0, 0) "
	    "ON CONFLICT (id) DO NOTHING", first, 3, NULL, NULL, NULL))
		return false;
	if (!store_run(s, "UPDATE aplomb_file SET taken = $1, finished = $2, "
	    "lines = lines + $3, messages = messages + $4, "
	    "deferred = deferred + $5, unreported = unreported + $6, "
	    "bad = bad + $7 WHERE id = $8 AND taken = $9 AND finished = 0",
	    values, 9, NULL, NULL, &changed))
		return false;
	return changed == 1 || store_refuse(s, false, "the same history file "
	    "is being imported by somebody else");
}

/* ---- tallies ------------------------------------------------------------ */

struct tallies_one {
	int64_t id, sequence;
	bool is_found, is_frozen;
};

static void
take_tally(void *arg, const struct engine_value *c)
{
	struct tallies_one *t = arg;
	*t = (struct tallies_one) {c[0].number, c[1].number, true, c[2].number != 0};
}

struct place {
	struct store *store;
	const struct tally_group *group;
	struct str domain, id; /* of the policy */
	int64_t tally;
};

/* The newest tally of this day and policy, made where there is none that is
 * open. */
static bool
find_tally(struct place *p, struct tallies_one *out)
{
	const struct engine_value values[] = {ENGINE_NUMBER(p->group->day),
	    ENGINE_TEXT(p->id)};
	*out = (struct tallies_one) {0};
	if (!store_run(p->store, "SELECT id, sequence, frozen "
	    "FROM aplomb_tally WHERE day = $1 AND policy = $2 "
	    "ORDER BY sequence DESC LIMIT 1", values, 2, take_tally, out,
	    NULL))
		return false;
	if (out->is_found && !out->is_frozen)
		return true;
	int64_t sequence = out->is_found ? out->sequence + 1 : 0;
	const struct engine_value new[] = {ENGINE_NUMBER(store_draw()),
	    ENGINE_NUMBER(p->group->day), ENGINE_TEXT(p->domain),
	    ENGINE_TEXT(p->id), ENGINE_NUMBER(sequence)};
	out->id = new[0].number;
	return store_run(p->store, "INSERT INTO aplomb_tally (id, day, domain, "
	    "policy, sequence, frozen, row_count, messages, optional, "
	    "remainder) VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0) "
	    "ON CONFLICT (day, policy, sequence) DO NOTHING", new, 5, NULL,
	    NULL, NULL);
}

/* Finds the tally, and counts the messages in it: from now on nobody else
 * freezes it, or adds to it, before this transaction ends. */
static bool
lock_tally(struct place *p)
{
	for (int i = 0; i < MAX_RACES; i++) {
		struct tallies_one t;
		int64_t changed = 0;
		if (!find_tally(p, &t))
			return false;
		const struct engine_value values[] = {
			ENGINE_NUMBER(p->group->messages),
			ENGINE_NUMBER(p->group->optional),
			ENGINE_NUMBER(t.id)};
		if (!store_run(p->store, "UPDATE aplomb_tally "
		    "SET messages = messages + $1, optional = optional + $2 "
		    "WHERE id = $3 AND frozen = 0", values, 3, NULL, NULL,
		    &changed))
			return false;
		p->tally = t.id;
		if (changed == 1)
			return true;
	}
	return store_refuse(p->store, true, "its tallies are frozen all the "
	    "time; run the command again");
}

/* The row is written even where nothing changes, so that expiry, which looks
 * at last_day, waits for this transaction. */
static bool
add_policy(struct place *p, const struct str columns[POLICY_COLUMNS])
{
	struct engine_value values[2 + POLICY_COLUMNS] = {ENGINE_TEXT(p->id),
	    ENGINE_NUMBER(p->group->day)};
	for (size_t i = 0; i < POLICY_COLUMNS; i++)
		values[2 + i] = (struct engine_value) ENGINE_TEXT(columns[i]);
	return store_run(p->store, "INSERT INTO aplomb_policy (id, last_day, "
	    "domain, method, p, sp, np, adkim, aspf, fo, testing, psd, pct, "
	    "rua, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
	    "$11, $12, $13, $14, $15) ON CONFLICT (id) DO UPDATE SET last_day "
	    "= CASE WHEN excluded.last_day > aplomb_policy.last_day "
	    "THEN excluded.last_day ELSE aplomb_policy.last_day END", values,
	    2 + POLICY_COLUMNS, NULL, NULL, NULL);
}

/* ---- rows --------------------------------------------------------------- */

static void
take_sum(void *arg, const struct engine_value *c)
{
	*(uint64_t *)arg = (uint64_t)c[0].number;
}

/* How many rows the day of this policy domain may still get. */
static bool
find_room(struct place *p, uint64_t max_rows, uint64_t *out)
{
	const struct engine_value values[] = {ENGINE_NUMBER(p->group->day),
	    ENGINE_TEXT(p->domain)};
	uint64_t sum = 0;
	if (!store_run(p->store, "SELECT CAST(COALESCE(SUM(row_count), 0) "
	    "AS BIGINT) FROM aplomb_tally WHERE day = $1 AND domain = $2",
	    values, 2, take_sum, &sum, NULL))
		return false;
	*out = sum < max_rows ? max_rows - sum : 0;
	return true;
}

struct batch {
	struct tally_row *rows[BATCH];
	char keys[BATCH][DIGEST_TEXT];
	size_t count;
	struct engine_value updates[BATCH * 4];
	struct engine_value inserts[BATCH * (4 + ROW_COLUMNS)];
	int64_t changed[BATCH];
};

/* What a group has added so far. */
struct gain {
	uint64_t room, rows, remainder;
};

static struct str
key_of(const struct batch *b, size_t i)
{
	return (struct str) {b->keys[i], DIGEST_TEXT};
}

static bool
update_rows(struct place *p, struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct engine_value line[] = {
			ENGINE_NUMBER(b->rows[i]->messages),
			ENGINE_NUMBER(b->rows[i]->optional),
			ENGINE_NUMBER(p->tally), ENGINE_TEXT(key_of(b, i))};
		memcpy(&b->updates[i * 4], line, sizeof line);
	}
	return store_run_many(p->store, "UPDATE aplomb_row "
	    "SET messages = messages + $1, optional = optional + $2 "
	    "WHERE tally = $3 AND row_key = $4", b->updates, 4, b->count,
	    b->changed);
}

static void
set_insert(struct engine_value *line, const struct place *p,
    const struct tally_row *r, struct str key)
{
	struct str columns[ROW_COLUMNS];
	row_text_split(r->text, columns, ROW_COLUMNS);
	line[0] = (struct engine_value) ENGINE_NUMBER(p->tally);
	line[1] = (struct engine_value) ENGINE_TEXT(key);
	line[2] = (struct engine_value) ENGINE_NUMBER(r->messages);
	line[3] = (struct engine_value) ENGINE_NUMBER(r->optional);
	for (size_t i = 0; i < ROW_COLUMNS; i++)
		line[4 + i] = (struct engine_value) ENGINE_TEXT(columns[i]);
}

/* Those that were not there yet. */
static bool
insert_rows(struct place *p, struct batch *b, struct gain *g)
{
	size_t n = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (b->changed[i] > 0)
			continue;
		if (g->room == 0) {
			g->remainder += b->rows[i]->messages;
			continue;
		}
		g->room--;
		set_insert(&b->inserts[n * (4 + ROW_COLUMNS)], p, b->rows[i],
		    key_of(b, i));
		n++;
	}
	g->rows += n;
	return store_run_many(p->store, "INSERT INTO aplomb_row (tally, "
	    "row_key, messages, optional, source_ip, disposition, dkim, spf, "
	    "reasons, header_from, envelope_from, envelope_to, spf_domain, "
	    "spf_result, signatures) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
	    "$9, $10, $11, $12, $13, $14, $15)", b->inserts, 4 + ROW_COLUMNS,
	    n, b->changed);
}

static bool
add_batch(struct place *p, struct batch *b, struct gain *g)
{
	bool is_good = update_rows(p, b) && insert_rows(p, b, g);
	b->count = 0;
	return is_good;
}

static bool
add_rows(struct place *p, struct batch *b, struct gain *g)
{
	b->count = 0;
	for (struct tally_row *r = p->group->rows; r != NULL; r = r->hh.next) {
		digest_of(r->text, b->keys[b->count]);
		b->rows[b->count++] = r;
		if (b->count == BATCH && !add_batch(p, b, g))
			return false;
	}
	return b->count == 0 || add_batch(p, b, g);
}

static bool
add_gain(struct place *p, const struct gain *g)
{
	const struct engine_value values[] = {ENGINE_NUMBER(g->rows),
	    ENGINE_NUMBER(g->remainder), ENGINE_NUMBER(p->tally)};
	return store_run(p->store, "UPDATE aplomb_tally "
	    "SET row_count = row_count + $1, remainder = remainder + $2 "
	    "WHERE id = $3", values, 3, NULL, NULL, NULL);
}

static bool
add_group(struct store *s, const struct tally_group *group, struct batch *b,
    uint64_t max_rows, uint64_t *remainder)
{
	struct str columns[POLICY_COLUMNS];
	char id[DIGEST_TEXT];
	struct gain g = {0};
	digest_of(group->policy, id);
	row_text_split(group->policy, columns, POLICY_COLUMNS);
	struct place p = {
		.store = s,
		.group = group,
		.domain = columns[POLICY_DOMAIN],
		.id = {id, sizeof id},
	};
	if (!add_policy(&p, columns) || !lock_tally(&p) ||
	    !find_room(&p, max_rows, &g.room) || !add_rows(&p, b, &g) ||
	    !add_gain(&p, &g))
		return false;
	*remainder += g.remainder;
	return true;
}

bool
store_add(struct store *s, struct tally *f, uint64_t max_rows,
    uint64_t *remainder)
{
	struct batch *b = calloc(1, sizeof *b);
	bool is_good = true;
	if (b == NULL)
		abort();
	for (struct tally_group *g = tally_sorted(f); g != NULL && is_good;
	    g = g->hh.next)
		is_good = add_group(s, g, b, max_rows, remainder);
	free(b);
	return is_good;
}
