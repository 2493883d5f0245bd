/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_tags.h"

#include "base/text.h"
#include "test/lib/check.h"

/* "name=value|..." or "invalid". */
static struct str
show(struct str list, struct arena *a)
{
	struct tags tags;
	struct text t;
	if (!dkim_tags_parse(list, a, &tags))
		return STR("invalid");
	text_init(&t, a);
	for (size_t i = 0; i < tags.count; i++)
		text_printf(&t, "%s%.*s=%.*s", i > 0 ? "|" : "",
		    STR_ARG(tags.at[i].name), STR_ARG(tags.at[i].value));
	return text_str(&t);
}

static void
check_list(struct str list, const char *want)
{
	struct arena *a = arena_new(0);
	check_str(show(check_exact(list, a), a), want);
	arena_free(a);
}

/* RFC 6376 3.2 */
static void
lists(void **state)
{
	static const struct {
		struct str list;
		const char *want;
	} rows[] = {
		{STR_INIT("a=1"), "a=1"},
		{STR_INIT("a=1;"), "a=1"},
		{STR_INIT("a=1; "), "a=1"},
		{STR_INIT(" a = 1 ; b =; c1_=x=y "), "a=1|b=|c1_=x=y"},
		{STR_INIT("a=1;\r\n\tb=2 \r\n 3"), "a=1|b=2 \r\n 3"},
		{STR_INIT("a=1;A=2"), "a=1|A=2"},
		{STR_INIT("a=\xff"), "a=\xff"},
		{STR_INIT(""), "invalid"},
		{STR_INIT(" "), "invalid"},
		{STR_INIT(";"), "invalid"},
		{STR_INIT(";a=1"), "invalid"},
		{STR_INIT("a=1;;b=2"), "invalid"},
		{STR_INIT("a=1;;"), "invalid"},
		{STR_INIT("a"), "invalid"},
		{STR_INIT("a=1;b"), "invalid"},
		{STR_INIT("=1"), "invalid"},
		{STR_INIT("1=a"), "invalid"},
		{STR_INIT("_a=1"), "invalid"},
		{STR_INIT("a b=1"), "invalid"},
		{STR_INIT("a-b=1"), "invalid"},
		{STR_INIT("a=1;b=2;a=1"), "invalid"},
		{STR_INIT("a=\0"), "invalid"},
		{STR_INIT("a=1\x0b"), "invalid"},
		{STR_INIT("a=\x7f"), "invalid"},
		{STR_INIT("a=\x1f"), "invalid"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_list(rows[i].list, rows[i].want);
}

/* No list of sane size has more. */
static void
too_many(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct text t;
	struct tags tags;
	text_init(&t, a);
	for (unsigned i = 0; i < TAGS_MAX; i++)
		text_printf(&t, "%sa%u=", i > 0 ? ";" : "", i);
	assert_true(dkim_tags_parse(text_str(&t), a, &tags));
	assert_int_equal(tags.count, TAGS_MAX);
	text_printf(&t, ";z=1");
	assert_false(dkim_tags_parse(text_str(&t), a, &tags));
	arena_free(a);
}

static void
find(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct tags tags;
	assert_true(dkim_tags_parse(STR("A=1;a=2;bh=3;b=4"), a, &tags));
	check_str(dkim_tags_find(&tags, "a")->value, "2");
	check_str(dkim_tags_find(&tags, "b")->value, "4");
	assert_null(dkim_tags_find(&tags, "B"));
	assert_null(dkim_tags_find(&tags, ""));
	arena_free(a);
}

/* RFC 6376 3.6.1: key-h-tag, key-s-tag, key-t-tag. */
static void
words(void **state)
{
	static const struct {
		const char *list, *word;
		bool want;
	} rows[] = {
		{"y", "y", true}, {"s:y", "y", true}, {"s : y ", "y", true},
		{"Y", "y", true}, {"", "y", false}, {":", "y", false},
		{"yy", "y", false}, {"s,y", "y", false}, {"s:", "s", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (dkim_tags_has_word(str_of(rows[i].list),
		    str_of(rows[i].word)) != rows[i].want)
			fail_msg("%s in %s", rows[i].word, rows[i].list);
}

/* RFC 6376 2.10, RFC 4648 10 */
static void
base64(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: invalid */
	} rows[] = {
		{"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"},
		{"Zm9vYg==", "foob"}, {"Zm9vYmE=", "fooba"},
		{"Zm9vYmFy", "foobar"}, {"++//", "\xfb\xef\xff"},
		{" Z\tm9\r\n v ", "foo"}, {"Zg = =", "f"},
		{"Zg=", "f"}, {"Zg", "f"}, {"Zm8", "fo"},
		{"", NULL}, {" ", NULL}, {"=", NULL}, {"Z", NULL},
		{"Zm9vY", NULL}, {"Zg===", NULL}, {"Zg==Zg==", NULL},
		{"Zm=9", NULL}, {"Zm9v-", NULL}, {"Zm9v_", NULL},
		{"Zm\xc3\xbc", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct str got;
		bool is_good = dkim_tags_base64(
		    check_exact(str_of(rows[i].text), a), a, &got);
		if (is_good != (rows[i].want != NULL))
			fail_msg("%s", rows[i].text);
		if (is_good)
			check_str(got, rows[i].want);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(too_many),
		cmocka_unit_test(find),
		cmocka_unit_test(words),
		cmocka_unit_test(base64),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
