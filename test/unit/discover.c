/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/discover.h"

#include "base/text.h"
#include "mail/domain.h"
#include "test/lib/check.h"
#include "test/unit/dmarc_fixture.h"

/* Nine labels, and its ancestors from eight to one: the second is skipped by a
 * walk that starts at the first. */
#define L9 "a.b.c.d.e.f.g.h.t"
#define L8 "b.c.d.e.f.g.h.t"
#define L7 "c.d.e.f.g.h.t"
#define L6 "d.e.f.g.h.t"
#define L5 "e.f.g.h.t"
#define L4 "f.g.h.t"
#define L3 "g.h.t"
#define L2 "h.t"
#define L1 "t"

/* What one method found, as one line: whose record it is and where it stands,
 * or what there is instead; the organizational domain; what is odd. */
static struct str
show(const struct discovery *d, struct arena *a)
{
	static const char *const sources[] = {"own", "org", "psd"};
	struct text t;

	text_init(&t, a);
	switch (d->status) {
	case DISCOVER_FOUND:
		text_printf(&t, "%s@%.*s", sources[d->source],
		    STR_ARG(d->policy_domain));
		break;
	case DISCOVER_ABSENT:
		text_add(&t, STR("none"));
		break;
	case DISCOVER_TEMPERROR:
		text_add(&t, STR("temperror"));
		break;
	}
	text_printf(&t, " od=%.*s", STR_ARG(d->org_domain));
	if (d->is_guarded)
		text_add(&t, STR(" guarded"));
	if (d->is_suffix)
		text_add(&t, STR(" suffix"));
	return text_str(&t);
}

/* Only a record that is found has no reason, and nothing else has a record. */
static void
check_whole(const struct discovery *d)
{
	bool is_found = d->status == DISCOVER_FOUND;
	assert_int_equal(is_found, d->record != NULL);
	assert_int_equal(is_found, d->reason.n == 0);
	assert_int_equal(is_found, d->policy_domain.n > 0);
	if (is_found)
		assert_int_equal(d->record->status, RECORD_OK);
}

struct row {
	const char *zone; /* NULL: the worked examples */
	const char *author;
	const char *walk, *psl;
};

static void
check_method(struct fixture *f, enum discover_method method,
    const char *author, const char *want)
{
	struct discovery got;
	fixture_discover(f, method, author, &got);
	check_whole(&got);
	struct str shown = show(&got, f->message);
	if (!str_eq(shown, str_of(want)))
		fail_msg("%s, %s: got \"%.*s\", want \"%s\"", author,
		    table_name(discover_method_names, (int)method),
		    STR_ARG(shown), want);
}

static void
check_rows(const struct row *rows)
{
	for (; rows->author != NULL; rows++) {
		struct fixture f;
		fixture_begin(&f, rows->zone);
		check_method(&f, DISCOVER_TREEWALK, rows->author, rows->walk);
		check_method(&f, DISCOVER_PSL, rows->author, rows->psl);
		fixture_end(&f);
	}
}

