/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_trust.h"

#include "auth/arc_claim.h"
#include "base/text.h"
#include "test/unit/arc_fixture.h"

/* ---- claims -------------------------------------------------------------- */

static struct str
show_claim(const struct arc_claim *c, struct arena *a)
{
	struct text t;
	char ip[IP_TEXT_MAX];
	text_init(&t, a);
	if (!c->is_readable)
		return STR("unreadable");
	if (c->has_dmarc)
		text_printf(&t, "dmarc=%s(%.*s) ", c->is_dmarc_pass ? "pass" :
		    "other", STR_ARG(c->from));
	if (c->spf.n > 0)
		text_printf(&t, "spf=%.*s ", STR_ARG(c->spf));
	for (size_t i = 0; i < c->dkim_count; i++)
		text_printf(&t, "dkim=%.*s ", STR_ARG(c->dkim[i]));
	if (c->remote_ip.family != IP_NONE)
		text_printf(&t, "ip=%s ", ip_print(&c->remote_ip, ip));
	return str_trim(text_str(&t));
}

/* RFC 8617 4.1.1, RFC 8601 2.2. */
static void
claims(void **state)
{
	static const struct {
		const char *field, *want;
	} rows[] = {
		{"i=1; x.example; dmarc=pass header.from=a.example",
		    "dmarc=pass(a.example)"},
		{" i=2 ; x.example ;\r\n\tspf=pass (ok) "
		    "smtp.mailfrom=b@a.example;\r\n"
		    "\tdkim=pass header.d=A.Example header.s=s;\r\n"
		    "\tdmarc=PASS (p=none; x) header.from=A.example",
		    "dmarc=pass(a.example) spf=a.example dkim=a.example"},
		{"i=1; x.example; dmarc=fail header.from=a.example",
		    "dmarc=other(a.example)"},
		{"i=1; x.example; dmarc=passed header.from=a.example",
		    "dmarc=other(a.example)"},
		{"i=1; x.example; dmarc=pass", "dmarc=pass()"},
		{"i=1; x.example; dmarc=pass header.from=a..example",
		    "dmarc=pass()"},
		/* Only what passed counts, and what DMARC looks at. */
		{"i=1; x.example; spf=fail smtp.mailfrom=a.example;"
		    " dkim=neutral header.d=a.example", ""},
		{"i=1; x.example; spf=pass smtp.helo=a.example;"
		    " dkim=pass header.i=@a.example", ""},
		{"i=1; x.example; dkim=pass header.d=a.example; dkim=fail"
		    " header.d=b.example; dkim=pass header.d=c.example",
		    "dkim=a.example dkim=c.example"},
		{"i=1; x.example; spf=pass smtp.mailfrom=\"b c\"@a.example",
		    "spf=a.example"},
		{"i=1; x.example; spf=pass smtp.mailfrom=b\\@c@a.example",
		    "spf=a.example"},
		/* Several results of DMARC are none that could count. */
		{"i=1; x.example; dmarc=pass header.from=a.example;"
		    " dmarc=pass header.from=b.example",
		    "dmarc=other(b.example)"},
		{"i=1; x.example; dmarc=fail header.from=a.example;"
		    " dmarc=pass header.from=a.example",
		    "dmarc=other(a.example)"},
		/* A comment, a quoted word, a reason say nothing. */
		{"i=1; x.example; spf=none (dmarc=pass header.from=a.example)",
		    ""},
		{"i=1; x.example; spf=none reason=\"; dmarc=pass "
		    "header.from=a.example\"", ""},
		{"i=1; \"x; dmarc=pass header.from=a.example\"; none", ""},
		/* versions, words that are no properties */
		{"i=1; x.example 1; dmarc/1 = pass header.from = a.example",
		    "dmarc=pass(a.example)"},
		{"i=1; x.example; dmarc=pass action=none"
		    " header.from=a.example;compauth=pass reason=100",
		    "dmarc=pass(a.example)"},
		{"i=1; x.example; dmarc=pass header.from=a.example"
		    " header.from=b.example", "dmarc=pass(a.example)"},
		/* RFC 8617 6: the client that the sealer saw */
		{"i=1; x.example; arc=none smtp.remote-ip=192.0.2.1",
		    "ip=192.0.2.1"},
		{"i=1; x.example; arc=none smtp.remote-ip=\"2001:db8::1\"",
		    "ip=2001:db8::1"},
		{"i=1; x.example; arc=none smtp.remote-ip=2001:db8::1",
		    "ip=2001:db8::1"},
		{"i=1; x.example; arc=none smtp.remote-ip=unknown; spf=none"
		    " smtp.remote-ip=192.0.2.2 smtp.remote-ip=192.0.2.3",
		    "ip=192.0.2.2"},
		{"i=1; x.example; arc=none smtp.remote-ip=192.0.2.1;"
		    " iprev=pass smtp.remote-ip=192.0.2.2", "ip=192.0.2.1"},
		{"i=1; x.example; spf=pass smtp.mailfrom=a.example;"
		    " spf=pass smtp.mailfrom=b.example", "spf=a.example"},
		/* no results */
		{"i=1; x.example; none", ""},
		{"i=1; x.example", ""},
		{"i=1; x.example;", ""},
		{"i=1; x.example; spf=none;", ""},
		/* What cannot be read whole is not read at all. */
		{"i=1;", "unreadable"},
		{"i=1; ; none", "unreadable"},
		{"x.example; dmarc=pass header.from=a.example", "unreadable"},
		{"i=1; x.example; dmarc=pass header.from=a.example; junk",
		    "unreadable"},
		{"i=1; x.example; dmarc=pass header.from=a.example; a=b c",
		    "unreadable"},
		{"i=1; x.example; dmarc=pass header.from=a.example; none x",
		    "unreadable"},
		{"i=1; x.example; dmarc=pass header.from=a.example (",
		    "unreadable"},
		{"i=1; x.example; dmarc=pass header.from=a.example; a=\"",
		    "unreadable"},
		{"i=1; x.example y; dmarc=pass header.from=a.example",
		    "unreadable"},
		{"", "unreadable"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct arc_claim c;
		arc_claim_read(check_exact(str_of(rows[i].field), a), a, &c);
		check_str(show_claim(&c, a), rows[i].want);
		arena_free(a);
	}
}

/* More results than are kept. */
static void
many_results(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct text t;
	struct arc_claim c;
	(void)state;
	text_init(&t, a);
	text_add(&t, STR("i=1; x.example"));
	for (unsigned i = 0; i < 2 * ARC_CLAIM_MAX_DKIM; i++)
		text_printf(&t, "; dkim=pass header.d=d%u.example", i);
	arc_claim_read(text_str(&t), a, &c);
	assert_int_equal(c.dkim_count, ARC_CLAIM_MAX_DKIM);
	check_str(c.dkim[0], "d0.example");
	check_str(c.dkim[ARC_CLAIM_MAX_DKIM - 1], "d9.example");
	arena_free(a);
}

/* ---- trust --------------------------------------------------------------- */

#define SAYS(text) "x.example; dmarc=" text " header.from=d1.example"

struct trust_row {
	struct seal seals[3];
	unsigned count;
	const char *trusted; /* names between blanks */
	unsigned want;       /* the instance that is believed */
	bool is_covered;     /* d1.example */
};

static bool
is_listed(const void *list, struct str domain)
{
	struct str rest = str_of(list);
	while (rest.n > 0)
		if (str_eq(str_cut(&rest, ' '), domain))
			return true;
	return false;
}

static void
check_trust(const struct trust_row *row)
{
	struct arena *a = arena_new(1 << 20);
	struct sealed m;
	struct arc_row made = {.count = row->count};
	struct arc_claim c;
	memcpy(made.seals, row->seals, sizeof made.seals);
	arc_fixture_make(&made, a, &m);
	unsigned got = arc_trust_find(arc_fixture_verify(&m, "", 50, a),
	    is_listed, row->trusted, a, &c);
	assert_int_equal(got, row->want);
	assert_int_equal(arc_trust_covers(&c, STR("d1.example")),
	    row->is_covered);
	assert_false(arc_trust_covers(&c, STR("d9.example")));
	assert_false(arc_trust_covers(&c, (struct str) {NULL, 0}));
	arena_free(a);
}

/* RFC 8617 7.2.1, 9.3: only sealers that the administrator named, and all of
 * them from the outermost down. */
static void
trust(void **state)
{
#define D1(text) {.payload = SAYS(text)}
#define D2(text) {.domain = "d2.example", .payload = SAYS(text)}
#define D3(text) {.domain = "d3.example", .payload = SAYS(text)}
	static const struct trust_row rows[] = {
		/* nobody is trusted unless named */
		{{D2("pass")}, 1, "", 0, false},
		{{D2("pass")}, 1, "d3.example", 0, false},
		{{D2("pass")}, 1, "d2.example", 1, true},
		{{D2("fail")}, 1, "d2.example", 1, false},
		{{D2("pass")}, 1, "d3.example d2.example", 1, true},
		/* names are compared in the one form */
		{{{.domain = "D2.Example", .payload = SAYS("pass")}}, 1,
		    "d2.example", 1, true},
		/* a stranger below: what the trusted one found counts */
		{{D1("pass"), D2("fail")}, 2, "d2.example", 2, false},
		{{D1("fail"), D2("pass")}, 2, "d2.example", 2, true},
		/* all trusted: the first of them saw the original */
		{{D1("pass"), D2("fail")}, 2, "d1.example d2.example", 1,
		    true},
		{{D1("pass"), D2("fail"), D3("fail")}, 3,
		    "d1.example d2.example d3.example", 1, true},
		{{D1("pass"), D2("pass"), D3("fail")}, 3,
		    "d3.example d2.example", 2, true},
		/* a stranger above or between breaks it */
		{{D1("pass"), D2("fail")}, 2, "d1.example", 0, false},
		{{D1("pass"), D2("pass"), D3("fail")}, 3,
		    "d1.example d3.example", 3, false},
		/* a chain that has not passed */
		{{{.selector = "other", .payload = SAYS("pass")}}, 1,
		    "d1.example", 0, false},
		{{{0}}, 0, "d1.example", 0, false},
		/* results that cannot be read, or are of another author */
		{{{.payload = "junk"}}, 1, "d1.example", 1, false},
		{{{.payload = "x.example; dmarc=pass header.from=d2.example"}},
		    1, "d1.example", 1, false},
		{{{.payload = "x.example; dmarc=pass"}}, 1, "d1.example", 1,
		    false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_trust(&rows[i]);
}

/* A chain of more sets than are believed. */
static void
long_chain(void **state)
{
	(void)state;
	for (unsigned n = ARC_TRUST_MAX_SETS; n < ARC_TRUST_MAX_SETS + 2; n++) {
		struct arena *a = arena_new(1 << 20);
		struct sealed m;
		struct arc_claim c;
		sealed_init(&m, a);
		for (unsigned i = 0; i < n; i++)
			sealed_seal(&m, &(struct seal) {.payload =
			    SAYS("pass")});
		const struct arc_result *r = arc_fixture_verify(&m, "", 50, a);
		assert_int_equal(r->status, ARC_PASS);
		assert_int_equal(arc_trust_find(r, is_listed, "d1.example",
		    a, &c),
		    n == ARC_TRUST_MAX_SETS ? 1 : 0);
		assert_int_equal(arc_trust_covers(&c, STR("d1.example")),
		    n == ARC_TRUST_MAX_SETS);
		arena_free(a);
	}
}

/* ---- the comment of a report --------------------------------------------- */

/* RFC 8617 7.2.2. */
static void
comments(void **state)
{
	static const struct {
		struct arc_row row;
		const char *want;
	} rows[] = {
		{{.seals = {{.selector = "other", .key = SEALER_OTHER_RSA,
		    .payload = "x.example; spf=none "
			"smtp.remote-ip=\"2001:db8::1a\""},
		    {.domain = "d2.example", .payload = "x.example; spf=none "
			"smtp.remote-ip=192.0.2.9"}}, .count = 2},
		    "arc=pass as[2].d=d2.example as[2].s=s as[1].d=d1.example "
		    "as[1].s=other remote-ip[1]=2001:db8::1a"},
		{{.seals = {{0}}, .count = 1},
		    "arc=pass as[1].d=d1.example as[1].s=s"},
		{{.seals = {{.selector = "nowhere"}}, .count = 1},
		    "arc=fail"},
		{{.count = 0}, "arc=none"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct sealed m;
		arc_fixture_make(&rows[i].row, a, &m);
		check_str(arc_trust_comment(arc_fixture_verify(&m, "", 50, a),
		    a), rows[i].want);
		arena_free(a);
	}
}

/* Names as long as names can be: the comment ends with a whole piece. */
static void
long_comment(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct arc_sealer sealers[ARC_MAX_SETS];
	struct arc_result r = {.status = ARC_PASS, .count = ARC_MAX_SETS,
	    .sealers = sealers};
	(void)state;
	for (unsigned i = 0; i < ARC_MAX_SETS; i++)
		sealers[i] = (struct arc_sealer) {
			.instance = ARC_MAX_SETS - i,
			.domain = STR("a-long-label-of-a-name.example"),
			.selector = STR("selector"),
			.results = STR("i=1; x; arc=none "
			    "smtp.remote-ip=192.0.2.1"),
		};
	struct str s = arc_trust_comment(&r, a);
	/* Ten sets are shown, and the first client. */
	assert_true(str_has_isuffix(s, STR(" as[41].d=a-long-label-of-a-name"
	    ".example as[41].s=selector remote-ip[1]=192.0.2.1")));
	for (unsigned i = 0; i < ARC_MAX_SETS; i++)
		sealers[i].domain = str_copy(STR("a23456789-123456789-"
		    "123456789-123456789-123456789-1234567890.a23456789-"
		    "123456789-123456789-123456789-123456789-1234567890."
		    "example"), a);
	s = arc_trust_comment(&r, a);
	assert_true(s.n <= ARC_TRUST_MAX_COMMENT);
	assert_true(str_has_isuffix(s, STR(".example as[45].s=selector")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims),
		cmocka_unit_test(many_results),
		cmocka_unit_test(trust),
		cmocka_unit_test(long_chain),
		cmocka_unit_test(comments),
		cmocka_unit_test(long_comment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
