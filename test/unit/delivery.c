/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a report: DNS from a zone, a mail server that answers as a
 * table says, the store on each engine. */
#include "test/lib/stores.h"
#include "test/lib/tallies.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/dns_zone.h"
#include "net/suffix.h"
#include "report/send/queue_run.h"
#include "report/recipient/suppression.h"
#include "report/transport/transport.h"
#include "report/row/verp.h"
#include "settings/settings.h"

/* ---- the mail server ---------------------------------------------------- */

#define MAX_SENT 64

/* How it answers for an address. */
struct answer {
	const char *address;
	struct transport_result result;
};

struct transport {
	const struct answer *answers;
	size_t answer_count;
	struct arena *arena;
	struct str senders[MAX_SENT], recipients[MAX_SENT], bytes[MAX_SENT];
	size_t count;
	/* Called in the middle of a transaction. */
	void (*meanwhile)(struct transport *t);
	struct stores_place *place;
};

static struct str
read_file(FILE *f, struct arena *a)
{
	struct text t;
	int c;
	text_init(&t, a);
	while ((c = fgetc(f)) != EOF)
		text_add_char(&t, (char)c);
	return text_str(&t);
}

void
transport_send(struct transport *t, struct str sender, struct str recipient,
    FILE *message, struct arena *a, struct transport_result *out)
{
	(void)a;
	assert_true(t->count < MAX_SENT);
	t->senders[t->count] = str_copy(sender, t->arena);
	t->recipients[t->count] = str_copy(recipient, t->arena);
	t->bytes[t->count++] = read_file(message, t->arena);
	*out = (struct transport_result) {.status = TRANSPORT_SENT,
	    .code = 250, .text = STR("250 ok")};
	for (size_t i = 0; i < t->answer_count; i++)
		if (str_eq(recipient, str_of(t->answers[i].address)))
			*out = t->answers[i].result;
	if (t->meanwhile != NULL)
		t->meanwhile(t);
}

/* ---- the set-up --------------------------------------------------------- */

struct lab {
	struct stores_place *place;
	struct store *store;
	struct transport transport;
	struct dns *dns;
	struct settings *settings;
	struct queue_run round;
};

static const volatile sig_atomic_t never;

static struct dns *
dns_of(const char *text, struct arena *a)
{
	size_t line;
	const char *reason;
	struct zone *z = zone_parse(str_of(text), a, &line, &reason);
	if (z == NULL)
		fail_msg("zone line %zu: %s", line, reason);
	return dns_zone_new(z);
}

static void
begin(struct lab *l, void **state, const char *zone, const char *settings)
{
	struct settings_problems problems = {.count = 0};
	*l = (struct lab) {.place = *state};
	struct arena *a = l->place->arena;
	l->store = stores_open(l->place);
	l->dns = dns_of(zone, a);
	l->settings = settings_parse(str_of(settings), "test", a, &problems);
	if (l->settings == NULL)
		fail_msg("%.*s", STR_ARG(problems.at[0].text));
	l->transport = (struct transport) {.arena = a, .place = l->place};
	l->round = (struct queue_run) {
		.dispatch = {
			.store = l->store,
			.transport = &l->transport,
			.dns = l->dns,
			.discover = {DISCOVER_TREEWALK, true,
			    l->settings->suffixes},
			.settings = l->settings,
			.bounce = tallies_sender.bounce,
			.owner = STR("me"),
			.arena = a,
		},
		.sender = &tallies_sender,
		.is_over = &never,
	};
}

static void
end(struct lab *l)
{
	store_close(l->store);
	dns_drop(l->dns);
	settings_drop(l->settings);
}

/* "ADDRESS FATE, ..." of the only report, and its state behind it. */
struct fates {
	struct arena *arena;
	struct str id;
	struct text text;
};

static void
take_line(void *arg, const struct queue_line *l)
{
	struct fates *f = arg;
	if (l->id.n == 0)
		return;
	f->id = str_copy(l->id, f->arena);
	text_printf(&f->text, "%s",
	    table_name(queue_state_names, (int)l->state));
}

static const char *
fates(struct lab *l)
{
	const struct store_filter all = {.has_day = false};
	struct fates f = {.arena = l->place->arena};
	struct queue_delivery *at;
	size_t count;
	text_init(&f.text, f.arena);
	stores_must(l->store, queue_list(l->store, &all, 0, take_line, &f));
	stores_must(l->store, queue_deliveries(l->store, f.id, f.arena, &at,
	    &count));
	for (size_t i = 0; i < count; i++)
		text_printf(&f.text, ", %.*s %s", STR_ARG(at[i].address),
		    table_name(queue_fate_names, (int)at[i].fate));
	return text_cstr(&f.text);
}

