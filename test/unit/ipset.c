/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/ipset.h"
#include "test/lib/check.h"

static void
add(void **state)
{
	(void)state;
	static const struct {
		const char *cidr;
		bool want;
	} rows[] = {
		{"192.0.2.0/24", true},
		{"192.0.2.1", true},
		{"192.0.2.1/32", true},
		{"0.0.0.0/0", true},
		{"2001:db8::/32", true},
		{"2001:db8:8000::/33", true},
		{"::/0", true},
		{"::1", true},
		{"::ffff:192.0.2.0/120", true},
		{"::ffff:0:0/96", true},
		/* Host bits. */
		{"192.0.2.1/24", false},
		{"192.0.3.0/23", false},
		{"2001:db8::1/127", false},
		{"2001:db8:8000::/32", false},
		/* Not a prefix of the mapped form: it reaches beyond it. */
		{"::ffff:192.0.2.0/24", false},
		{"::ffff:0:0/95", false},
		{"192.0.2.0/33", false},
		{"2001:db8::/129", false},
		{"::ffff:192.0.2.0/129", false},
		{"192.0.2.0/", false},
		{"192.0.2.0/-1", false},
		{"192.0.2.0/24/24", false},
		{"192.0.2.0/ 24", false},
		{"192.0.2.0/255.255.255.0", false},
		{"192.0.2.0/99999999999999999999999", false},
		{"/24", false},
		{"", false},
		{" 192.0.2.1", false},
		{"mx.example", false},
	};
	struct arena *a = arena_new(0);
	struct ipset set = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t before = set.count;
		assert_int_equal(ipset_add(&set, str_of(rows[i].cidr), a),
		    rows[i].want);
		assert_int_equal(set.count, before + rows[i].want);
	}
	arena_free(a);
}

static void
has(void **state)
{
	(void)state;
	static const struct {
		const char *ip;
		bool want;
	} rows[] = {
		{"192.0.2.255", true},
		{"192.0.3.0", false},
		{"::ffff:192.0.2.1", true},
		{"198.51.100.0", true},
		{"198.51.100.1", false},
		{"203.0.113.9", true},
		{"203.0.114.9", false},
		{"2001:db8::ffff", true},
		{"2001:db9::", false},
		{"::1", false},
	};
	struct arena *a = arena_new(0);
	struct ipset set = {0};
	assert_true(ipset_add(&set, STR("192.0.2.0/24"), a));
	assert_true(ipset_add(&set, STR("198.51.100.0"), a));
	assert_true(ipset_add(&set, STR("::ffff:203.0.113.0/120"), a));
	assert_true(ipset_add(&set, STR("2001:db8::/32"), a));
	struct ip ip = {.family = IP_NONE};
	assert_false(ipset_has(&set, &ip));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(ip_parse(str_of(rows[i].ip), &ip));
		assert_int_equal(ipset_has(&set, &ip), rows[i].want);
		assert_false(ipset_has(&(struct ipset) {0}, &ip));
	}
	arena_free(a);
}

static void
covers(void **state)
{
	static const struct {
		const char *wide[2], *narrow[2];
		bool want;
	} rows[] = {
		{{"192.0.2.0/24"}, {"192.0.2.7"}, true},
		{{"192.0.2.0/24"}, {"192.0.2.0/24", "192.0.2.128/25"}, true},
		{{"192.0.2.0/24"}, {"192.0.2.7", "192.0.3.7"}, false},
		{{"192.0.2.0/25"}, {"192.0.2.0/24"}, false},
		{{"192.0.2.0/25", "192.0.2.128/25"}, {"192.0.2.0/24"}, false},
		{{"10.0.0.0/8", "2001:db8::/32"}, {"2001:db8:1::/48"}, true},
		{{"0.0.0.0/0"}, {"2001:db8::1"}, false},
		{{NULL}, {"192.0.2.7"}, false},
		{{"192.0.2.7"}, {NULL}, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct ipset wide = {0}, narrow = {0};
		for (size_t k = 0; k < 2; k++) {
			if (rows[i].wide[k] != NULL)
				assert_true(ipset_add(&wide,
				    str_of(rows[i].wide[k]), a));
			if (rows[i].narrow[k] != NULL)
				assert_true(ipset_add(&narrow,
				    str_of(rows[i].narrow[k]), a));
		}
		if (ipset_covers(&wide, &narrow) != rows[i].want)
			fail_msg("row %zu", i);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add),
		cmocka_unit_test(has),
		cmocka_unit_test(covers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
