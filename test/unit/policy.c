/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/policy.h"

#include "base/text.h"
#include "net/dns.h"
#include "test/lib/check.h"
#include "test/unit/dmarc_fixture.h"

/* A policy as one line: the owner's word and its tag, what it asks for where
 * that is something else, and why. */
static struct str
show(const struct policy *p, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	text_printf(&t, "%s=%s", table_name(policy_tag_names, (int)p->tag),
	    table_name(record_policy_names, (int)p->owner));
	if ((int)p->disposition != (int)p->owner)
		text_printf(&t, " %s", table_name(disposition_names,
		    (int)p->disposition));
	if (p->is_temperror)
		text_add(&t, STR(" temperror"));
	for (size_t i = 0; i < p->reasons.count; i++) {
		const struct reason *r = &p->reasons.at[i];
		text_printf(&t, " %s", table_name(reason_names, (int)r->type));
		if (r->comment.n > 0)
			text_printf(&t, "(%.*s)", STR_ARG(r->comment));
	}
	return text_str(&t);
}

/* With the draw that pct is held against. */
static void
apply(struct fixture *f, enum discover_method method, const char *author,
    bool is_pct_honoured, unsigned draw, struct policy *out)
{
	struct policy_options o = {.method = method,
	    .is_pct_honoured = is_pct_honoured, .draw = draw};
	struct discovery d;

	fixture_discover(f, method, author, &d);
	if (d.status != DISCOVER_FOUND)
		fail_msg("%s: %.*s", author, STR_ARG(d.reason));
	policy_apply(f->lookups, &o, &d, str_of(author), out);
}

static void
check_policy(struct fixture *f, enum discover_method method,
    const char *author, unsigned draw, const char *want)
{
	struct policy got;
	apply(f, method, author, true, draw, &got);
	struct str shown = show(&got, f->message);
	if (!str_eq(shown, str_of(want)))
		fail_msg("%s, %s: got \"%.*s\", want \"%s\"", author,
		    table_name(discover_method_names, (int)method),
		    STR_ARG(shown), want);
}

/* RFC 9989 4.7, 4.10.1; RFC 7489 6.3: the worked examples. */
static void
worked_examples(void **state)
{
	static const struct {
		const char *author;
		const char *walk, *psl; /* NULL: no record applies */
	} rows[] = {
		{"acme.example", "p=reject", "p=reject"},
		{"news.acme.example", "sp=quarantine", "sp=quarantine"},
		{"ghost.acme.example", "np=reject", "sp=quarantine"},
		{"sub.beta.example", "p=quarantine", "p=quarantine"},
		{"eu.delta.example", "p=quarantine", NULL},
		{"giant.bank.example", "p=none", "p=none"},
		{"mega.bank.example", "sp=quarantine", NULL},
		{"fake.bank.example", "np=reject", NULL},
		{"bank.example", "p=reject", "p=reject"},
		{"lab.cs.uni.example", "p=reject", "p=none"},
		{"a.b.multi.example", "sp=quarantine", "sp=quarantine"},
		{"b.multi.example", "p=none", "p=none"},
		{"victim.co.example", "p=reject", NULL},
		{"nop.example", "p=none", "p=none"},
		{"badsp.example", "p=none", "p=none"},
		{"x.badsp.example", "p=none", "p=none"},
		{"test.example", "p=reject quarantine policy_test_mode",
		    "p=reject"},
		{"testq.example", "p=quarantine none policy_test_mode",
		    "p=quarantine"},
		{"pct.example", "p=reject quarantine local_policy(pct)",
		    "p=reject quarantine sampled_out"},
		{"alias.example", "p=quarantine", "p=quarantine"},
		{"a.b.c.d.e.f.g.h.reg.example", "p=reject", NULL},
	};
	struct fixture f;
	(void)state;
	fixture_begin(&f, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_policy(&f, DISCOVER_TREEWALK, rows[i].author, 0,
		    rows[i].walk);
		if (rows[i].psl != NULL)
			check_policy(&f, DISCOVER_PSL, rows[i].author, 0,
			    rows[i].psl);
	}
	fixture_end(&f);
}