/* Puts every time in the past, as if a day had gone by. */
static void
let_time_pass(struct store *s)
{
	static const char *const steps[] = {
		"UPDATE aplomb_report SET next = 0",
		"UPDATE aplomb_delivery SET next = 0",
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		stores_run(s, steps[i]);
}

/* One message of a day that is over, so many days before today. */
static void
add_day(struct lab *l, int64_t before)
{
	tallies_add(l->store, &(struct tallies_one) {clock_wall() / 86400 - before,
	    "acme.example", 1, 0, 0, true});
}

/* ---- fates -------------------------------------------------------------- */

#define QUICK "report-pause = 0\nreport-delay = 0\n"
#define ACME "_dmarc.acme.example TXT \"v=DMARC1; p=none; rua=mailto:a@acme.example\"\n"
#define TWO "_dmarc.acme.example TXT \"v=DMARC1; p=none; " \
	"rua=mailto:a@acme.example,mailto:b@acme.example\"\n"
#define FOREIGN "_dmarc.acme.example TXT \"v=DMARC1; p=none; " \
	"rua=mailto:a@acme.example,mailto:x@other.example\"\n"
#define DEFERRED(words) {.status = TRANSPORT_DEFERRED, .code = 452, \
	.text = STR_INIT(words)}
#define REFUSED(is) {.status = TRANSPORT_REFUSED, .code = 550, \
	.is_address = (is), .text = STR_INIT("550 no")}
#define SERVICE {.status = TRANSPORT_DEFERRED, .is_service = true, \
	.text = STR_INIT("no connection")}

static const struct row {
	const char *what, *zone, *settings;
	struct answer answer;
	const char *want;
	size_t sent;      /* transactions */
	bool is_old;      /* the report is past its time */
	enum delivery_status status;
} rows[] = {
	{"RFC 9990 3.5: sent to each", TWO, QUICK, {"", {0}},
	    "done, a@acme.example sent, b@acme.example sent", 2, false, 0},
	{"one is refused for good", TWO, QUICK,
	    {"a@acme.example", REFUSED(false)},
	    "done, a@acme.example refused, b@acme.example sent", 2, false, 0},
	{"one is put off", TWO, QUICK, {"a@acme.example", DEFERRED("452")},
	    "sending, a@acme.example waiting, b@acme.example sent", 2, false,
	    0},
	{"given up after 48 hours", TWO, QUICK,
	    {"a@acme.example", DEFERRED("452")},
	    "done, a@acme.example given-up, b@acme.example sent", 2, true, 0},
	{"no server: nothing else is tried", TWO, QUICK,
	    {"a@acme.example", SERVICE},
	    "sending, a@acme.example waiting, b@acme.example waiting", 1,
	    false, DELIVERY_SERVICE},
	{"the record is gone", "_dmarc.acme.example TXT \"x\"\n", QUICK,
	    {"", {0}}, "done", 0, false, 0},
	{"its rua is gone", "_dmarc.acme.example TXT \"v=DMARC1; p=none\"\n",
	    QUICK, {"", {0}}, "done", 0, false, 0},
	{"DNS is down", "servfail _dmarc.acme.example\n", QUICK, {"", {0}},
	    "new", 0, false, 0},
	{"DNS is down for 48 hours", "timeout _dmarc.acme.example\n", QUICK,
	    {"", {0}}, "done", 0, true, 0},
	{"RFC 9990 4: no consent", FOREIGN, QUICK, {"", {0}},
	    "done, a@acme.example sent, x@other.example unusable", 1, false,
	    0},
	{"RFC 9990 4: consent", FOREIGN
	    "acme.example._report._dmarc.other.example TXT \"v=DMARC1\"\n",
	    QUICK, {"", {0}},
	    "done, a@acme.example sent, x@other.example sent", 2, false, 0},
	{"consent is not known", FOREIGN
	    "servfail acme.example._report._dmarc.other.example\n",
	    QUICK, {"", {0}},
	    "new, a@acme.example sent, x@other.example unverified", 1, false,
	    0},
	{"consent is not known for 48 hours", FOREIGN
	    "servfail acme.example._report._dmarc.other.example\n",
	    QUICK, {"", {0}},
	    "done, a@acme.example sent, x@other.example given-up", 1, true,
	    0},
	{"an excluded destination", FOREIGN
	    "acme.example._report._dmarc.other.example TXT \"v=DMARC1\"\n",
	    QUICK "report-exclude = {\n# junk\n\"*.other.example\",\n"
	    "# ticket 7\nother.example}\n", {"", {0}},
	    "done, a@acme.example sent, x@other.example unusable", 1, false,
	    0},
	{"report-max-per-destination", TWO,
	    QUICK "report-max-per-destination = 1\n", {"", {0}},
	    "sending, a@acme.example sent, b@acme.example waiting", 1, false,
	    0},
};

