/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "base/text.h"
#include "mail/address.h"
#include "test/lib/check.h"

#define NEST4(s) "((((" s "))))"
#define NEST16(s) NEST4(NEST4(NEST4(NEST4(s))))

/* What was read, as "local|domain, local|domain". */
static struct str
print(const struct address_list *l, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < l->count; i++)
		text_printf(&t, "%s%.*s|%.*s", i > 0 ? ", " : "",
		    STR_ARG(l->at[i].local), STR_ARG(l->at[i].domain));
	return text_str(&t);
}

struct row {
	struct str value;
	enum address_status status;
	const char *want;
};

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new(0);
		struct address_list l;
		enum address_status got = address_parse_list(
		    check_exact(rows[i].value, a), a, &l);
		if (got != rows[i].status)
			fail_msg("%.*s: got \"%s\", want \"%s\"",
			    STR_ARG(rows[i].value), address_status_text(got),
			    address_status_text(rows[i].status));
		check_str(print(&l, a), rows[i].want);
		arena_free(a);
	}
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof((rows)[0]))

static void
well_formed(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* RFC 5322 3.4, 3.4.1 */
		{STR_INIT("u@a.example"), ADDRESS_OK, "u|a.example"},
		{STR_INIT(" u@a.example "), ADDRESS_OK, "u|a.example"},
		{STR_INIT("<u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("Ann <u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("\"Ann\"<u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("a@b.example, C <c@d.example>"), ADDRESS_OK,
		    "a|b.example, c|d.example"},
		{STR_INIT("u@[192.0.2.1]"), ADDRESS_OK, "u|[192.0.2.1]"},
		{STR_INIT("<u@[IPv6:2001:db8::1]>"), ADDRESS_OK,
		    "u|[IPv6:2001:db8::1]"},
		{STR_INIT("a+b/c=!#$%&'*-?^_`{|}~@d.example"), ADDRESS_OK,
		    "a+b/c=!#$%&'*-?^_`{|}~|d.example"},

		/* Only the addr-spec names a domain (RFC 9989 11.4). */
		{STR_INIT("\"x@acme.example\" <u@mixed.example>"), ADDRESS_OK,
		    "u|mixed.example"},
		{STR_INIT("\"<x@acme.example>\" <u@mixed.example>"), ADDRESS_OK,
		    "u|mixed.example"},
		{STR_INIT("=?utf-8?q?x=40acme.example?= <u@mixed.example>"),
		    ADDRESS_OK, "u|mixed.example"},
		{STR_INIT("=?utf-8?q?=3Cx=40acme.example=3E=2C?= "
			  "<u@mixed.example>"), ADDRESS_OK, "u|mixed.example"},
		{STR_INIT("u@mixed.example (x@acme.example)"), ADDRESS_OK,
		    "u|mixed.example"},
		{STR_INIT("(x@acme.example,) u@mixed.example"), ADDRESS_OK,
		    "u|mixed.example"},
		{STR_INIT("u@mixed.example (<x@acme.example>"), ADDRESS_SYNTAX,
		    ""},

		/* Quoted local-parts: 3.2.4 */
		{STR_INIT("\"a@b\"@c.example"), ADDRESS_OK, "a@b|c.example"},
		{STR_INIT("\"a,b <c@d.example>\"@e.example"), ADDRESS_OK,
		    "a,b <c@d.example>|e.example"},
		{STR_INIT("\"a\\\"@x.example, b\"@c.example"), ADDRESS_OK,
		    "a\"@x.example, b|c.example"},
		{STR_INIT("\"a\\\\\"@c.example"), ADDRESS_OK, "a\\|c.example"},
		{STR_INIT("\"\"@c.example"), ADDRESS_OK, "|c.example"},
		{STR_INIT("\"a\r\n b\"@c.example"), ADDRESS_OK, "a b|c.example"},

		/* Comments and folding: 3.2.2 */
		{STR_INIT("(a)u(b)@(c)a.example(d)"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("(a(b(c)))u@a.example"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("(\\)\\\\) u@a.example"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("Ann (\") <u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("Ann\r\n <u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("Ann\n\t<u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("\r\n u@a.example\r\n"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("<\n u\n @\n a.example\n >"), ADDRESS_OK,
		    "u|a.example"},
		{STR_INIT("Ann\r\n \r\n\t<u@a.example>"), ADDRESS_OK,
		    "u|a.example"},
		{STR_INIT(NEST16("x") "u@a.example"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("(" NEST16("x") ")u@a.example"), ADDRESS_SYNTAX, ""},

		/* 8-bit bytes: RFC 6532 3.2, and Latin-1 that is no UTF-8. */
		{STR_INIT("J\xc3\xbcrgen <j\xc3\xbc@b\xc3\xbc.example>"),
		    ADDRESS_OK, "j\xc3\xbc|b\xc3\xbc.example"},
		{STR_INIT("J\xfcrgen <u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("\"\xfc\" (\xfc) <u@a.example>"), ADDRESS_OK,
		    "u|a.example"},
	};
	CHECK_ROWS(rows);
}

static void
obsolete(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* RFC 5322 4.4 */
		{STR_INIT("u . v @ a . (x) example"), ADDRESS_OK,
		    "u.v|a.example"},
		{STR_INIT("\"a\".b.\"c d\"@e.example"), ADDRESS_OK,
		    "a.b.c d|e.example"},
		{STR_INIT("a\r\n .\r\n example@b\r\n .\r\n example"),
		    ADDRESS_OK, "a.example|b.example"},
		{STR_INIT("<@a.example,@b.example:u@d.example>"), ADDRESS_OK,
		    "u|d.example"},
		{STR_INIT("X <@a.example , (c) ,, @[192.0.2.1] : u@d.example>"),
		    ADDRESS_OK, "u|d.example"},
		{STR_INIT("<@a.example u@d.example>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("a@b.example,,c@d.example"), ADDRESS_OK,
		    "a|b.example, c|d.example"},
		{STR_INIT(", (x) ,a@b.example, ,"), ADDRESS_OK, "a|b.example"},
		{STR_INIT("John Q. Public <u@a.example>"), ADDRESS_OK,
		    "u|a.example"},
		{STR_INIT("Acme Inc. <u@a.example>"), ADDRESS_OK, "u|a.example"},
		{STR_INIT("\"a\\\t\x01\"@b.example"), ADDRESS_OK,
		    "a\t\x01|b.example"},
		/* The root's dot, once. */
		{STR_INIT("u@a.example."), ADDRESS_OK, "u|a.example."},
		{STR_INIT("<u@a.example. >"), ADDRESS_OK, "u|a.example."},
		{STR_INIT("u@a.example.."), ADDRESS_SYNTAX, "u|a.example."},
		/* Dots that mail of Japanese carriers has. */
		{STR_INIT("a..b.@c.example"), ADDRESS_OK, "a..b.|c.example"},
		{STR_INIT(".a@c.example"), ADDRESS_OK, ".a|c.example"},
	};
	CHECK_ROWS(rows);
}

static void
groups(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* RFC 5322 3.4, RFC 6854 2.1 */
		{STR_INIT("Team:;"), ADDRESS_EMPTY, ""},
		{STR_INIT("undisclosed recipients: (none) ;"), ADDRESS_EMPTY,
		    ""},
		{STR_INIT("Team: a@b.example;"), ADDRESS_OK, "a|b.example"},
		{STR_INIT("\"T\": A <a@b.example>, c@d.example; (x)"),
		    ADDRESS_OK, "a|b.example, c|d.example"},
		{STR_INIT("T:,a@b.example,,;, e@f.example"), ADDRESS_OK,
		    "a|b.example, e|f.example"},
		{STR_INIT("T:;,U:;"), ADDRESS_EMPTY, ""},
		{STR_INIT("T: a@b.example"), ADDRESS_SYNTAX, "a|b.example"},
		{STR_INIT("T: U: a@b.example;;"), ADDRESS_SYNTAX, ""},
		{STR_INIT(":;"), ADDRESS_SYNTAX, ""},
		{STR_INIT("T:; a@b.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("a@b.example;"), ADDRESS_SYNTAX, "a|b.example"},
		{STR_INIT("a@b.example:;"), ADDRESS_SYNTAX, "a|b.example"},
		{STR_INIT("Re: x <a@b.example>"), ADDRESS_SYNTAX,
		    "a|b.example"},
		{STR_INIT(""), ADDRESS_EMPTY, ""},
		{STR_INIT(" \r\n\t(x) "), ADDRESS_EMPTY, ""},
		{STR_INIT(",,"), ADDRESS_EMPTY, ""},
	};
	CHECK_ROWS(rows);
}

static void
broken(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{STR_INIT("u"), ADDRESS_SYNTAX, ""},
		{STR_INIT("Ann"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@"), ADDRESS_SYNTAX, ""},
		{STR_INIT("@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT(".@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("<>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("<u>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("<u@>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("<u@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("<u@a.example>>"), ADDRESS_SYNTAX, "u|a.example"},
		{STR_INIT("<<u@a.example>>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("<u@a.example> x"), ADDRESS_SYNTAX, "u|a.example"},
		{STR_INIT("<u@a.example> <u@b.example>"), ADDRESS_SYNTAX,
		    "u|a.example"},
		{STR_INIT("u@a.example <u@b.example>"), ADDRESS_SYNTAX,
		    "u|a.example"},
		{STR_INIT("u@a.example b.example"), ADDRESS_SYNTAX,
		    "u|a.example"},
		{STR_INIT("u@a.example@b.example"), ADDRESS_SYNTAX,
		    "u|a.example"},
		{STR_INIT("u v@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("\"u\"v@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@a..example"), ADDRESS_SYNTAX, "u|a."},
		{STR_INIT("u@.a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@\"a.example\""), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@a.\"example\""), ADDRESS_SYNTAX, "u|a."},
		{STR_INIT("u@[192.0.2.1"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@[192.0.2.1].example"), ADDRESS_SYNTAX,
		    "u|[192.0.2.1]"},
		{STR_INIT("u@a\\.example"), ADDRESS_SYNTAX, "u|a"},
		{STR_INIT("\"u@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("\"u\\"), ADDRESS_SYNTAX, ""},
		{STR_INIT("(u@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@a.example)"), ADDRESS_SYNTAX, "u|a.example"},
		{STR_INIT("a@b.example; c@d.example"), ADDRESS_SYNTAX,
		    "a|b.example"},
		{STR_INIT("Doe, Ann <u@a.example>"), ADDRESS_SYNTAX, ""},
		/* Readers differ on what NUL and bare line ends mean. */
		{STR_INIT("u@a.example\0"), ADDRESS_SYNTAX, "u|a.example"},
		{STR_INIT("u\0@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("\"a\0\" <u@a.example>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("\"a\\\0\" <u@a.example>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("(\0) u@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("(\\\0) u@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u@a.example,\nb@c.example"), ADDRESS_SYNTAX,
		    "u|a.example"},
		{STR_INIT("u@a.example,\r b@c.example"), ADDRESS_SYNTAX,
		    "u|a.example"},
		{STR_INIT("(x\ny) u@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("\"x\r\ny\" <u@a.example>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("\"x\\\n y\" <u@a.example>"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u\x01@a.example"), ADDRESS_SYNTAX, ""},
		{STR_INIT("u\x7f@a.example"), ADDRESS_SYNTAX, ""},
	};
	CHECK_ROWS(rows);
}

/* The error is where the first byte stands that does not belong. */
static void
error_position(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct address_list l;
	assert_int_equal(address_parse_list(STR("a@b.example x"), a, &l),
	    ADDRESS_SYNTAX);
	assert_int_equal(l.error_at, 12);
	assert_int_equal(address_parse_list(STR("<u@a.example"), a, &l),
	    ADDRESS_SYNTAX);
	assert_int_equal(l.error_at, 12);
	arena_free(a);
}

static void
many(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct text t;
	text_init(&t, a);
	for (unsigned i = 0; i < ADDRESS_MAX_MAILBOXES; i++)
		text_printf(&t, "u%u@a.example,", i);
	struct address_list l;
	assert_int_equal(address_parse_list(text_str(&t), a, &l), ADDRESS_OK);
	assert_int_equal(l.count, ADDRESS_MAX_MAILBOXES);
	check_str(l.at[255].local, "u255");
	text_add(&t, STR("v@b.example"));
	assert_int_equal(address_parse_list(text_str(&t), a, &l), ADDRESS_LONG);
	assert_int_equal(l.count, ADDRESS_MAX_MAILBOXES);
	arena_free(a);
}

static void
path(void **state)
{
	(void)state;
	static const struct {
		struct str path;
		enum address_status status;
		const char *local, *domain;
	} rows[] = {
		/* RFC 5321 4.1.2 */
		{STR_INIT("<u@a.example>"), ADDRESS_OK, "u", "a.example"},
		{STR_INIT("u@a.example"), ADDRESS_OK, "u", "a.example"},
		{STR_INIT(" <u@a.example> "), ADDRESS_OK, "u", "a.example"},
		{STR_INIT("<>"), ADDRESS_EMPTY, "", ""},
		{STR_INIT("< >"), ADDRESS_EMPTY, "", ""},
		{STR_INIT(""), ADDRESS_EMPTY, "", ""},
		{STR_INIT("<Postmaster>"), ADDRESS_OK, "Postmaster", ""},
		{STR_INIT("root"), ADDRESS_OK, "root", ""},
		{STR_INIT("<@x.example,@y.example:u@a.example>"), ADDRESS_OK,
		    "u", "a.example"},
		{STR_INIT("@x.example:u@a.example"), ADDRESS_OK, "u",
		    "a.example"},
		{STR_INIT("<@x.example:u>"), ADDRESS_OK, "u", ""},
		{STR_INIT("<\"a@b\\\" c\"@a.example>"), ADDRESS_OK, "a@b\" c",
		    "a.example"},
		{STR_INIT("<a..b.@c.example>"), ADDRESS_OK, "a..b.",
		    "c.example"},
		{STR_INIT("<u@[192.0.2.1]>"), ADDRESS_OK, "u", "[192.0.2.1]"},
		{STR_INIT("<\xc3\xbc@\xc3\xbc.example>"), ADDRESS_OK,
		    "\xc3\xbc", "\xc3\xbc.example"},
		{STR_INIT("<u%b.example@a.example>"), ADDRESS_OK, "u%b.example",
		    "a.example"},
		{STR_INIT("<SRS0=x=y=b.example=u@a.example>"), ADDRESS_OK,
		    "SRS0=x=y=b.example=u", "a.example"},
		{STR_INIT("<u@a.example"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("u@a.example>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<u@a.example> x"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<u@b@a.example>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<u@>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<@a.example>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<@a.example:>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<a b@a.example>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<u@a.example\0>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<a@b.example,c@d.example>"), ADDRESS_SYNTAX, "", ""},
		{STR_INIT("<"), ADDRESS_SYNTAX, "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct address out;
		enum address_status got = address_parse_path(
		    check_exact(rows[i].path, a), a, &out);
		if (got != rows[i].status)
			fail_msg("%.*s: %s", STR_ARG(rows[i].path),
			    address_status_text(got));
		check_str(out.local, rows[i].local);
		check_str(out.domain, rows[i].domain);
		arena_free(a);
	}
}

/* ---- addresses that mail is written to ---------------------------------- */

static void
test_plain(void **state)
{
	static const struct {
		const char *address, *domain; /* NULL: refused */
	} rows[] = {
		{"noreply@rcv.example", "rcv.example"},
		{"a.b+c=d@RCV.example", "rcv.example"},
		{"a@b", "b"},
		{"", NULL},
		{"rcv.example", NULL},
		{"@rcv.example", NULL},
		{"a@", NULL},
		{"a@b@rcv.example", NULL},
		{".a@rcv.example", NULL},
		{"a.@rcv.example", NULL},
		{"a..b@rcv.example", NULL},
		{"a b@rcv.example", NULL},
		{"a\r\nb@rcv.example", NULL},
		{"\"a\"@rcv.example", NULL},
		{"<a@rcv.example>", NULL},
		{"a,b@rcv.example", NULL},
		{"\xc3\xa4@rcv.example", NULL},
		{"a@b\xc3\xbc.example", NULL},
		{"a@[192.0.2.1]", NULL},
		{"a@rcv..example", NULL},
		{"a@rcv.example\r\nBcc: x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct str got = STR("");
		bool is_good = address_is_plain(check_exact(
		    str_of(rows[i].address), a), a, &got);
		if (is_good != (rows[i].domain != NULL))
			fail_msg("%s", rows[i].address);
		if (is_good)
			check_str(got, rows[i].domain);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed),
		cmocka_unit_test(obsolete),
		cmocka_unit_test(groups),
		cmocka_unit_test(broken),
		cmocka_unit_test(error_position),
		cmocka_unit_test(many),
		cmocka_unit_test(path),
		cmocka_unit_test(test_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
