/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns.h"

#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/dns_engine.h"
#include "test/lib/check.h"

#define MAX_ASKED 512u

/* An engine that answers when it is told to: its entries are the test's. */
struct fake {
	struct dns dns;
	struct dns_entry *entries[MAX_ASKED]; /* held, in order */
	size_t asked;
	bool answers_at_once;
	unsigned freed;
};

/* An answer whose text is the question's name. */
static void
answer(struct dns_entry *e)
{
	struct dns_rr rr = {.txt = e->name};
	struct dns_answer a = {.ttl = 0, .count = 1, .rr = &rr};
	dns_entry_settle(e, &a);
}

static struct dns_entry *
fake_ask(struct dns *dns, enum dns_type type, struct str name)
{
	struct fake *f = (struct fake *)dns;
	struct dns_entry *e = dns_entry_new(type, name);
	assert_true(f->asked < MAX_ASKED);
	f->entries[f->asked++] = dns_entry_hold(e);
	if (f->answers_at_once)
		answer(e);
	return e;
}

static void
fake_count(struct dns *dns, struct dns_counters *out)
{
	out->sent = ((struct fake *)dns)->asked;
}

static void
fake_free(struct dns *dns)
{
	struct fake *f = (struct fake *)dns;
	for (size_t i = 0; i < f->asked; i++)
		dns_entry_drop(f->entries[i]);
	f->freed++;
}

static const struct dns_engine fake_engine = {
	.ask = fake_ask, .count = fake_count, .free = fake_free};

static void
fake_init(struct fake *f, bool answers_at_once)
{
	*f = (struct fake) {.dns.engine = &fake_engine,
	    .answers_at_once = answers_at_once};
	atomic_init(&f->dns.holders, 1);
	atomic_init(&f->dns.asked, 0);
}

static struct lookups *
message(struct fake *f, unsigned timeout_ms, struct arena **a)
{
	*a = arena_new(SIZE_MAX);
	return lookups_new(&f->dns, timeout_ms, NULL, NULL, *a);
}

/* RFC 1035 2.3.4: what is no name is never asked (RFC 7208 4.3). */
static void
bad_names(void **state)
{
	static const struct {
		const char *name;
		bool is_good;
	} rows[] = {
		{"a.test", true}, {"_dmarc.a.test", true}, {"test", true},
		{"A.Test", true}, {"1.2.0.192.in-addr.arpa", true},
		/* RFC 7208 7: what macros may put into a name. */
		{"a+b=c/d.test", true}, {"a\"b.test", true},
		{"", false}, {".", false}, {"a.test.", false},
		{".a.test", false}, {"a..test", false},
		{"a b.test", true}, {"a\tb.test", false},
		{"a\\b.test", false}, {"a\\.test", false},
		{"a\x01.test", false}, {"a\x7f.test", false},
		{"\xc3\xa9.test", false},
		/* 63 and 64 octets. */
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xx.test", true},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxx.test", false},
	};
	struct fake f;
	struct arena *a;
	fake_init(&f, true);
	struct lookups *l = message(&f, 1000, &a);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t asked = f.asked;
		struct lookup *q = dns_ask(l, DNS_FOR_SPF, DNS_TXT,
		    check_exact(str_of(rows[i].name), a));
		if ((dns_wait(q)->status == DNS_OK) != rows[i].is_good)
			fail_msg("\"%s\"", rows[i].name);
		if (!rows[i].is_good)
			assert_int_equal(dns_peek(q)->status, DNS_BADNAME);
		if (!rows[i].is_good)
			assert_int_equal(f.asked, asked);
	}
	arena_free(a);
	dns_drop(&f.dns);
}

