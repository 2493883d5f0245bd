/* SPDX-License-Identifier: BSD-2-Clause */
/* What an evaluation may cost: RFC 7208 4.6.4 and 11.1, and the look-ahead. */
#include "test/unit/spf_rows.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "auth/spf_lookahead.h"

#define CLIENT "192.0.2.1"
/* The record, ten terms with ten hosts each, the client and ten names of it;
 * and ten records asked ahead that had no say. */
#define MOST_ASKED (1u + 10 * 11 + 11 + 10)

/* Ten names that exist, ten domains whose record has no say. */
static const char ten[] =
    "*.a.example A 203.0.113.1\n"
    "*.i.example TXT 'v=spf1 -all'\n"
    "*.m.example MX 1 h.a.example\n"
    "example.com A 192.0.2.9\nexample.com MX 1 h.a.example\n";

static void
terms(void **state)
{
	static const struct row rows[] = {
		ROW("4.6.4", "v=spf1 a:1.a.example a:2.a.example a:3.a.example "
		    "a:4.a.example a:5.a.example a:6.a.example a:7.a.example "
		    "a:8.a.example a:9.a.example a:10.a.example ip4:" CLIENT,
		    ten, CLIENT, "pass"),
		ROW("4.6.4", "v=spf1 a:1.a.example a:2.a.example a:3.a.example "
		    "a:4.a.example a:5.a.example a:6.a.example a:7.a.example "
		    "a:8.a.example a:9.a.example a:10.a.example "
		    "a:11.a.example +all", ten, CLIENT, "permerror"),
		/* The eleventh would match. */
		ROW("4.6.4", "v=spf1 a a a a a a a a a a a", "example.com A "
		    CLIENT, "192.0.2.2", "permerror"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a a exists:x.a.example",
		    ten, CLIENT, "permerror"),
		/* The tenth does. */
		ROW("4.6.4", "v=spf1 a a a a a a a a a exists:x.a.example a",
		    ten, CLIENT, "pass"),
		/* Each kind counts. */
		ROW("4.6.4", "v=spf1 a a a a a a a a mx exists:%{l}.nx.example "
		    "ip4:" CLIENT, ten, CLIENT, "pass"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a mx mx ip4:" CLIENT, ten,
		    CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a ptr ptr ip4:" CLIENT,
		    ten, CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a a "
		    "exists:%{l}.nx.example ip4:" CLIENT, ten, CLIENT,
		    "permerror"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a include:1.i.example "
		    "ip4:" CLIENT, ten, CLIENT, "pass"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a a include:1.i.example "
		    "ip4:" CLIENT, ten, CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a redirect=1.i.example",
		    ten, CLIENT, "fail"),
		ROW("4.6.4", "v=spf1 a a a a a a a a a a redirect=1.i.example",
		    ten, CLIENT, "permerror"),
		/* ip4, ip6, all and exp do not. */
		ROW("4.6.4", "v=spf1 ip4:203.0.113.1 ip4:203.0.113.2 "
		    "ip4:203.0.113.3 ip6:2001:db8::1 exp=x.example "
		    "ip4:203.0.113.4 ip4:203.0.113.5 ip4:203.0.113.6 "
		    "a a a a a a a a a a +all", ten, CLIENT, "pass"),
		/* Over all records: 1 + 4 + 1 + 4, and one more. */
		ROW("4.6.4", "v=spf1 include:x.example include:y.example "
		    "+all", "x.example TXT 'v=spf1 a a a a -all'\n"
		    "y.example TXT 'v=spf1 a a a a -all'\n"
		    "x.example A 203.0.113.1\ny.example A 203.0.113.2",
		    CLIENT, "pass"),
		ROW("4.6.4", "v=spf1 include:x.example include:y.example a "
		    "+all", "x.example TXT 'v=spf1 a a a a -all'\n"
		    "y.example TXT 'v=spf1 a a a a -all'\n"
		    "x.example A 203.0.113.1\ny.example A 203.0.113.2",
		    CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 include:x.example +all",
		    "x.example TXT 'v=spf1 a a a a a a a a a a +all'\n"
		    "x.example A 203.0.113.1", CLIENT, "permerror"),
		/* Loops end at the limit. */
		ROW("4.6.4", "v=spf1 include:example.com +all", "", CLIENT,
		    "permerror"),
		ROW("4.6.4", "v=spf1 redirect=example.com", "", CLIENT,
		    "permerror"),
		ROW("4.6.4", "v=spf1 include:x.example +all",
		    "x.example TXT 'v=spf1 include:example.com'", CLIENT,
		    "permerror"),
		ROW("4.6.4", "v=spf1 include:x.example +all",
		    "x.example TXT 'v=spf1 redirect=example.com'", CLIENT,
		    "permerror"),
		END,
	};
	(void)state;
	check_rows(rows);
}

