/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/domain.h"
#include "test/lib/check.h"

#define TEN "aaaaaaaaaa"
#define L63 TEN TEN TEN TEN TEN TEN "aaa"
#define L61 TEN TEN TEN TEN TEN TEN "a"

static void
parse(void **state)
{
	(void)state;
	static const struct {
		struct str name;
		enum domain_status status;
		const char *want;
	} rows[] = {
		{STR_INIT("acme.example"), DOMAIN_OK, "acme.example"},
		{STR_INIT("ACME.Example"), DOMAIN_OK, "acme.example"},
		{STR_INIT("acme.example."), DOMAIN_OK, "acme.example"},
		{STR_INIT("example"), DOMAIN_OK, "example"},
		{STR_INIT("_dmarc.acme.example"), DOMAIN_OK,
		    "_dmarc.acme.example"},
		{STR_INIT("-a-.b--c.example"), DOMAIN_OK, "-a-.b--c.example"},
		{STR_INIT("1.2.3.example"), DOMAIN_OK, "1.2.3.example"},
		{STR_INIT("a.1x"), DOMAIN_OK, "a.1x"},

		{STR_INIT(""), DOMAIN_EMPTY, NULL},
		{STR_INIT("."), DOMAIN_EMPTY, NULL},
		{STR_INIT(".."), DOMAIN_LABEL, NULL},
		{STR_INIT("a.."), DOMAIN_LABEL, NULL},
		{STR_INIT(".a"), DOMAIN_LABEL, NULL},
		{STR_INIT("a..b"), DOMAIN_LABEL, NULL},
		/* RFC 1035 2.3.4 */
		{STR_INIT(L63 ".example"), DOMAIN_OK, L63 ".example"},
		{STR_INIT(L63 "a.example"), DOMAIN_LABEL, NULL},
		{STR_INIT(L63 "." L63 "." L63 "." L61), DOMAIN_OK,
		    L63 "." L63 "." L63 "." L61},
		{STR_INIT(L63 "." L63 "." L63 "." L61 "."), DOMAIN_OK,
		    L63 "." L63 "." L63 "." L61},
		{STR_INIT(L63 "." L63 "." L63 "." L61 "a"), DOMAIN_LONG, NULL},

		{STR_INIT("[192.0.2.1]"), DOMAIN_LITERAL, NULL},
		{STR_INIT("[IPv6:2001:db8::1]"), DOMAIN_LITERAL, NULL},
		{STR_INIT("192.0.2.1"), DOMAIN_LITERAL, NULL},
		{STR_INIT("192.0.2.1."), DOMAIN_LITERAL, NULL},
		{STR_INIT("3221225985"), DOMAIN_LITERAL, NULL},
		{STR_INIT("a.99999999999999999999999999"), DOMAIN_LITERAL,
		    NULL},

		{STR_INIT("a b.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT(" a.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a.example\n"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a\0.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("\xc3\xa9\0.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("\xc3\xa9\\.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a\\.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a@b.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a/b.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("*.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("2001:db8::1"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a\x7f.example"), DOMAIN_CHARACTER, NULL},

		/* RFC 5890 2.3.2.1, RFC 9989 5.3.1 */
		{STR_INIT("b\xc3\xbc" "cher.example"), DOMAIN_OK,
		    "xn--bcher-kva.example"},
		{STR_INIT("B\xc3\x9c" "CHER.Example."), DOMAIN_OK,
		    "xn--bcher-kva.example"},
		{STR_INIT("bu\xcc\x88" "cher.example"), DOMAIN_OK,
		    "xn--bcher-kva.example"},
		{STR_INIT("XN--BCHER-KVA.example"), DOMAIN_OK,
		    "xn--bcher-kva.example"},
		{STR_INIT("xn--0.example"), DOMAIN_OK, "xn--0.example"},
		/* IDNA 2008 keeps the sharp s. */
		{STR_INIT("stra\xc3\x9f" "e.example"), DOMAIN_OK,
		    "xn--strae-oqa.example"},
		{STR_INIT("_x.b\xc3\xbc" "cher.example"), DOMAIN_OK,
		    "_x.xn--bcher-kva.example"},
		/* UTS 46: full-width letters, U+3002, U+FF0E, U+FF61. */
		{STR_INIT("\xef\xbd\x81" "cme.example"), DOMAIN_OK,
		    "acme.example"},
		{STR_INIT("acme\xe3\x80\x82" "example"), DOMAIN_OK,
		    "acme.example"},
		{STR_INIT("acme\xef\xbc\x8e" "example"), DOMAIN_OK,
		    "acme.example"},
		{STR_INIT("acme\xef\xbd\xa1" "example\xef\xbd\xa1"), DOMAIN_OK,
		    "acme.example"},
		{STR_INIT("ac\xc2\xad" "me.example"), DOMAIN_OK,
		    "acme.example"},
		{STR_INIT("acme\xe3\x80\x82\xe3\x80\x82" "example"),
		    DOMAIN_LABEL, NULL},
		/* The mapping gives "a/c", blanks and addresses. */
		{STR_INIT("\xe2\x84\x80.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("a\xc2\xa0" "b.example"), DOMAIN_CHARACTER, NULL},
		{STR_INIT("192.0.2.\xef\xbc\x91"), DOMAIN_LITERAL, NULL},
		{STR_INIT("\xc2\xad"), DOMAIN_EMPTY, NULL},
		/* RFC 5893 2: a label of mixed direction. */
		{STR_INIT("\xd7\x90" "a.example"), DOMAIN_IDN, NULL},
		{STR_INIT("\xe2\x98\x83.example"), DOMAIN_IDN, NULL},
		/* Not UTF-8: Latin-1, cut short, overlong, surrogate. */
		{STR_INIT("b\xfc" "cher.example"), DOMAIN_IDN, NULL},
		{STR_INIT("b\xc3"), DOMAIN_IDN, NULL},
		{STR_INIT("\xc1\xa1.example"), DOMAIN_IDN, NULL},
		{STR_INIT("\xed\xa0\x80.example"), DOMAIN_IDN, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct str out = {NULL, 0};
		enum domain_status got =
		    domain_parse(check_exact(rows[i].name, a), a, &out);
		if (got != rows[i].status)
			fail_msg("\"%.*s\": got %s, want %s",
			    STR_ARG(rows[i].name), domain_status_text(got),
			    domain_status_text(rows[i].status));
		check_str(out, rows[i].want != NULL ? rows[i].want : "");
		arena_free(a);
	}
}

/* A long U-label costs nothing: it is refused before libidn2 sees it. */
static void
long_utf8(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	char label[2 * 64];
	for (size_t i = 0; i < sizeof label; i += 2)
		memcpy(label + i, "\xc3\xbc", 2);
	struct str out;
	assert_int_equal(domain_parse((struct str) {label, sizeof label}, a,
	    &out), DOMAIN_LABEL);
	size_t n = 1024 * 1024;
	char *name = arena_alloc(a, n);
	for (size_t i = 0; i < n; i++)
		name[i] = label[i % 2];
	size_t before = arena_used(a);
	assert_int_equal(domain_parse((struct str) {name, n}, a, &out),
	    DOMAIN_LONG);
	assert_int_equal(arena_used(a), before);
	arena_free(a);
}

static void
parts(void **state)
{
	(void)state;
	struct str d = STR("a.b.c.example");
	assert_int_equal(domain_labels(d), 4);
	assert_int_equal(domain_labels(STR("example")), 1);
	assert_int_equal(domain_labels(STR("")), 0);
	check_str(domain_tail(d, 2), "c.example");
	check_str(domain_tail(d, 1), "example");
	check_str(domain_tail(d, 0), "");
	check_str(domain_tail(d, 4), "a.b.c.example");
	check_str(domain_tail(d, 9), "a.b.c.example");
	assert_ptr_equal(domain_tail(d, 2).p, d.p + 4);
	check_str(domain_parent(d), "b.c.example");
	check_str(domain_parent(STR("example")), "");
	check_str(domain_parent(STR("")), "");
}

static void
within(void **state)
{
	(void)state;
	static const struct {
		const char *name, *ancestor;
		bool want;
	} rows[] = {
		{"acme.example", "acme.example", true},
		{"mail.acme.example", "acme.example", true},
		{"a.b.acme.example", "acme.example", true},
		{"evilacme.example", "acme.example", false},
		{"example", "acme.example", false},
		{"acme.example", "mail.acme.example", false},
		{"acme.example", "example", true},
		{"acme.example", "", false},
		{"", "", false},
		{"", "example", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (domain_is_within(str_of(rows[i].name),
			str_of(rows[i].ancestor)) != rows[i].want)
			fail_msg("%s within %s", rows[i].name,
			    rows[i].ancestor);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(long_utf8),
		cmocka_unit_test(parts),
		cmocka_unit_test(within),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
