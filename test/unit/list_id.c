/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "mail/header.h"
#include "mail/list_id.h"

/* RFC 2919 2, 3. */
static void
values(void **state)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{" <users.lists.example>", "users.lists.example"},
		{" \"Users, all <of> them\" <Users.Lists.Example> ",
		    "users.lists.example"},
		{" A phrase\r\n <a.b>", "a.b"},
		{"<a.b>", "a.b"},
		{" users.lists.example", ""}, /* no brackets */
		{" <users>", ""},             /* no namespace */
		{" <users.lists.example", ""},
		{" <users.lists.example> (comment)", ""},
		{" <>", ""},
		{" <.a.b>", ""}, {" <a..b>", ""}, {" <a.b.>", ""},
		{" <a b.c>", ""}, {" <a\"b.c>", ""},
		{" <b\xc3\xbc.example>", ""},
		{" >a.b<", ""},
		{"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1u << 16);
		struct header_list l;
		struct str got;
		header_init(&l, a);
		header_add(&l, STR("List-ID"), str_of(rows[i].value));
		assert_int_equal(list_id_find(&l, a, &got),
		    rows[i].want[0] != '\0');
		check_str(got, rows[i].want);
		arena_free(a);
	}
}

/* RFC 2919 3: one field at most; of several none is believed. */
static void
fields(void **state)
{
	struct arena *a = arena_new(1u << 20);
	struct header_list l;
	struct str got;
	char long_value[LIST_ID_MAX + 8];
	(void)state;
	header_init(&l, a);
	assert_false(list_id_find(&l, a, &got));
	header_add(&l, STR("List-Id"), STR(" <a.b>"));
	assert_true(list_id_find(&l, a, &got));
	header_add(&l, STR("list-id"), STR(" <c.d>"));
	assert_false(list_id_find(&l, a, &got));
	assert_int_equal(got.n, 0);

	/* 255 and 256 octets. */
	for (unsigned n = LIST_ID_MAX; n <= LIST_ID_MAX + 1; n++) {
		memset(long_value, 'x', sizeof long_value);
		long_value[0] = '<';
		long_value[2] = '.';
		long_value[n + 1] = '>';
		header_init(&l, a);
		header_add(&l, STR("List-Id"),
		    (struct str) {long_value, n + 2});
		assert_int_equal(list_id_find(&l, a, &got), n == LIST_ID_MAX);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
