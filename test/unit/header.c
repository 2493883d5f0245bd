/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"
#include "mail/header.h"
#include "test/lib/check.h"

static void
add_and_count(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	header_init(&l, a);
	char value[] = " u@a.example\r\n\t(x)";
	assert_true(header_add(&l, STR("From "), str_of(value)));
	memset(value, 'x', sizeof value - 1);
	assert_true(header_add(&l, STR("Received"), STR(" one")));
	assert_true(header_add(&l, STR("RECEIVED"), STR(" two")));
	assert_true(header_add(&l, STR("received\t "), STR("")));

	assert_int_equal(l.count, 4);
	check_str(l.at[0].name, "From ");
	check_str(l.at[0].value, " u@a.example\r\n\t(x)");
	assert_true(header_is(&l.at[0], STR("from")));
	assert_false(header_is(&l.at[0], STR("fro")));
	assert_int_equal(l.at[0].instance, 1);
	assert_int_equal(l.at[1].instance, 1);
	assert_int_equal(l.at[2].instance, 2);
	assert_int_equal(l.at[3].instance, 3);
	assert_int_equal(header_count(&l, STR("reCeived")), 3);
	assert_int_equal(header_count(&l, STR("From")), 1);
	assert_int_equal(header_count(&l, STR("Authentication-Results")), 0);
	assert_int_equal(header_count(&l, STR("Receive")), 0);
	assert_int_equal(l.dropped, 0);
	arena_free(a);
}

/* Names of every order, so that each place of the sorted array is used. */
static void
many_names(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	header_init(&l, a);
	for (unsigned i = 0; i < 900; i++)
		assert_true(header_add(&l,
		    text_format(a, "X-%u", i * 7919 % 300), STR("v")));
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(header_count(&l, text_format(a, "x-%u", i)),
		    3);
	for (unsigned i = 0; i < 900; i++)
		assert_int_equal(l.at[i].instance, 1 + i / 300);
	arena_free(a);
}

/* RFC 6376 5.4.2; each use begins anew, and dropped fields are none. */
static void
take_last(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	struct header_uses uses, again;
	header_init(&l, a);
	for (size_t i = 0; i < HEADER_MAX_FIELDS + 9; i++) {
		const char *const names[] = {"To", "X-Other", "tO \t", "from"};
		header_add(&l, str_of(names[i % 4]), STR("v"));
	}
	assert_int_equal(l.dropped, 9);
	header_uses_init(&uses, &l, a);
	assert_null(header_take_last(&uses, STR("Subject")));
	assert_null(header_take_last(&uses, STR("Received")));
	assert_null(header_take_last(&uses, STR("")));
	assert_null(header_take_last(&uses, STR("T")));
	for (size_t i = HEADER_MAX_FIELDS; i > 0; i--) {
		if ((i - 1) % 2 == 1)
			continue;
		assert_ptr_equal(header_take_last(&uses, STR("TO")),
		    &l.at[i - 1]);
	}
	assert_null(header_take_last(&uses, STR("to")));
	assert_ptr_equal(header_take_last(&uses, STR("From")),
	    &l.at[HEADER_MAX_FIELDS - 1]);
	header_uses_init(&again, &l, a);
	assert_ptr_equal(header_take_last(&again, STR("to")),
	    &l.at[HEADER_MAX_FIELDS - 2]);
	assert_ptr_equal(header_take_last(&uses, STR("From")),
	    &l.at[HEADER_MAX_FIELDS - 5]);
	arena_free(a);
}

/* RFC 5322 3.6 sets no order: padding hides neither a From field nor the number
 * of a forged field. */
static void
too_many_fields(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	header_init(&l, a);
	const struct str results = STR("Authentication-Results");
	assert_true(header_add(&l, results, STR(" x")));
	for (unsigned i = 1; i < HEADER_MAX_FIELDS; i++)
		assert_true(header_add(&l, STR("X"), STR("")));
	assert_false(header_add(&l, STR("X"), STR("")));
	assert_false(header_add(&l, STR("Y"), STR("")));
	assert_false(header_add(&l, results, STR(" y")));
	assert_true(header_add(&l, STR("From"), STR(" u@a.example")));
	assert_false(header_add(&l, STR("FROM"), STR(" v@a.example")));
	assert_int_equal(l.dropped, 4);
	assert_int_equal(header_count(&l, results), 2);
	assert_int_equal(header_count(&l, STR("From")), 2);
	assert_int_equal(header_count(&l, STR("X")), HEADER_MAX_FIELDS);
	assert_int_equal(header_count(&l, STR("Y")), 0);
	assert_int_equal(l.count, HEADER_MAX_FIELDS + 1);
	check_str(l.at[HEADER_MAX_FIELDS].value, " u@a.example");

	/* What is dropped costs no memory, whatever its name. */
	size_t before = arena_used(a);
	char name[8];
	for (unsigned i = 0; i < 100000; i++) {
		for (unsigned j = 0; j < sizeof name; j++)
			name[j] = (char)('a' + (i >> j * 2 & 3));
		header_add(&l, (struct str) {name, sizeof name}, STR("v"));
	}
	assert_int_equal(arena_used(a), before);
	arena_free(a);
}

static void
too_many_bytes(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	header_init(&l, a);
	char *bytes = arena_zalloc(a, HEADER_MAX_BYTES);
	assert_false(header_add(&l, STR("X"),
	    (struct str) {bytes, HEADER_MAX_BYTES}));
	assert_true(header_add(&l, STR("X"), STR("small")));
	assert_int_equal(l.at[0].instance, 0 + 1);
	assert_true(header_add(&l, STR("Y"),
	    (struct str) {bytes, HEADER_MAX_BYTES - 7}));
	assert_int_equal(l.bytes, HEADER_MAX_BYTES);
	assert_false(header_add(&l, STR("Z"), STR("")));
	assert_true(header_add(&l, STR("From"),
	    (struct str) {bytes, HEADER_MAX_FROM - 4}));
	assert_int_equal(l.bytes, HEADER_MAX_BYTES);

	header_init(&l, a);
	assert_false(header_add(&l, STR("From"),
	    (struct str) {bytes, HEADER_MAX_FROM - 3}));
	assert_int_equal(header_count(&l, STR("From")), 1);
	assert_int_equal(l.count, 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_and_count),
		cmocka_unit_test(many_names),
		cmocka_unit_test(take_last),
		cmocka_unit_test(too_many_fields),
		cmocka_unit_test(too_many_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
