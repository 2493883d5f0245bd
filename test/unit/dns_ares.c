/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/dns_ares.h"
#include "net/dns_zone.h"
#include "test/lib/responder.h"

/* Of a wait whose end is not the question: ends a test that would hang. */
#define PATIENCE_MS 60000u

/* The engine against a server of our own, on loopback. */
struct world {
	struct arena *arena;
	struct zone *zone;
	struct responder *server;
	struct dns *dns;
};

static struct dns *
engine(struct arena *a, const struct str *servers, size_t count, size_t cache)
{
	const char *reason = NULL;
	struct dns_ares_options o = {.servers = servers,
	    .server_count = count, .cache_bytes = cache};
	struct dns *dns = dns_ares_new(&o, &reason);
	(void)a;
	assert_non_null(dns);
	return dns;
}

static struct str
address(struct arena *a, const struct responder *r)
{
	return text_format(a, "127.0.0.1:%u", responder_port(r));
}

static void
begin(struct world *w, const char *zone, const struct responder_options *o)
{
	size_t line;
	const char *reason;
	w->arena = arena_new(SIZE_MAX);
	w->zone = zone_parse(str_of(zone), w->arena, &line, &reason);
	assert_non_null(w->zone);
	w->server = responder_start(w->zone, o);
	struct str server = address(w->arena, w->server);
	w->dns = engine(w->arena, &server, 1, 1 << 20);
}

static void
end(struct world *w)
{
	dns_drop(w->dns);
	responder_stop(w->server);
	arena_free(w->arena);
}

/* One question in a message of its own. */
static enum dns_status
status(struct dns *dns, enum dns_type type, const char *name,
    unsigned timeout_ms)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct lookups *l = lookups_new(dns, timeout_ms, NULL, NULL, a);
	enum dns_status s =
	    dns_wait(dns_ask(l, DNS_FOR_POLICY, type, str_of(name)))->status;
	arena_free(a);
	return s;
}

/* Questions of the engine: c-ares repeats them where the machine is slow. */
static uint64_t
sent(struct dns *dns)
{
	struct dns_counters n;
	dns_count(dns, &n);
	return n.sent;
}

