/* SPDX-License-Identifier: BSD-2-Clause */
/* The outbox and the list of suppressed addresses, on each engine. */
#include "test/lib/stores.h"
#include "test/lib/tallies.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/send/queue.h"
#include "report/store/store_inside.h"
#include "report/store/store_import.h"
#include "report/recipient/suppression.h"

#define DAY TALLY_DAY
#define NOW INT64_C(1795300000)

static const struct store_filter all = {.has_day = false};
static const struct queue_gates open_gates = {0, DAY + 100, 1, false};

static struct queue_report
take(struct store *s, const struct queue_claim *c, struct arena *a,
    bool *is_found)
{
	struct queue_report r = {.id = STR("")};
	stores_must(s, queue_take(s, c, &all, a, &r, is_found));
	return r;
}

/* ---- gates -------------------------------------------------------------- */

static const struct tallies_one traffic[] = {
	{DAY, "plain.example", 3, 0, 0, true},
	{DAY, "passed.example", 1, 1, 0, true},
	{DAY, "silent.example", 3, 0, 0, false},
	{DAY, "bounces.example", 2, 0, 2, true},
	{DAY, "some-bounces.example", 2, 0, 1, true},
	{DAY + 5, "later.example", 9, 0, 0, true},
};

static const struct {
	const char *what;
	struct queue_gates gates;
	struct store_filter filter;
	const char *want; /* domains, sorted */
} gates[] = {
	{"RFC 9989 4.7: who has no rua gets none; bounces alone cause none",
	    {0, DAY + 9, 1, false}, {0},
	    "later.example passed.example plain.example "
	    "some-bounces.example "},
	{"the last day", {0, DAY + 4, 1, false}, {0},
	    "passed.example plain.example some-bounces.example "},
	{"the first day", {DAY + 1, DAY + 9, 1, false}, {0},
	    "later.example "},
	{"report-min-messages", {0, DAY + 9, 3, false}, {0},
	    "later.example plain.example "},
	{"report-only-if-passed", {0, DAY + 9, 1, true}, {0},
	    "passed.example "},
	{"a day", {0, DAY + 9, 1, false}, {true, DAY + 5, STR_INIT("")},
	    "later.example "},
	{"a domain", {0, DAY + 9, 1, false},
	    {false, 0, STR_INIT("plain.example")}, "plain.example "},
};

static int
by_domain(const void *a, const void *b)
{
	const struct store_day *x = a, *y = b;
	return str_cmp(x->domain, y->domain);
}

static void
test_gates(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	for (size_t i = 0; i < sizeof traffic / sizeof *traffic; i++)
		tallies_add(s, &traffic[i]);
	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
		struct store_day *days;
		size_t count;
		struct text got;
		stores_must(s, queue_due(s, &gates[i].gates,
		    &gates[i].filter, 0, p->arena, &days, &count));
		qsort(days, count, sizeof *days, by_domain);
		text_init(&got, p->arena);
		for (size_t k = 0; k < count; k++)
			text_printf(&got, "%.*s ", STR_ARG(days[k].domain));
		if (!str_eq(text_str(&got), str_of(gates[i].want)))
			fail_msg("%s: %s", gates[i].what, text_cstr(&got));
	}
	store_close(s);
}

/* More than a page. */
static void
test_pages(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct store_day *days;
	size_t count, sum = 0;
	int64_t after = 0;
	for (unsigned i = 0; i < QUEUE_PAGE + 20; i++)
		tallies_add_domain(s, text_format(p->arena, "d%u.example", i).p);
	do {
		stores_must(s, queue_due(s, &open_gates, &all, after,
		    p->arena, &days, &count));
		sum += count;
		after = count > 0 ? days[count - 1].tally : after;
		assert_true(count <= QUEUE_PAGE);
	} while (count > 0);
	assert_int_equal(sum, QUEUE_PAGE + 20);
	store_close(s);
}

/* ---- reports ------------------------------------------------------------ */

/* A report keeps who sends it, whatever the settings say later; what comes in
 * afterwards makes another one under another id. */