/* The records of the worked examples (RFC 9989 4.10; RFC 7489 6.6.3). */
static void
worked_examples(void **state)
{
#define E ".example"
	static const struct row rows[] = {
		/* RFC 9989 4.10.1: own record. */
		{NULL, "acme" E, "own@acme" E " od=acme" E,
		    "own@acme" E " od=acme" E},
		{NULL, "news.acme" E, "org@acme" E " od=acme" E,
		    "org@acme" E " od=acme" E},
		{NULL, "ghost.acme" E, "org@acme" E " od=acme" E,
		    "org@acme" E " od=acme" E},
		/* RFC 9989 4.10.2: a record below a domain without one. */
		{NULL, "sub.beta" E, "own@sub.beta" E " od=sub.beta" E,
		    "own@sub.beta" E " od=beta" E},
		{NULL, "www.beta" E, "none od=www.beta" E, "none od=beta" E},
		/* RFC 9989 4.10, RFC 7489 6.6.3 step 3: several records. */
		{NULL, "eu.delta" E, "org@delta" E " od=delta" E,
		    "none od=delta" E},
		{NULL, "twin" E, "none od=twin" E, "none od=twin" E},
		{NULL, "mixed" E, "own@mixed" E " od=mixed" E,
		    "own@mixed" E " od=mixed" E},
		/* RFC 9989 4.10.2: psd=y above. */
		{NULL, "giant.bank" E,
		    "own@giant.bank" E " od=giant.bank" E,
		    "own@giant.bank" E " od=giant.bank" E},
		{NULL, "mega.bank" E, "psd@bank" E " od=mega.bank" E,
		    "none od=mega.bank" E},
		{NULL, "fake.bank" E, "psd@bank" E " od=fake.bank" E,
		    "none od=fake.bank" E},
		{NULL, "bank" E, "own@bank" E " od=bank" E,
		    "own@bank" E " od=bank" E " suffix"},
		/* RFC 9989 4.10.2: psd=n. */
		{NULL, "lab.cs.uni" E, "org@cs.uni" E " od=cs.uni" E,
		    "org@uni" E " od=uni" E},
		{NULL, "cs.uni" E, "own@cs.uni" E " od=cs.uni" E,
		    "own@cs.uni" E " od=uni" E},
		{NULL, "uni" E, "own@uni" E " od=uni" E,
		    "own@uni" E " od=uni" E},
		/* RFC 9989 4.10: eight labels and more. */
		{NULL, "a.b.c.d.e.f.g.h.i.j.mail.deep" E,
		    "org@deep" E " od=deep" E, "org@deep" E " od=deep" E},
		{NULL, "mail.a.b.c.d.e.f.g.cut" E, "org@cut" E " od=cut" E,
		    "org@cut" E " od=cut" E},
		{NULL, "a.b.c.d.e.f.g.nine" E, "org@nine" E " od=nine" E,
		    "org@nine" E " od=nine" E},
		{NULL, "b.c.d.e.f.g.nine" E,
		    "own@b.c.d.e.f.g.nine" E " od=b.c.d.e.f.g.nine" E,
		    "own@b.c.d.e.f.g.nine" E " od=nine" E},
		{NULL, "a.b.c.d.e.f.g.h.reg" E,
		    "psd@d.e.f.g.h.reg" E " od=c.d.e.f.g.h.reg" E,
		    "none od=reg" E},
		/* RFC 9989 4.10.1: a record between counts for nothing. */
		{NULL, "a.b.multi" E, "org@multi" E " od=multi" E,
		    "org@multi" E " od=multi" E},
		{NULL, "b.multi" E, "own@b.multi" E " od=multi" E,
		    "own@b.multi" E " od=multi" E},
		/* RFC 9989 11.8: a suffix without psd=y. */
		{NULL, "victim.co" E,
		    "psd@co" E " od=victim.co" E " guarded",
		    "none od=victim.co" E},
		/* RFC 9989 4.10.1, RFC 7489 6.6.3 step 6. */
		{NULL, "nop" E, "own@nop" E " od=nop" E,
		    "own@nop" E " od=nop" E},
		{NULL, "nop2" E, "none od=nop2" E, "none od=nop2" E},
		{NULL, "badsp" E, "own@badsp" E " od=badsp" E,
		    "own@badsp" E " od=badsp" E},
		{NULL, "badsp2" E, "none od=badsp2" E, "none od=badsp2" E},
		/* RFC 9989 4.7: the version test. */
		{NULL, "late" E, "none od=late" E, "none od=late" E},
		{NULL, "lower" E, "none od=lower" E, "none od=lower" E},
		{NULL, "xn--bcher-kva" E,
		    "own@xn--bcher-kva" E " od=xn--bcher-kva" E,
		    "own@xn--bcher-kva" E " od=xn--bcher-kva" E},
		/* RFC 9989 5.3.6, RFC 7489 6.6.3. */
		{NULL, "slow" E, "temperror od=", "temperror od=slow" E},
		/* RFC 9989 4.5: strings of one record; an alias. */
		{NULL, "split" E, "own@split" E " od=split" E,
		    "own@split" E " od=split" E},
		{NULL, "alias" E, "own@alias" E " od=alias" E,
		    "own@alias" E " od=alias" E},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(rows);
#undef E
}

/* RFC 9989 4.10, 4.10.2: psd=n and psd=y at every step of a walk. The step that
 * is skipped tells nothing. Each zone has a record at the top as well, which
 * would be the organizational domain if the walk went on. */
static void
every_step(void **state)
{
#define N(name) RECORD(name, "p=none; psd=n") RECORD("t", "p=none")
#define Y(name) RECORD(name, "p=none; psd=y") RECORD("t", "p=none")
	static const struct {
		const char *zone, *author, *want;
	} rows[] = {
		{N(L9), L9, "own@" L9 " od=" L9},
		{N(L8), L9, "org@" L1 " od=" L1},
		{N(L7), L9, "org@" L7 " od=" L7},
		{N(L6), L9, "org@" L6 " od=" L6},
		{N(L5), L9, "org@" L5 " od=" L5},
		{N(L4), L9, "org@" L4 " od=" L4},
		{N(L3), L9, "org@" L3 " od=" L3},
		{N(L2), L9, "org@" L2 " od=" L2},
		{RECORD("t", "p=none; psd=n"), L9, "org@" L1 " od=" L1},
		{Y(L9), L9, "own@" L9 " od=" L9},
		{Y(L8), L9, "org@" L1 " od=" L1},
		{Y(L7), L9, "psd@" L7 " od=" L8},
		{Y(L6), L9, "psd@" L6 " od=" L7},
		{Y(L5), L9, "psd@" L5 " od=" L6},
		{Y(L4), L9, "psd@" L4 " od=" L5},
		{Y(L3), L9, "psd@" L3 " od=" L4},
		{Y(L2), L9, "psd@" L2 " od=" L3},
		{RECORD("t", "p=none; psd=y"), L9, "psd@" L1 " od=" L2},
		/* A walk that starts with eight labels skips none. */
		{N(L8), L8, "own@" L8 " od=" L8},
		{N(L7), L8, "org@" L7 " od=" L7},
		{Y(L7), L8, "psd@" L7 " od=" L8},
		/* psd=u is as none: the walk goes on. */
		{RECORD(L2, "p=none; psd=u") RECORD("t", "p=none"), L3,
		    "org@" L1 " od=" L1},
		/* The organizational domain under a PSD has a record, or that
		 * is between and has not. */
		{Y(L2) RECORD(L3, "p=reject"), L4, "org@" L3 " od=" L3},
		{Y(L2) RECORD(L4, "p=reject"), L5, "psd@" L2 " od=" L3},
		{Y(L2) RECORD(L4, "p=reject"), L4, "own@" L4 " od=" L3},
		{Y(L2) RECORD(L3, "p=reject"), L3, "own@" L3 " od=" L3},
		/* The first of two ends it. */
		{N(L3) Y(L2), L4, "org@" L3 " od=" L3},
		{Y(L3) N(L2), L4, "psd@" L3 " od=" L4},
		/* A start with psd=y is its own, a PSD above it is not asked:
		 * RFC 9989 4.10.2 rule 3. */
		{Y(L3) Y(L2), L3, "own@" L3 " od=" L3},
		/* No record on the way: the name itself. */
		{"exists x\n", L9, "none od=" L9},
		{"exists x\n", L1, "none od=" L1},
		{RECORD("t", "p=none"), L1, "own@" L1 " od=" L1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f;
		fixture_begin(&f, rows[i].zone);
		check_method(&f, DISCOVER_TREEWALK, rows[i].author,
		    rows[i].want);
		fixture_end(&f);
	}
#undef N
#undef Y
}

/* RFC 9989 4.10: at most eight questions, the single label among them. RFC 7489
 * 6.6.3: at most two. */
static void
questions(void **state)
{
	static const struct {
		const char *author;
		unsigned walk, psl;
	} rows[] = {
		{L1, 1, 1}, {L2, 2, 1}, {L3, 3, 2}, {L4, 4, 2}, {L5, 5, 2},
		{L6, 6, 2}, {L7, 7, 2}, {L8, 8, 2}, {L9, 8, 2},
		{"x." L9, 8, 2}, {"a.b.c.d.e.f.g.h.i.j.mail.deep.example", 8, 2},
		{"x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x", 8, 2},
		{"co.example", 2, 1}, {"x.co.example", 3, 1},
		{"y.x.co.example", 4, 2},
	};
	struct fixture f;
	(void)state;
	fixture_begin(&f, RECORD("t", "p=none"));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int m = DISCOVER_TREEWALK; m <= DISCOVER_PSL; m++) {
			struct discovery d;
			fixture_discover(&f, (enum discover_method)m,
			    rows[i].author, &d);
			unsigned got =
			    lookups_asked(f.lookups, DNS_FOR_POLICY);
			unsigned want = m == DISCOVER_PSL ? rows[i].psl :
							    rows[i].walk;
			if (got != want)
				fail_msg("%s: %u questions, want %u",
				    rows[i].author, got, want);
			assert_int_equal(
			    lookups_asked(f.lookups, DNS_FOR_SPF), 0);
		}
	fixture_end(&f);
}

/* All of them are asked at once, so that finding asks none. */
static void
prefetch_asks_all(void **state)
{
	static const char *const names[] = {L1, L2, L7, L8, L9,
	    "news.acme.example", "victim.co.example", "bank.example"};
	struct fixture f;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
		struct discover_options o = fixture_options(&f,
		    i % 2 == 0 ? DISCOVER_TREEWALK : DISCOVER_PSL);
		struct str d = str_of(names[i / 2]), org;
		struct discovery found;
		fixture_message(&f);
		discover_prefetch(f.lookups, &o, d, f.message);
		unsigned asked = lookups_asked(f.lookups, DNS_FOR_POLICY);
		assert_in_range(asked, 1, DISCOVER_MAX_QUERIES);
		discover_policy(f.lookups, &o, d, f.message, &found);
		assert_true(discover_org(f.lookups, &o, d, f.message, &org));
		assert_int_equal(lookups_asked(f.lookups, DNS_FOR_POLICY),
		    asked);
	}
	fixture_end(&f);
}