static void
every_status(void **state)
{
	static const struct {
		enum dns_type type;
		const char *name;
		enum dns_status want;
	} rows[] = {
		{DNS_TXT, "a.test", DNS_OK},
		{DNS_TXT, "A.Test", DNS_OK},
		{DNS_MX, "a.test", DNS_NODATA},
		{DNS_TXT, "nowhere.test", DNS_NXDOMAIN},
		{DNS_TXT, "bad.test", DNS_SERVFAIL},
		{DNS_TXT, "mute.test", DNS_TIMEOUT},
		{DNS_TXT, "odd.test", DNS_MALFORMED},
		{DNS_TXT, "loop.test", DNS_MALFORMED},
		{DNS_TXT, "alias.test", DNS_OK},
		{DNS_TXT, "not..a.name", DNS_BADNAME},
		{DNS_TXT, "", DNS_BADNAME},
		{DNS_TXT, "back\\slash.test", DNS_BADNAME},
	};
	struct world w;
	(void)state;
	begin(&w, "a.test TXT \"one\"\nservfail bad.test\ntimeout mute.test\n"
	    "malformed odd.test\nloop.test CNAME loop.test\n"
	    "alias.test CNAME a.test\n", NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (status(w.dns, rows[i].type, rows[i].name,
			rows[i].want == DNS_TIMEOUT ? 400 : PATIENCE_MS) !=
		    rows[i].want)
			fail_msg("%s: want %s", rows[i].name,
			    dns_status_text(rows[i].want));
	end(&w);
}

/* A large answer comes over TCP, whole. */
static void
large_answer(void **state)
{
	struct world w;
	struct arena *a = arena_new(SIZE_MAX);
	struct text zone;
	(void)state;
	text_init(&zone, a);
	text_add(&zone, STR("big.test TXT \""));
	for (int i = 0; i < 60000; i++)
		text_add_char(&zone, (char)('a' + i % 26));
	text_add(&zone, STR("\"\n"));
	begin(&w, text_cstr(&zone), NULL);
	struct lookups *l = lookups_new(w.dns, PATIENCE_MS, NULL, NULL, a);
	const struct dns_answer *got =
	    dns_wait(dns_ask(l, DNS_FOR_POLICY, DNS_TXT, STR("big.test")));
	assert_int_equal(got->status, DNS_OK);
	assert_int_equal(got->rr[0].txt.n, 60000);
	assert_true(responder_tcp_questions(w.server) > 0);
	arena_free(a);
	end(&w);
}

static void
cached_until_the_ttl(void **state)
{
	struct world w;
	(void)state;
	begin(&w, "a.test TXT \"one\"\n",
	    &(struct responder_options) {.ttl = 600});
	for (int i = 0; i < 5; i++)
		assert_int_equal(status(w.dns, DNS_TXT, "a.test", PATIENCE_MS),
		    DNS_OK);
	assert_int_equal(sent(w.dns), 1);
	end(&w);
	begin(&w, "a.test TXT \"one\"\n",
	    &(struct responder_options) {.ttl = 1});
	status(w.dns, DNS_TXT, "a.test", PATIENCE_MS);
	int64_t until = clock_mono_ms() + 1100;
	while (clock_mono_ms() < until)
		nanosleep(&(struct timespec) {.tv_nsec = 20000000}, NULL);
	status(w.dns, DNS_TXT, "a.test", PATIENCE_MS);
	assert_int_equal(sent(w.dns), 2);
	end(&w);
}

static void
zero_ttl_is_not_shared(void **state)
{
	struct world w;
	(void)state;
	begin(&w, "a.test TXT \"one\"\n",
	    &(struct responder_options) {.has_zero_ttl = true});
	status(w.dns, DNS_TXT, "a.test", PATIENCE_MS);
	status(w.dns, DNS_TXT, "a.test", PATIENCE_MS);
	assert_int_equal(sent(w.dns), 2);
	assert_true(responder_questions(w.server) >= 2);
	end(&w);
}

/* What our cache has let go is asked anew: c-ares keeps none of its own, which
 * would answer in the case of another question. */
static void
no_other_cache(void **state)
{
	struct world w;
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	begin(&w, "*.test TXT \"any\"\n", NULL);
	struct str server = address(a, w.server);
	struct dns *dns = engine(a, &server, 1, 1);
	for (int i = 0; i < 200; i++)
		assert_int_equal(status(dns, DNS_TXT,
		    text_format(a, "n%d.test", i % 100).p, PATIENCE_MS),
		    DNS_OK);
	assert_in_range(sent(dns), 150, 200);
	assert_true(responder_questions(w.server) >= sent(dns));
	dns_drop(dns);
	arena_free(a);
	end(&w);
}

/* The second server is asked when the first fails or is not there. */
static void
next_server(void **state)
{
	struct world w;
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	begin(&w, "a.test TXT \"one\"\nb.test TXT \"two\"\n", NULL);
	struct responder *bad = responder_start(w.zone,
	    &(struct responder_options) {.servfail_first = 1000});
	struct str servers[] = {address(a, bad), address(a, w.server)};
	struct dns *dns = engine(a, servers, 2, 1 << 20);
	assert_int_equal(status(dns, DNS_TXT, "a.test", PATIENCE_MS), DNS_OK);
	responder_stop(bad);
	assert_int_equal(status(dns, DNS_TXT, "b.test", PATIENCE_MS), DNS_OK);
	dns_drop(dns);
	arena_free(a);
	end(&w);
}

struct crowd {
	struct dns *dns;
	int failed;
};

static void *
ask_many(void *arg)
{
	struct crowd *c = arg;
	for (int i = 0; i < 150; i++) {
		char name[32];
		snprintf(name, sizeof name, "n%d.test", i);
		if (status(c->dns, DNS_TXT, name, PATIENCE_MS) != DNS_OK)
			__atomic_fetch_add(&c->failed, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* 64 threads ask the same 150 names: each goes out once. */
static void
questions_are_shared(void **state)
{
	struct world w;
	pthread_t threads[64];
	(void)state;
	begin(&w, "*.test TXT \"any\"\n",
	    &(struct responder_options) {.delay_ms = 5});
	struct crowd c = {.dns = w.dns};
	for (int i = 0; i < 64; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_many, &c), 0);
	for (int i = 0; i < 64; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c.failed, 0);
	assert_int_equal(responder_distinct(w.server), 150);
	struct dns_counters n;
	dns_count(w.dns, &n);
	assert_int_equal(n.asked, 64 * 150);
	assert_int_equal(n.sent, 150);
	assert_int_equal(n.from_cache, 63 * 150);
	end(&w);
}

/* More than are in flight at once, and a cache too small for them. */
static void
many_questions(void **state)
{
	struct world w;
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	begin(&w, "*.test TXT \"any\"\n", NULL);
	for (int round = 0; round < 25; round++) {
		struct arena *b = arena_new(SIZE_MAX);
		struct lookups *all[3];
		struct lookup *q[3][150];
		for (int m = 0; m < 3; m++) {
			all[m] = lookups_new(w.dns, PATIENCE_MS, NULL, NULL, b);
			for (int i = 0; i < 150; i++)
				q[m][i] = dns_ask(all[m], DNS_FOR_SPF, DNS_TXT,
				    text_format(b, "r%dm%dn%d.test", round, m,
					i));
		}
		for (int m = 0; m < 3; m++)
			for (int i = 0; i < 150; i++)
				assert_int_equal(dns_wait(q[m][i])->status,
				    DNS_OK);
		arena_free(b);
	}
	struct dns_counters n;
	dns_count(w.dns, &n);
	assert_int_equal(n.sent, 25 * 450);
	assert_true(n.evicted > 0);
	assert_true(n.cache_bytes <= (1 << 20));
	arena_free(a);
	end(&w);
}

/* The message ends, then the engine, while questions are under way. */
static void
nobody_waits(void **state)
{
	struct world w;
	(void)state;
	begin(&w, "*.test TXT \"any\"\ntimeout mute.test\n",
	    &(struct responder_options) {.delay_ms = 200});
	struct arena *a = arena_new(SIZE_MAX);
	struct lookups *l = lookups_new(w.dns, 50, NULL, NULL, a);
	for (int i = 0; i < 100; i++)
		dns_ask(l, DNS_FOR_POLICY, DNS_TXT,
		    text_format(a, "n%d.test", i));
	dns_ask(l, DNS_FOR_POLICY, DNS_TXT, STR("mute.test"));
	arena_free(a);
	end(&w);
}

static void
count_call(void *arg)
{
	++*(int *)arg;
}

#define SILENT 40

/* One deadline for all waits of a message, and the hook while it blocks. If each
 * wait had its own, some would last until the server itself is given up. */
static void
one_deadline(void **state)
{
	struct world w;
	int calls = 0;
	(void)state;
	struct lookup *q[SILENT];
	struct dns_counters n;
	begin(&w, "timeout *.test\n", NULL);
	struct arena *a = arena_new(SIZE_MAX);
	struct lookups *l = lookups_new(w.dns, 300, count_call, &calls, a);
	for (int i = 0; i < SILENT; i++)
		q[i] = dns_ask(l, i % 2 == 0 ? DNS_FOR_SPF : DNS_FOR_KEY,
		    DNS_TXT, text_format(a, "n%d.test", i));
	int64_t start = clock_mono_ms();
	for (int i = 0; i < SILENT; i++)
		assert_int_equal(dns_wait(q[i])->status, DNS_TIMEOUT);
	assert_int_equal(dns_wait(q[0])->status, DNS_TIMEOUT);
	assert_true(clock_mono_ms() - start >= 290);
	dns_count(w.dns, &n);
	assert_int_equal(n.failed, 0);
	assert_true(calls >= 1);
	arena_free(a);
	end(&w);
}

static void
server_texts(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{"192.0.2.1", true}, {"192.0.2.1:5353", true},
		{"[::1]:53", true}, {"::1", true}, {"[2001:db8::1]", true},
		{"", false}, {"localhost", false}, {"192.0.2.1:", false},
		{"192.0.2.1:0", false}, {"192.0.2.1:70000", false},
		{"[::1", false}, {"[::1]x", false}, {"192.0.2", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (dns_ares_is_server(str_of(rows[i].text)) != rows[i].want)
			fail_msg("\"%s\"", rows[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status),
		cmocka_unit_test(large_answer),
		cmocka_unit_test(cached_until_the_ttl),
		cmocka_unit_test(zero_ttl_is_not_shared),
		cmocka_unit_test(no_other_cache),
		cmocka_unit_test(next_server),
		cmocka_unit_test(questions_are_shared),
		cmocka_unit_test(many_questions),
		cmocka_unit_test(nobody_waits),
		cmocka_unit_test(one_deadline),
		cmocka_unit_test(server_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