static void
test_fates(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lab l;
		const struct row *r = &rows[i];
		begin(&l, state, r->zone, r->settings);
		stores_run(l.store, "DELETE FROM aplomb_delivery");
		stores_run(l.store, "DELETE FROM aplomb_report");
		stores_run(l.store, "DELETE FROM aplomb_tally");
		add_day(&l, 3);
		tallies_make_reports(l.store, clock_wall() -
		    (r->is_old ? STORE_REPORT_LIFETIME + 1 : 0), l.place->arena);
		l.transport.answers = &r->answer;
		l.transport.answer_count = 1;
		enum delivery_status status = queue_run_start(&l.round);
		const char *got = fates(&l);
		if (strcmp(got, r->want) != 0 ||
		    l.transport.count != r->sent || status != r->status)
			fail_msg("%s: %s; %zu sent, status %d", r->what, got,
			    l.transport.count, (int)status);
		end(&l);
	}
}

/* The next try sends the same bytes from the same sender, to whom it failed. */
static void
test_again(void **state)
{
	static const struct answer answer = {"a@acme.example",
	    DEFERRED("452 full")};
	struct lab l;
	struct queue_delivery d;
	bool is_found;
	begin(&l, state, TWO, QUICK);
	add_day(&l, 3);
	l.transport.answers = &answer;
	l.transport.answer_count = 1;
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 2);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 2); /* not yet */
	let_time_pass(l.store);
	l.transport.answer_count = 0;
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 3);
	check_str(l.transport.recipients[2], "a@acme.example");
	assert_true(str_eq(l.transport.bytes[0], l.transport.bytes[2]));
	assert_true(str_eq(l.transport.senders[0], l.transport.senders[2]));
	assert_false(str_eq(l.transport.senders[0], l.transport.senders[1]));
	struct str token = verp_parse(tallies_sender.bounce,
	    l.transport.senders[0], l.place->arena);
	stores_must(l.store, queue_find_token(l.store, token,
	    l.place->arena, &d, &is_found));
	assert_true(is_found);
	check_str(d.address, "a@acme.example");
	assert_int_equal(d.attempts, 2);
	let_time_pass(l.store);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 3);
	check_str(str_of(fates(&l)),
	    "done, a@acme.example sent, b@acme.example sent");
	end(&l);
}

/* An address that is refused at RCPT is left alone from then on. */
static void
test_suppression(void **state)
{
	static const struct answer answer = {"a@acme.example", REFUSED(true)};
	struct lab l;
	begin(&l, state, TWO, QUICK);
	add_day(&l, 3);
	l.transport.answers = &answer;
	l.transport.answer_count = 1;
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 2);
	add_day(&l, 2);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 3);
	check_str(l.transport.recipients[2], "b@acme.example");
	assert_int_equal(l.round.dispatch.counts.suppressed, 1);
	stores_must(l.store, suppression_add(l.store, STR("acme.example"),
	    clock_wall(), STR("by hand")));
	add_day(&l, 1);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 3);
	end(&l);
}

/* The record vanishes while a destination waits. */
static void
test_record_vanishes(void **state)
{
	static const struct answer answer = {"a@acme.example",
	    DEFERRED("452 full")};
	struct lab l;
	begin(&l, state, FOREIGN
	    "servfail acme.example._report._dmarc.other.example\n", QUICK);
	add_day(&l, 3);
	l.transport.answers = &answer;
	l.transport.answer_count = 1;
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	check_str(str_of(fates(&l)), "new, a@acme.example waiting, "
	    "x@other.example unverified");
	dns_drop(l.dns);
	l.dns = l.round.dispatch.dns = dns_of("exists acme.example\n",
	    l.place->arena);
	let_time_pass(l.store);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	check_str(str_of(fates(&l)), "done, a@acme.example given-up, "
	    "x@other.example given-up");
	assert_int_equal(l.transport.count, 1);
	end(&l);
}

/* Another process takes the report over while this one is at its first
 * message: it stops there. */
