/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/stores.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "report/store/store_inside.h"
#include "test/lib/pgsql.h"

static struct pgsql_server server;
static bool is_pgsql;
static enum pgsql_state pgsql;

int
stores_use_sqlite(void **state)
{
	(void)state;
	is_pgsql = false;
	return 0;
}

int
stores_use_pgsql(void **state)
{
	(void)state;
	is_pgsql = true;
	pgsql = pgsql_start(&server);
	return 0;
}

int
stores_end(void **state)
{
	(void)state;
	if (is_pgsql)
		pgsql_stop(&server);
	return 0;
}

int
stores_setup(void **state)
{
	struct stores_place *p = calloc(1, sizeof *p);
	p->arena = arena_new(0);
	p->is_pgsql = is_pgsql;
	strcpy(p->folder, "/tmp/aplomb-store-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	if (!is_pgsql)
		snprintf(p->name, sizeof p->name, "sqlite:%s/store.db",
		    p->folder);
	else if (pgsql == PGSQL_UP)
		pgsql_database(&server, p->name);
	*state = p;
	return 0;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

int
stores_teardown(void **state)
{
	struct stores_place *p = *state;
	nftw(p->folder, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(p->arena);
	free(p);
	return 0;
}

void
stores_need(const struct stores_place *p)
{
	if (p->is_pgsql && pgsql == PGSQL_MISSING)
		check_skip("PostgreSQL is missing (package postgresql)");
	if (p->is_pgsql && pgsql == PGSQL_BROKEN)
		fail_msg("PostgreSQL is installed and does not start");
}

struct store *
stores_open(const struct stores_place *p)
{
	struct str reason;
	stores_need(p);
	struct store *s = store_open(p->name, STORE_READ, p->arena, &reason);
	if (s == NULL)
		fail_msg("%.*s", STR_ARG(reason));
	return s;
}

void
stores_fail(const struct store *s, const char *call, const char *file, int line)
{
	struct str reason = store_reason(s);
	print_error("%s: %.*s\n", call, STR_ARG(reason));
	_fail(file, line);
}

void
stores_run(struct store *s, const char *sql)
{
	stores_must(s, store_run(s, sql, NULL, 0, NULL, NULL, NULL));
}

static uint64_t
messages_of(struct store *s, const struct store_day *d)
{
	const struct report_row *row;
	uint64_t messages = d->remainder, rows = 0;
	struct store_rows *r = store_rows_open(s, d->tally);
	for (; store_rows_next(r, &row); rows++)
		messages += row->count;
	stores_must(s, store_rows_close(r));
	assert_int_equal(rows, d->rows);
	assert_int_equal(messages, d->messages);
	return messages;
}

uint64_t
stores_messages(struct store *s, struct arena *a)
{
	const struct store_filter all = {0};
	struct store_day *days;
	size_t count;
	uint64_t sum = 0;
	stores_must(s, store_days(s, &all, a, &days, &count));
	for (size_t i = 0; i < count; i++)
		sum += messages_of(s, &days[i]);
	return sum;
}
