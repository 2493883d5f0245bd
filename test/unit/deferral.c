/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <pthread.h>
#include <stdio.h>

#include "judge/deferral.h"

#define HOUR 3600
#define DAY  (24 * HOUR)

static struct ip
v4(unsigned a, unsigned b, unsigned c, unsigned last)
{
	return (struct ip) {IP_V4, {(uint8_t)a, (uint8_t)b, (uint8_t)c,
	    (uint8_t)last}};
}

static void
test_limit(void **state)
{
	static const struct {
		const char *name;
		unsigned net, host;
		const char *author;
		int64_t at;
		bool want;
	} steps[] = {
		{"the first time", 2, 7, "acme.example", 0, true},
		{"within the limit", 2, 7, "acme.example", 4 * HOUR - 1, true},
		{"a neighbour in the /24", 2, 9, "acme.example", 4 * HOUR,
		    false},
		{"another network", 3, 7, "acme.example", 4 * HOUR, true},
		{"another author", 2, 7, "beta.example", 4 * HOUR, true},
		{"seen again, still over", 2, 7, "acme.example", DAY, false},
		{"less than a day after", 2, 7, "acme.example", 2 * DAY - 1,
		    false},
		{"a quiet day later", 2, 7, "acme.example", 3 * DAY - 1, true},
		{"and that counts anew", 2, 7, "acme.example",
		    3 * DAY - 1 + 4 * HOUR, false},
	};
	struct deferrals *d = deferral_new();
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct ip client = v4(192, 0, steps[i].net, steps[i].host);
		bool got = deferral_allows(d, &client, str_of(steps[i].author),
		    1000000 + steps[i].at, 4 * HOUR);
		if (got != steps[i].want)
			fail_msg("%s: got %d", steps[i].name, got);
	}
	deferral_free(d);
	(void)state;
}

static void
test_ipv6_network(void **state)
{
	struct deferrals *d = deferral_new();
	struct ip a = {IP_V6, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 5}};
	struct ip b = {IP_V6, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 6}};
	struct ip c = {IP_V6, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 5}};
	assert_true(deferral_allows(d, &a, STR("x.example"), 0, 60));
	assert_false(deferral_allows(d, &b, STR("x.example"), 60, 60));
	assert_true(deferral_allows(d, &c, STR("x.example"), 60, 60));
	deferral_free(d);
	(void)state;
}

static void
test_no_time_at_all(void **state)
{
	struct deferrals *d = deferral_new();
	struct ip a = v4(192, 0, 2, 1);
	assert_false(deferral_allows(d, &a, STR("x.example"), 5, 0));
	deferral_free(d);
	(void)state;
}

/* A clock that was set back must not end a deferral or make it endless. */
static void
test_clock_set_back(void **state)
{
	struct deferrals *d = deferral_new();
	struct ip a = v4(192, 0, 2, 1);
	assert_true(deferral_allows(d, &a, STR("x.example"), 10000, 60));
	assert_true(deferral_allows(d, &a, STR("x.example"), 5000, 60));
	assert_false(deferral_allows(d, &a, STR("x.example"), 10060, 60));
	deferral_free(d);
	(void)state;
}

static bool
ask_number(struct deferrals *d, unsigned i, int64_t now)
{
	struct ip client = v4(10, i >> 16 & 255, i >> 8 & 255, 1);
	char author[32];
	snprintf(author, sizeof author, "a%u.example", i & 255);
	return deferral_allows(d, &client, str_of(author), now, 60);
}

static void
test_oldest_leaves_first(void **state)
{
	struct deferrals *d = deferral_new();
	for (unsigned i = 0; i < DEFERRAL_MAX_ENTRIES; i++)
		assert_true(ask_number(d, i, 0));
	assert_false(ask_number(d, 0, 60)); /* the table is full, all known */
	assert_true(ask_number(d, DEFERRAL_MAX_ENTRIES, 60)); /* pushes out 0 */
	assert_false(ask_number(d, 1, 60));
	assert_true(ask_number(d, 0, 60)); /* pushes out 1 */
	assert_true(ask_number(d, 1, 60));
	deferral_free(d);
	(void)state;
}

static void *
ask_many(void *arg)
{
	for (unsigned i = 0; i < 20000; i++)
		ask_number(arg, i % 5000, i);
	return NULL;
}

static void
test_threads(void **state)
{
	struct deferrals *d = deferral_new();
	pthread_t t[4];
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask_many, d), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	deferral_free(d);
	deferral_free(NULL);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_ipv6_network),
		cmocka_unit_test(test_no_time_at_all),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_oldest_leaves_first),
		cmocka_unit_test(test_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
