/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/align.h"

#include "base/text.h"
#include "test/lib/check.h"
#include "test/unit/dmarc_fixture.h"

/* Short names of the statuses, for the tables. */
static const char *const names[] = {
	[ALIGN_NO] = "no",
	[ALIGN_YES] = "yes",
	[ALIGN_TEMPERROR] = "temperror",
};

/* What one method says of an identifier, and whether it could align at all. */
static void
check_method(struct fixture *f, enum discover_method method,
    const char *author_name, const char *identifier_name, bool is_strict,
    const char *want)
{
	struct discover_options o = fixture_options(f, method);
	struct str author = str_of(author_name);
	struct str identifier = str_of(identifier_name);
	struct discovery d;

	fixture_discover(f, method, author_name, &d);
	bool is_possible = align_is_possible(&d, author, identifier, is_strict);
	const char *got = names[align_check(f->lookups, &o, &d, author,
	    identifier, is_strict, f->message)];
	if (strcmp(got, want) != 0)
		fail_msg("%s, %s, %s: got %s, want %s", author_name,
		    identifier_name, table_name(discover_method_names,
		    (int)method), got, want);
	/* What aligns, or fails, was possible. */
	if (!is_possible)
		assert_string_equal(got, "no");
}

struct row {
	const char *author, *identifier;
	const char *walk, *psl;
};

static void
check_rows(const char *zone, bool is_strict, const struct row *rows)
{
	struct fixture f;
	fixture_begin(&f, zone);
	for (; rows->author != NULL; rows++) {
		check_method(&f, DISCOVER_TREEWALK, rows->author,
		    rows->identifier, is_strict, rows->walk);
		check_method(&f, DISCOVER_PSL, rows->author, rows->identifier,
		    is_strict, rows->psl);
	}
	fixture_end(&f);
}