/* RFC 9989 4.7: which tag holds where, of a name that exists, that does not,
 * and that has the record itself. sp and np mean nothing there. */
static void
tags(void **state)
{
	static const struct {
		const char *tags;
		const char *own, *existing, *missing;
	} rows[] = {
		{"p=reject", "p=reject", "p=reject", "p=reject"},
		{"p=reject; sp=none", "p=reject", "sp=none", "sp=none"},
		{"p=reject; np=none", "p=reject", "p=reject", "np=none"},
		{"p=none; sp=quarantine; np=reject", "p=none",
		    "sp=quarantine", "np=reject"},
		{"p=none; np=reject", "p=none", "p=none", "np=reject"},
		{"p=reject; sp=none; np=none", "p=reject", "sp=none",
		    "sp=none"},
		{"p=none; sp=none; np=none", "p=none", "sp=none", "sp=none"},
		/* RFC 9989 4.10.1: a bad one, and a rua that saves it. */
		{"p=reject; np=junk; rua=mailto:a@b.example", "p=none",
		    "p=none", "p=none"},
		/* Repeated is as absent, for sp and np. */
		{"p=reject; sp=none; sp=none; np=none; np=none", "p=reject",
		    "p=reject", "p=reject"},
	};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f;
		fixture_begin(&f, text_format(a, RECORD("x.example", "%s")
		    "exists www.x.example\n", rows[i].tags).p);
		check_policy(&f, DISCOVER_TREEWALK, "x.example", 0,
		    rows[i].own);
		check_policy(&f, DISCOVER_TREEWALK, "www.x.example", 0,
		    rows[i].existing);
		check_policy(&f, DISCOVER_TREEWALK, "no.x.example", 0,
		    rows[i].missing);
		fixture_end(&f);
	}
	arena_free(a);
}

/* RFC 9989 3.2.13, RFC 8020 2, RFC 6604 3: what makes a name exist. */
static void
existence(void **state)
{
	static const struct {
		const char *zone, *want;
	} rows[] = {
		{"", "np=none"},
		{"nxdomain a.x.example\n", "np=none"},
		/* A name without data, or with data of another type. */
		{"exists a.x.example\n", "p=reject"},
		{"a.x.example TXT \"any\"\n", "p=reject"},
		{"a.x.example A 192.0.2.1\n", "p=reject"},
		{"b.a.x.example A 192.0.2.1\n", "p=reject"},
		{"*.x.example A 192.0.2.1\n", "p=reject"},
		/* Behind an alias the status is that of its target. */
		{"a.x.example CNAME gone.test\n", "p=reject"},
		{"a.x.example CNAME b.test\nb.test A 192.0.2.1\n",
		    "p=reject"},
		{"a.x.example CNAME bad.test\nservfail bad.test\n",
		    "p=reject temperror"},
		{"servfail a.x.example\n", "p=reject temperror"},
		{"timeout a.x.example A\n", "p=reject temperror"},
		{"malformed a.x.example\n", "p=reject temperror"},
		/* Only the name itself is asked. */
		{"servfail x.example A\nexists a.x.example\n", "p=reject"},
	};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f;
		fixture_begin(&f, text_format(a,
		    RECORD("x.example", "p=reject; np=none") "%s",
		    rows[i].zone).p);
		check_policy(&f, DISCOVER_TREEWALK, "a.x.example", 0,
		    rows[i].want);
		fixture_end(&f);
	}
	arena_free(a);
}