/* A name has 253 octets. */
static void
long_names(void **state)
{
	struct fake f;
	struct arena *a;
	char name[400];
	fake_init(&f, true);
	struct lookups *l = message(&f, 1000, &a);
	(void)state;
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 60 == 59 ? '.' : 'x';
	for (size_t n = 250; n <= 260; n++) {
		struct str s = {name, n};
		assert_int_equal(
		    dns_wait(dns_ask(l, DNS_FOR_SPF, DNS_A, s))->status,
		    n <= 253 ? DNS_OK : DNS_BADNAME);
	}
	assert_int_equal(dns_wait(dns_ask(l, DNS_FOR_SPF, DNS_A,
	    (struct str) {name, sizeof name}))->status, DNS_BADNAME);
	assert_int_equal(f.asked, 4);
	arena_free(a);
	dns_drop(&f.dns);
}

/* One question of a message is asked once, whatever it is for and however it is
 * written. */
static void
same_questions(void **state)
{
	struct fake f;
	struct arena *a;
	fake_init(&f, true);
	struct lookups *l = message(&f, 1000, &a);
	struct lookup *q = dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("a.test"));
	(void)state;
	assert_ptr_equal(q,
	    dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("a.test")));
	assert_ptr_equal(q,
	    dns_ask(l, DNS_FOR_POLICY, DNS_TXT, STR("A.TEST")));
	assert_ptr_not_equal(q,
	    dns_ask(l, DNS_FOR_SPF, DNS_A, STR("a.test")));
	assert_ptr_not_equal(q,
	    dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("b.test")));
	assert_int_equal(f.asked, 3);
	assert_int_equal(lookups_asked(l, DNS_FOR_SPF), 3);
	assert_int_equal(lookups_asked(l, DNS_FOR_POLICY), 0);
	check_str(dns_wait(q)->rr[0].txt, "a.test");
	struct dns_counters n;
	dns_count(&f.dns, &n);
	assert_int_equal(n.asked, 3);
	assert_int_equal(n.sent, 3);
	/* Another message has its own. */
	struct arena *b;
	struct lookups *other = message(&f, 1000, &b);
	assert_ptr_not_equal(q,
	    dns_ask(other, DNS_FOR_SPF, DNS_TXT, STR("a.test")));
	assert_int_equal(lookups_asked(other, DNS_FOR_SPF), 1);
	arena_free(b);
	arena_free(a);
	dns_drop(&f.dns);
}

/* Each purpose has its own budget (RFC 7208 4.6.4 for SPF); what one may not
 * ask, another may, and what is known costs nothing. */
static void
budgets(void **state)
{
	static const struct {
		enum dns_purpose purpose, other;
		unsigned max;
	} rows[] = {
		{DNS_FOR_SPF, DNS_FOR_KEY, DNS_MAX_SPF},
		{DNS_FOR_KEY, DNS_FOR_POLICY, DNS_MAX_KEY},
		{DNS_FOR_POLICY, DNS_FOR_SPF, DNS_MAX_POLICY},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		struct arena *a;
		fake_init(&f, true);
		struct lookups *l = message(&f, 1000, &a);
		for (unsigned k = 0; k < rows[i].max; k++)
			assert_int_equal(dns_wait(dns_ask(l, rows[i].purpose,
			    DNS_TXT, text_format(a, "n%u.test", k)))->status,
			    DNS_OK);
		struct lookup *q = dns_ask(l, rows[i].purpose, DNS_TXT,
		    STR("more.test"));
		assert_int_equal(dns_peek(q)->status, DNS_LIMIT);
		assert_int_equal(dns_wait(q)->status, DNS_LIMIT);
		assert_int_equal(f.asked, rows[i].max);
		assert_int_equal(lookups_asked(l, rows[i].purpose),
		    rows[i].max);
		assert_int_equal(dns_wait(dns_ask(l, rows[i].purpose, DNS_TXT,
		    STR("N0.test")))->status, DNS_OK);
		assert_int_equal(dns_wait(dns_ask(l, rows[i].purpose, DNS_TXT,
		    STR("no..name")))->status, DNS_BADNAME);
		assert_int_equal(dns_wait(dns_ask(l, rows[i].other, DNS_TXT,
		    STR("more.test")))->status, DNS_OK);
		/* Its answer is here now, for everybody. */
		assert_int_equal(dns_wait(dns_ask(l, rows[i].purpose, DNS_TXT,
		    STR("more.test")))->status, DNS_OK);
		arena_free(a);
		dns_drop(&f.dns);
	}
}