/* RFC 9989 4.4, 4.10.2; RFC 7489 3.1: the worked examples. */
static void
relaxed(void **state)
{
	static const struct row rows[] = {
		{"acme.example", "acme.example", "yes", "yes"},
		{"acme.example", "mx.acme.example", "yes", "yes"},
		{"news.acme.example", "bounce.acme.example", "yes", "yes"},
		{"news.acme.example", "acme.example", "yes", "yes"},
		{"news.acme.example", "esp.test", "no", "no"},
		{"news.acme.example", "esp.example", "no", "no"},
		{"acme.example", "notacme.example", "no", "no"},
		{"acme.example", "acme.example.test", "no", "no"},
		{"acme.example", "example", "no", "no"},
		{"acme.example", "", "no", "no"},
		/* Siblings with a record only at one: 9989 4.10.2. */
		{"sub.beta.example", "beta.example", "no", "yes"},
		{"sub.beta.example", "other.beta.example", "no", "yes"},
		{"sub.beta.example", "bounce.sub.beta.example", "yes", "yes"},
		{"sub.beta.example", "sub.beta.example", "yes", "yes"},
		/* Below a PSD: 9989 4.10.2, 7489 3.1.1. */
		{"giant.bank.example", "mail.giant.bank.example", "yes", "yes"},
		{"giant.bank.example", "mega.bank.example", "no", "no"},
		{"giant.bank.example", "bank.example", "no", "no"},
		{"mega.bank.example", "mega.bank.example", "yes", "yes"},
		{"bank.example", "bank.example", "yes", "yes"},
		{"bank.example", "giant.bank.example", "no", "no"},
		{"bank.example", "x.bank.example", "no", "no"},
		/* psd=n: 9989 4.10.2. */
		{"lab.cs.uni.example", "cs.uni.example", "yes", "yes"},
		{"lab.cs.uni.example", "uni.example", "no", "yes"},
		{"uni.example", "cs.uni.example", "no", "yes"},
		{"uni.example", "math.uni.example", "yes", "yes"},
		/* Eight labels and more: 9989 4.10. */
		{"a.b.c.d.e.f.g.h.i.j.mail.deep.example", "deep.example",
		    "yes", "yes"},
		{"mail.a.b.c.d.e.f.g.cut.example", "cut.example", "yes",
		    "yes"},
		/* The record with eight labels is seen from itself alone. */
		{"mail.a.b.c.d.e.f.g.cut.example",
		    "b.c.d.e.f.g.cut.example", "no", "yes"},
		{"a.b.c.d.e.f.g.h.reg.example",
		    "c.d.e.f.g.h.reg.example", "yes", "yes"},
		{"a.b.c.d.e.f.g.h.reg.example",
		    "x.c.d.e.f.g.h.reg.example", "yes", "yes"},
		{"a.b.c.d.e.f.g.h.reg.example",
		    "x.d.e.f.g.h.reg.example", "no", "yes"},
		{"a.b.c.d.e.f.g.h.reg.example",
		    "d.e.f.g.h.reg.example", "no", "yes"},
		/* 9989 11.8. */
		{"victim.co.example", "evil.co.example", "no", "no"},
		{"victim.co.example", "co.example", "no", "no"},
		{"victim.co.example", "mail.victim.co.example", "yes", "yes"},
		{"co.example", "evil.co.example", "no", "no"},
		/* A record of the author's own below the other's. */
		{"b.multi.example", "multi.example", "yes", "yes"},
		{"xn--bcher-kva.example", "mail.xn--bcher-kva.example", "yes",
		    "yes"},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(NULL, false, rows);
}

/* RFC 9989 4.4, RFC 7489 3.1: equal names and nothing else. */
static void
strict(void **state)
{
	static const struct row rows[] = {
		{"strict.example", "strict.example", "yes", "yes"},
		{"strict.example", "mail.strict.example", "no", "no"},
		{"mail.strict.example", "strict.example", "no", "no"},
		{"strict.example", "example", "no", "no"},
		{"strict.example", "", "no", "no"},
		{"bank.example", "bank.example", "yes", "yes"},
		{"lab.cs.uni.example", "cs.uni.example", "no", "no"},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(NULL, true, rows);
}

/* A suffix whose guard is off: RFC 9989 4.10.2 to the letter. */
static void
unguarded(void **state)
{
	struct fixture f;
	struct discovery d;
	(void)state;
	fixture_begin(&f, NULL);
	struct discover_options o = fixture_options(&f, DISCOVER_TREEWALK);
	o.has_psl_guard = false;
	fixture_message(&f);
	discover_policy(f.lookups, &o, STR("victim.co.example"), f.message, &d);
	assert_int_equal(align_check(f.lookups, &o, &d,
	    STR("victim.co.example"), STR("evil.co.example"), false,
	    f.message), ALIGN_YES);
	fixture_end(&f);
}

/* A walk that fails is no answer (RFC 9989 5.3.6), for who could align alone. */
static void
failures(void **state)
{
	static const char zone[] =
		RECORD("x.test", "p=reject")
		"servfail _dmarc.bad.x.test\n"
		"timeout _dmarc.late.x.test\n"
		RECORD("end.x.test", "p=none; psd=n")
		/* An own record under a level that fails. */
		RECORD("own.up.test", "p=reject")
		"servfail _dmarc.up.test\n"
		RECORD("fin.up.test", "p=reject; psd=n")
		"servfail _dmarc.dead.other\n";
	static const struct row rows[] = {
		{"x.test", "bad.x.test", "temperror", "yes"},
		{"x.test", "a.bad.x.test", "temperror", "yes"},
		{"x.test", "late.x.test", "temperror", "yes"},
		{"a.x.test", "bad.x.test", "temperror", "yes"},
		/* psd=n below it: the failure above does not count. */
		{"x.test", "end.x.test", "no", "yes"},
		/* Equal names need no walk: 9989 4.10.2. */
		{"own.up.test", "own.up.test", "yes", "yes"},
		{"bad.x.test", "bad.x.test", "yes", "yes"},
		/* The author's organizational domain is not known: what shares
		 * its last two labels could align. */
		{"own.up.test", "a.own.up.test", "temperror", "yes"},
		{"own.up.test", "up.test", "temperror", "yes"},
		{"own.up.test", "fin.up.test", "temperror", "yes"},
		{"own.up.test", "other.test", "no", "no"},
		{"own.up.test", "test", "no", "no"},
		/* A stranger with dead DNS buys nothing. */
		{"x.test", "dead.other", "no", "no"},
		{"own.up.test", "dead.other", "no", "no"},
		{"fin.up.test", "up.test", "no", "yes"},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(zone, false, rows);
}

/* Who cannot align is not asked for; who is equal neither. Else the identifier
 * is walked: RFC 9989 4.10.2. */
static void
questions(void **state)
{
	static const struct {
		const char *author, *identifier;
		bool is_strict;
		unsigned more; /* than the author's walk asked */
	} rows[] = {
		{"acme.example", "acme.example", false, 0},
		{"acme.example", "a.b.esp.test", false, 0},
		{"acme.example", "mx.acme.example", true, 0},
		{"acme.example", "mx.acme.example", false, 1},
		{"acme.example", "b.mx.acme.example", false, 2},
		{"news.acme.example", "acme.example", false, 0},
		{"uni.example", "cs.uni.example", false, 1},
	};
	struct fixture f;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct discover_options o =
		    fixture_options(&f, DISCOVER_TREEWALK);
		struct discovery d;
		fixture_discover(&f, DISCOVER_TREEWALK, rows[i].author, &d);
		unsigned asked = lookups_asked(f.lookups, DNS_FOR_POLICY);
		align_check(f.lookups, &o, &d, str_of(rows[i].author),
		    str_of(rows[i].identifier), rows[i].is_strict, f.message);
		unsigned got =
		    lookups_asked(f.lookups, DNS_FOR_POLICY) - asked;
		if (got != rows[i].more)
			fail_msg("%s: %u questions", rows[i].identifier, got);
	}
	fixture_end(&f);
}

/* Possible is wider than aligned, and never narrower. */
static void
possible(void **state)
{
	static const struct {
		const char *author, *identifier;
		bool is_strict, walk, psl;
	} rows[] = {
		{"acme.example", "acme.example", false, true, true},
		{"acme.example", "acme.example", true, true, true},
		{"acme.example", "x.acme.example", false, true, true},
		{"acme.example", "x.acme.example", true, false, false},
		{"acme.example", "xacme.example", false, false, false},
		{"acme.example", "example", false, false, false},
		{"sub.beta.example", "beta.example", false, false, true},
		/* A record of its own below could say psd=n: still possible. */
		{"uni.example", "cs.uni.example", false, true, true},
		/* RFC 7489 3.1.1: with a suffix nothing but itself. */
		{"bank.example", "x.bank.example", false, true, false},
		{"bank.example", "bank.example", false, true, true},
		{"co.example", "x.co.example", false, true, false},
		{"slow.example", "x.slow.example", false, true, true},
		{"slow.example", "esp.example", false, false, false},
		{"acme.example", "", true, false, false},
		{"", "", false, false, false},
	};
	struct fixture f;
	struct discovery d;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		bool is_walk = i % 2 == 0;
		const char *author = rows[i / 2].author;
		fixture_discover(&f,
		    is_walk ? DISCOVER_TREEWALK : DISCOVER_PSL, author, &d);
		bool got = align_is_possible(&d, str_of(author),
		    str_of(rows[i / 2].identifier), rows[i / 2].is_strict);
		if (got != (is_walk ? rows[i / 2].walk : rows[i / 2].psl))
			fail_msg("%s, %s: got %d", author,
			    rows[i / 2].identifier, got);
	}
	fixture_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relaxed),
		cmocka_unit_test(strict),
		cmocka_unit_test(unguarded),
		cmocka_unit_test(failures),
		cmocka_unit_test(questions),
		cmocka_unit_test(possible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