/* The name is asked for only where the answer would change the policy. */
static void
laziness(void **state)
{
	static const struct {
		const char *tags, *author;
		unsigned walk; /* questions more than the discovery's */
	} rows[] = {
		{"p=reject; np=none", "no.x.example", 1},
		{"p=reject; sp=none; np=reject", "no.x.example", 1},
		{"p=reject; sp=none; np=none", "no.x.example", 0},
		{"p=reject; np=reject", "no.x.example", 0},
		{"p=reject; sp=none", "no.x.example", 0},
		{"p=reject; np=none", "x.example", 0},
		{"p=reject; np=junk; rua=mailto:a@b.example", "no.x.example",
		    0},
	};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		bool is_walk = i % 2 == 0;
		struct policy_options o = {.is_pct_honoured = true,
		    .method = is_walk ? DISCOVER_TREEWALK : DISCOVER_PSL};
		struct fixture f;
		struct discovery d;
		struct policy p;
		struct str author = str_of(rows[i / 2].author);
		fixture_begin(&f, text_format(a, RECORD("x.example", "%s")
		    "servfail a.x.example\n", rows[i / 2].tags).p);
		fixture_discover(&f, o.method, author.p, &d);
		unsigned asked = lookups_asked(f.lookups, DNS_FOR_POLICY);
		policy_prefetch(f.lookups, &d, author);
		unsigned got = lookups_asked(f.lookups, DNS_FOR_POLICY) - asked;
		/* RFC 7489 knows no np. */
		if (got != (is_walk ? rows[i / 2].walk : 0))
			fail_msg("%s: %u questions", rows[i / 2].tags, got);
		policy_apply(f.lookups, &o, &d, author, &p);
		assert_int_equal(lookups_asked(f.lookups, DNS_FOR_POLICY),
		    asked + got);
		fixture_end(&f);
	}
	arena_free(a);
}

/* RFC 7489 6.3, 6.6.4: selected if draw < pct; what is not is treated one level
 * milder. RFC 9989 4.7, App. A.6: t=y, which stands in for pct where both are
 * given. */
static void
sampling(void **state)
{
#define OUT_R "p=reject quarantine "
#define OUT_Q "p=quarantine none "
#define LOCAL "local_policy(pct)"
	static const struct {
		const char *tags;
		unsigned draw;
		const char *walk, *psl;
	} rows[] = {
		{"p=reject; pct=0", 0, OUT_R LOCAL, OUT_R "sampled_out"},
		{"p=reject; pct=0", 99, OUT_R LOCAL, OUT_R "sampled_out"},
		{"p=reject; pct=1", 0, "p=reject", "p=reject"},
		{"p=reject; pct=1", 1, OUT_R LOCAL, OUT_R "sampled_out"},
		{"p=reject; pct=50", 49, "p=reject", "p=reject"},
		{"p=reject; pct=50", 50, OUT_R LOCAL, OUT_R "sampled_out"},
		{"p=reject; pct=99", 98, "p=reject", "p=reject"},
		{"p=reject; pct=99", 99, OUT_R LOCAL, OUT_R "sampled_out"},
		{"p=reject; pct=100", 99, "p=reject", "p=reject"},
		{"p=reject", 99, "p=reject", "p=reject"},
		/* Not a number from 0 to 100: the default. */
		{"p=reject; pct=101", 99, "p=reject", "p=reject"},
		{"p=reject; pct=x", 99, "p=reject", "p=reject"},
		{"p=reject; pct=", 99, "p=reject", "p=reject"},
		{"p=reject; pct=0; pct=0", 99, "p=reject", "p=reject"},
		{"p=quarantine; pct=0", 0, OUT_Q LOCAL, OUT_Q "sampled_out"},
		/* Nothing to make milder. */
		{"p=none; pct=0", 0, "p=none", "p=none"},
		{"p=none; t=y", 0, "p=none", "p=none"},
		{"p=reject; t=y", 0, OUT_R "policy_test_mode", "p=reject"},
		{"p=quarantine; t=y", 0, OUT_Q "policy_test_mode",
		    "p=quarantine"},
		{"p=reject; t=n", 0, "p=reject", "p=reject"},
		{"p=reject; t=y; pct=0", 0, OUT_R "policy_test_mode",
		    OUT_R "sampled_out"},
		{"p=reject; t=y; pct=100", 99, OUT_R "policy_test_mode",
		    "p=reject"},
		{"p=quarantine; t=y; pct=0", 0, OUT_Q "policy_test_mode",
		    OUT_Q "sampled_out"},
	};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f;
		fixture_begin(&f, text_format(a, RECORD("x.example", "%s"),
		    rows[i].tags).p);
		check_policy(&f, DISCOVER_TREEWALK, "x.example", rows[i].draw,
		    rows[i].walk);
		check_policy(&f, DISCOVER_PSL, "x.example", rows[i].draw,
		    rows[i].psl);
		fixture_end(&f);
	}
	arena_free(a);
}

