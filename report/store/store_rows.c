/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report is read from: a policy, and the rows of a tally. */
#include "report/store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "report/row/row_text.h"
#include "report/store/store_inside.h"

/* Rows that are fetched at once: each page is a question of its own, so that
 * neither engine holds a result open. */
#define PAGE 256u

/* ---- policies ----------------------------------------------------------- */

struct policy_result {
	struct arena *arena;
	struct str columns[POLICY_COLUMNS];
	bool is_found;
};

static void
take_policy(void *arg, const struct engine_value *c)
{
	struct policy_result *r = arg;
	for (size_t i = 0; i < POLICY_COLUMNS; i++)
		r->columns[i] = str_copy(c[i].text, r->arena);
	r->is_found = true;
}

bool
store_policy(struct store *s, struct str id, struct arena *a,
    struct report_policy *out)
{
	const struct engine_value values[] = {ENGINE_TEXT(id)};
	struct policy_result r = {.arena = a};
	if (!store_run(s, "SELECT domain, method, p, sp, np, adkim, aspf, fo, "
	    "testing, psd, pct, rua, error FROM aplomb_policy WHERE id = $1",
	    values, 1, take_policy, &r, NULL))
		return false;
	return (r.is_found && policy_parse(r.columns, out)) ||
	    store_refuse(s, false, "a published policy is missing or damaged");
}

/* ---- rows --------------------------------------------------------------- */

struct kept_row {
	struct str columns[ROW_COLUMNS];
	uint64_t messages, optional;
};

struct store_rows {
	struct store *store;
	int64_t tally;
	struct arena *arena;       /* of the page */
	struct kept_row page[PAGE];
	size_t count, next;
	char last[DIGEST_TEXT];    /* the key of the page's last row */
	size_t last_size;
	bool is_end, is_failed;
	struct report_row row;
};

struct store_rows *
store_rows_open(struct store *s, int64_t tally)
{
	struct store_rows *r = calloc(1, sizeof *r);
	if (r == NULL)
		abort();
	r->store = s;
	r->tally = tally;
	r->arena = arena_new(0);
	return r;
}

static void
take_row(void *arg, const struct engine_value *c)
{
	struct store_rows *r = arg;
	if (r->count == PAGE)
		return;
	struct kept_row *k = &r->page[r->count++];
	struct str key = str_sub(c[0].text, 0, sizeof r->last);
	memcpy(r->last, key.p, key.n);
	r->last_size = key.n;
	k->messages = (uint64_t)c[1].number;
	k->optional = (uint64_t)c[2].number;
	for (size_t i = 0; i < ROW_COLUMNS; i++)
		k->columns[i] = str_copy(c[3 + i].text, r->arena);
}

static bool
fetch_page(struct store_rows *r)
{
	char key[sizeof r->last];
	memcpy(key, r->last, sizeof key);
	const struct engine_value values[] = {ENGINE_NUMBER(r->tally),
	    ENGINE_TEXT(((struct str) {key, r->last_size})),
	    ENGINE_NUMBER(PAGE)};
	arena_free(r->arena);
	r->arena = arena_new(0);
	r->count = r->next = 0;
	return store_run(r->store, "SELECT row_key, messages, optional, "
	    "source_ip, disposition, dkim, spf, reasons, header_from, "
	    "envelope_from, envelope_to, spf_domain, spf_result, signatures "
	    "FROM aplomb_row WHERE tally = $1 AND row_key > $2 "
	    "ORDER BY row_key LIMIT $3", values, 3, take_row, r, NULL);
}

bool
store_rows_next(struct store_rows *r, const struct report_row **out)
{
	if (r->is_end || r->is_failed)
		return false;
	if (r->next == r->count && !fetch_page(r)) {
		r->is_failed = true;
		return false;
	}
	r->is_end = r->count == 0;
	if (r->is_end)
		return false;
	const struct kept_row *k = &r->page[r->next++];
	r->row.count = k->messages;
	r->row.optional = k->optional;
	r->is_failed = !row_parse(k->columns, &r->row);
	if (r->is_failed)
		return store_refuse(r->store, false, "a row is damaged");
	*out = &r->row;
	return true;
}

bool
store_rows_close(struct store_rows *r)
{
	bool is_good = r->is_end && !r->is_failed;
	arena_free(r->arena);
	free(r);
	return is_good;
}
