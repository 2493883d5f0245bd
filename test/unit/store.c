/* SPDX-License-Identifier: BSD-2-Clause */
/* The store, on each engine. */
#include "test/lib/stores.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "report/row/tally.h"
#include "report/store/store_inside.h"
#include "report/store/store_import.h"

#define DAY 20778 /* 2026-11-21 */
#define MANY 100000

static const struct report_policy acme = {
	.domain = STR_INIT("acme.example"),
	.method = DISCOVER_TREEWALK,
	.p = RECORD_REJECT,
	.sp = RECORD_QUARANTINE,
	.np = RECORD_NONE,
	.is_strict_dkim = true,
	.fo = STR_INIT("1:d"),
	.is_test = true,
	.psd = RECORD_PSD_N,
	.pct = 50,
	.has_rua = true,
	.error = STR_INIT("aspf=x: invalid value, default used"),
};

static struct report_row
example_row(void)
{
	struct report_row r = {
		.count = 1,
		.source_ip = STR("2001:db8::25"),
		.disposition = REPORT_QUARANTINE,
		.is_spf_aligned = true,
		.reasons = {{{REASON_LOCAL_POLICY, STR("override x: ticket 7")},
		    {REASON_POLICY_TEST_MODE, STR("")}}, 2},
		.header_from = STR("news.acme.example"),
		.envelope_from = STR(""),
		.envelope_to = STR("rcv.example"),
		.spf = {STR("esp.example"), STR("mfrom"), SPF_SOFTFAIL},
		.dkim = {{STR("esp.example"), STR("s1"), SIGNATURE_PASS,
		    STR("")}, {STR(""), STR(""), SIGNATURE_PERMERROR,
		    STR("no d= 'x' \"y\"")}},
		.dkim_count = 2,
	};
	return r;
}

/* Adds a row `times` times in a transaction. */
static void
add(struct store *s, int64_t day, const struct report_policy *p,
    const struct report_row *rows, size_t count, uint64_t max_rows)
{
	uint64_t remainder = 0;
	struct tally *f = tally_new();
	for (size_t i = 0; i < count; i++)
		tally_add(f, day, p, &rows[i]);
	stores_must(s, store_begin(s));
	stores_must(s, store_add(s, f, max_rows, &remainder));
	stores_must(s, store_commit(s));
	tally_free(f);
}

static size_t
days_of(struct store *s, struct arena *a, struct store_day **out)
{
	const struct store_filter all = {0};
	size_t count;
	stores_must(s, store_days(s, &all, a, out, &count));
	return count;
}

static void
check_policy(struct store *s, struct str id, struct arena *a)
{
	struct report_policy got;
	stores_must(s, store_policy(s, id, a, &got));
	check_str(got.domain, "acme.example");
	check_str(got.fo, "1:d");
	check_str(got.error, "aspf=x: invalid value, default used");
	assert_int_equal(got.method, DISCOVER_TREEWALK);
	assert_int_equal(got.p, RECORD_REJECT);
	assert_int_equal(got.sp, RECORD_QUARANTINE);
	assert_int_equal(got.np, RECORD_NONE);
	assert_int_equal(got.psd, RECORD_PSD_N);
	assert_int_equal(got.pct, 50);
	assert_true(got.is_strict_dkim && !got.is_strict_spf);
	assert_true(got.is_test && got.has_rua);
}

static void
check_row(const struct report_row *got)
{
	check_str(got->source_ip, "2001:db8::25");
	assert_int_equal(got->disposition, REPORT_QUARANTINE);
	assert_true(got->is_spf_aligned && !got->is_dkim_aligned);
	assert_int_equal(got->reasons.count, 2);
	assert_int_equal(got->reasons.at[0].type, REASON_LOCAL_POLICY);
	check_str(got->reasons.at[0].comment, "override x: ticket 7");
	assert_int_equal(got->reasons.at[1].type, REASON_POLICY_TEST_MODE);
	check_str(got->header_from, "news.acme.example");
	check_str(got->envelope_from, "");
	check_str(got->envelope_to, "rcv.example");
	check_str(got->spf.domain, "esp.example");
	check_str(got->spf.scope, "mfrom");
	assert_int_equal(got->spf.result, SPF_SOFTFAIL);
	assert_int_equal(got->dkim_count, 2);
	check_str(got->dkim[0].selector, "s1");
	check_str(got->dkim[1].domain, "");
	assert_int_equal(got->dkim[1].result, SIGNATURE_PERMERROR);
	check_str(got->dkim[1].human, "no d= 'x' \"y\"");
}