static void
voids(void **state)
{
	static const char zone[] =
	    "t.example TXT 'x'\nn.example MX 1 nx1.example\n"
	    "n.example MX 2 nx2.example\nn.example MX 3 nx3.example\n"
	    "i.example TXT 'v=spf1 a:nx1.example -all'\n"
	    "h.example A 203.0.113.1\n"
	    "1.2.0.192.in-addr.arpa PTR nx1.example\n"
	    "1.2.0.192.in-addr.arpa PTR nx2.example\n"
	    "1.2.0.192.in-addr.arpa PTR nx3.example\n";
	static const struct row rows[] = {
		ROW("4.6.4", "v=spf1 a:nx1.example a:nx2.example ~all", zone,
		    CLIENT, "softfail"),
		ROW("4.6.4", "v=spf1 a:nx1.example a:nx2.example "
		    "a:nx3.example ~all", zone, CLIENT, "permerror"),
		/* No record of the type is void, too; the same name again
		 * counts again. */
		ROW("4.6.4", "v=spf1 a:t.example a:t.example a:t.example +all",
		    zone, CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 mx:nx1.example exists:nx2.example "
		    "a:nx3.example +all", zone, CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 exists:%{l}.nx.example "
		    "exists:%{i}.nx.example exists:%{o}.nx.example +all", zone,
		    CLIENT, "permerror"),
		ROW("4.6.4", "v=spf1 ptr a:nx1.example a:nx2.example +all",
		    zone, "192.0.2.2", "permerror"),
		ROW("4.6.4", "v=spf1 a:h.example a:h.example a:h.example +all",
		    zone, "2001:db8::1", "permerror"),
		/* Over all records. */
		ROW("4.6.4", "v=spf1 include:i.example include:i.example +all",
		    zone, CLIENT, "pass"),
		ROW("4.6.4", "v=spf1 include:i.example include:i.example "
		    "include:i.example +all", zone, CLIENT, "permerror"),
		/* What matches before the third. */
		ROW("4.6.4", "v=spf1 a:nx1.example a:nx2.example "
		    "exists:h.example a:nx3.example", zone, CLIENT, "pass"),
		/* Hosts of an mx, names of the client and what is no name do
		 * not count. */
		ROW("4.6.4", "v=spf1 mx:n.example ~all", zone, CLIENT,
		    "softfail"),
		ROW("4.6.4", "v=spf1 ptr exists:%{p}.nx.example a:nx1.example "
		    "~all", zone, CLIENT, "softfail"),
		ROW("4.6.4", "v=spf1 a:a..example a:b..example a:c..example "
		    "~all", zone, CLIENT, "softfail"),
		END,
	};
	(void)state;
	check_rows(rows);
}

