/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_STORES_H
#define APLOMB_TEST_LIB_STORES_H

/* The same tests over both engines: each test gets an empty folder and the name
 * of an empty store; those of PostgreSQL are skipped where it is missing. */

#include "test/lib/check.h"

#include "report/store/store.h"

struct stores_place {
	struct arena *arena;
	char folder[64];
	char name[256];      /* of the store */
	bool is_pgsql;
};

/* Setup and teardown of a test, and of the program's two groups. */
int stores_setup(void **state);
int stores_teardown(void **state);
int stores_use_sqlite(void **state);
int stores_use_pgsql(void **state);
int stores_end(void **state);

/* Skips the test, with the reason, where its engine is missing; fails it where
 * the engine is installed and does not start. */
void stores_need(const struct stores_place *p);

/* Opens the store of the test; fails where that fails. */
struct store *stores_open(const struct stores_place *p);

/* Fails with the store's reason unless the call was good. */
#define stores_must(s, call)                                                   \
	((call) ? (void)0 : stores_fail((s), #call, __FILE__, __LINE__))
void stores_fail(const struct store *s, const char *call, const char *file,
    int line);

/* Runs a statement, which is a constant, behind the back of the store. */
void stores_run(struct store *s, const char *sql);

/* Messages of all tallies: the sum over rows and remainders, after checking it
 * against what the tallies say. */
uint64_t stores_messages(struct store *s, struct arena *a);

#endif