/* What goes in comes out; equal rows are counted (RFC 9990 3.1.1.7). */
static void
test_round_trip(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row rows[] = {example_row(), example_row()};
	const struct report_row *got;
	struct store_day *days;
	rows[1].optional = 1;
	add(s, DAY, &acme, rows, 2, MANY);
	add(s, DAY, &acme, rows, 1, MANY);
	assert_int_equal(days_of(s, p->arena, &days), 1);
	assert_int_equal(days[0].day, DAY);
	assert_int_equal(days[0].rows, 1);
	assert_int_equal(days[0].messages, 3);
	assert_int_equal(days[0].optional, 1);
	assert_true(days[0].has_rua && !days[0].is_frozen);
	check_policy(s, days[0].policy, p->arena);
	struct store_rows *r = store_rows_open(s, days[0].tally);
	assert_true(store_rows_next(r, &got));
	assert_int_equal(got->count, 3);
	assert_int_equal(got->optional, 1);
	check_row(got);
	assert_false(store_rows_next(r, &got));
	assert_true(store_rows_close(r));
	store_close(s);
}

/* Control characters, NUL and bytes that are no UTF-8 are replaced: no engine
 * sees them, and no list is broken by them (RFC 3629, XML 1.0 2.2). */
static void
test_hostile_text(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	const struct report_row *got;
	struct store_day *days;
	row.dkim[0].selector = (struct str) STR_INIT("a\tb\nc\0d\x1e\xff'\"");
	add(s, DAY, &acme, &row, 1, MANY);
	days_of(s, p->arena, &days);
	struct store_rows *r = store_rows_open(s, days[0].tally);
	assert_true(store_rows_next(r, &got));
	check_str(got->dkim[0].selector, "a\xef\xbf\xbd" "b\xef\xbf\xbd"
	    "c\xef\xbf\xbd" "d\xef\xbf\xbd\xef\xbf\xbd'\"");
	check_str(got->dkim[0].domain, "esp.example");
	assert_int_equal(got->dkim_count, 2);
	store_rows_close(r);
	store_close(s);
}

/* Numbered rows. */
static struct report_row *
many_rows(unsigned from, unsigned count, struct arena *a)
{
	struct report_row *rows = ARENA_ARRAY(a, struct report_row, count);
	for (unsigned i = 0; i < count; i++) {
		rows[i] = example_row();
		rows[i].source_ip = text_format(a, "192.0.%u.%u",
		    (from + i) / 250, (from + i) % 250);
	}
	return rows;
}

static void
test_pages(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	add(s, DAY, &acme, many_rows(0, 700, p->arena), 700, MANY);
	assert_int_equal(stores_messages(s, p->arena), 700);
	store_close(s);
}

/* A policy that changes within a day makes a tally of its own (RFC 9990 3.1). */
static void
test_days_and_policies(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	struct report_policy other = acme, foreign = acme;
	struct store_day *days;
	size_t count;
	other.p = RECORD_NONE;
	foreign.domain = STR("b.example");
	add(s, DAY, &acme, &row, 1, MANY);
	add(s, DAY, &other, &row, 1, MANY);
	add(s, DAY, &foreign, &row, 1, MANY);
	add(s, DAY + 1, &acme, &row, 1, MANY);
	assert_int_equal(days_of(s, p->arena, &days), 4);
	assert_string_not_equal(days[0].policy.p, days[1].policy.p);
	check_str(days[2].domain, "b.example");
	assert_int_equal(days[3].day, DAY + 1);
	const struct store_filter one = {true, DAY, STR("acme.example")};
	stores_must(s, store_days(s, &one, p->arena, &days, &count));
	assert_int_equal(count, 2);
	store_close(s);
}

/* What comes after a tally is frozen gets the next sequence number. */
static void
test_freeze(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	struct store_day *days;
	bool was_open;
	add(s, DAY, &acme, &row, 1, MANY);
	days_of(s, p->arena, &days);
	stores_must(s, store_freeze(s, days[0].tally, &was_open));
	assert_true(was_open);
	stores_must(s, store_freeze(s, days[0].tally, &was_open));
	assert_false(was_open);
	add(s, DAY, &acme, &row, 1, MANY);
	add(s, DAY, &acme, &row, 1, MANY);
	assert_int_equal(days_of(s, p->arena, &days), 2);
	assert_int_equal(days[0].sequence, 0);
	assert_true(days[0].is_frozen);
	assert_int_equal(days[0].messages, 1);
	assert_int_equal(days[1].sequence, 1);
	assert_false(days[1].is_frozen);
	assert_int_equal(days[1].messages, 2);
	store_close(s);
}

/* The cap is one of the policy domain's day, over its policies; rows that are
 * there go on counting. */