static void
test_make(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct queue_claim c = {STR("me"), NOW};
	bool is_found;
	tallies_add_domain(s, "acme.example");
	assert_int_equal(tallies_make_reports(s, NOW, p->arena), 1);
	assert_int_equal(tallies_make_reports(s, NOW, p->arena), 0);
	struct queue_report r = take(s, &c, p->arena, &is_found);
	assert_true(is_found);
	assert_int_equal(r.id.n, 32);
	check_str(r.day.domain, "acme.example");
	assert_int_equal(r.day.day, DAY);
	assert_true(r.day.is_frozen);
	assert_int_equal(r.state, QUEUE_NEW);
	assert_int_equal(r.made, NOW);
	assert_int_equal(r.sender.format, REPORT_RFC7489);
	check_str(r.sender.org_name, "Receiver & \"Sons\"");
	check_str(r.sender.from, "noreply@rcv.example");
	check_str(r.sender.domain, "rcv.example");
	check_str(r.sender.email, "postmaster@rcv.example");
	check_str(r.sender.contact, "https://rcv.example/");
	check_str(r.sender.generator, "aplomb 0");
	r.state = QUEUE_DONE;
	stores_must(s, queue_release(s, &c, &r, INT64_MAX));
	tallies_add_domain(s, "acme.example");
	assert_int_equal(tallies_make_reports(s, NOW, p->arena), 1);
	struct queue_report second = take(s, &c, p->arena, &is_found);
	assert_true(is_found);
	check_str(second.id, text_format(p->arena, "%.*ss1",
	    STR_ARG(r.id)).p);
	stores_must(s, queue_find(s, r.id, p->arena, &second, &is_found));
	assert_true(is_found);
	check_str(second.id, text_format(p->arena, "%.*s", STR_ARG(r.id)).p);
	stores_must(s, queue_find(s, str_sub(r.id, 0, 8), p->arena, &second,
	    &is_found));
	assert_false(is_found); /* two begin so */
	stores_must(s, queue_find(s, STR("nothing"), p->arena, &second,
	    &is_found));
	assert_false(is_found);
	store_close(s);
}

/* ---- claims ------------------------------------------------------------- */

static void
test_claims(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct queue_claim me = {STR("me"), NOW}, other = {STR("you"), NOW};
	bool is_found, is_ours;
	tallies_add_domain(s, "acme.example");
	tallies_make_reports(s, NOW, p->arena);
	struct queue_report r = take(s, &me, p->arena, &is_found);
	assert_true(is_found);
	take(s, &other, p->arena, &is_found);
	assert_false(is_found);
	other.now = NOW + QUEUE_LEASE - 1;
	take(s, &other, p->arena, &is_found);
	assert_false(is_found);
	me.now = NOW + 100;
	stores_must(s, queue_renew(s, &me, r.id, &is_ours));
	assert_true(is_ours);
	other.now = NOW + QUEUE_LEASE + 99;
	take(s, &other, p->arena, &is_found);
	assert_false(is_found); /* renewed */
	other.now = NOW + QUEUE_LEASE + 100;
	take(s, &other, p->arena, &is_found);
	assert_true(is_found); /* over */
	stores_must(s, queue_renew(s, &me, r.id, &is_ours));
	assert_false(is_ours);
	r.state = QUEUE_DONE;
	stores_must(s, queue_release(s, &me, &r, INT64_MAX)); /* is not ours */
	stores_must(s, queue_renew(s, &other, r.id, &is_ours));
	assert_true(is_ours);
	r.state = QUEUE_SENDING;
	r.reason = STR("x");
	r.attempts = 3;
	stores_must(s, queue_release(s, &other, &r, NOW + 5000));
	me.now = NOW + 4999;
	take(s, &me, p->arena, &is_found);
	assert_false(is_found);
	me.now = NOW + 5000;
	r = take(s, &me, p->arena, &is_found);
	assert_true(is_found);
	assert_int_equal(r.attempts, 3);
	check_str(r.reason, "x");
	store_close(s);
}

/* A clock that was ahead and is set back: nothing waits for its times. */
static void
test_clock_set_back(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct queue_claim ahead = {STR("a"), NOW + 400 * 86400};
	struct queue_claim now = {STR("b"), NOW};
	bool is_found;
	tallies_add_domain(s, "acme.example");
	tallies_make_reports(s, NOW, p->arena);
	struct queue_report r = take(s, &ahead, p->arena, &is_found);
	assert_true(is_found);
	r = take(s, &now, p->arena, &is_found);
	assert_true(is_found);
	stores_must(s, queue_release(s, &now, &r, ahead.now + 3600));
	take(s, &now, p->arena, &is_found);
	assert_true(is_found);
	store_close(s);
}