/* 4.6.4: ten hosts of an mx, ten names of the client. */
static void
hosts(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct text zone;
	text_init(&zone, a);
	for (int i = 0; i < 10; i++)
		text_printf(&zone, "ten.example MX %d h%d.example\n"
		    "h%d.example A 192.0.2.%d\n"
		    "eleven.example MX %d h%d.example\n"
		    "9.2.0.192.in-addr.arpa PTR h%d.example\n"
		    "8.2.0.192.in-addr.arpa PTR h%d.other.example\n"
		    "%s.2.0.192.in-addr.arpa PTR h%d.example.com\n"
		    "many.example A 203.0.113.%d\nmany.example A 192.0.2.%d\n",
		    i, i, i, i, i, i, i, i, i < 9 ? "7" : "6", i, i, i);
	text_add(&zone, STR("eleven.example MX 99 h10.example\n"
	    "h10.example A 192.0.2.10\n"
	    "8.2.0.192.in-addr.arpa PTR eleventh.example.com\n"
	    "eleventh.example.com A 192.0.2.8\n"
	    "7.2.0.192.in-addr.arpa PTR tenth.example.com\n"
	    "tenth.example.com A 192.0.2.7\n"
	    "eleventh.example.com.p.example A 127.0.0.2\n"
	    "tenth.example.com.p.example A 127.0.0.2\n"));
	const char *z = text_cstr(&zone);
	const struct row rows[] = {
		ROW("4.6.4", "v=spf1 mx:ten.example -all", z, "192.0.2.9",
		    "pass"),
		ROW("4.6.4", "v=spf1 mx:ten.example -all", z, "203.0.113.9",
		    "fail"),
		ROW("4.6.4", "v=spf1 mx:eleven.example -all", z, "192.0.2.0",
		    "permerror"),
		ROW("4.6.4", "v=spf1 mx:eleven.example +all", z, "192.0.2.10",
		    "permerror"),
		ROW("4.6.4", "v=spf1 ptr -all", z, "192.0.2.7", "pass"),
		ROW("4.6.4", "v=spf1 ptr -all", z, "192.0.2.8", "fail"),
		ROW("4.6.4", "v=spf1 exists:%{p}.p.example -all", z,
		    "192.0.2.7", "pass"),
		ROW("4.6.4", "v=spf1 exists:%{p}.p.example -all", z,
		    "192.0.2.8", "fail"),
		/* An a has no such limit. */
		ROW("4.6.4", "v=spf1 a:many.example -all", z, "192.0.2.9",
		    "pass"),
		END,
	};
	check_rows(rows);
	arena_free(a);
}

/* ---- questions -------------------------------------------------------------- */

/* How many are asked: by a prefetch when all is known, and in all. */
struct cost_row {
	const char *policy, *zone, *client;
	unsigned ahead, asked;
};