/* Of a hundred draws exactly pct are selected (RFC 7489 6.6.4). */
static void
every_draw(void **state)
{
	static const unsigned pcts[] = {0, 1, 33, 50, 99, 100};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof pcts / sizeof pcts[0]; i++) {
		struct fixture f;
		unsigned selected = 0, unsampled = 0;
		fixture_begin(&f, text_format(a, RECORD("x.example",
		    "p=reject; pct=%u"), pcts[i]).p);
		for (unsigned draw = 0; draw < 100; draw++) {
			struct policy p;
			apply(&f, DISCOVER_PSL, "x.example", true, draw, &p);
			selected += p.disposition == DISPOSITION_REJECT;
			apply(&f, DISCOVER_PSL, "x.example", false, draw, &p);
			unsampled += p.disposition == DISPOSITION_REJECT;
		}
		assert_int_equal(selected, pcts[i]);
		assert_int_equal(unsampled, 100); /* honour-pct = no */
		fixture_end(&f);
	}
	arena_free(a);
}

/* Both options hold for sp and np as for p (RFC 9989 4.7, RFC 7489 6.3). */
static void
options_of_subdomains(void **state)
{
	static const char zone[] =
	    RECORD("t.example", "p=none; sp=reject; np=quarantine; t=y")
	    "exists a.t.example\n"
	    RECORD("p.example", "p=none; sp=reject; np=quarantine; pct=10")
	    "exists a.p.example\n";
	struct fixture f;
	(void)state;
	fixture_begin(&f, zone);
	check_policy(&f, DISCOVER_TREEWALK, "t.example", 50, "p=none");
	check_policy(&f, DISCOVER_TREEWALK, "a.t.example", 50,
	    "sp=reject quarantine policy_test_mode");
	check_policy(&f, DISCOVER_TREEWALK, "no.t.example", 50,
	    "np=quarantine none policy_test_mode");
	check_policy(&f, DISCOVER_TREEWALK, "a.p.example", 50,
	    "sp=reject quarantine local_policy(pct)");
	check_policy(&f, DISCOVER_TREEWALK, "no.p.example", 50,
	    "np=quarantine none local_policy(pct)");
	check_policy(&f, DISCOVER_PSL, "no.p.example", 50,
	    "sp=reject quarantine sampled_out");
	fixture_end(&f);
}

/* RFC 9990 3.1.6: reasons are kept up to a bound, the first ones. */
static void
reasons(void **state)
{
	struct reasons r = {.count = 0};
	(void)state;
	for (unsigned i = 0; i < POLICY_MAX_REASONS + 2; i++)
		reasons_add(&r, i == 0 ? REASON_FORWARDED : REASON_OTHER,
		    i == 0 ? STR("first") : STR(""));
	assert_int_equal(r.count, POLICY_MAX_REASONS);
	assert_int_equal(r.at[0].type, REASON_FORWARDED);
	check_str(r.at[0].comment, "first");
	assert_int_equal(r.at[POLICY_MAX_REASONS - 1].type, REASON_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_examples),
		cmocka_unit_test(tags),
		cmocka_unit_test(existence),
		cmocka_unit_test(laziness),
		cmocka_unit_test(sampling),
		cmocka_unit_test(every_draw),
		cmocka_unit_test(options_of_subdomains),
		cmocka_unit_test(reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