/* RFC 9989 4.10: several records are none, at any level; RFC 7489 6.6.3 step 3:
 * several end the search. Text that fails the version test is not counted. */
static void
several_records(void **state)
{
#define TWO(name) RECORD(name, "p=reject; psd=n") RECORD(name, "p=none; psd=y")
#define ORG "x.example"
	static const struct row rows[] = {
		{TWO("a." ORG) RECORD(ORG, "p=none"), "a." ORG,
		    "org@" ORG " od=" ORG, "none od=" ORG},
		{TWO(ORG) RECORD("example", "p=none; psd=y"), "a." ORG,
		    "psd@example od=" ORG, "none od=" ORG},
		{TWO("a." ORG) TWO(ORG) RECORD("example", "p=none; psd=y"),
		    "a." ORG, "psd@example od=" ORG, "none od=" ORG},
		{TWO("b." ORG) RECORD(ORG, "p=none"), "a.b." ORG,
		    "org@" ORG " od=" ORG, "org@" ORG " od=" ORG},
		{TWO(ORG), "a." ORG, "none od=a." ORG, "none od=" ORG},
		/* The same text twice is two records still. */
		{RECORD("a." ORG, "p=none") RECORD("a." ORG, "p=none")
		    RECORD(ORG, "p=none"), "a." ORG, "org@" ORG " od=" ORG,
		    "none od=" ORG},
		/* Two of which one cannot be used: RFC 7489 6.6.3 step 2
		 * counts what passes the version test. */
		{RECORD("a." ORG, "p=none") RECORD("a." ORG, "p=junk")
		    RECORD(ORG, "p=none"), "a." ORG, "org@" ORG " od=" ORG,
		    "none od=" ORG},
		/* Other text, from a wildcard for instance. */
		{"*." ORG " TXT \"v=spf1 -all\"\n" RECORD(ORG, "p=none"),
		    "a." ORG, "org@" ORG " od=" ORG, "org@" ORG " od=" ORG},
		{"_dmarc.a." ORG " TXT \"v=DMARC2; p=none\"\n"
		    RECORD("a." ORG, "p=none") "_dmarc.a." ORG " TXT \"\"\n",
		    "a." ORG, "own@a." ORG " od=a." ORG,
		    "own@a." ORG " od=" ORG},
		{"*." ORG " TXT \"v=DMARC1; p=reject\"\n", "a." ORG,
		    "own@a." ORG " od=" ORG, "own@a." ORG " od=" ORG},
		/* A record that cannot be used ends the search: RFC 9989
		 * 4.10.1, RFC 7489 6.6.3 step 6. */
		{RECORD("a." ORG, "p=junk") RECORD(ORG, "p=reject"),
		    "a." ORG, "none od=" ORG, "none od=" ORG},
		{RECORD(ORG, "p=junk") RECORD("example", "p=reject; psd=y"),
		    "a." ORG, "none od=" ORG, "none od=" ORG},
		/* Its psd= counts: one tag that is wrong spoils no other
		 * (RFC 9989 4.8). */
		{RECORD("a." ORG, "p=junk; psd=n") RECORD(ORG, "p=reject"),
		    "b.a." ORG, "none od=a." ORG, "org@" ORG " od=" ORG},
		/* RFC 7489 knows no np: a bad one spoils no record. */
		{RECORD("a." ORG, "p=reject; np=junk"), "a." ORG,
		    "none od=a." ORG, "own@a." ORG " od=" ORG},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(rows);
#undef TWO
}

/* RFC 9989 5.3.6, RFC 7489 6.6.3: a question that fails is no absence, and one
 * that nothing depends on does not matter. */
static void
failures(void **state)
{
#define FAIL(name) "servfail _dmarc." name "\n"
	static const struct row rows[] = {
		{FAIL("a." ORG) RECORD(ORG, "p=none"), "a." ORG,
		    "temperror od=", "temperror od=" ORG},
		{"timeout _dmarc.a." ORG "\n" RECORD(ORG, "p=none"),
		    "a." ORG, "temperror od=", "temperror od=" ORG},
		{"malformed _dmarc.a." ORG "\n" RECORD(ORG, "p=none"),
		    "a." ORG, "temperror od=", "temperror od=" ORG},
		{"_dmarc.a." ORG " CNAME _dmarc.a." ORG "\n", "a." ORG,
		    "temperror od=", "temperror od=" ORG},
		/* Behind an alias as well. */
		{"_dmarc.a." ORG " CNAME bad.test\nservfail bad.test\n",
		    "a." ORG, "temperror od=", "temperror od=" ORG},
		{FAIL(ORG), "a." ORG, "temperror od=", "temperror od=" ORG},
		{FAIL("example") RECORD(ORG, "p=none"), "a." ORG,
		    "temperror od=", "org@" ORG " od=" ORG},
		/* A level between could have held psd=n. */
		{FAIL("b." ORG) RECORD(ORG, "p=none"), "a.b." ORG,
		    "temperror od=", "org@" ORG " od=" ORG},
		/* An own record needs no other level, its organizational
		 * domain does. */
		{FAIL(ORG) RECORD("a." ORG, "p=none"), "a." ORG,
		    "own@a." ORG " od=", "own@a." ORG " od=" ORG},
		{FAIL("example") RECORD("a." ORG, "p=none"), "a." ORG,
		    "own@a." ORG " od=", "own@a." ORG " od=" ORG},
		{FAIL(ORG) RECORD("a." ORG, "p=junk"), "a." ORG,
		    "none od=", "none od=" ORG},
		/* What lies beyond psd=n or psd=y does not count, errors
		 * included (RFC 9989 4.10). */
		{FAIL(ORG) RECORD("a." ORG, "p=none; psd=n"), "a." ORG,
		    "own@a." ORG " od=a." ORG, "own@a." ORG " od=" ORG},
		{FAIL(ORG) RECORD("a." ORG, "p=none; psd=y"), "a." ORG,
		    "own@a." ORG " od=a." ORG, "own@a." ORG " od=" ORG},
		{FAIL(ORG) RECORD("b." ORG, "p=none; psd=n"), "a.b." ORG,
		    "org@b." ORG " od=b." ORG, "temperror od=" ORG},
		{FAIL("example") RECORD(ORG, "p=none; psd=y"), "a." ORG,
		    "psd@" ORG " od=a." ORG, "org@" ORG " od=" ORG},
		{FAIL("example") RECORD("co.example", "p=none"),
		    "a.co.example",
		    "psd@co.example od=a.co.example guarded",
		    "none od=a.co.example"},
		/* Two records are none, and so tell nothing of psd=. */
		{FAIL(ORG) RECORD("a." ORG, "p=none; psd=n")
		    RECORD("a." ORG, "p=none; psd=n"), "a." ORG,
		    "temperror od=", "none od=" ORG},
		/* Another type of the name fails: not our question. */
		{"servfail _dmarc.a." ORG " A\n" RECORD(ORG, "p=none"),
		    "a." ORG, "org@" ORG " od=" ORG, "org@" ORG " od=" ORG},
		{"servfail a." ORG "\n" RECORD(ORG, "p=none"), "a." ORG,
		    "org@" ORG " od=" ORG, "org@" ORG " od=" ORG},
		/* RFC 8020 is not used: servers with broken empty
		 * non-terminals exist. */
		{"nxdomain a." ORG "\n" RECORD("a." ORG, "p=none"), "a." ORG,
		    "own@a." ORG " od=a." ORG, "own@a." ORG " od=" ORG},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(rows);
}

/* An error at each of the eight levels, with a record at the top alone. */
static void
failure_at_each_level(void **state)
{
	static const char *const levels[] = {L9, L7, L6, L5, L4, L3, L2, L1};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		struct fixture f;
		struct discovery got;
		struct str zone = text_format(a,
		    RECORD("t", "p=none") FAIL("%s"), levels[i]);
		fixture_begin(&f, zone.p);
		fixture_discover(&f, DISCOVER_TREEWALK, L9, &got);
		assert_int_equal(got.status, DISCOVER_TEMPERROR);
		check_str(got.reason, text_format(a, "the question for "
		    "_dmarc.%s failed: the name servers failed",
		    levels[i]).p);
		fixture_end(&f);
	}
	arena_free(a);
}

/* The level that is skipped may fail. */
static void
failure_at_the_skipped_level(void **state)
{
	static const struct row rows[] = {
		{FAIL(L8) RECORD("t", "p=none"), L9, "org@t od=t",
		    "none od=h.t"},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	check_rows(rows);
}

/* RFC 9989 11.8: the guard, by explicit rules of either section alone, and never
 * at the walk's start. */
static void
guard(void **state)
{
	static const struct {
		const char *zone, *author;
		const char *with, *without;
	} rows[] = {
		{RECORD("co.example", "p=none"), "a.co.example",
		    "psd@co.example od=a.co.example guarded",
		    "org@co.example od=co.example"},
		{RECORD("co.example", "p=none"), "b.a.co.example",
		    "psd@co.example od=a.co.example guarded",
		    "org@co.example od=co.example"},
		{RECORD("co.example", "p=none"), "co.example",
		    "own@co.example od=co.example",
		    "own@co.example od=co.example"},
		{RECORD("co.example", "p=none; psd=y"), "a.co.example",
		    "psd@co.example od=a.co.example",
		    "psd@co.example od=a.co.example"},
		{RECORD("co.example", "p=none; psd=n"), "a.co.example",
		    "psd@co.example od=a.co.example guarded",
		    "org@co.example od=co.example"},
		{RECORD("co.example", "p=none") RECORD("co.example", "p=none"),
		    "a.co.example", "none od=a.co.example",
		    "none od=a.co.example"},
		{RECORD("example", "p=none"), "a.example",
		    "psd@example od=a.example guarded",
		    "org@example od=example"},
		{RECORD("example", "p=none") RECORD("co.example", "p=none"),
		    "co.example", "own@co.example od=co.example guarded",
		    "own@co.example od=example"},
		{RECORD("pages.example", "p=none"), "ann.pages.example",
		    "psd@pages.example od=ann.pages.example guarded",
		    "org@pages.example od=pages.example"},
		{RECORD("x.wild.example", "p=none"), "a.x.wild.example",
		    "psd@x.wild.example od=a.x.wild.example guarded",
		    "org@x.wild.example od=x.wild.example"},
		{RECORD("city.wild.example", "p=none"), "a.city.wild.example",
		    "org@city.wild.example od=city.wild.example",
		    "org@city.wild.example od=city.wild.example"},
		/* No rule names it: the implicit "*" does not count. */
		{RECORD("unlisted", "p=none"), "a.unlisted",
		    "org@unlisted od=unlisted", "org@unlisted od=unlisted"},
		/* An organizational domain of its own below the suffix. */
		{RECORD("co.example", "p=none") RECORD("a.co.example",
		    "p=none"), "b.a.co.example",
		    "org@a.co.example od=a.co.example guarded",
		    "org@co.example od=co.example"},
		/* psd=n below the suffix ends the walk before it. */
		{RECORD("co.example", "p=none") RECORD("a.co.example",
		    "p=none; psd=n"), "b.a.co.example",
		    "org@a.co.example od=a.co.example",
		    "org@a.co.example od=a.co.example"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f;
		struct discovery got;
		struct str d = str_of(rows[i].author);
		fixture_begin(&f, rows[i].zone);
		check_method(&f, DISCOVER_TREEWALK, rows[i].author,
		    rows[i].with);
		struct discover_options o =
		    fixture_options(&f, DISCOVER_TREEWALK);
		o.has_psl_guard = false;
		fixture_message(&f);
		discover_policy(f.lookups, &o, d, f.message, &got);
		check_str(show(&got, f.message), rows[i].without);
		fixture_end(&f);
	}
}

/* Why no record applies, for people. */
static void
reasons(void **state)
{
	static const struct {
		const char *author, *walk, *psl;
	} rows[] = {
		{"www.beta.example", "no record at www.beta.example or above",
		    "no record at www.beta.example or above"},
		{"beta.example", "no record at beta.example or above",
		    "no record at beta.example"},
		{"twin.example",
		    "2 records at twin.example, where one may stand",
		    "2 records at twin.example, where one may stand"},
		{"nop2.example",
		    "the record at nop2.example has no valid policy and no rua",
		    "the record at nop2.example has no valid policy and no rua"},
		{"slow.example", "the question for _dmarc.slow.example failed: "
		    "the name servers failed", "the question for "
		    "_dmarc.slow.example failed: the name servers failed"},
	};
	struct fixture f;
	struct discovery got;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fixture_discover(&f, DISCOVER_TREEWALK, rows[i].author, &got);
		check_str(got.reason, rows[i].walk);
		fixture_discover(&f, DISCOVER_PSL, rows[i].author, &got);
		check_str(got.reason, rows[i].psl);
	}
	fixture_end(&f);
}

/* A record of more bytes than are read is there, and cannot be used. */
static void
long_record(void **state)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct fixture f;
	struct discovery got;
	struct text zone;
	(void)state;
	text_init(&zone, a);
	text_add(&zone, STR("_dmarc.a.x.example TXT \"v=DMARC1; p=reject; x="));
	while (zone.n < 60000)
		text_add_char(&zone, 'x');
	text_add(&zone, STR("\"\n" RECORD("x.example", "p=reject")));
	fixture_begin(&f, text_cstr(&zone));
	for (int m = DISCOVER_TREEWALK; m <= DISCOVER_PSL; m++) {
		fixture_discover(&f, (enum discover_method)m, "a.x.example",
		    &got);
		assert_int_equal(got.status, DISCOVER_ABSENT);
		check_str(got.reason, "the record at a.x.example is too long");
	}
	fixture_end(&f);
	arena_free(a);
}

/* What the cache keeps of a record is small beside what it counts for it
 * (net/dns_cache.c): the tags it was read from are gone. */
static void
small_records(void **state)
{
	static const char *const texts[] = {
		"v=DMARC1; p=none",
		"v=DMARC1; p=reject; sp=quarantine; adkim=s; aspf=s; fo=1:d:s; "
		"rua=mailto:dmarc@acme.example,mailto:a%2Bb@reports.example!10m;"
		" ruf=mailto:dmarc-failures@acme.example; pct=50; ri=86400",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct arena *a = arena_new(SIZE_MAX);
		struct record r;
		assert_int_equal(record_parse(str_of(texts[i]), a, &r),
		    RECORD_OK);
		assert_in_range(arena_used(a), 1, 512);
		arena_free(a);
	}
}

/* "_dmarc." before a name of 247 octets and more is no name: nothing can stand
 * there, and the walk goes on (RFC 9989 4.10). */
static void
long_names(void **state)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct fixture f;
	struct discovery got;
	struct text name;
	(void)state;
	text_init(&name, a);
	for (int i = 0; i < 241; i++)
		text_add_char(&name, i % 60 == 59 ? '.' : 'x');
	text_add(&name, STR(".ab.example"));
	assert_int_equal(name.n, 252);
	fixture_begin(&f, RECORD("ab.example", "p=reject"));
	fixture_discover(&f, DISCOVER_TREEWALK, text_cstr(&name), &got);
	check_str(show(&got, f.message), "org@ab.example od=ab.example");
	fixture_discover(&f, DISCOVER_PSL, text_cstr(&name), &got);
	check_str(show(&got, f.message), "org@ab.example od=ab.example");
	fixture_end(&f);
	arena_free(a);
}

