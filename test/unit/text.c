/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"
#include "test/lib/check.h"

static void
add(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct text t;
	text_init(&t, a);
	check_str(text_str(&t), "");
	assert_string_equal(text_cstr(&t), "");
	text_add(&t, STR(""));
	text_add(&t, STR("ab"));
	text_add_char(&t, 'c');
	text_printf(&t, "-%u-%.*s", 7u, STR_ARG(STR("de")));
	check_str(text_str(&t), "abc-7-de");
	assert_string_equal(text_cstr(&t), "abc-7-de");
	text_add(&t, STR("\0x"));
	assert_int_equal(text_str(&t).n, 10);
	arena_free(a);
}

/* Each way to add grows the text over every size, and the NUL follows. */
static void
grow(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < 3000; i++) {
		if (i % 3 == 0)
			text_add_char(&t, 'x');
		else if (i % 3 == 1)
			text_add(&t, STR("x"));
		else
			text_printf(&t, "%c", 'x');
		assert_int_equal(t.n, i + 1);
		assert_int_equal(strlen(text_cstr(&t)), i + 1);
	}
	text_printf(&t, "%5000s", "");
	assert_int_equal(strlen(text_cstr(&t)), 8000);
	arena_free(a);
}

static void
format(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	check_str(text_format(a, "%s is %d", "x", -1), "x is -1");
	check_str(text_format(a, "%s", ""), "");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add),
		cmocka_unit_test(grow),
		cmocka_unit_test(format),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