static void
costs(void **state)
{
	static const char zone[] =
	    "i.example TXT 'v=spf1 ip4:192.0.2.1 -all'\n"
	    "n.example TXT 'v=spf1 a:1.a.example include:i.example ~all'\n"
	    "m.example MX 1 1.a.example\nm.example MX 2 2.a.example\n"
	    "*.a.example A 203.0.113.1\nmine.example A 192.0.2.1\n"
	    "bad.example TXT 'v=spf1 bogus'\nservfail e.example\n"
	    "k.example TXT 'v=spf1 exists:%{i}.nx.example a:mine.example'\n"
	    "big.example MX 1 1.a.example\nbig.example MX 2 2.a.example\n"
	    "big.example MX 3 3.a.example\nbig.example MX 4 4.a.example\n"
	    "big.example MX 5 5.a.example\nbig.example MX 6 6.a.example\n"
	    "big.example MX 7 7.a.example\nbig.example MX 8 8.a.example\n"
	    "big.example MX 9 9.a.example\nbig.example MX 10 10.a.example\n"
	    "big.example MX 11 11.a.example\n";
	static const struct cost_row rows[] = {
		/* Nothing but the record. */
		{NULL, "", CLIENT, 1, 1},
		{"v=spf1 ip4:192.0.2.0/24 a mx -all", zone, CLIENT, 1, 1},
		{"v=spf1 -all a mx include:i.example", zone, CLIENT, 1, 1},
		{"v=spf1 bogus include:i.example", zone, CLIENT, 1, 1},
		/* Every kind, and no further than what matches. */
		{"v=spf1 a:1.a.example mx:m.example exists:mine.example a",
		    zone, CLIENT, 5, 5},
		{"v=spf1 mx:m.example a:3.a.example -all", zone, CLIENT, 5, 5},
		{"v=spf1 a:mine.example a:1.a.example", zone, CLIENT, 2, 2},
		{"v=spf1 a:mine.example a:1.a.example", zone, "2001:db8::1",
		    3, 3},
		{"v=spf1 include:i.example a:1.a.example", zone, CLIENT, 2, 2},
		{"v=spf1 include:i.example a:1.a.example", zone, "192.0.2.2",
		    3, 3},
		{"v=spf1 -include:i.example a:1.a.example", zone, CLIENT, 2, 2},
		{"v=spf1 include:n.example a:2.a.example", zone, CLIENT, 4, 4},
		{"v=spf1 include:n.example a:2.a.example", zone, "192.0.2.2",
		    5, 5},
		{"v=spf1 redirect=n.example", zone, CLIENT, 4, 4},
		/* ... or what ends the check. */
		{"v=spf1 include:nx.example a:1.a.example", zone, CLIENT, 2, 2},
		{"v=spf1 include:bad.example a:1.a.example", zone, CLIENT, 2,
		    2},
		{"v=spf1 a:e.example a:1.a.example", zone, CLIENT, 2, 2},
		{"v=spf1 mx:big.example a:1.a.example", zone, CLIENT, 2, 2},
		/* Names with macros, and the client's, are not asked ahead;
		 * what follows them is, though they may match. */
		{"v=spf1 exists:%{i}.a.example a:1.a.example", zone, CLIENT, 2,
		    3},
		{"v=spf1 a:%{d} mx:m.example", zone, CLIENT, 4, 5},
		{"v=spf1 ptr a:1.a.example", zone, CLIENT, 2, 3},
		{"v=spf1 include:k.example a:1.a.example", zone, CLIENT, 4, 5},
		/* Ten terms; two void answers. */
		{"v=spf1 a:1.a.example a:2.a.example a:3.a.example "
		    "a:4.a.example a:5.a.example a:6.a.example a:7.a.example "
		    "a:8.a.example a:9.a.example a:10.a.example "
		    "a:11.a.example a:12.a.example", zone, CLIENT, 11, 11},
		{"v=spf1 a:nx1.example a:nx2.example a:nx3.example "
		    "a:nx4.example a:nx5.example", zone, CLIENT, 3, 4},
		{"v=spf1 mx:nx1.example a:nx2.example include:i.example",
		    zone, CLIENT, 3, 4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct cost_row *c = &rows[i];
		struct arena *a = arena_new(1 << 20);
		struct row r = ROW("cost", c->policy, c->zone, c->client, NULL);
		struct played p;
		row_play(&r, PREFETCHED, a, &p);
		if (p.ahead != c->ahead || p.asked != c->asked)
			fail_msg("%s: asked %u ahead and %u in all, want %u "
			    "and %u", c->policy, p.ahead, p.asked, c->ahead,
			    c->asked);
		row_play(&r, AT_ONCE, a, &p);
		if (p.asked > c->asked)
			fail_msg("%s: asked %u", c->policy, p.asked);
		arena_free(a);
	}
}

/* How often an evaluation waits: once for each depth, not for each term. */
static void
rounds(void **state)
{
	static const char zone[] =
	    "*.i.example TXT 'v=spf1 -all'\n*.a.example A 203.0.113.1\n"
	    "m.example MX 1 1.a.example\nm.example MX 2 2.a.example\n"
	    "n.example MX 1 3.a.example\nn.example MX 2 4.a.example\n"
	    "x.example TXT 'v=spf1 include:1.i.example a:1.a.example -all'\n"
	    "y.example TXT 'v=spf1 include:2.i.example mx:m.example -all'\n"
	    "z.example TXT 'v=spf1 redirect=y.example'\n"
	    "example.com MX 1 1.a.example\nexample.com MX 2 2.a.example\n"
	    "*.l.example A 127.0.0.2\n"
	    "1.2.0.192.in-addr.arpa PTR 1.a.example\n"
	    "1.2.0.192.in-addr.arpa PTR 2.a.example\n";
	static const struct {
		const char *policy;
		unsigned rounds;
	} rows[] = {
		{"v=spf1 -all", 1},
		{"v=spf1 a:1.a.example a:2.a.example a:3.a.example "
		    "include:1.i.example include:2.i.example -all", 2},
		{"v=spf1 mx:m.example mx:n.example -all", 3},
		{"v=spf1 include:x.example include:y.example a:4.a.example "
		    "-all", 4},
		{"v=spf1 include:1.i.example include:y.example "
		    "include:x.example -all", 4},
		{"v=spf1 include:z.example include:x.example -all", 5},
		{"v=spf1 a:1.a.example redirect=x.example", 3},
		{"v=spf1 -exists:%{i}.nx.example -exists:%{l}.nx.example -all",
		    3},
		{"v=spf1 mx:%{d} -all", 3},
		{"v=spf1 ptr -all", 3},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct row r = ROW("11.1", rows[i].policy, zone, CLIENT, NULL);
		struct played p;
		row_play(&r, SLOWLY, a, &p);
		assert_int_equal(p.check.result, SPF_FAIL);
		if (p.rounds != rows[i].rounds)
			fail_msg("%s: waited %u times, want %u",
			    rows[i].policy, p.rounds, rows[i].rounds);
		assert_int_equal(p.ahead, 1);
		arena_free(a);
	}
}

/* A prefetch that is made again goes on with what has come. */
static void
prefetch_again(void **state)
{
	static const char text[] =
	    "example.com TXT \"v=spf1 include:i.example a:h.example -all\"\n"
	    "i.example TXT \"v=spf1 mx:m.example -all\"\n"
	    "m.example MX 1 n.example\nh.example A 203.0.113.1\n"
	    "n.example A 203.0.113.2\n";
	static const unsigned asked[] = {1, 3, 4, 5, 5};
	(void)state;
	struct arena *a = arena_new(1 << 20);
	size_t line;
	const char *why;
	struct slow slow;
	slow_init(&slow, zone_parse(STR(text), a, &line, &why));
	struct lookups *l = lookups_new(&slow.dns, 1000, slow_arrive, &slow, a);
	struct row r = ROW("11.1", NULL, "", CLIENT, NULL);
	struct spf_input in = row_input(&r, a);
	struct spf_check check;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		spf_prefetch(&in, l, a);
		assert_int_equal(lookups_asked(l, DNS_FOR_SPF), asked[i]);
		slow_arrive(&slow);
	}
	slow.rounds = 0;
	spf_evaluate(&in, l, a, &check);
	assert_int_equal(check.result, SPF_FAIL);
	assert_int_equal(slow.rounds, 0);
	arena_free(a);
}