/* ---- deliveries --------------------------------------------------------- */

static void
test_deliveries(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct queue_delivery d = {
		.report = STR("r1"),
		.address = STR("a@acme.example"),
		.domain = STR("acme.example"),
		.fate = QUEUE_UNVERIFIED,
		.changed = NOW,
		.reason = STR("SERVFAIL of \"x\""),
	};
	struct queue_delivery *at, got;
	size_t count;
	uint64_t sent;
	bool is_found;
	stores_must(s, queue_add(s, &d));
	d.fate = QUEUE_WAITING;
	d.reason = STR("");
	stores_must(s, queue_add(s, &d)); /* now DNS knows */
	d.report = STR("r2");
	stores_must(s, queue_add(s, &d));
	stores_must(s, queue_deliveries(s, STR("r1"), p->arena, &at, &count));
	assert_int_equal(count, 1);
	assert_int_equal(at[0].token.n, QUEUE_TOKEN);
	assert_int_equal(at[0].fate, QUEUE_WAITING);
	stores_must(s, queue_count_sent(s, STR("acme.example"), NOW - 1,
	    &sent));
	assert_int_equal(sent, 0);
	at[0].fate = QUEUE_SENT;
	at[0].attempts = 2;
	at[0].changed = NOW + 5;
	at[0].reason = STR("250 ok");
	stores_must(s, queue_record(s, &at[0]));
	d.report = STR("r1");
	stores_must(s, queue_add(s, &d)); /* it keeps its fate */
	stores_must(s, queue_find_token(s, at[0].token, p->arena, &got,
	    &is_found));
	assert_true(is_found);
	assert_int_equal(got.fate, QUEUE_SENT);
	assert_int_equal(got.attempts, 2);
	check_str(got.report, "r1");
	check_str(got.reason, "250 ok");
	stores_must(s, queue_count_sent(s, STR("acme.example"), NOW, &sent));
	assert_int_equal(sent, 1);
	stores_must(s, queue_count_sent(s, STR("acme.example"), NOW + 5,
	    &sent));
	assert_int_equal(sent, 0);
	stores_must(s, queue_find_token(s, STR("x"), p->arena, &got,
	    &is_found));
	assert_false(is_found);
	store_close(s);
}

/* ---- expiry ------------------------------------------------------------- */

/* What is being sent stays, what was sent goes with its day. */
static void
test_expire(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct queue_claim c = {STR("me"), clock_wall()};
	struct queue_delivery d = {.address = STR("a@acme.example")};
	struct queue_delivery *at;
	struct store_day *days;
	size_t count;
	uint64_t tallies = 0, rows = 0, made;
	bool is_found;
	tallies_add_domain(s, "acme.example");
	stores_must(s, queue_due(s, &open_gates, &all, 0, p->arena, &days,
	    &count));
	stores_must(s, queue_make(s, days, count, &tallies_sender, c.now,
	    p->arena, &made));
	struct queue_report r = take(s, &c, p->arena, &is_found);
	d.report = r.id;
	stores_must(s, queue_add(s, &d));
	stores_must(s, store_expire(s, DAY + 1, &tallies, &rows));
	assert_int_equal(tallies, 0);
	r.state = QUEUE_DONE;
	stores_must(s, queue_release(s, &c, &r, INT64_MAX));
	stores_must(s, store_expire(s, DAY + 1, &tallies, &rows));
	assert_int_equal(tallies, 1);
	stores_must(s, queue_deliveries(s, r.id, p->arena, &at, &count));
	assert_int_equal(count, 0);
	stores_must(s, queue_find(s, r.id, p->arena, &r, &is_found));
	assert_false(is_found);
	store_close(s);
}

/* ---- several at once ---------------------------------------------------- */

#define WORKERS 3
#define REPORTS 40

/* Makes and works off reports until none is left; each is counted as sent by
 * adding a delivery under a name that only one can add. */