/* RFC 9989 4.10.2, RFC 7489 3.2: the organizational domain of any name. */
static void
organizational_domains(void **state)
{
	static const struct {
		const char *name;
		const char *walk, *psl; /* NULL: a question failed */
	} rows[] = {
		{"bounce.acme.example", "acme.example", "acme.example"},
		{"beta.example", "beta.example", "beta.example"},
		{"mail.giant.bank.example", "giant.bank.example",
		    "giant.bank.example"},
		{"bank.example", "bank.example", ""},
		{"x.cs.uni.example", "cs.uni.example", "uni.example"},
		{"c.d.e.f.g.h.reg.example", "c.d.e.f.g.h.reg.example",
		    "reg.example"},
		{"x.d.e.f.g.h.reg.example", "x.d.e.f.g.h.reg.example",
		    "reg.example"},
		{"evil.co.example", "evil.co.example", "evil.co.example"},
		{"co.example", "co.example", ""},
		{"example", "example", ""},
		{"slow.example", NULL, "slow.example"},
		{"x.slow.example", NULL, "slow.example"},
	};
	struct fixture f;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		bool is_walk = i % 2 == 0;
		const char *want = is_walk ? rows[i / 2].walk : rows[i / 2].psl;
		struct discover_options o = fixture_options(&f,
		    is_walk ? DISCOVER_TREEWALK : DISCOVER_PSL);
		struct str org = STR(""), d = str_of(rows[i / 2].name);
		fixture_message(&f);
		bool is_known = discover_org(f.lookups, &o, d, f.message, &org);
		if (is_known != (want != NULL))
			fail_msg("%s", rows[i / 2].name);
		if (is_known)
			check_str(org, want);
		if (org.n > 0) /* a view into the name */
			assert_ptr_equal(org.p + org.n, d.p + d.n);
		if (!is_walk)
			assert_int_equal(
			    lookups_asked(f.lookups, DNS_FOR_POLICY), 0);
	}
	fixture_end(&f);
}