/* An answer with TTL 0 is good as long as the message; so is every other. */
static void
answers_stay(void **state)
{
	struct fake f;
	struct arena *a;
	fake_init(&f, true);
	struct lookups *l = message(&f, 1000, &a);
	const struct dns_answer *first =
	    dns_wait(dns_ask(l, DNS_FOR_KEY, DNS_TXT, STR("a.test")));
	(void)state;
	assert_int_equal(first->ttl, 0);
	assert_ptr_equal(first,
	    dns_wait(dns_ask(l, DNS_FOR_KEY, DNS_TXT, STR("a.test"))));
	/* Held by the message, not by the engine. */
	dns_entry_drop(f.entries[0]);
	f.asked = 0;
	check_str(first->rr[0].txt, "a.test");
	arena_free(a);
	dns_drop(&f.dns);
}

static void
pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec) {.tv_sec = ms / 1000,
	    .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static void
count_call(void *arg)
{
	++*(unsigned *)arg;
}

/* One deadline for all waits, counted from the first of them; the hook is
 * called before it blocks and while it does. */
static void
deadline(void **state)
{
	struct fake f;
	unsigned calls = 0;
	fake_init(&f, false);
	struct arena *a = arena_new(SIZE_MAX);
	struct lookups *l = lookups_new(&f.dns, 180, count_call, &calls, a);
	struct lookup *one = dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("a.test"));
	struct lookup *two = dns_ask(l, DNS_FOR_KEY, DNS_TXT, STR("b.test"));
	struct lookup *three = dns_ask(l, DNS_FOR_KEY, DNS_A, STR("c.test"));
	(void)state;
	pause_ms(200); /* asking starts nothing */
	assert_null(dns_peek(one));
	assert_int_equal(calls, 0);
	answer(f.entries[2]);
	assert_int_equal(dns_wait(three)->status, DNS_OK); /* nor this */
	assert_int_equal(calls, 0);
	int64_t start = clock_mono_ms();
	assert_int_equal(dns_wait(one)->status, DNS_TIMEOUT);
	assert_true(clock_mono_ms() - start >= 180);
	assert_in_range(calls, 1, 4); /* at 0, 50, 100, 150 ms */
	unsigned before = calls;
	assert_int_equal(dns_wait(two)->status, DNS_TIMEOUT);
	assert_int_equal(calls, before); /* no time is left to block in */
	/* What comes too late is not seen by this message. */
	answer(f.entries[0]);
	assert_int_equal(dns_wait(one)->status, DNS_TIMEOUT);
	assert_int_equal(dns_peek(one)->status, DNS_TIMEOUT);
	assert_int_equal(dns_wait(dns_ask(l, DNS_FOR_SPF, DNS_TXT,
	    STR("A.test")))->status, DNS_TIMEOUT);
	/* What is here needs no time. */
	struct lookup *four = dns_ask(l, DNS_FOR_SPF, DNS_MX, STR("d.test"));
	answer(f.entries[3]);
	assert_int_equal(dns_wait(four)->status, DNS_OK);
	arena_free(a);
	dns_drop(&f.dns);
}

static void *
answer_late(void *arg)
{
	pause_ms(30);
	answer(arg);
	return NULL;
}