static int
work(const char *name, unsigned number)
{
	struct str reason;
	struct arena *a = arena_new(0);
	struct store *s = store_open(name, STORE_READ, a, &reason);
	struct queue_claim c = {text_format(a, "w%u", number), NOW};
	bool is_found = true;
	if (s == NULL)
		return 1;
	tallies_make_reports(s, NOW, a);
	while (is_found) {
		struct queue_report r = take(s, &c, a, &is_found);
		struct queue_delivery d = {.report = r.id,
		    .address = c.owner, .fate = QUEUE_SENT};
		if (!is_found)
			break;
		stores_must(s, queue_add(s, &d));
		r.state = QUEUE_DONE;
		stores_must(s, queue_release(s, &c, &r, INT64_MAX));
	}
	store_close(s);
	arena_free(a);
	return 0;
}

static void
count_line(void *arg, const struct queue_line *l)
{
	uint64_t *sums = arg;
	sums[0] += l->id.n > 0 && l->state == QUEUE_DONE;
	sums[1] += l->sent;
	sums[2] += l->waiting + l->failed;
}

static void
test_several_hosts(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	pid_t pids[WORKERS];
	uint64_t sums[3] = {0};
	for (unsigned i = 0; i < REPORTS; i++)
		tallies_add_domain(s, text_format(p->arena, "d%u.example", i).p);
	store_close(s);
	for (unsigned i = 0; i < WORKERS; i++)
		if ((pids[i] = fork()) == 0)
			_exit(work(p->name, i));
	for (unsigned i = 0; i < WORKERS; i++) {
		int status;
		waitpid(pids[i], &status, 0);
		assert_int_equal(status, 0);
	}
	s = stores_open(p);
	stores_must(s, queue_list(s, &all, 0, count_line, sums));
	assert_int_equal(sums[0], REPORTS);
	assert_int_equal(sums[1], REPORTS);
	assert_int_equal(sums[2], 0);
	store_close(s);
}

/* ---- suppressed addresses ----------------------------------------------- */

static bool
is_suppressed(struct store *s, const char *address, const char *domain,
    int64_t now, struct arena *a)
{
	struct suppression e;
	bool is_found;
	stores_must(s, suppression_find(s, str_of(address), str_of(domain),
	    now, a, &e, &is_found));
	return is_found;
}

static void
test_suppression(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct arena *a = p->arena;
	struct str rua = STR("Rua@acme.example");
	int64_t until;
	bool was_there;
	assert_false(is_suppressed(s, "rua@acme.example", "acme.example", NOW,
	    a));
	stores_must(s, suppression_bounce(s, rua, NOW, STR("550 5.1.1"),
	    &until));
	assert_int_equal(until, NOW + SUPPRESSION_FIRST);
	assert_true(is_suppressed(s, "rua@ACME.example", "acme.example",
	    until - 1, a));
	assert_false(is_suppressed(s, "other@acme.example", "acme.example",
	    NOW, a));
	assert_false(is_suppressed(s, "rua@acme.example", "acme.example",
	    until, a));
	stores_must(s, suppression_bounce(s, rua, NOW, STR("again"), &until));
	assert_int_equal(until, NOW + 2 * SUPPRESSION_FIRST);
	for (int i = 0; i < 20; i++)
		stores_must(s, suppression_bounce(s, rua, NOW, STR("x"),
		    &until));
	assert_int_equal(until, NOW + SUPPRESSION_LONGEST);
	stores_must(s, suppression_add(s, STR("Junk.example"), NOW,
	    STR("by hand")));
	assert_true(is_suppressed(s, "any@junk.example", "junk.example",
	    NOW * 2, a));
	stores_must(s, suppression_add(s, rua, NOW, STR("by hand")));
	stores_must(s, suppression_bounce(s, rua, NOW, STR("x"), &until));
	assert_int_equal(until, 0); /* stays for good */
	stores_must(s, suppression_remove(s, rua, &was_there));
	assert_true(was_there);
	stores_must(s, suppression_remove(s, rua, &was_there));
	assert_false(was_there);
	store_close(s);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, stores_setup, stores_teardown)

static const struct CMUnitTest both[] = {
	BOTH(test_gates),
	BOTH(test_pages),
	BOTH(test_make),
	BOTH(test_claims),
	BOTH(test_clock_set_back),
	BOTH(test_deliveries),
	BOTH(test_expire),
	BOTH(test_several_hosts),
	BOTH(test_suppression),
};

int
main(void)
{
	int failed = cmocka_run_group_tests_name("sqlite", both,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("postgresql", both,
	    stores_use_pgsql, stores_end);
	return failed != 0;
}