/* Whether the other method would have found something else, told from the
 * answers that are there. */
static void
differs(void **state)
{
	static const struct {
		const char *author;
		bool walk, psl;
	} rows[] = {
		{"acme.example", false, false},
		{"news.acme.example", false, false},
		{"sub.beta.example", true, false},
		{"www.beta.example", true, false},
		{"eu.delta.example", true, false},
		{"twin.example", false, false},
		{"mixed.example", false, false},
		{"giant.bank.example", false, false},
		{"mega.bank.example", true, false},
		{"bank.example", false, false},
		{"lab.cs.uni.example", true, false},
		{"cs.uni.example", true, true},
		{"uni.example", false, false},
		{"a.b.c.d.e.f.g.h.i.j.mail.deep.example", false, false},
		{"a.b.c.d.e.f.g.h.reg.example", true, false},
		{"a.b.multi.example", false, false},
		{"b.multi.example", false, false},
		{"victim.co.example", true, false},
		{"nop2.example", false, false},
		{"slow.example", false, false},
	};
	struct fixture f;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		bool is_walk = i % 2 == 0;
		bool want = is_walk ? rows[i / 2].walk : rows[i / 2].psl;
		enum discover_method method =
		    is_walk ? DISCOVER_TREEWALK : DISCOVER_PSL;
		struct discover_options o = fixture_options(&f, method);
		struct str d = str_of(rows[i / 2].author);
		struct discovery found;
		fixture_discover(&f, method, rows[i / 2].author, &found);
		unsigned asked = lookups_asked(f.lookups, DNS_FOR_POLICY);
		if (discover_differs(f.lookups, &o, d, &found, f.message) !=
		    want)
			fail_msg("%s, %s: want %d", rows[i / 2].author,
			    is_walk ? "treewalk" : "psl", want);
		assert_int_equal(lookups_asked(f.lookups, DNS_FOR_POLICY),
		    asked);
	}
	fixture_end(&f);
}