static void
test_max_rows(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row *rows = many_rows(0, 10, p->arena);
	struct report_policy other = acme;
	struct store_day *days;
	other.p = RECORD_NONE;
	add(s, DAY, &acme, rows, 4, 6);
	add(s, DAY, &other, rows, 4, 6);
	add(s, DAY, &acme, rows, 6, 6);
	assert_int_equal(days_of(s, p->arena, &days), 2);
	assert_int_equal(days[0].rows + days[1].rows, 6);
	assert_int_equal(days[0].remainder + days[1].remainder, 4);
	assert_int_equal(stores_messages(s, p->arena), 14);
	store_close(s);
}

static void
test_rollback(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	struct tally *f = tally_new();
	uint64_t remainder = 0;
	tally_add(f, DAY, &acme, &row);
	stores_must(s, store_begin(s));
	stores_must(s, store_add(s, f, MANY, &remainder));
	store_rollback(s);
	assert_int_equal(stores_messages(s, p->arena), 0);
	add(s, DAY, &acme, &row, 1, MANY);
	assert_int_equal(stores_messages(s, p->arena), 1);
	tally_free(f);
	store_close(s);
}

static void
test_files(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct store_file f, got;
	const struct store_counts c = {.lines = 3, .messages = 2, .bad = 1};
	bool is_known;
	stores_must(s, store_file_find(s, STR("x"), &is_known, &f));
	assert_false(is_known);
	f.taken = 100;
	stores_must(s, store_file_advance(s, &f, 0, &c));
	stores_must(s, store_file_find(s, STR("x"), &is_known, &got));
	assert_true(is_known && !got.is_finished);
	assert_int_equal(got.taken, 100);
	assert_false(store_file_advance(s, &f, 0, &c)); /* another was first */
	f.taken = 200;
	f.is_finished = true;
	stores_must(s, store_file_advance(s, &f, 100, &c));
	assert_false(store_file_advance(s, &f, 200, &c)); /* it is finished */
	stores_must(s, store_file_find(s, STR("x"), &is_known, &got));
	assert_true(got.is_finished);
	store_close(s);
}

static void
test_expire(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	struct report_policy other = acme;
	struct store_day *days;
	uint64_t tallies = 0, rows = 0;
	other.domain = STR("old.example");
	add(s, DAY, &acme, many_rows(0, 300, p->arena), 300, MANY);
	add(s, DAY, &other, &row, 1, MANY);
	add(s, DAY + 1, &acme, &row, 1, MANY);
	stores_must(s, store_expire(s, DAY, &tallies, &rows));
	assert_int_equal(tallies, 0);
	stores_must(s, store_expire(s, DAY + 1, &tallies, &rows));
	assert_int_equal(tallies, 2);
	assert_int_equal(rows, 301);
	assert_int_equal(days_of(s, p->arena, &days), 1);
	check_policy(s, days[0].policy, p->arena);
	assert_int_equal(stores_messages(s, p->arena), 1);
	store_close(s);
}

/* ---- several at once ---------------------------------------------------- */

#define WORKERS 4
#define ROUNDS  8

/* As an importer does: again after a conflict. */
static bool
add_persistently(struct store *s, struct tally *f)
{
	for (int i = 0; i < 200; i++) {
		uint64_t remainder = 0;
		if (store_begin(s) && store_add(s, f, MANY, &remainder) &&
		    store_commit(s))
			return true;
		bool is_conflict = store_is_conflict(s);
		store_rollback(s);
		if (!is_conflict) {
			fprintf(stderr, "%.*s\n", STR_ARG(store_reason(s)));
			return false;
		}
		usleep(2000);
	}
	return false;
}

static int
work(const char *name, unsigned seed)
{
	struct str reason;
	struct arena *a = arena_new(0);
	struct store *s = store_open(name, STORE_READ, a, &reason);
	struct report_policy other = acme;
	bool is_good = s != NULL;
	other.domain = STR("b.example");
	for (unsigned i = 0; i < ROUNDS && is_good; i++) {
		struct tally *f = tally_new();
		struct report_row *rows = many_rows((i + seed) * 5, 20, a);
		for (unsigned k = 0; k < 20; k++)
			tally_add(f, DAY + k % 3, k % 2 ? &acme : &other,
			    &rows[k]);
		is_good = add_persistently(s, f);
		tally_free(f);
	}
	if (s == NULL)
		fprintf(stderr, "%.*s\n", STR_ARG(reason));
	store_close(s);
	arena_free(a);
	return is_good ? 0 : 1;
}

