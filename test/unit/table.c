/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/table.h"
#include "test/lib/check.h"

static const struct table_row rows[] = {
	{3, "three"},
	{0, "zero"},
	{0, NULL},
};

static void
both_ways(void **state)
{
	(void)state;
	int value = 7;
	assert_string_equal(table_name(rows, 3), "three");
	assert_string_equal(table_name(rows, 0), "zero");
	assert_string_equal(table_name(rows, 1), "?");
	assert_true(table_value(rows, STR("THREE"), &value));
	assert_int_equal(value, 3);
	assert_true(table_value(rows, STR("zero"), &value));
	assert_int_equal(value, 0);
	value = 7;
	assert_false(table_value(rows, STR("thre"), &value));
	assert_false(table_value(rows, STR(""), &value));
	assert_int_equal(value, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
