/* SPDX-License-Identifier: BSD-2-Clause */
/* Macros: RFC 7208 7 and RFC 8616 4. */
#include "test/unit/spf_rows.h"

#include "auth/spf_macro.h"

static struct spf_identity
identity(const char *local, const char *client, struct arena *a)
{
	struct spf_identity who = {.local = str_of(local),
	    .domain = STR("email.example.com"),
	    .helo = STR("mx.mail.example.org")};
	who.sender = text_format(a, "%s@email.example.com", local);
	if (!ip_parse(str_of(client), &who.client))
		fail();
	return who;
}

struct expansion {
	const char *section, *spec, *want;
};

static void
check_expansions(const char *local, const char *client,
    const struct expansion *rows)
{
	for (; rows->section != NULL; rows++) {
		struct arena *a = arena_new(1 << 20);
		struct spf_identity who = identity(local, client, a);
		struct str spec = check_exact(str_of(rows->spec), a);
		if (spf_macro_check_string(spec) != NULL)
			fail_msg("%s: %s", rows->spec,
			    spf_macro_check_string(spec));
		check_str(spf_macro_expand(spec, &who,
		    STR("cur.example.net"), STR("p.example.net"), a),
		    rows->want);
		arena_free(a);
	}
}

/* The examples of 7.4, and the same for other letters. */
static void
examples(void **state)
{
	static const struct expansion rows[] = {
		{"7.4", "%{s}", "strong-bad@email.example.com"},
		{"7.4", "%{o}", "email.example.com"},
		{"7.4", "%{d}", "cur.example.net"},
		{"7.4", "%{d4}", "cur.example.net"},
		{"7.4", "%{d3}", "cur.example.net"},
		{"7.4", "%{d2}", "example.net"},
		{"7.4", "%{d1}", "net"},
		{"7.4", "%{dr}", "net.example.cur"},
		{"7.4", "%{d2r}", "example.cur"},
		{"7.4", "%{l}", "strong-bad"},
		{"7.4", "%{l-}", "strong.bad"},
		{"7.4", "%{lr}", "strong-bad"},
		{"7.4", "%{lr-}", "bad.strong"},
		{"7.4", "%{l1r-}", "strong"},
		{"7.4", "%{ir}.%{v}._spf.%{d2}",
		    "3.2.0.192.in-addr._spf.example.net"},
		{"7.4", "%{lr-}.lp._spf.%{d2}",
		    "bad.strong.lp._spf.example.net"},
		{"7.4", "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		    "bad.strong.lp.3.2.0.192.in-addr._spf.example.net"},
		{"7.4", "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		    "3.2.0.192.in-addr.strong.lp._spf.example.net"},
		{"7.4", "%{d2}.trusted-domains.example.net",
		    "example.net.trusted-domains.example.net"},
		{"7.2", "%{h}", "mx.mail.example.org"},
		{"7.2", "%{h2}", "example.org"},
		{"7.2", "%{p}", "p.example.net"},
		{"7.2", "%{p2}", "example.net"},
		{"7.2", "%{i}", "192.0.2.3"},
		{"7.2", "%{i1}", "3"},
		{"7.2", "%{i1r}", "192"},
		{"7.2", "%{v}", "in-addr"},
		{"7.2", "%{v-}", "in.addr"},
		{"7.2", "%%%_%-", "% %20"},
		{"7.3", "%{d999}", "cur.example.net"},
		{"7.3", "X%{D}.Y", "xcur.example.net.y"},
		{"7.3", "a.%{d}.", "a.cur.example.net"},
		{NULL, NULL, NULL},
	};
	static const struct expansion of_v6[] = {
		{"7.4", "%{ir}.%{v}._spf.%{d2}",
		    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1"
		    ".0.0.2.ip6._spf.example.net"},
		{"7.3", "%{i}",
		    "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c"
		    ".b.0.1"},
		{"7.3", "%{i2}", "0.1"},
		{"7.3", "%{v}", "ip6"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_expansions("strong-bad", "192.0.2.3", rows);
	check_expansions("strong-bad", "2001:db8::cb01", of_v6);
}

/* Every delimiter of 7.1, alone and together. */
static void
delimiters(void **state)
{
	static const struct expansion rows[] = {
		{"7.1", "%{l}", "a.b-c+d,e/f_g=h"},
		{"7.1", "%{l.}", "a.b-c+d,e/f_g=h"},
		{"7.1", "%{lr.}", "b-c+d,e/f_g=h.a"},
		{"7.1", "%{l1-}", "c+d,e/f_g=h"},
		{"7.1", "%{l1+}", "d,e/f_g=h"},
		{"7.1", "%{l1,}", "e/f_g=h"},
		{"7.1", "%{l1/}", "f_g=h"},
		{"7.1", "%{l1_}", "g=h"},
		{"7.1", "%{l1=}", "h"},
		{"7.1", "%{l.-+,/_=}", "a.b.c.d.e.f.g.h"},
		{"7.1", "%{lr.-+,/_=}", "h.g.f.e.d.c.b.a"},
		{"7.1", "%{l3r=/}", "h.f_g.a.b-c+d,e"},
		{"7.1", "%{l2+-}", "c.d,e/f_g=h"},
		{"7.1", "%{s1=}", "h@email.example.com"},
		{NULL, NULL, NULL},
	};
	/* Parts may be empty, at either end and between. */
	static const struct expansion empty[] = {
		{"7.3", "%{l-}", ".a..b"},
		{"7.3", "%{l1-}", "b"},
		{"7.3", "%{l2-}", ".b"},
		{"7.3", "%{lr-}x", "b..a.x"},
		{"7.3", "%{l1r-}x", "x"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_expansions("a.b-c+d,e/f_g=h", "192.0.2.3", rows);
	check_expansions("-a--b", "192.0.2.3", empty);
}

/* Upper-case letters: what RFC 3986 2.3 does not call unreserved is escaped,
 * after the parts were taken. */
static void
escapes(void **state)
{
	static const struct expansion rows[] = {
		{"7.3", "%{L}", "~jack%26jill%3dup-a_b3.c"},
		{"7.3", "%{S}", "~jack%26jill%3dup-a_b3.c%40email.example.com"},
		{"7.3", "%{L=}", "~jack%26jill.up-a_b3.c"},
		{"7.3", "%{L1r=}", "~jack%26jill"},
		{"7.3", "%{D}", "cur.example.net"},
		{NULL, NULL, NULL},
	};
	static const struct expansion odd[] = {
		{"7.3", "%{L}", "%01%20%21%27%28%29%2a%ff"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_expansions("~jack&jill=up-a_b3.c", "192.0.2.3", rows);
	check_expansions("\x01 !'()*\xff", "192.0.2.3", odd);
}

/* An expansion over 253 octets loses labels on its left (7.3). */
static void
truncation(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct spf_identity who = identity("u", "192.0.2.3", a);
	struct text t;
	text_init(&t, a);
	for (int i = 0; i < 30; i++)
		text_add(&t, STR("abcdefghi."));
	text_add(&t, STR("com"));
	struct str spec = text_str(&t); /* 303 octets */
	struct str got = spf_macro_expand(spec, &who, STR(""), STR(""), a);
	assert_int_equal(got.n, 253);
	check_str(got, str_cstr(str_sub(spec, 50, 253), a));
	text_add_char(&t, '.');
	got = spf_macro_expand(text_str(&t), &who, STR(""), STR(""), a);
	check_str(got, str_cstr(str_sub(spec, 50, 253), a));
	/* The cut falls into a label, which goes as a whole. */
	text_init(&t, a);
	for (int i = 0; i < 30; i++)
		text_add(&t, STR("abcdefghi."));
	text_add(&t, STR("comm."));
	got = spf_macro_expand(text_str(&t), &who, STR(""), STR(""), a);
	check_str(got, str_cstr(str_sub(text_str(&t), 60, 244), a));
	/* 254 and 253 octets. */
	spec = str_sub(spec, 49, 254);
	got = spf_macro_expand(spec, &who, STR(""), STR(""), a);
	check_str(got, str_cstr(str_sub(spec, 1, 253), a));
	spec = str_sub(spec, 1, 253);
	got = spf_macro_expand(spec, &who, STR(""), STR(""), a);
	assert_true(str_eq(got, spec));
	/* No label that could be left. */
	text_init(&t, a);
	for (int i = 0; i < 300; i++)
		text_add_char(&t, 'x');
	got = spf_macro_expand(text_str(&t), &who, STR(""), STR(""), a);
	assert_int_equal(got.n, 0);
	/* Macros whose value is far longer than a name. */
	who.local = str_sub(text_str(&t), 0, 300);
	got = spf_macro_expand(STR("%{l}%{L}.%{d2}"), &who,
	    STR("a.example.com"), STR(""), a);
	check_str(got, "example.com");
	arena_free(a);
}

/* Macros in an evaluation. */
static void
in_terms(void **state)
{
	static const char zone[] =
	    "1.2.0.192.in-addr.s.example A 127.0.0.2\n"
	    "user.l.example A 127.0.0.2\nmx.example.net.h.example A 127.0.0.2\n"
	    "a%percent%20.example A 192.0.2.1\n"
	    "example.com.d.example TXT 'v=spf1 a:%{d}.x.example -all'\n"
	    "example.com.d.example.x.example A 192.0.2.1\n"
	    "spf.example.com TXT 'v=spf1 exists:%{o}.o.example -all'\n"
	    "example.com.o.example A 127.0.0.2\n"
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
	    ".ip6.s.example A 127.0.0.2\n"
	    "unknown.p.example A 127.0.0.2\nunknown.h.example A 127.0.0.2\n"
	    "1.2.0.192.in-addr.arpa PTR a.other.example\n"
	    "1.2.0.192.in-addr.arpa PTR w.example.com\n"
	    "1.2.0.192.in-addr.arpa PTR forged.example.com\n"
	    "a.other.example A 192.0.2.1\nw.example.com A 192.0.2.1\n"
	    "w.example.com.p.example A 127.0.0.2\n"
	    "2.2.0.192.in-addr.arpa PTR w2.example.com\n"
	    "2.2.0.192.in-addr.arpa PTR example.com\n"
	    "w2.example.com A 192.0.2.2\nexample.com A 192.0.2.2\n"
	    "example.com.p.example A 127.0.0.2\n"
	    "3.2.0.192.in-addr.arpa PTR only.other.example\n"
	    "only.other.example A 192.0.2.3\n"
	    "only.other.example.p.example A 127.0.0.2\n"
	    "b%c3%bc%40example.com.l.example A 127.0.0.2\n"
	    "4.2.0.192.in-addr.arpa PTR forged.example.com\n"
	    "servfail 5.2.0.192.in-addr.arpa\n";
	static const char p[] = "v=spf1 exists:%{p}.p.example -all";
	static const struct row rows[] = {
		ROW("7.2", "v=spf1 exists:%{ir}.%{v}.s.example -all", zone,
		    "192.0.2.1", "pass"),
		ROW("7.2", "v=spf1 exists:%{ir}.%{v}.s.example -all", zone,
		    "192.0.2.2", "fail"),
		ROW("7.2", "v=spf1 exists:%{ir}.%{v}.s.example -all", zone,
		    "2001:db8::1", "pass"),
		ROW("7.2", "v=spf1 exists:%{l}.l.example -all", zone,
		    "192.0.2.1", "pass"),
		ROW("7.2", "v=spf1 exists:%{h}.h.example -all", zone,
		    "192.0.2.1", "pass"),
		{"7.2", "v=spf1 exists:%{h}.h.example -all", zone,
		    "192.0.2.1", "pass", NULL, ""},
		{"7.2", "v=spf1 exists:%{h} -all", zone, "192.0.2.1", "fail",
		    NULL, "JUMPIN' JUPITER"},
		{"7.2", "v=spf1 a:%{h} -all", zone, "192.0.2.1", "fail", NULL,
		    "[192.0.2.1]"},
		{"7.2", "v=spf1 a:%{h} -all", zone, "192.0.2.1", "pass", NULL,
		    "W.Example.Com."},
		ROW("7.1", "v=spf1 a:a%%percent%-.example -all", zone,
		    "192.0.2.1", "pass"),
		/* "d" is the domain of the record, "o" stays the sender's. */
		ROW("7.2", "v=spf1 include:%{d}.d.example -all", zone,
		    "192.0.2.1", "pass"),
		ROW("7.2", "v=spf1 redirect=%{d}.d.example", zone,
		    "192.0.2.1", "pass"),
		ROW("7.2", "v=spf1 include:spf.%{d} -all", zone, "192.0.2.1",
		    "pass"),
		/* "p": below the domain; the domain; any; none. */
		ROW("7.2", p, zone, "192.0.2.1", "pass"),
		ROW("7.2", p, zone, "192.0.2.2", "pass"),
		ROW("7.2", p, zone, "192.0.2.3", "pass"),
		ROW("7.2", p, zone, "192.0.2.4", "pass"),
		ROW("7.2", p, zone, "192.0.2.5", "pass"),
		ROW("7.2", p, zone, "203.0.113.1", "pass"),
		ROW("7.2", "v=spf1 -exists:%{p}.no.example +all", zone,
		    "192.0.2.1", "pass"),
		/* Octets that no name has are not asked for. */
		{"7.3", "v=spf1 exists:%{l}.l.example -all", zone,
		    "192.0.2.1", "fail", "a\\b@example.com", NULL},
		{"7.3", "v=spf1 exists:%{l}.l.example -all", zone,
		    "192.0.2.1", "fail", "a\x01\n@example.com", NULL},
		{"7.3", "v=spf1 exists:%{h}.h.example -all", zone,
		    "192.0.2.1", "fail", NULL, "a\rb\x7f\xff"},
		{"7.3", "v=spf1 include:%{l}.l.example -all", zone,
		    "192.0.2.1", "permerror", "a\x01\n@example.com", NULL},
		/* RFC 8616 4: a local-part that is not ASCII. */
		{"RFC 8616 4", "v=spf1 exists:%{l}.l.example -all", zone,
		    "192.0.2.1", "fail", "b\xc3\xbc@example.com", NULL},
		{"RFC 8616 4", "v=spf1 exists:%{S}.l.example ~all", zone,
		    "192.0.2.1", "softfail", "b\xc3\xbc@example.com", NULL},
		{"RFC 8616 4", "v=spf1 -a:%{l}.l.example +all", zone,
		    "192.0.2.1", "pass", "b\xc3\xbc@example.com", NULL},
		{"RFC 8616 4", "v=spf1 include:%{l}.l.example -all", zone,
		    "192.0.2.1", "fail", "b\xc3\xbc@example.com", NULL},
		{"RFC 8616 4", "v=spf1 redirect=%{l}.l.example", zone,
		    "192.0.2.1", "neutral", "b\xc3\xbc@example.com", NULL},
		{"RFC 8616 4", "v=spf1 exists:%{o}.o.example -all", zone,
		    "192.0.2.1", "pass", "b\xc3\xbc@example.com", NULL},
		END,
	};
	(void)state;
	check_rows(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(delimiters),
		cmocka_unit_test(escapes),
		cmocka_unit_test(truncation),
		cmocka_unit_test(in_terms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