static void
steal(struct transport *t)
{
	struct store *s = stores_open(t->place);
	stores_run(s, "UPDATE aplomb_report SET owner = 'you'");
	store_close(s);
}

static void
test_lost_claim(void **state)
{
	struct lab l;
	begin(&l, state, TWO, QUICK);
	add_day(&l, 3);
	l.transport.meanwhile = steal;
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 1);
	check_str(str_of(fates(&l)), "new, a@acme.example sent, "
	    "b@acme.example waiting");
	end(&l);
}

/* A store that takes no more: that shows before a message is sent, and when
 * there is room again, it is sent once. */
static void
test_full_store(void **state)
{
	struct lab l;
	begin(&l, state, ACME, QUICK);
	add_day(&l, 3);
	stores_run(l.store, "CREATE TRIGGER full BEFORE UPDATE OF lease "
	    "ON aplomb_report WHEN OLD.owner <> '' AND NEW.lease > 0 "
	    "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
	assert_int_equal(queue_run_start(&l.round), DELIVERY_STORE);
	assert_int_equal(l.transport.count, 0);
	assert_non_null(memmem(l.round.dispatch.reason.p,
	    l.round.dispatch.reason.n, "disk is full", 12));
	stores_run(l.store, "DROP TRIGGER full");
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.transport.count, 1);
	check_str(str_of(fates(&l)), "done, a@acme.example sent");
	end(&l);
}

/* Domains that are excluded get no report at all. */
static void
test_excluded(void **state)
{
	struct lab l;
	begin(&l, state, ACME, QUICK "report-exclude = {acme.example}\n");
	add_day(&l, 3);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.round.made, 0);
	assert_int_equal(l.round.excluded, 1);
	check_str(str_of(fates(&l)), "");
	end(&l);
}

/* A day is reported once it is over, and report-delay with it; and not when it
 * is long past, unless it is named. */
static void
test_days(void **state)
{
	struct lab l;
	int64_t now = clock_wall(), today = now / 86400;
	begin(&l, state, ACME, QUICK);
	add_day(&l, 0);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.round.made, 0);
	add_day(&l, 1);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.round.made, 1);
	add_day(&l, QUEUE_RUN_DAYS + 1);
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.round.made, 1);
	l.round.filter = (struct store_filter) {true,
	    today - QUEUE_RUN_DAYS - 1, STR("")};
	assert_int_equal(queue_run_start(&l.round), DELIVERY_OK);
	assert_int_equal(l.round.made, 2);
	end(&l);
}

/* ---- gates of time ------------------------------------------------------ */

static void
test_gates(void **state)
{
	struct lab l;
	struct queue_gates g;
	const struct store_filter all = {.has_day = false};
	const struct store_filter one = {.has_day = true, .day = 5};
	int64_t midnight = INT64_C(20779) * 86400;
	begin(&l, state, ACME, "report-delay = 3h\nreport-min-messages = 4\n"
	    "report-only-if-passed = yes\n");
	queue_run_gates(l.settings, &all, midnight + 3 * 3600 - 1, &g);
	assert_int_equal(g.last, 20777);
	queue_run_gates(l.settings, &all, midnight + 3 * 3600, &g);
	assert_int_equal(g.last, 20778);
	assert_int_equal(g.first, 20779 - QUEUE_RUN_DAYS);
	assert_int_equal(g.min_messages, 4);
	assert_true(g.is_only_if_passed);
	queue_run_gates(l.settings, &one, midnight, &g);
	assert_int_equal(g.first, 5);
	end(&l);
}

static void
test_delay(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		int64_t first = delivery_delay(1), third = delivery_delay(3);
		int64_t late = delivery_delay(1000);
		assert_true(first >= 900 && first <= 900 * 9 / 8);
		assert_true(third >= 3600 && third <= 3600 * 9 / 8);
		assert_true(late >= 4 * 3600 && late <= 4 * 3600 * 9 / 8);
	}
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, stores_setup, stores_teardown)

static const struct CMUnitTest both[] = {
	BOTH(test_fates),
	BOTH(test_again),
	BOTH(test_suppression),
	BOTH(test_record_vanishes),
	BOTH(test_lost_claim),
	BOTH(test_excluded),
	BOTH(test_days),
	BOTH(test_gates),
	BOTH(test_delay),
};

/* Its triggers need no language of their own. */
static const struct CMUnitTest sqlite[] = {BOTH(test_full_store)};

int
main(void)
{
	int failed = cmocka_run_group_tests_name("sqlite", both,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("full", sqlite,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("postgresql", both,
	    stores_use_pgsql, stores_end);
	return failed != 0;
}
