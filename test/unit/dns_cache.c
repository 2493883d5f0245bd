/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_cache.h"

#include <pthread.h>

#include "base/text.h"
#include "net/dns_engine.h"
#include "test/lib/check.h"

/* Room for everything. */
#define LARGE (64u << 20)

/* Asks; whether somebody must be asked now. */
static bool
is_new(struct dns_cache *c, enum dns_type type, const char *name, int64_t now,
    struct dns_entry **out)
{
	bool is_asked;
	struct arena *a = arena_new(0);
	*out = dns_cache_get(c, type, check_exact(str_of(name), a), now,
	    &is_asked);
	arena_free(a);
	assert_non_null(*out);
	assert_int_equal((*out)->type, type);
	check_str((*out)->name, name);
	return is_asked;
}

/* Asks for the TXT of a name and lets go of the entry; whether it was known. */
static bool
is_known(struct dns_cache *c, const char *name, int64_t now)
{
	struct dns_entry *e;
	bool is_asked = is_new(c, DNS_TXT, name, now, &e);
	dns_entry_drop(e);
	return !is_asked;
}

static void
settle(struct dns_cache *c, struct dns_entry *e, enum dns_status status,
    uint32_t ttl, int64_t now)
{
	struct dns_rr rr = {.txt = STR_INIT("text")};
	struct dns_answer answer = {.status = status, .ttl = ttl,
	    .count = status == DNS_OK, .rr = &rr};
	dns_entry_settle(e, &answer);
	dns_cache_settled(c, e, now);
}

/* Asks for a name that nobody knows, and answers. */
static void
learn(struct dns_cache *c, const char *name, enum dns_status status,
    uint32_t ttl, int64_t now)
{
	struct dns_entry *e;
	assert_true(is_new(c, DNS_TXT, name, now, &e));
	settle(c, e, status, ttl, now);
	dns_entry_drop(e);
}

static struct dns_counters
counters(struct dns_cache *c)
{
	struct dns_counters n = {0};
	dns_cache_count(c, &n);
	return n;
}

/* Positive and negative answers live as long as their TTL says, failures for
 * five seconds (RFC 2308 7), and what has none not at all (RFC 1035 3.2.1). */
