/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"
#include "test/lib/check.h"

static void
compare(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		int order;
		bool eq, ieq, prefix, iprefix, isuffix;
	} rows[] = {
		{"", "", 0, true, true, true, true, true},
		{"a", "", 1, false, false, true, true, true},
		{"", "a", -1, false, false, false, false, false},
		{"abc", "abc", 0, true, true, true, true, true},
		{"abc", "ABC", 1, false, true, false, true, true},
		{"abc", "ab", 1, false, false, true, true, false},
		{"abc", "aB", 1, false, false, false, true, false},
		{"abc", "Bc", 1, false, false, false, false, true},
		{"ab", "abc", -1, false, false, false, false, false},
		/* Bytes are unsigned, and only ASCII has a case. */
		{"\xff", "a", 1, false, false, false, false, false},
		{"\xc3\xa9", "\xc3\x89", 1, false, false, false, false, false},
		{"[", "{", -1, false, false, false, false, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str a = str_of(rows[i].a), b = str_of(rows[i].b);
		int order = str_cmp(a, b);
		assert_int_equal((order > 0) - (order < 0), rows[i].order);
		assert_int_equal(str_eq(a, b), rows[i].eq);
		assert_int_equal(str_ieq(a, b), rows[i].ieq);
		assert_int_equal(str_has_prefix(a, b), rows[i].prefix);
		assert_int_equal(str_has_iprefix(a, b), rows[i].iprefix);
		assert_int_equal(str_has_isuffix(a, b), rows[i].isuffix);
	}
	assert_true(str_eq(str_of(NULL), STR("")));
	assert_true(str_is_empty(str_of(NULL)));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
}

static void
parts(void **state)
{
	(void)state;
	struct str s = STR("a.b..c");
	check_str(str_sub(s, 0, 1), "a");
	check_str(str_sub(s, 2, 99), "b..c");
	check_str(str_sub(s, 2, SIZE_MAX), "b..c");
	check_str(str_sub(s, 6, 1), "");
	check_str(str_sub(s, SIZE_MAX, 1), "");
	assert_int_equal(str_find(s, '.'), 1);
	assert_int_equal(str_find_last(s, '.'), 4);
	assert_int_equal(str_find(s, 'x'), 6);
	assert_int_equal(str_find_last(s, 'x'), 6);
	assert_int_equal(str_find(STR(""), 'x'), 0);
	check_str(str_cut(&s, '.'), "a");
	check_str(str_cut(&s, '.'), "b");
	check_str(str_cut(&s, '.'), "");
	check_str(str_cut(&s, '.'), "c");
	check_str(s, "");
	check_str(str_cut(&s, '.'), "");
	check_str(str_trim(STR(" \t\r\n a b \r\n\t")), "a b");
	check_str(str_trim(STR(" \r\n")), "");
}

static void
to_uint(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max;
		bool ok;
		uint64_t want;
	} rows[] = {
		{"0", 0, true, 0},
		{"007", 7, true, 7},
		{"100", 100, true, 100},
		{"101", 100, false, 0},
		{"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, false, 0},
		{"184467440737095516150", UINT64_MAX, false, 0},
		{"", 9, false, 0},
		{"-1", 9, false, 0},
		{"+1", 9, false, 0},
		{" 1", 9, false, 0},
		{"1x", 9, false, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t got = 4711;
		assert_int_equal(str_to_uint(str_of(rows[i].text), rows[i].max,
		    &got), rows[i].ok);
		assert_int_equal(got, rows[i].ok ? rows[i].want : 4711);
	}
}

static void
copies(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct str s = check_exact(STR("Ab\xc3\x89"), a);
	check_str(str_copy(s, a), "Ab\xc3\x89");
	assert_ptr_not_equal(str_copy(s, a).p, s.p);
	check_str(str_lower(s, a), "ab\xc3\x89");
	assert_string_equal(str_cstr(s, a), "Ab\xc3\x89");
	assert_string_equal(str_cstr(str_of(NULL), a), "");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compare),
		cmocka_unit_test(parts),
		cmocka_unit_test(to_uint),
		cmocka_unit_test(copies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