/* ---- amplification ---------------------------------------------------------- */

/* Records that a sender made to be as dear as can be (11.1). */
struct trap {
	const char *policy, *zone;
	unsigned ahead, asked; /* at most */
};

static void
check_trap(const struct trap *t)
{
	struct arena *a = arena_new(1 << 20);
	struct row r = ROW("11.1", t->policy, t->zone, CLIENT, NULL);
	for (int how = AT_ONCE; how < HOWS; how++) {
		struct played p;
		row_play(&r, (enum how)how, a, &p);
		if (p.ahead > t->ahead || p.asked > t->asked ||
		    p.ahead > SPF_LOOKAHEAD_MAX || p.asked > MOST_ASKED)
			fail_msg("%s (way %d): asked %u ahead, %u in all",
			    t->policy, how, p.ahead, p.asked);
	}
	arena_free(a);
}

static void
traps(void **state)
{
	/* Ten includes wide, three deep: 1111 records. */
	static const char tree[] =
	    "*.t.example TXT 'v=spf1 include:1.u.example include:2.u.example "
	    "include:3.u.example include:4.u.example include:5.u.example "
	    "include:6.u.example include:7.u.example include:8.u.example "
	    "include:9.u.example include:10.u.example'\n"
	    "*.u.example TXT 'v=spf1 include:1.v.example include:2.v.example "
	    "include:3.v.example include:4.v.example include:5.v.example "
	    "include:6.v.example include:7.v.example include:8.v.example "
	    "include:9.v.example include:10.v.example'\n"
	    "*.v.example TXT 'v=spf1 a:%{i}.a.example'\n";
	static const struct trap rows[] = {
		{"v=spf1 include:1.t.example include:2.t.example "
		    "include:3.t.example include:4.t.example "
		    "include:5.t.example include:6.t.example "
		    "include:7.t.example include:8.t.example "
		    "include:9.t.example include:10.t.example "
		    "include:11.t.example include:12.t.example", tree, 11, 29},
		{"v=spf1 include:1.t.example", tree, 11, 20},
		{"v=spf1 include:example.com include:example.com", "", 1, 1},
		{"v=spf1 exists:%{i}.1.a.example exists:%{i}.2.a.example "
		    "exists:%{i}.3.a.example exists:%{i}.4.a.example", "", 1,
		    4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_trap(&rows[i]);
}

/* Ten mx of ten hosts each, and the client's ten names: the most there is. */
static void
many_hosts(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct text zone, policy;
	text_init(&zone, a);
	text_init(&policy, a);
	text_add(&policy, STR("v=spf1"));
	for (int i = 0; i < 20; i++) {
		text_printf(&policy, " mx:m%d.example", i);
		for (int j = 0; j < 10; j++)
			text_printf(&zone, "m%d.example MX %d "
			    "h%d.m%d.example\n", i, j, j, i);
		text_printf(&zone, "1.2.0.192.in-addr.arpa PTR p%d.example\n",
		    i);
	}
	check_trap(&(struct trap) {text_cstr(&policy), text_cstr(&zone), 21,
	    111});
	struct text with_names;
	text_init(&with_names, a);
	text_add(&with_names, STR("v=spf1 exists:%{p}.example"));
	text_add(&with_names, str_sub(text_str(&policy), 6, 1000));
	check_trap(&(struct trap) {text_cstr(&with_names), text_cstr(&zone),
	    20, 112});
	/* The same in the first of ten records. */
	text_printf(&zone, "1.i.example TXT 'v=spf1%.*s'\n",
	    STR_ARG(str_sub(text_str(&with_names), 6, 200)));
	text_add(&zone, STR("*.i.example TXT 'v=spf1 +all'\n"));
	check_trap(&(struct trap) {"v=spf1 include:1.i.example "
	    "include:2.i.example include:3.i.example include:4.i.example "
	    "include:5.i.example include:6.i.example include:7.i.example "
	    "include:8.i.example include:9.i.example include:10.i.example",
	    text_cstr(&zone), 20, 121});
	arena_free(a);
}

/* ---- deadline, silence, threads --------------------------------------------- */

/* 4.6.4: no answer within the message's time is a temperror. */
static void
deadline(void **state)
{
	static const char text[] = "example.com TXT \"v=spf1 a:h.example "
	    "include:i.example +all\"\nh.example A 203.0.113.1";
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct arena *a = arena_new(1 << 20);
		size_t line;
		const char *why;
		struct zone *z = zone_parse(STR(text), a, &line, &why);
		struct slow slow;
		slow_init(&slow, z);
		struct lookups *l = lookups_new(&slow.dns, 1, NULL, NULL, a);
		struct row r = ROW("4.6.4", NULL, "", CLIENT, NULL);
		struct spf_input in = row_input(&r, a);
		struct spf_check check;
		/* Nothing arrives, or the record, or an address, too. */
		spf_prefetch(&in, l, a);
		for (size_t j = 0; j < i; j++) {
			slow_arrive(&slow);
			dns_ask(l, DNS_FOR_SPF, DNS_A, STR("h.example"));
		}
		spf_evaluate(&in, l, a, &check);
		assert_int_equal(check.result, SPF_TEMPERROR);
		row_check_reason(&r, check.reason);
		slow_arrive(&slow);
		arena_free(a);
	}
}

/* libspf2 writes nothing, whatever happens. */
static void
silence(void **state)
{
	static const char *const policies[] = {
		"v=spf1 a:x.example a:y.example a:z.example", "v=spf1 bogus",
		"v=spf1 ?include:example.com", "v=spf1 redirect=nx.example",
		"v=spf1 mx ptr exists:%{p}.example ~all",
	};
	(void)state;
	FILE *caught = tmpfile();
	assert_non_null(caught);
	fflush(stdout);
	int out = dup(1), err = dup(2);
	dup2(fileno(caught), 1);
	dup2(fileno(caught), 2);
	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct row r = ROW("-", policies[i], "", CLIENT, NULL);
		struct played p;
		row_play(&r, SLOWLY, a, &p);
		arena_free(a);
	}
	fflush(stdout);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	assert_int_equal(lseek(fileno(caught), 0, SEEK_END), 0);
	fclose(caught);
}

static void *
evaluate_many(void *arg)
{
	struct row r = ROW("-", "v=spf1 include:1.i.example mx a:%{h} "
	    "exists:%{ir}.%{p} ~all", ten, CLIENT, NULL);
	unsigned *right = arg;
	for (int i = 0; i < 30; i++) {
		struct arena *a = arena_new(1 << 20);
		struct played p;
		row_play(&r, SLOWLY, a, &p);
		*right += p.check.result == SPF_SOFTFAIL;
		arena_free(a);
	}
	return NULL;
}

static void
threads(void **state)
{
	pthread_t thread[4];
	unsigned right[4] = {0};
	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
		    evaluate_many, &right[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(right[i], 30);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms),
		cmocka_unit_test(voids),
		cmocka_unit_test(hosts),
		cmocka_unit_test(costs),
		cmocka_unit_test(rounds),
		cmocka_unit_test(prefetch_again),
		cmocka_unit_test(traps),
		cmocka_unit_test(many_hosts),
		cmocka_unit_test(deadline),
		cmocka_unit_test(silence),
		cmocka_unit_test(threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
