/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "base/text.h"
#include "mail/tags.h"
#include "test/lib/check.h"

/* Each segment: at+n, then what it is. */
static struct str
print(const struct tags *tags, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < tags->count; i++) {
		const struct tag *tag = &tags->at[i];
		text_printf(&t, "%s%zu+%zu %.*s%s%.*s@%zu%s%s",
		    i > 0 ? "; " : "", tag->at, tag->n, STR_ARG(tag->name),
		    tag->has_equals ? "=" : "", STR_ARG(tag->value),
		    tag->value_at, tag->is_empty ? " empty" : "",
		    tag->is_repeated ? " repeated" : "");
	}
	return text_str(&t);
}

static void
parse(void **state)
{
	(void)state;
	static const struct {
		const char *list, *want;
	} rows[] = {
		/* RFC 6376 3.2 */
		{"v=DMARC1; p=none", "0+8 v=DMARC1@2; 9+7 p=none@12"},
		{"v=1;", "0+3 v=1@2; 4+0 @4 empty"},
		{"", "0+0 @0 empty"},
		{" ", "0+1 @1 empty"},
		{";;", "0+0 @0 empty; 1+0 @1 empty; 2+0 @2 empty"},
		{"a", "0+1 a@0"},
		{"a=", "0+2 a=@2"},
		{"a= ", "0+3 a=@3"},
		{"=x", "0+2 =x@1"},
		{" a\t= \r\n b c \r\n ;d=e=f",
		    "0+15 a=b c@8; 16+5 d=e=f@18"},
		{"p=none;P=reject;p=x",
		    "0+6 p=none@2; 7+8 P=reject@9 repeated; "
		    "16+3 p=x@18 repeated"},
		{"p;p=x;p", "0+1 p@0; 2+3 p=x@4; 6+1 p@6"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct tags tags;
		tags_parse(check_exact(str_of(rows[i].list), a), a, &tags);
		check_str(print(&tags, a), rows[i].want);
		assert_false(tags.too_many);
		arena_free(a);
	}
}

static void
find(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct tags tags;
	tags_parse(STR("d; D=one; d=two"), a, &tags);
	check_str(tags_find(&tags, "d")->value, "one");
	assert_null(tags_find(&tags, "s"));
	arena_free(a);
}

static void
bound(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct text t;
	text_init(&t, a);
	for (unsigned i = 0; i < TAGS_MAX - 1; i++)
		text_printf(&t, "t%u=x;", i);
	struct tags tags;
	tags_parse(text_str(&t), a, &tags);
	assert_int_equal(tags.count, TAGS_MAX);
	assert_false(tags.too_many);
	text_add(&t, STR(";"));
	tags_parse(text_str(&t), a, &tags);
	assert_int_equal(tags.count, TAGS_MAX);
	assert_true(tags.too_many);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(find),
		cmocka_unit_test(bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