/* The tables too are made by one of those who come at the same time. */
static void
test_several_hosts(void **state)
{
	struct stores_place *p = *state;
	pid_t pids[WORKERS];
	stores_need(p);
	for (unsigned i = 0; i < WORKERS; i++)
		if ((pids[i] = fork()) == 0)
			_exit(work(p->name, i));
	for (unsigned i = 0; i < WORKERS; i++) {
		int status;
		waitpid(pids[i], &status, 0);
		assert_int_equal(status, 0);
	}
	struct store *s = stores_open(p);
	assert_int_equal(stores_messages(s, p->arena), WORKERS * ROUNDS * 20);
	store_close(s);
}

/* ---- versions ----------------------------------------------------------- */

static void
check_refused(const struct stores_place *p, enum store_use use,
    const char *want)
{
	struct str reason;
	struct store *s = store_open(p->name, use, p->arena, &reason);
	assert_null(s);
	if (memmem(reason.p, reason.n, want, strlen(want)) == NULL)
		fail_msg("%.*s", STR_ARG(reason));
}

static void
test_newer(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	stores_run(s, "UPDATE aplomb_schema SET version = 99");
	store_close(s);
	check_refused(p, STORE_READ, "its tables have version 99, this aplomb "
	    "knows up to 2: use the newer aplomb");
	check_refused(p, STORE_UPGRADE, "version 99");
}

/* The tables of version 1, as they were. */
static void
go_back(struct store *s)
{
	stores_run(s, "DROP TABLE aplomb_report");
	stores_run(s, "DROP TABLE aplomb_delivery");
	stores_run(s, "DROP TABLE aplomb_suppression");
	stores_run(s, "UPDATE aplomb_schema SET version = 1");
}

/* What was counted stays, and the new tables are there. */
static void
test_older(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	struct str reason;
	int64_t old;
	add(s, DAY, &acme, &row, 1, MANY);
	go_back(s);
	store_close(s);
	check_refused(p, STORE_READ, "its tables have version 1, this aplomb "
	    "needs 2: run aplomb store upgrade");
	s = store_open(p->name, STORE_UPGRADE, p->arena, &reason);
	assert_non_null(s);
	assert_int_equal(store_version(s, &old), 2);
	assert_int_equal(old, 1);
	store_close(s);
	s = stores_open(p);
	assert_int_equal(stores_messages(s, p->arena), 1);
	stores_run(s, "INSERT INTO aplomb_suppression (address, since, until, "
	    "bounces, reason) VALUES ('a', 0, 0, 0, '')");
	store_close(s);
}

static void
test_damaged(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct report_row row = example_row();
	const struct report_row *got;
	struct store_day *days;
	add(s, DAY, &acme, &row, 1, MANY);
	stores_run(s, "UPDATE aplomb_row SET disposition = 'maybe'");
	days_of(s, p->arena, &days);
	struct store_rows *r = store_rows_open(s, days[0].tally);
	assert_false(store_rows_next(r, &got));
	assert_false(store_rows_close(r));
	store_close(s);
}

/* ---- names -------------------------------------------------------------- */

static void
test_names(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{"", "write sqlite:PATH or postgresql://"},
		{"sqlite:", "write sqlite:PATH or postgresql://"},
		{"mysql://x/y", "store mysql://x/y: write sqlite:PATH"},
		{"sqlite:/nonexistent/x", "its directory must exist"},
		{"sqlite:/dev/null/x", "store sqlite:/dev/null/x: "},
		{"postgresql://u:secret@127.0.0.1:1/x?password=hidden",
		    "store postgresql://u@127.0.0.1:1/x: "},
	};
	struct stores_place *p = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str reason;
		assert_null(store_open(rows[i].name, STORE_READ, p->arena,
		    &reason));
		if (memmem(reason.p, reason.n, rows[i].want,
		    strlen(rows[i].want)) == NULL ||
		    memmem(reason.p, reason.n, "secret", 6) != NULL ||
		    memmem(reason.p, reason.n, "hidden", 6) != NULL)
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(reason));
	}
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, stores_setup, stores_teardown)

static const struct CMUnitTest both[] = {
	BOTH(test_round_trip),
	BOTH(test_hostile_text),
	BOTH(test_pages),
	BOTH(test_days_and_policies),
	BOTH(test_freeze),
	BOTH(test_max_rows),
	BOTH(test_rollback),
	BOTH(test_files),
	BOTH(test_expire),
	BOTH(test_several_hosts),
	BOTH(test_newer),
	BOTH(test_older),
	BOTH(test_damaged),
};

static const struct CMUnitTest names[] = {BOTH(test_names)};

int
main(void)
{
	int failed = cmocka_run_group_tests_name("names", names,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("sqlite", both,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("postgresql", both,
	    stores_use_pgsql, stores_end);
	return failed != 0;
}
