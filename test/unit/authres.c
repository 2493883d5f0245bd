/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/authres.h"
#include "test/lib/check.h"

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X255 X50 X50 X50 X50 X50 "xxxxx"

static void
parse_id(void **state)
{
	(void)state;
	static const struct {
		struct str value;
		enum authres_status status;
		const char *id;
		bool is_forged; /* when we are rcv.example */
	} rows[] = {
		/* RFC 8601 2.2 */
		{STR_INIT(" rcv.example; none"), AUTHRES_OK, "rcv.example", true},
		{STR_INIT("RCV.example (x); dmarc=pass"), AUTHRES_OK,
		    "RCV.example", true},
		{STR_INIT(" \"rcv\\.example\" 1; dmarc=pass"), AUTHRES_OK,
		    "rcv.example", true},
		{STR_INIT("(a(b)) rcv.example (c) 1 (d) ;"), AUTHRES_OK,
		    "rcv.example", true},
		{STR_INIT("\r\n rcv.example; none"), AUTHRES_OK, "rcv.example",
		    true},
		{STR_INIT("rcv.example"), AUTHRES_OK, "rcv.example", true},
		{STR_INIT("rcv.example.; none"), AUTHRES_OK, "rcv.example.",
		    true},
		{STR_INIT("\" rcv.example \"; none"), AUTHRES_OK,
		    " rcv.example ", true},
		{STR_INIT("\xef\xbd\x92" "cv.example; none"), AUTHRES_OK,
		    "\xef\xbd\x92" "cv.example", true},
		{STR_INIT("rcv.example 01; none"), AUTHRES_OK, "rcv.example",
		    true},
		/* RFC 8601 5: what a reader may trim off, or not show */
		{STR_INIT("rcv.example\xc2\xa0; none"), AUTHRES_OK,
		    "rcv.example\xc2\xa0", true},
		{STR_INIT("\"rcv.example\v\"; none"), AUTHRES_OK,
		    "rcv.example\v", true},
		{STR_INIT("b\xc3\xbc" "cher.example; none"), AUTHRES_OK,
		    "b\xc3\xbc" "cher.example", false},
		{STR_INIT("other.example; dmarc=pass"), AUTHRES_OK,
		    "other.example", false},
		{STR_INIT("xrcv.example; dmarc=pass"), AUTHRES_OK,
		    "xrcv.example", false},
		{STR_INIT("other.example 1; none"), AUTHRES_OK,
		    "other.example", false},
		{STR_INIT("\"mail server\"; none"), AUTHRES_OK, "mail server",
		    false},
		/* RFC 8601 2.6, 5: only version 1 */
		{STR_INIT("other.example 2; none"), AUTHRES_VERSION,
		    "other.example", true},
		{STR_INIT("other.example 0; none"), AUTHRES_VERSION,
		    "other.example", true},
		{STR_INIT("other.example 99999999999999999999999; none"),
		    AUTHRES_VERSION, "other.example", true},
		{STR_INIT(""), AUTHRES_SYNTAX, "", true},
		{STR_INIT("; dmarc=pass"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("\"\"; dmarc=pass"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("spf=pass smtp.mailfrom=x"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("other.example 1 2; none"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("\"other.example\"1; none"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("other.example x; none"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("\"other.example; none"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("(other.example; none"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("((((((((((((((((("), AUTHRES_SYNTAX, "", true},
		{STR_INIT("other.example\0; none"), AUTHRES_SYNTAX, "", true},
		{STR_INIT("other.example\n; none"), AUTHRES_SYNTAX, "", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct str id = {NULL, 0};
		struct str value = check_exact(rows[i].value, a);
		enum authres_status got = authres_parse_id(value, a, &id);
		if (got != rows[i].status)
			fail_msg("%.*s: got %d", STR_ARG(rows[i].value), got);
		check_str(id, rows[i].id);
		if (authres_is_forged(value, STR("rcv.example"), a) !=
		    rows[i].is_forged)
			fail_msg("%.*s: forged", STR_ARG(rows[i].value));
		arena_free(a);
	}
}

/* RFC 8601 5: U-labels and A-labels are one id. */
static void
forged_idn(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	assert_true(authres_is_forged(STR("b\xc3\xbc" "cher.example; none"),
	    STR("xn--bcher-kva.example"), a));
	assert_true(authres_is_forged(STR("XN--BCHER-KVA.example; none"),
	    STR("B\xc3\x9c" "CHER.example"), a));
	assert_true(authres_is_forged(STR("\"Mail Server\"; none"),
	    STR("mail server"), a));
	arena_free(a);
}

/* standards/authentication-results.md 8, folded. */
static void
write_all_pass(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct authres w;
	authres_begin(&w, a, STR("rcv.example"));
	authres_result(&w, "spf", "pass");
	authres_property(&w, "smtp.mailfrom", STR("acme.example"));
	authres_result(&w, "dkim", "pass");
	authres_property(&w, "header.d", STR("acme.example"));
	authres_property(&w, "header.i", STR("@acme.example"));
	authres_property(&w, "header.s", STR("s1"));
	authres_property(&w, "header.a", STR("rsa-sha256"));
	authres_property(&w, "header.b", STR("Ab/dEf1="));
	authres_result(&w, "arc", "pass");
	authres_property(&w, "smtp.remote-ip", STR("2001:db8::1"));
	authres_result(&w, "dmarc", "pass");
	authres_comment(&w, STR("p=reject dis=none"));
	authres_property(&w, "header.from", STR("acme.example"));
	authres_property(&w, "policy.dmarc", STR("reject"));
	check_str(authres_end(&w),
	    "rcv.example; spf=pass smtp.mailfrom=acme.example;\n"
	    "\tdkim=pass header.d=acme.example header.i=@acme.example"
	    " header.s=s1\n"
	    "\theader.a=rsa-sha256 header.b=\"Ab/dEf1=\"; arc=pass\n"
	    "\tsmtp.remote-ip=\"2001:db8::1\"; dmarc=pass"
	    " (p=reject dis=none)\n"
	    "\theader.from=acme.example policy.dmarc=reject");
	arena_free(a);
}

static void
write_none(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct authres w;
	authres_begin(&w, a, STR("rcv.example"));
	check_str(authres_end(&w), "rcv.example; none"); /* RFC 8601 4 */
	authres_begin(&w, a, STR("my \"server\""));
	check_str(authres_end(&w), "\"my \\\"server\\\"\"; none");
	arena_free(a);
}

static void
values(void **state)
{
	(void)state;
	static const struct {
		struct str value;
		const char *want;
	} rows[] = {
		{STR_INIT("acme.example"), " smtp.x=acme.example"},
		{STR_INIT(""), ""},
		{STR_INIT("u@acme.example"), " smtp.x=u@acme.example"},
		{STR_INIT("@acme.example"), " smtp.x=@acme.example"},
		{STR_INIT("u@"), " smtp.x=\"u@\""},
		{STR_INIT("@"), " smtp.x=\"@\""},
		{STR_INIT("a@b@c"), " smtp.x=\"a@b@c\""},
		{STR_INIT("a b"), " smtp.x=\"a b\""},
		{STR_INIT("a;b"), " smtp.x=\"a;b\""},
		{STR_INIT("a\"\\b"), " smtp.x=\"a\\\"\\\\b\""},
		{STR_INIT("a(b)"), " smtp.x=\"a(b)\""},
		{STR_INIT("a\r\nX: y"), " smtp.x=\"a??X: y\""},
		{STR_INIT("a\0\t\x7f\xc3\xbc"), " smtp.x=\"a?????\""},
		{STR_INIT(X255), "\n\tsmtp.x=" X255},
		{STR_INIT(X255 "y"), "\n\tsmtp.x=" X255},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct authres w;
		authres_begin(&w, a, STR("id"));
		authres_result(&w, "x", "y");
		authres_property(&w, "smtp.x", check_exact(rows[i].value, a));
		struct str got = authres_end(&w);
		check_str(str_sub(got, 7, got.n), rows[i].want);
		arena_free(a);
	}
}

static void
comments(void **state)
{
	(void)state;
	static const struct {
		struct str comment;
		const char *want;
	} rows[] = {
		{STR_INIT("policy lookup failed"), " (policy lookup failed)"},
		{STR_INIT(") dmarc=pass ("), " (? dmarc=pass ?)"},
		{STR_INIT("a\\"), " (a?)"},
		{STR_INIT("a\r\n\0b"), " (a???b)"},
		{STR_INIT(""), " ()"},
		{STR_INIT(X255 "y"), "\n\t(" X255 ")"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct authres w;
		authres_begin(&w, a, STR("id"));
		authres_result(&w, "x", "y");
		authres_comment(&w, check_exact(rows[i].comment, a));
		struct str got = authres_end(&w);
		check_str(str_sub(got, 7, got.n), rows[i].want);
		arena_free(a);
	}
}

/* RFC 5322 2.1.1: a line has room for a ";" up to its 78th column. */
static void
columns(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct authres w;
	/* "Authentication-Results: id; x=y p.q=" has 36 columns. */
	authres_begin(&w, a, STR("id"));
	authres_result(&w, "x", "y");
	authres_property(&w, "p.q", str_sub(STR(X50), 0, 41));
	authres_result(&w, "z", "y");
	check_str(str_sub(authres_end(&w), 12 + 41, 99), ";\n\tz=y");
	authres_begin(&w, a, STR("id"));
	authres_result(&w, "x", "y");
	authres_property(&w, "p.q", str_sub(STR(X50), 0, 42));
	check_str(str_sub(authres_end(&w), 7, 7), "\n\tp.q=x");
	arena_free(a);
}

static void
full(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct authres w;
	authres_begin(&w, a, STR("id"));
	for (unsigned i = 0; i < 100; i++) {
		authres_result(&w, "dkim", "pass");
		authres_property(&w, "header.d", STR(X255));
	}
	assert_true(w.is_full);
	size_t n = authres_end(&w).n;
	assert_in_range(n, AUTHRES_MAX_FIELD - 300, AUTHRES_MAX_FIELD);
	authres_result(&w, "a", "b");
	authres_comment(&w, STR("c"));
	authres_property(&w, "d.e", STR("f"));
	assert_int_equal(authres_end(&w).n, n);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_id),
		cmocka_unit_test(forged_idn),
		cmocka_unit_test(write_all_pass),
		cmocka_unit_test(write_none),
		cmocka_unit_test(values),
		cmocka_unit_test(comments),
		cmocka_unit_test(columns),
		cmocka_unit_test(full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
