/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/ascii.h"
#include "base/cursor.h"
#include "test/lib/check.h"

static void
take(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct cursor c;
	cursor_init(&c, check_exact(STR("ab\xff" "12x"), a));
	assert_int_equal(cursor_peek(&c), 'a');
	assert_false(cursor_take(&c, 'b'));
	assert_true(cursor_take(&c, 'a'));
	assert_int_equal(cursor_next(&c), 'b');
	assert_int_equal(cursor_peek(&c), 0xff);
	assert_true(cursor_take(&c, '\xff'));
	check_str(cursor_span(&c, ascii_is_digit), "12");
	check_str(cursor_span(&c, ascii_is_digit), "");
	check_str(cursor_rest(&c), "x");
	check_str(cursor_since(&c, 3), "12");
	cursor_need(&c, 'x');
	assert_true(cursor_at_end(&c));
	assert_false(cursor_failed(&c));
	assert_int_equal(cursor_peek(&c), -1);
	arena_free(a);
}

static void
literals(void **state)
{
	(void)state;
	struct cursor c;
	cursor_init(&c, STR("DMARC1;"));
	assert_false(cursor_take_lit(&c, "dmarc2"));
	assert_false(cursor_take_lit(&c, "dmarc1;;"));
	assert_true(cursor_take_lit(&c, "dmarc1"));
	check_str(cursor_rest(&c), ";");
}

/* The first error sticks: nothing is taken any more. */
static void
errors(void **state)
{
	(void)state;
	struct cursor c;
	cursor_init(&c, STR("ab"));
	cursor_next(&c);
	cursor_need(&c, 'x');
	assert_true(cursor_failed(&c));
	assert_int_equal(c.error_at, 1);
	assert_int_equal(cursor_peek(&c), -1);
	assert_int_equal(cursor_next(&c), -1);
	assert_false(cursor_take(&c, 'b'));
	assert_false(cursor_take_lit(&c, "b"));
	assert_false(cursor_take_lit(&c, ""));
	check_str(cursor_span(&c, ascii_is_alpha), "");
	check_str(cursor_bytes(&c, 0), "");
	assert_true(cursor_at_end(&c));
	cursor_fail(&c);
	assert_int_equal(c.error_at, 1);

	cursor_init(&c, STR(""));
	assert_int_equal(cursor_next(&c), -1);
	assert_true(cursor_failed(&c));
}

static void
numbers(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct cursor c;
	cursor_init(&c, check_exact(
	    STR("\xfe\x01\x02\x80\x00\x00\x01\x00\xff"), a));
	assert_int_equal(cursor_u8(&c), 0xfe);
	assert_int_equal(cursor_u16(&c), 0x0102);
	assert_int_equal(cursor_u32(&c), 0x80000001u);
	assert_false(cursor_failed(&c));
	assert_int_equal(cursor_u32(&c), 0); /* two bytes are left */
	assert_true(cursor_failed(&c));
	assert_int_equal(cursor_u8(&c), 0);

	cursor_init(&c, STR("abc"));
	check_str(cursor_bytes(&c, 2), "ab");
	check_str(cursor_bytes(&c, SIZE_MAX), "");
	assert_true(cursor_failed(&c));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take),
		cmocka_unit_test(literals),
		cmocka_unit_test(errors),
		cmocka_unit_test(numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