/* What is found is as good as the message: it does not look into the name that
 * it was asked with. */
static void
found_outlives_the_name(void **state)
{
	struct fixture f;
	struct discovery got;
	(void)state;
	fixture_begin(&f, NULL);
	for (int m = DISCOVER_TREEWALK; m <= DISCOVER_PSL; m++) {
		struct discover_options o =
		    fixture_options(&f, (enum discover_method)m);
		struct arena *a = arena_new(SIZE_MAX);
		fixture_message(&f);
		discover_policy(f.lookups, &o,
		    check_exact(STR("news.acme.example"), a), f.message, &got);
		arena_free(a);
		check_str(show(&got, f.message),
		    "org@acme.example od=acme.example");
	}
	fixture_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_examples),
		cmocka_unit_test(every_step),
		cmocka_unit_test(questions),
		cmocka_unit_test(prefetch_asks_all),
		cmocka_unit_test(several_records),
		cmocka_unit_test(failures),
		cmocka_unit_test(failure_at_each_level),
		cmocka_unit_test(failure_at_the_skipped_level),
		cmocka_unit_test(guard),
		cmocka_unit_test(reasons),
		cmocka_unit_test(long_record),
		cmocka_unit_test(small_records),
		cmocka_unit_test(long_names),
		cmocka_unit_test(organizational_domains),
		cmocka_unit_test(differs),
		cmocka_unit_test(found_outlives_the_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