static void
lifetimes(void **state)
{
	static const struct {
		enum dns_status status;
		uint32_t ttl;
		int64_t life_ms; /* known just before, not from then on */
	} rows[] = {
		{DNS_OK, 1, 1000},
		{DNS_OK, 300, 300000},
		{DNS_OK, 86400, 86400000},
		{DNS_OK, UINT32_MAX, INT64_C(4294967295000)},
		{DNS_OK, 0, 0},
		{DNS_NODATA, 60, 60000},
		{DNS_NODATA, 0, 0},
		{DNS_NXDOMAIN, 3600, 3600000},
		{DNS_NXDOMAIN, 0, 0},
		{DNS_BADNAME, 0, 0},
		{DNS_SERVFAIL, 0, 5000},
		{DNS_SERVFAIL, 300, 5000},
		{DNS_TIMEOUT, 0, 5000},
		{DNS_MALFORMED, 300, 5000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct dns_cache *c = dns_cache_new(LARGE);
		int64_t now = 1000000, life = rows[i].life_ms;
		learn(c, "a.test", rows[i].status, rows[i].ttl, now);
		assert_int_equal(counters(c).cache_entries, life > 0);
		if (life > 0 && !is_known(c, "a.test", now + life - 1))
			fail_msg("row %zu: gone too early", i);
		if (is_known(c, "a.test", now + life))
			fail_msg("row %zu: known too long", i);
		dns_cache_free(c);
	}
}

/* A question in flight is shared, by name and type, however long it lasts. */
static void
in_flight(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	struct dns_entry *e[5];
	(void)state;
	assert_true(is_new(c, DNS_TXT, "a.test", 1, &e[0]));
	assert_false(is_new(c, DNS_TXT, "a.test", 2, &e[1]));
	assert_ptr_equal(e[0], e[1]);
	assert_true(is_new(c, DNS_A, "a.test", 3, &e[2]));
	assert_true(is_new(c, DNS_TXT, "b.test", 4, &e[3]));
	assert_false(is_new(c, DNS_TXT, "a.test", INT64_MAX - 1, &e[4]));
	assert_ptr_equal(e[0], e[4]);
	assert_int_equal(counters(c).from_cache, 2);
	assert_int_equal(counters(c).cache_entries, 3);
	assert_false(dns_entry_wait(e[0], 0));
	/* Settled, it is the same one still. */
	settle(c, e[0], DNS_OK, 300, 1000);
	assert_true(dns_entry_wait(e[4], 0));
	for (int i = 0; i < 5; i++)
		dns_entry_drop(e[i]);
	assert_true(is_known(c, "a.test", 2000));
	assert_int_equal(counters(c).evicted, 0);
	dns_cache_free(c);
}

/* An entry that was replaced meanwhile has no say in its successor. */
static void
replaced(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	struct dns_entry *old, *young, *again;
	(void)state;
	assert_true(is_new(c, DNS_TXT, "a.test", 0, &old));
	settle(c, old, DNS_OK, 1, 0);
	assert_true(is_new(c, DNS_TXT, "a.test", 1000, &young));
	assert_ptr_not_equal(old, young);
	dns_cache_settled(c, old, 1000);
	assert_false(is_new(c, DNS_TXT, "a.test", 1000 + 5000, &again));
	assert_ptr_equal(again, young);
	assert_false(dns_entry_wait(young, 0));
	dns_entry_drop(again);
	dns_entry_drop(old);
	dns_entry_drop(young);
	dns_cache_free(c);
}

/* The bytes stay under the cap; who was not used for longest leaves first. */
static void
least_recently_used(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	struct arena *a = arena_new(0);
	(void)state;
	learn(c, "n0.test", DNS_OK, 300, 0);
	size_t one = counters(c).cache_bytes;
	dns_cache_free(c);
	c = dns_cache_new(10 * one);
	for (int i = 0; i < 10; i++)
		learn(c, text_format(a, "n%d.test", i).p, DNS_OK, 300, 0);
	assert_int_equal(counters(c).evicted, 0);
	assert_true(is_known(c, "n0.test", 1)); /* and is used again */
	assert_true(is_known(c, "n2.test", 1));
	learn(c, "na.test", DNS_OK, 300, 1);
	learn(c, "nb.test", DNS_OK, 300, 1);
	struct dns_counters n = counters(c);
	assert_int_equal(n.evicted, 2);
	assert_int_equal(n.cache_entries, 10);
	assert_in_range(n.cache_bytes, 1, 10 * one);
	for (int i = 4; i < 10; i++)
		assert_true(is_known(c, text_format(a, "n%d.test", i).p, 2));
	assert_true(is_known(c, "n0.test", 2));
	assert_true(is_known(c, "n2.test", 2));
	assert_true(is_known(c, "na.test", 2));
	assert_true(is_known(c, "nb.test", 2));
	assert_int_equal(counters(c).evicted, 2);
	/* The two that are missing. */
	assert_false(is_known(c, "n1.test", 2));
	dns_cache_free(c);
	arena_free(a);
}

/* The answer's size counts, once it is known. */
static void
large_answers(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	struct arena *a = arena_new(0);
	struct str text = {arena_zalloc(a, 60000), 60000};
	struct dns_rr rr[2] = {{.txt = text}, {.txt = text}};
	struct dns_answer answer = {.ttl = 300, .count = 2, .rr = rr};
	struct dns_entry *e;
	(void)state;
	assert_true(is_new(c, DNS_TXT, "a.test", 0, &e));
	assert_in_range(counters(c).cache_bytes, 1, 8000);
	dns_entry_settle(e, &answer);
	dns_cache_settled(c, e, 0);
	assert_in_range(counters(c).cache_bytes, 120000, 128000);
	dns_entry_drop(e);
	assert_false(is_known(c, "b.test", 1000 * 1000)); /* in flight now */
	assert_false(is_known(c, "a.test", 1000 * 1000)); /* it is over */
	assert_in_range(counters(c).cache_bytes, 1, 16000);
	dns_cache_free(c);
	arena_free(a);
}

/* A question in flight stays, whatever the cap; so does the newest. */
static void
tiny_cache(void **state)
{
	struct dns_cache *c = dns_cache_new(0);
	struct arena *a = arena_new(0);
	struct dns_entry *e[20], *again;
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(is_new(c, DNS_TXT,
		    text_format(a, "n%d.test", i).p, 0, &e[i]));
	assert_int_equal(counters(c).cache_entries, 20);
	for (int i = 0; i < 20; i++) {
		assert_false(is_new(c, DNS_TXT,
		    text_format(a, "n%d.test", i).p, 0, &again));
		assert_ptr_equal(again, e[i]);
		dns_entry_drop(again);
	}
	for (int i = 0; i < 20; i++) {
		settle(c, e[i], DNS_OK, 300, 0);
		check_str(e[i]->answer.rr[0].txt, "text"); /* held by us */
		dns_entry_drop(e[i]);
	}
	assert_int_equal(counters(c).cache_entries, 1);
	assert_true(is_known(c, "n19.test", 1));
	learn(c, "new.test", DNS_OK, 300, 1);
	assert_true(is_known(c, "new.test", 1));
	assert_false(is_known(c, "n19.test", 1));
	dns_cache_free(c);
	arena_free(a);
}

/* An entry outlives its cache in the hands of who holds it. */
static void
held(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	struct dns_entry *e;
	(void)state;
	assert_true(is_new(c, DNS_TXT, "a.test", 0, &e));
	settle(c, e, DNS_OK, 300, 0);
	dns_cache_free(c);
	check_str(e->answer.rr[0].txt, "text");
	dns_entry_drop(e);
}

/* Names that differ in their last byte alone, at full length. */
static void
long_names(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	char name[254];
	(void)state;
	for (size_t i = 0; i < 253; i++)
		name[i] = i % 64 == 63 ? '.' : 'x';
	name[253] = '\0';
	learn(c, name, DNS_OK, 300, 0);
	assert_true(is_known(c, name, 1));
	name[252] = 'y';
	assert_false(is_known(c, name, 1));
	name[252] = '\0';
	assert_false(is_known(c, name, 1));
	dns_cache_free(c);
}

/* What nobody waits for any more need not be asked. */
static void
abandoned(void **state)
{
	struct dns_cache *c = dns_cache_new(LARGE);
	struct dns_entry *e, *waiting;
	(void)state;
	assert_true(is_new(c, DNS_TXT, "a.test", 0, &e));
	assert_false(is_new(c, DNS_TXT, "a.test", 0, &waiting));
	assert_false(dns_cache_abandon(c, e));
	dns_entry_drop(waiting);
	assert_true(dns_cache_abandon(c, e));
	assert_int_equal(counters(c).cache_entries, 0);
	assert_int_equal(counters(c).cache_bytes, 0);
	/* Whoever asks next is the first. */
	assert_true(is_new(c, DNS_TXT, "a.test", 0, &waiting));
	assert_ptr_not_equal(waiting, e);
	/* It is not its successor's to give up. */
	assert_false(dns_cache_abandon(c, e));
	assert_int_equal(counters(c).cache_entries, 1);
	dns_entry_drop(e);
	dns_entry_drop(waiting);
	dns_cache_free(c);
}

#define THREADS 8u
#define ROUNDS  2000u

struct crowd {
	struct dns_cache *c;
	struct arena *a;
	const char *names[16];
	unsigned wrong; /* atomic */
};

/* Who is told to ask answers at once; the others wait. */
static void *
ask_all(void *arg)
{
	struct crowd *w = arg;
	struct dns_rr rr = {.txt = STR_INIT("text")};
	struct dns_answer answer = {.ttl = 1, .count = 1, .rr = &rr};
	for (unsigned i = 0; i < ROUNDS; i++) {
		bool is_asked;
		struct dns_entry *e = dns_cache_get(w->c, DNS_TXT,
		    str_of(w->names[i % 16]), i, &is_asked);
		if (is_asked) {
			dns_entry_settle(e, &answer);
			dns_cache_settled(w->c, e, i);
		}
		if (!dns_entry_wait(e, INT64_MAX / 4) ||
		    !str_eq(e->answer.rr[0].txt, STR("text")))
			__atomic_fetch_add(&w->wrong, 1, __ATOMIC_SEQ_CST);
		dns_entry_drop(e);
	}
	return NULL;
}

/* Many threads over a cache that is too small for them. */
static void
threads(void **state)
{
	pthread_t t[THREADS];
	struct crowd w = {.c = dns_cache_new(20000), .a = arena_new(0)};
	(void)state;
	for (size_t i = 0; i < 16; i++)
		w.names[i] = text_format(w.a, "n%zu.test", i).p;
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask_all, &w), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(w.wrong, 0);
	struct dns_counters n = counters(w.c);
	assert_true(n.cache_bytes <= 20000);
	assert_true(n.from_cache < THREADS * ROUNDS);
	dns_cache_free(w.c);
	arena_free(w.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifetimes),
		cmocka_unit_test(in_flight),
		cmocka_unit_test(replaced),
		cmocka_unit_test(least_recently_used),
		cmocka_unit_test(large_answers),
		cmocka_unit_test(tiny_cache),
		cmocka_unit_test(held),
		cmocka_unit_test(long_names),
		cmocka_unit_test(abandoned),
		cmocka_unit_test(threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