/* An answer ends the wait at once. */
static void
wakes(void **state)
{
	struct fake f;
	struct arena *a;
	pthread_t t;
	fake_init(&f, false);
	struct lookups *l = message(&f, 60000, &a);
	struct lookup *q = dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("a.test"));
	(void)state;
	int64_t start = clock_mono_ms();
	assert_int_equal(
	    pthread_create(&t, NULL, answer_late, f.entries[0]), 0);
	assert_int_equal(dns_wait(q)->status, DNS_OK);
	assert_in_range(clock_mono_ms() - start, 25, 59999);
	pthread_join(t, NULL);
	arena_free(a);
	dns_drop(&f.dns);
}

/* A message that may not wait at all. */
static void
no_time(void **state)
{
	struct fake f;
	struct arena *a;
	fake_init(&f, false);
	struct lookups *l = message(&f, 0, &a);
	struct lookup *one = dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("a.test"));
	struct lookup *two = dns_ask(l, DNS_FOR_SPF, DNS_TXT, STR("b.test"));
	(void)state;
	answer(f.entries[1]);
	assert_int_equal(dns_wait(one)->status, DNS_TIMEOUT);
	assert_int_equal(dns_wait(two)->status, DNS_OK);
	arena_free(a);
	dns_drop(&f.dns);
}

static unsigned made;

static void *
make_text(const struct dns_answer *answer, struct arena *a)
{
	__atomic_fetch_add(&made, 1, __ATOMIC_SEQ_CST);
	struct str *s = ARENA_NEW(a, struct str);
	*s = answer->count > 0 ? str_copy(answer->rr[0].txt, a) : STR("none");
	return s;
}

