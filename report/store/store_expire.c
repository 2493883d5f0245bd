/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves the store. */
#include "report/store/store_import.h"

#include "base/clock.h"
#include "report/store/store_inside.h"

/* Rows that one transaction deletes at most, so that an import need not wait
 * long. */
#define SLICE 20000
#define DAY   86400

struct old_tally {
	int64_t id;
	bool is_found;
};

static void
take_tally(void *arg, const struct engine_value *c)
{
	*(struct old_tally *)arg = (struct old_tally) {c[0].number, true};
}

/* Not one whose report is still to be sent, unless nobody sends any more. */
static bool
find_old(struct store *s, store_day_number before, struct old_tally *out)
{
	const struct engine_value values[] = {ENGINE_NUMBER(before),
	    ENGINE_NUMBER(clock_wall() - 2 * STORE_REPORT_LIFETIME)};
	*out = (struct old_tally) {0};
	return store_run(s, "SELECT id FROM aplomb_tally WHERE day < $1 "
	    "AND NOT EXISTS (SELECT 1 FROM aplomb_report r "
	    "WHERE r.tally = aplomb_tally.id AND r.state <> 'done' "
	    "AND r.made > $2) ORDER BY day, id LIMIT 1", values, 2, take_tally,
	    out, NULL);
}

static bool
delete_report(struct store *s, int64_t tally)
{
	const struct engine_value values[] = {ENGINE_NUMBER(tally)};
	return store_run(s, "DELETE FROM aplomb_delivery WHERE report IN "
	    "(SELECT id FROM aplomb_report WHERE tally = $1)", values, 1, NULL,
	    NULL, NULL) &&
	    store_run(s, "DELETE FROM aplomb_report WHERE tally = $1", values,
	    1, NULL, NULL, NULL);
}

/* Its rows in slices, each committed. The tally is frozen first: nothing goes
 * into it any more. */
static bool
delete_rows(struct store *s, int64_t tally, uint64_t *rows)
{
	const struct engine_value values[] = {ENGINE_NUMBER(tally),
	    ENGINE_NUMBER(SLICE)};
	int64_t changed = 0;
	bool was_open;
	if (!store_freeze(s, tally, &was_open))
		return false;
	do {
		if (!store_run(s, "DELETE FROM aplomb_row WHERE tally = $1 "
		    "AND row_key IN (SELECT row_key FROM aplomb_row "
		    "WHERE tally = $1 ORDER BY row_key LIMIT $2)", values, 2,
		    NULL, NULL, &changed))
			return false;
		*rows += (uint64_t)changed;
	} while (changed > 0);
	return delete_report(s, tally) &&
	    store_run(s, "DELETE FROM aplomb_tally WHERE id = $1", values, 1,
	    NULL, NULL, NULL);
}

static bool
delete_rest(struct store *s, store_day_number before)
{
	const struct engine_value day[] = {ENGINE_NUMBER(before)};
	const struct engine_value time[] = {ENGINE_NUMBER(before * DAY)};
	return store_run(s, "DELETE FROM aplomb_policy WHERE last_day < $1 "
	    "AND NOT EXISTS (SELECT 1 FROM aplomb_tally t "
	    "WHERE t.policy = aplomb_policy.id)", day, 1, NULL, NULL, NULL) &&
	    store_run(s, "DELETE FROM aplomb_file WHERE imported < $1 "
	    "AND finished = 1", time, 1, NULL, NULL, NULL) &&
	    store_run(s, "DELETE FROM aplomb_suppression WHERE until > 0 "
	    "AND until < $1", time, 1, NULL, NULL, NULL);
}

bool
store_expire(struct store *s, store_day_number before, uint64_t *tallies,
    uint64_t *rows)
{
	struct old_tally t;
	while (find_old(s, before, &t)) {
		if (!t.is_found)
			return delete_rest(s, before);
		if (!delete_rows(s, t.id, rows))
			return false;
		(*tallies)++;
	}
	return false;
}
