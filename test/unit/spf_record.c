/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar of records: RFC 7208 4.6.1, 5, 6, 7.1 and the collected ABNF of
 * its section 12. */
#include "test/unit/spf_rows.h"

#define CLIENT "192.0.2.1"

/* Policies of example.com, which has CLIENT for its address. */
struct policy_row {
	const char *section;
	const char *policy;
	const char *want;
};

static void
check_policies(const struct policy_row *rows)
{
	for (; rows->section != NULL; rows++) {
		const struct row row[] = {
			ROW(rows->section, rows->policy,
			    "example.com A " CLIENT "\n"
			    "r.example TXT 'v=spf1 ~all'", CLIENT, rows->want),
			END,
		};
		check_rows(row);
	}
}

static void
terms(void **state)
{
	static const struct policy_row rows[] = {
		{"4.6.1", "v=spf1 a -all ", "pass"},
		{"4.6.1", "v=spf1   a   -all   ", "pass"},
		{"4.6.1", "v=spf1 A -ALL", "pass"},
		{"4.6.1", "v=spf1 a\t-all", "permerror"},
		{"4.6.1", "v=spf1 a \t-all", "permerror"},
		{"4.6.1", "v=spf1 a\r\n-all", "permerror"},
		{"4.6.1", "v=spf1 a\x7f -all", "permerror"},
		{"3.1", "v=spf1 a -all\xc3\xa9", "permerror"},
		{"3.1", "v=spf1 \x80" "a -all", "permerror"},
		{"4.6.1", "v=spf1 a, -all", "permerror"},
		{"4.6.1", "v=spf1 a;-all", "permerror"},
		{"4.6.1", "v=spf1 + a", "permerror"},
		{"4.6.1", "v=spf1 ++a", "permerror"},
		{"4.6.1", "v=spf1 +-a", "permerror"},
		{"4.6.1", "v=spf1 !a", "permerror"},
		{"4.6.1", "v=spf1 =a", "permerror"},
		{"4.6.1", "v=spf1 :a", "permerror"},
		{"4.6.1", "v=spf1 /24", "permerror"},
		{"4.6.1", "v=spf1 -", "permerror"},
		{"4.6.1", "v=spf1 \"a\"", "permerror"},
		{"4.6.1", "v=spf1 aa", "permerror"},
		{"4.6.1", "v=spf1 ip5:192.0.2.1", "permerror"},
		{"4.6.1", "v=spf1 ip:192.0.2.1", "permerror"},
		{"4.6.1", "v=spf1 192.0.2.1", "permerror"},
		{"4.6.1", "v=spf1 v=spf1 a", "pass"},
		{"4.6.1", "v=spf1 redirect:r.example", "permerror"},
		{"4.6.1", "v=spf1 exp:r.example", "permerror"},
		{"4.6.1", "v=spf1 include", "permerror"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_policies(rows);
}

/* all = "all", and so on: what may stand behind a name. */
static void
operands(void **state)
{
	static const struct policy_row rows[] = {
		{"5.1", "v=spf1 -all.", "permerror"},
		{"5.1", "v=spf1 -all:example.com", "permerror"},
		{"5.1", "v=spf1 -all:", "permerror"},
		{"5.1", "v=spf1 -all/8", "permerror"},
		{"5.2", "v=spf1 include:", "permerror"},
		{"5.2", "v=spf1 include:r.example/24", "permerror"},
		{"5.2", "v=spf1 include/24", "permerror"},
		{"5.3", "v=spf1 a:", "permerror"},
		{"5.3", "v=spf1 a:/24", "permerror"},
		{"5.3", "v=spf1 a/", "permerror"},
		{"5.3", "v=spf1 a//", "permerror"},
		{"5.3", "v=spf1 a/24/", "permerror"},
		{"5.3", "v=spf1 a///24", "permerror"},
		{"5.3", "v=spf1 a/33", "permerror"},
		{"5.3", "v=spf1 a/99999999999999999999", "permerror"},
		{"5.3", "v=spf1 a/024", "permerror"},
		{"5.3", "v=spf1 a/00", "permerror"},
		{"5.3", "v=spf1 a/-1", "permerror"},
		{"5.3", "v=spf1 a/x", "permerror"},
		{"5.3", "v=spf1 a//129", "permerror"},
		{"5.3", "v=spf1 a//064", "permerror"},
		{"5.3", "v=spf1 a/24/64", "permerror"},
		{"5.3", "v=spf1 a/33//64", "permerror"},
		{"5.3", "v=spf1 a//64/24", "permerror"},
		{"5.3", "v=spf1 a/32//128", "pass"},
		{"5.3", "v=spf1 a/0//0", "pass"},
		{"5.4", "v=spf1 mx:", "permerror"},
		{"5.4", "v=spf1 mx/33", "permerror"},
		{"5.4", "v=spf1 mx//129", "permerror"},
		{"5.4", "v=spf1 mx/24/64", "permerror"},
		{"5.5", "v=spf1 ptr:", "permerror"},
		{"5.5", "v=spf1 ptr/0", "permerror"},
		{"5.5", "v=spf1 ptr:example.com/24", "permerror"},
		{"5.7", "v=spf1 exists", "permerror"},
		{"5.7", "v=spf1 exists:", "permerror"},
		{"5.7", "v=spf1 exists:example.com/24", "permerror"},
		{"5.7", "v=spf1 exists/24", "permerror"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_policies(rows);
}

static void
networks(void **state)
{
	static const struct policy_row rows[] = {
		{"5.6", "v=spf1 ip4:192.0.2.1 -all", "pass"},
		{"5.6", "v=spf1 IP4:192.0.2.1 -all", "pass"},
		{"5.6", "v=spf1 ip4:192.0.2.2 -all", "fail"},
		{"5.6", "v=spf1 ip4:192.0.2.1/32 -all", "pass"},
		{"5.6", "v=spf1 ip4:192.0.2.0/32 -all", "fail"},
		{"5.6", "v=spf1 ip4:192.0.2.0/31 -all", "pass"},
		{"5.6", "v=spf1 ip4:192.0.2.99/24 -all", "pass"},
		{"5.6", "v=spf1 ip4:192.0.3.0/24 -all", "fail"},
		{"5.6", "v=spf1 ip4:10.0.0.0/0 -all", "pass"},
		{"5.6", "v=spf1 ip4:192.0.0.0/9 -all", "pass"},
		{"5.6", "v=spf1 ip4:192.0.2.1/032 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1/00 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1/33 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1/ -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1//32 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1/255.255.255.0", "permerror"},
		{"5.6", "v=spf1 ip4 -all", "permerror"},
		{"5.6", "v=spf1 ip4: -all", "permerror"},
		{"5.6", "v=spf1 ip4:/32 -all", "permerror"},
		{"5.6", "v=spf1 ip4/32 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.256 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.01 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1.1 -all", "permerror"},
		{"5.6", "v=spf1 ip4:192.0.2.1:25 -all", "permerror"},
		{"5.6", "v=spf1 ip4:0xc0000201 -all", "permerror"},
		{"5.6", "v=spf1 ip4:example.com -all", "permerror"},
		{"5.6", "v=spf1 ip4:2001:db8::1 -all", "permerror"},
		{"5.6", "v=spf1 ip4:::ffff:192.0.2.1 -all", "permerror"},
		{"5.6", "v=spf1 ip4:%{i} -all", "permerror"},
		/* Longer than any address: the term must not be lost. */
		{"5.6", "v=spf1 ip4:192.0.2.1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx +all", "permerror"},
		{"5.6", "v=spf1 ip6:2001:db8::1 -all", "fail"},
		{"5.6", "v=spf1 ip6:::/0 -all", "fail"},
		{"5.6", "v=spf1 ip6:::ffff:192.0.2.1 -all", "fail"},
		{"5.6", "v=spf1 ip6:::ffff:0:0/96 -all", "fail"},
		{"5.6", "v=spf1 ip6 -all", "permerror"},
		{"5.6", "v=spf1 ip6: -all", "permerror"},
		{"5.6", "v=spf1 ip6:192.0.2.1 -all", "permerror"},
		{"5.6", "v=spf1 ip6:2001:db8::1/129 -all", "permerror"},
		{"5.6", "v=spf1 ip6:2001:db8::1/0128 -all", "permerror"},
		{"5.6", "v=spf1 ip6:2001:db8::1//64 -all", "permerror"},
		{"5.6", "v=spf1 ip6:2001::db8::1 -all", "permerror"},
		{"5.6", "v=spf1 ip6::2001:db8::1 -all", "permerror"},
		{"5.6", "v=spf1 ip6:[2001:db8::1] -all", "permerror"},
		{"5.6", "v=spf1 ip6:fe80::1%%eth0 -all", "permerror"},
		{NULL, NULL, NULL},
	};
	static const struct row of_v6[] = {
		ROW("5.6", "v=spf1 ip6:2001:db8::1 -all", "", "2001:db8::1",
		    "pass"),
		ROW("5.6", "v=spf1 ip6:2001:DB8:0::1 -all", "", "2001:db8::1",
		    "pass"),
		ROW("5.6", "v=spf1 ip6:2001:db8::2 -all", "", "2001:db8::1",
		    "fail"),
		ROW("5.6", "v=spf1 ip6:2001:db8::/33 -all", "",
		    "2001:db8:7fff::1", "pass"),
		ROW("5.6", "v=spf1 ip6:2001:db8::/33 -all", "",
		    "2001:db8:8000::1", "fail"),
		ROW("5.6", "v=spf1 ip6:2001:db8::1/0 -all", "", "fe80::1",
		    "pass"),
		ROW("5.6", "v=spf1 ip6:::192.0.2.1/128 -all", "",
		    "::192.0.2.1", "pass"),
		ROW("5.6", "v=spf1 ip6:::ffff:192.0.2.1/16 -all", "",
		    "::7:0:1", "pass"),
		ROW("5.6", "v=spf1 ip4:0.0.0.0/0 -all", "", "2001:db8::1",
		    "fail"),
		END,
	};
	(void)state;
	check_policies(rows);
	check_rows(of_v6);
}

/* domain-spec = macro-string domain-end (7.1). */
static void
domain_specs(void **state)
{
	static const struct policy_row rows[] = {
		{"7.1", "v=spf1 a:museum", "permerror"},
		{"7.1", "v=spf1 a:museum.", "permerror"},
		{"7.1", "v=spf1 a:111.222.33.44", "permerror"},
		{"7.1", "v=spf1 a:abc.123", "permerror"},
		{"7.1", "v=spf1 a:abc.1a3 a", "pass"},
		{"7.1", "v=spf1 a:abc.1-3 a", "pass"},
		{"7.1", "v=spf1 a:example.-com", "permerror"},
		{"7.1", "v=spf1 a:example.com-", "permerror"},
		{"7.1", "v=spf1 a:example.c_m", "permerror"},
		{"7.1", "v=spf1 a:example..", "permerror"},
		{"7.1", "v=spf1 a:example.com:8080", "permerror"},
		{"7.1", "v=spf1 a:example.com,a", "permerror"},
		{"7.1", "v=spf1 a:example.com. -all", "pass"},
		{"7.1", "v=spf1 a:%{d}", "pass"},
		{"7.1", "v=spf1 a:%{d}.", "permerror"},
		{"7.1", "v=spf1 a:%{d}com", "permerror"},
		{"7.1", "v=spf1 a:%{d}.com a", "pass"},
		{"7.1", "v=spf1 a:x%% a", "pass"},
		{"7.1", "v=spf1 include:museum", "permerror"},
		{"7.1", "v=spf1 ptr:museum", "permerror"},
		{"7.1", "v=spf1 mx:abc.123", "permerror"},
		{"7.1", "v=spf1 exists:abc.123", "permerror"},
		{"6.1", "v=spf1 a redirect=museum", "permerror"},
		{"6.2", "v=spf1 a exp=museum", "permerror"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_policies(rows);
}

/* modifier = redirect / explanation / unknown-modifier (6). */
static void
modifiers(void **state)
{
	static const struct policy_row rows[] = {
		{"6", "v=spf1 moo=1 a -all", "pass"},
		{"6", "v=spf1 m.o-o_2=%{d}/x:y a -all", "pass"},
		{"6", "v=spf1 moo= a -all", "pass"},
		{"6", "v=spf1 moo=a=b moo=c a -all", "pass"},
		{"6", "v=spf1 default=pass", "neutral"},
		{"6", "v=spf1 all=x ?a", "neutral"},
		{"6", "v=spf1 moo=%{c}%{r}%{t} a", "pass"},
		{"6", "v=spf1 moo=%abc a", "permerror"},
		{"6", "v=spf1 moo=% a", "permerror"},
		{"6", "v=spf1 moo=%{x} a", "permerror"},
		{"6", "v=spf1 1up=x a", "permerror"},
		{"6", "v=spf1 -moo=x a", "permerror"},
		{"6", "v=spf1 moo/cow=x a", "permerror"},
		{"6", "v=spf1 moo:cow=x a", "permerror"},
		{"6", "v=spf1 moo cow=x a", "permerror"},
		{"6", "v=spf1 exp=r.example a", "pass"},
		{"6", "v=spf1 exp=r.example a exp=r.example", "permerror"},
		{"6", "v=spf1 a redirect=r.example redirect=r.example",
		    "permerror"},
		{"6", "v=spf1 REDIRECT=r.example redirect=r.example a",
		    "permerror"},
		{"6.1", "v=spf1 Redirect=R.Example", "softfail"},
		{"6.1", "v=spf1 a redirect=", "permerror"},
		{"6.1", "v=spf1 redirect=-all ?all", "permerror"},
		{"6.1", "v=spf1 a redirect=r.example/24", "permerror"},
		{"6.1", "v=spf1 +redirect=r.example a", "permerror"},
		{"6.2", "v=spf1 exp= a", "permerror"},
		{"6.2", "v=spf1 exp=-all", "permerror"},
		{"6.2", "v=spf1 a exp=%{i}.r.example", "pass"},
		{"7.2", "v=spf1 a exp=%{c}.r.example", "permerror"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_policies(rows);
}

/* macro-expand (7.1), and what its letters mean (7.2). */
static void
macro_syntax(void **state)
{
	static const struct policy_row rows[] = {
		{"7.1", "v=spf1 a:%%.example a", "pass"},
		{"7.1", "v=spf1 a:%_.example a", "pass"},
		{"7.1", "v=spf1 a:%-.example a", "pass"},
		{"7.1", "v=spf1 a:%.example a", "permerror"},
		{"7.1", "v=spf1 a:x% a", "permerror"},
		{"7.1", "v=spf1 a:%d.example a", "permerror"},
		{"7.1", "v=spf1 a:%(d).example a", "permerror"},
		{"7.1", "v=spf1 a:%{}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{d.example a", "permerror"},
		{"7.1", "v=spf1 a:%{d", "permerror"},
		{"7.1", "v=spf1 a:%{", "permerror"},
		{"7.1", "v=spf1 a:%{dd}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{a}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{2d}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{dr2}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{d-r}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{d*}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{d|}.example a", "permerror"},
		{"7.1", "v=spf1 a:%{D2R.-+,/_=}.example a", "pass"},
		{"7.2", "v=spf1 a:%{d0}.example a", "permerror"},
		{"7.2", "v=spf1 a:%{d00}.example a", "permerror"},
		{"7.2", "v=spf1 a:%{d127}.example a", "pass"},
		{"7.2", "v=spf1 a:%{d99999999999999999999}.example a", "pass"},
		{"7.2", "v=spf1 a:%{c}.example a", "permerror"},
		{"7.2", "v=spf1 a:%{R}.example a", "permerror"},
		{"7.2", "v=spf1 a:%{t}.example a", "permerror"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_policies(rows);
}

/* Records and terms of any size that a record may have. */
static void
sizes(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct text t;
	text_init(&t, a);
	text_add(&t, STR("v=spf1"));
	for (int i = 0; i < 100; i++)
		text_printf(&t, " ip4:203.0.113.%d", i);
	text_add(&t, STR(" ip4:192.0.2.1 -all"));
	struct policy_row rows[] = {
		/* 101 networks: nothing is cut off. */
		{"3.4", text_cstr(&t), "pass"},
		{NULL, NULL, NULL},
	};
	check_policies(rows);
	/* 4096 octets are read, 4097 are not. */
	while (text_str(&t).n < SPF_MAX_RECORD)
		text_add_char(&t, ' ');
	rows[0].policy = text_cstr(&t);
	check_policies(rows);
	text_add_char(&t, ' ');
	rows[0] = (struct policy_row) {"3.4", text_cstr(&t), "permerror"};
	check_policies(rows);
	/* Terms whose macros are too many. */
	text_init(&t, a);
	text_add(&t, STR("v=spf1 ~a:"));
	for (int i = 0; i < 101; i++)
		text_add(&t, STR("%{d}"));
	text_add(&t, STR(" a"));
	rows[0].policy = text_cstr(&t);
	check_policies(rows);
	arena_free(a);
}

/* Nine includes of long names, then ip4: nothing is lost either. */
static void
long_names(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct text policy, zone;
	text_init(&policy, a);
	text_init(&zone, a);
	text_add(&policy, STR("v=spf1"));
	for (int i = 0; i < 9; i++) {
		struct str name = text_format(a, "%d.%060d.%060d.example", i, 1,
		    2);
		text_printf(&policy, " include:%.*s", STR_ARG(name));
		text_printf(&zone, "%.*s TXT 'v=spf1 -all'\n", STR_ARG(name));
	}
	text_add(&policy, STR(" ip4:192.0.2.1 -all"));
	const struct row rows[] = {
		ROW("3.4", text_cstr(&policy), text_cstr(&zone), CLIENT,
		    "pass"),
		END,
	};
	check_rows(rows);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms),
		cmocka_unit_test(operands),
		cmocka_unit_test(networks),
		cmocka_unit_test(domain_specs),
		cmocka_unit_test(modifiers),
		cmocka_unit_test(macro_syntax),
		cmocka_unit_test(sizes),
		cmocka_unit_test(long_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