static void *
make_nothing(const struct dns_answer *answer, struct arena *a)
{
	(void)answer, (void)a;
	__atomic_fetch_add(&made, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* An object is made once, lives with the answer, and every maker has its own. */
static void
derived(void **state)
{
	struct fake f;
	struct arena *a;
	fake_init(&f, true);
	struct lookups *l = message(&f, 1000, &a);
	struct lookup *q = dns_ask(l, DNS_FOR_KEY, DNS_TXT, STR("a.test"));
	(void)state;
	made = 0;
	const struct str *s = dns_derived(q, make_text);
	check_str(*s, "a.test");
	assert_ptr_equal(dns_derived(q, make_text), s);
	assert_int_equal(made, 1);
	assert_null(dns_derived(q, make_nothing));
	assert_null(dns_derived(q, make_nothing));
	assert_int_equal(made, 2);
	assert_ptr_equal(dns_derived(q, make_text), s);
	assert_int_equal(made, 2);
	/* It is the answer's, not the message's: another holder's too. */
	assert_ptr_equal(dns_entry_derived(f.entries[0], make_text), s);
	arena_free(a);
	check_str(*s, "a.test");
	assert_ptr_equal(dns_entry_derived(f.entries[0], make_text), s);
	dns_drop(&f.dns);
}

/* Of what is no answer the message makes its own. */
static void
derived_without_answer(void **state)
{
	struct fake f;
	struct arena *a;
	fake_init(&f, false);
	struct lookups *l = message(&f, 0, &a);
	struct lookup *q = dns_ask(l, DNS_FOR_KEY, DNS_TXT, STR("a.test"));
	(void)state;
	check_str(*(const struct str *)dns_derived(q, make_text), "none");
	answer(f.entries[0]);
	check_str(*(const struct str *)dns_derived(q, make_text), "none");
	/* Nothing of that was kept with the answer that came late. */
	check_str(*(const struct str *)dns_entry_derived(f.entries[0],
	    make_text), "a.test");
	q = dns_ask(l, DNS_FOR_KEY, DNS_TXT, STR("a..b"));
	check_str(*(const struct str *)dns_derived(q, make_text), "none");
	arena_free(a);
	dns_drop(&f.dns);
}

#define THREADS 8u

static void *
derive(void *arg)
{
	static dns_make_fn const makers[] = {make_text, make_nothing};
	const void *seen = NULL;
	for (unsigned i = 0; i < 2; i++) {
		const void *object = dns_entry_derived(arg, makers[i]);
		if (object != NULL)
			seen = object;
	}
	return (void *)(uintptr_t)seen;
}

/* Several threads make it at once: one result wins, and everybody gets that. */
static void
derived_by_many(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		pthread_t t[THREADS];
		void *seen[THREADS];
		struct dns_entry *e = dns_entry_new(DNS_TXT, STR("a.test"));
		answer(e);
		for (unsigned i = 0; i < THREADS; i++)
			assert_int_equal(
			    pthread_create(&t[i], NULL, derive, e), 0);
		for (unsigned i = 0; i < THREADS; i++)
			pthread_join(t[i], &seen[i]);
		for (unsigned i = 0; i < THREADS; i++)
			assert_ptr_equal(seen[i], seen[0]);
		check_str(*(const struct str *)seen[0], "a.test");
		dns_entry_drop(e);
	}
}

/* The last drop frees an engine; a message holds it. */
static void
holds(void **state)
{
	struct fake f;
	struct arena *a;
	fake_init(&f, true);
	(void)state;
	message(&f, 1000, &a);
	assert_ptr_equal(dns_hold(&f.dns), &f.dns);
	dns_drop(&f.dns);
	assert_int_equal(f.freed, 0);
	dns_drop(&f.dns);
	assert_int_equal(f.freed, 0);
	arena_free(a);
	assert_int_equal(f.freed, 1);
	dns_drop(NULL);
}

/* Every kind of answer is copied whole, each text beside it. */
static void
copies(void **state)
{
	struct arena *a = arena_new(0);
	struct dns_entry *e = dns_entry_new(DNS_MX, STR("a.test"));
	struct dns_rr rr[3] = {
		{.mx = {check_exact(STR("one.test"), a), 10}},
		{.mx = {STR_INIT(""), 20}},
		{.mx = {check_exact(STR("three.test"), a), 30}}};
	struct dns_answer in = {.ttl = 7, .count = 3, .rr = rr,
	    .is_alias = true};
	(void)state;
	dns_entry_settle(e, &in);
	arena_free(a);
	assert_int_equal(e->answer.ttl, 7);
	assert_true(e->answer.is_alias);
	check_str(e->answer.rr[0].mx.host, "one.test");
	check_str(e->answer.rr[1].mx.host, "");
	check_str(e->answer.rr[2].mx.host, "three.test");
	assert_int_equal(e->answer.rr[1].mx.preference, 20);
	dns_entry_drop(e);
	/* No record: nothing of the other's is kept. */
	e = dns_entry_new(DNS_TXT, STR("a.test"));
	in = (struct dns_answer) {.status = DNS_NODATA, .rr = rr};
	dns_entry_settle(e, &in);
	assert_null(e->answer.rr);
	dns_entry_drop(e);
}

/* Failure and absence are told apart (RFC 9989 5.3.6). */
static void
statuses(void **state)
{
	static const struct {
		enum dns_status status;
		bool is_error;
	} rows[] = {
		{DNS_OK, false}, {DNS_NODATA, false}, {DNS_NXDOMAIN, false},
		{DNS_SERVFAIL, true}, {DNS_TIMEOUT, true},
		{DNS_MALFORMED, true}, {DNS_LIMIT, true}, {DNS_BADNAME, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(dns_is_error(rows[i].status),
		    rows[i].is_error);
		assert_string_not_equal(dns_status_text(rows[i].status), "?");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_names),
		cmocka_unit_test(long_names),
		cmocka_unit_test(same_questions),
		cmocka_unit_test(budgets),
		cmocka_unit_test(answers_stay),
		cmocka_unit_test(deadline),
		cmocka_unit_test(wakes),
		cmocka_unit_test(no_time),
		cmocka_unit_test(derived),
		cmocka_unit_test(derived_without_answer),
		cmocka_unit_test(derived_by_many),
		cmocka_unit_test(holds),
		cmocka_unit_test(copies),
		cmocka_unit_test(statuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
