/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/override.h"

#include "auth/arc.h"
#include "base/arena.h"
#include "test/lib/check.h"

#define MAX_ENTRIES 4u

/* One rule with one or more conditions, as the configuration writes them. */
struct given {
	const char *from[MAX_ENTRIES], *client[MAX_ENTRIES];
	const char *recipient[MAX_ENTRIES];
	const char *dkim[MAX_ENTRIES], *spf[MAX_ENTRIES];
	const char *list[MAX_ENTRIES], *sealer[MAX_ENTRIES];
	const char *helo[MAX_ENTRIES];
	unsigned policies, results;
	int64_t until;
	bool is_dry_run;
};

/* One message. */
struct facts {
	const char *author, *client, *spf;
	const char *recipients[MAX_ENTRIES], *dkim[MAX_ENTRIES];
	const char *policy; /* NULL: none */
	bool has_more_recipients;
	int64_t now;
	const char *list_id, *sealer, *claim; /* NULL: none */
	enum override_result result;
	const char *helo;
};

static void
add_patterns(struct override_patterns *s, const char *const *texts,
    bool (*add)(struct override_patterns *, struct str, struct arena *),
    struct arena *a)
{
	for (size_t i = 0; i < MAX_ENTRIES && texts[i] != NULL; i++)
		if (!add(s, check_exact(str_of(texts[i]), a), a))
			fail_msg("\"%s\" is a pattern", texts[i]);
}

static struct override_rule
rule(const struct given *g, struct arena *a)
{
	struct override_rule r = {.policies = g->policies,
	    .results = g->results, .until = g->until,
	    .is_dry_run = g->is_dry_run};
	add_patterns(&r.from, g->from, override_add_domain, a);
	add_patterns(&r.helo, g->helo, override_add_host, a);
	add_patterns(&r.recipient, g->recipient, override_add_recipient, a);
	add_patterns(&r.dkim_domain, g->dkim, override_add_domain, a);
	add_patterns(&r.spf_domain, g->spf, override_add_domain, a);
	add_patterns(&r.list_id, g->list, override_add_domain, a);
	add_patterns(&r.arc_sealer, g->sealer, override_add_domain, a);
	for (size_t i = 0; i < MAX_ENTRIES && g->client[i] != NULL; i++)
		assert_true(ipset_add(&r.client, str_of(g->client[i]), a));
	return r;
}

static size_t
views(const char *const *texts, struct str *out, struct arena *a)
{
	size_t n = 0;
	while (n < MAX_ENTRIES && texts[n] != NULL) {
		out[n] = check_exact(str_of(texts[n]), a);
		n++;
	}
	return n;
}

/* A chain of one set that passed. */
static const struct arc_result *
chain(const struct facts *f, struct arena *a)
{
	struct arc_result *r = ARENA_NEW(a, struct arc_result);
	struct arc_sealer *s = ARENA_NEW(a, struct arc_sealer);
	*s = (struct arc_sealer) {.instance = 1,
	    .domain = str_of(f->sealer), .selector = STR("s"),
	    .results = str_of(f->claim)};
	*r = (struct arc_result) {.status = ARC_PASS, .count = 1, .sealers = s};
	return f->sealer != NULL ? r : NULL;
}

/* Facts as the table gives them; what it leaves out is not known. */
static struct override_facts
facts_of(const struct facts *f, struct arena *a)
{
	struct str *recipients = ARENA_ARRAY(a, struct str, MAX_ENTRIES);
	struct str *dkim = ARENA_ARRAY(a, struct str, MAX_ENTRIES);
	struct override_facts out = {
		.author = check_exact(str_of(f->author), a),
		.spf_domain = str_of(f->spf),
		.helo = check_exact(str_of(f->helo), a),
		.has_more_recipients = f->has_more_recipients,
		.now = f->now,
		.list_id = str_of(f->list_id),
		.result = f->result,
		.arc = chain(f, a),
		.arena = a,
		.recipients = recipients,
		.dkim_domains = dkim,
	};
	int policy = 0;
	if (f->client != NULL)
		assert_true(ip_parse(str_of(f->client), &out.client));
	out.recipient_count = views(f->recipients, recipients, a);
	out.dkim_count = views(f->dkim, dkim, a);
	out.has_policy = f->policy != NULL &&
	    table_value(record_policy_names, str_of(f->policy), &policy);
	out.policy = (enum record_policy)policy;
	return out;
}

struct row {
	struct given given;
	struct facts facts;
	bool want;
};

static void
check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *a = arena_new(SIZE_MAX);
		struct override_rule r = rule(&rows[i].given, a);
		struct override_rules rules = {&r, 1};
		struct override_facts f = facts_of(&rows[i].facts, a);
		const struct override_rule *dry[1];
		size_t dry_count;
		if ((override_match(&rules, &f, dry, 1, &dry_count) == &r) !=
		    rows[i].want)
			fail_msg("row %zu: want %d", i, rows[i].want);
		arena_free(a);
	}
}
#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof(rows)[0])

/* Each condition alone. Design 6: all that are given must hold, and a list
 * holds when one of its entries does. */
static void
conditions(void **state)
{
	static const struct row rows[] = {
		/* None given: every message. */
		{{.until = 0}, {.author = "a.test"}, true},

		/* RFC 2919: with a signature of the list's domain or above. */
		{{.list = {"u.l.test"}}, {.author = "a.test",
		    .list_id = "u.l.test", .dkim = {"u.l.test"}}, true},
		{{.list = {"u.l.test"}}, {.author = "a.test",
		    .list_id = "u.l.test", .dkim = {"x.test", "l.test"}}, true},
		{{.list = {"*.l.test"}}, {.author = "a.test",
		    .list_id = "u.l.test", .dkim = {"l.test"}}, true},
		{{.list = {"u.l.test"}}, {.author = "a.test",
		    .list_id = "u.l.test"}, false},
		{{.list = {"u.l.test"}}, {.author = "a.test",
		    .list_id = "u.l.test", .dkim = {"x.u.l.test"}}, false},
		{{.list = {"u.l.test"}}, {.author = "a.test",
		    .list_id = "u.l.test", .dkim = {".test"}}, false},
		{{.list = {"u.l.test"}}, {.author = "a.test",
		    .list_id = "v.l.test", .dkim = {"l.test"}}, false},
		{{.list = {"*"}}, {.author = "a.test", .dkim = {"l.test"}},
		    false},

		/* RFC 8617 7.2.1: listed, and vouching for this author. */
		{{.sealer = {"s.test"}}, {.author = "a.test",
		    .sealer = "s.test",
		    .claim = "i=1; s; dmarc=pass header.from=a.test"}, true},
		{{.sealer = {"s.test"}}, {.author = "a.test",
		    .sealer = "t.test",
		    .claim = "i=1; s; dmarc=pass header.from=a.test"}, false},
		{{.sealer = {"s.test"}}, {.author = "a.test",
		    .sealer = "s.test",
		    .claim = "i=1; s; dmarc=pass header.from=b.test"}, false},
		{{.sealer = {"s.test"}}, {.author = "a.test",
		    .sealer = "s.test",
		    .claim = "i=1; s; dmarc=fail header.from=a.test"}, false},
		{{.sealer = {"s.test"}}, {.author = "a.test"}, false},

		/* RFC 9989 9.2. */
		{{.results = 1u << OVERRIDE_FAIL}, {.author = "a.test"}, true},
		{{.results = 1u << OVERRIDE_FAIL}, {.author = "a.test",
		    .result = OVERRIDE_TEMPERROR}, false},
		{{.results = 1u << OVERRIDE_TEMPERROR}, {.author = "a.test",
		    .result = OVERRIDE_TEMPERROR}, true},
		{{.results = 1u << OVERRIDE_TEMPERROR}, {.author = "a.test"},
		    false},

		{{.from = {"a.test"}}, {.author = "a.test"}, true},
		{{.from = {"A.Test"}}, {.author = "a.test"}, true},
		{{.from = {"a.test"}}, {.author = "x.a.test"}, false},
		{{.from = {"a.test"}}, {.author = "ba.test"}, false},
		{{.from = {"a.test"}}, {.author = ""}, false},
		{{.from = {"*.a.test"}}, {.author = "x.a.test"}, true},
		{{.from = {"*.a.test"}}, {.author = "y.x.a.test"}, true},
		{{.from = {"*.a.test"}}, {.author = "a.test"}, false},
		{{.from = {"*.a.test"}}, {.author = "xa.test"}, false},
		{{.from = {"*.a.test"}}, {.author = ".a.test"}, false},
		{{.from = {"*"}}, {.author = "b.example"}, true},
		{{.from = {"*"}}, {.author = ""}, false},
		{{.from = {"b.test", "a.test"}}, {.author = "a.test"}, true},
		{{.from = {"b\xc3\xbc" "cher.test"}},
		    {.author = "xn--bcher-kva.test"}, true},

		{{.client = {"192.0.2.0/24"}},
		    {.author = "a.test", .client = "192.0.2.7"}, true},
		{{.client = {"192.0.2.0/24"}},
		    {.author = "a.test", .client = "192.0.3.7"}, false},
		{{.client = {"192.0.2.0/24", "2001:db8::/32"}},
		    {.author = "a.test", .client = "2001:db8::1"}, true},
		{{.client = {"0.0.0.0/0"}},
		    {.author = "a.test", .client = "2001:db8::1"}, false},
		/* A client without an address is in no network. */
		{{.client = {"0.0.0.0/0", "::/0"}}, {.author = "a.test"},
		    false},

		{{.helo = {"mx.h.test"}}, {.author = "a.test",
		    .helo = "mx.h.test"}, true},
		{{.helo = {"mx.h.test"}}, {.author = "a.test",
		    .helo = "MX.H.Test."}, true},
		{{.helo = {"MX.H.Test."}}, {.author = "a.test",
		    .helo = "mx.h.test"}, true},
		{{.helo = {"mx.h.test"}}, {.author = "a.test",
		    .helo = "mx.h.test.."}, false},
		{{.helo = {"mx.h.test"}}, {.author = "a.test",
		    .helo = "my.h.test"}, false},
		{{.helo = {"mx.h.test"}}, {.author = "a.test",
		    .helo = "mx.h.test evil"}, false},
		{{.helo = {"mx.h.test"}}, {.author = "mx.h.test"}, false},
		{{.helo = {"x.test", "*.h.test"}}, {.author = "a.test",
		    .helo = "mx.h.test"}, true},
		{{.helo = {"*.h.test"}}, {.author = "a.test",
		    .helo = "h.test"}, false},
		{{.helo = {"*.h.test"}}, {.author = "a.test",
		    .helo = "[mx.h.test"}, false},
		{{.helo = {"b\xc3\xbc" "cher.test"}}, {.author = "a.test",
		    .helo = "xn--bcher-kva.test"}, true},
		/* RFC 5321 4.1.3: by its text. */
		{{.helo = {"[192.0.2.1]"}}, {.author = "a.test",
		    .helo = "[192.0.2.1]"}, true},
		{{.helo = {"[192.0.2.1]"}}, {.author = "a.test",
		    .helo = "[192.0.2.10]"}, false},
		{{.helo = {"[192.0.2.1]"}}, {.author = "a.test",
		    .helo = "192.0.2.1", .client = "192.0.2.1"}, false},
		{{.helo = {"[IPv6:2001:db8::1]"}}, {.author = "a.test",
		    .helo = "[ipv6:2001:DB8::1]"}, true},
		{{.helo = {"*"}}, {.author = "a.test", .helo = "[x]"}, true},
		{{.helo = {"*"}}, {.author = "a.test", .helo = "a b"}, true},
		/* No HELO at all. */
		{{.helo = {"*"}}, {.author = "a.test"}, false},

		{{.dkim = {"l.test"}}, {.author = "a.test"}, false},
		{{.dkim = {"l.test"}},
		    {.author = "a.test", .dkim = {"x.test", "l.test"}}, true},
		{{.dkim = {"*.l.test"}},
		    {.author = "a.test", .dkim = {"l.test"}}, false},
		{{.dkim = {"*"}}, {.author = "a.test"}, false},

		{{.spf = {"l.test"}}, {.author = "a.test"}, false},
		{{.spf = {"l.test"}}, {.author = "a.test", .spf = "l.test"},
		    true},
		{{.spf = {"*.l.test", "l.test"}},
		    {.author = "a.test", .spf = "m.l.test"}, true},
		{{.spf = {"*"}}, {.author = "a.test"}, false},

		{{.policies = 1u << RECORD_REJECT},
		    {.author = "a.test", .policy = "reject"}, true},
		{{.policies = 1u << RECORD_REJECT},
		    {.author = "a.test", .policy = "none"}, false},
		{{.policies = 1u << RECORD_NONE},
		    {.author = "a.test", .policy = "none"}, true},
		{{.policies = 1u << RECORD_NONE | 1u << RECORD_QUARANTINE},
		    {.author = "a.test", .policy = "quarantine"}, true},
		/* No policy is not p=none. */
		{{.policies = 7u}, {.author = "a.test"}, false},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* A condition on recipients holds when every recipient fits one pattern. */
static void
recipients(void **state)
{
#define TO(...) .author = "a.test", .recipients = {__VA_ARGS__}
	static const struct row rows[] = {
		{{.recipient = {"u@r.test"}}, {TO("u@r.test")}, true},
		{{.recipient = {"u@r.test"}}, {TO("U@R.Test")}, true},
		{{.recipient = {"U@R.TEST"}}, {TO("u@r.test")}, true},
		{{.recipient = {"u@r.test"}}, {TO("v@r.test")}, false},
		{{.recipient = {"u@r.test"}}, {TO("u@x.r.test")}, false},
		{{.recipient = {"u@r.test"}}, {TO("xu@r.test")}, false},
		{{.recipient = {"@r.test"}}, {TO("any@r.test")}, true},
		{{.recipient = {"@r.test"}}, {TO("any@x.r.test")}, false},
		{{.recipient = {"r.test"}}, {TO("any@r.test")}, true},
		{{.recipient = {"r.test"}}, {TO("any@x.r.test")}, false},
		{{.recipient = {"*.r.test"}}, {TO("any@x.r.test")}, true},
		{{.recipient = {"*.r.test"}}, {TO("any@X.R.Test")}, true},
		{{.recipient = {"*.r.test"}}, {TO("any@r.test")}, false},
		{{.recipient = {"*"}}, {TO("any@r.test", "x@y.example")},
		    true},
		/* The last "@" is the one that counts. */
		{{.recipient = {"@r.test"}}, {TO("\"a@x.test\"@r.test")},
		    true},
		{{.recipient = {"x.test"}}, {TO("\"a@x.test\"@r.test")},
		    false},
		{{.recipient = {"\"a@b\"@r.test"}}, {TO("\"A@b\"@r.test")},
		    true},
		/* A recipient without a domain is in none. */
		{{.recipient = {"r.test"}}, {TO("r.test")}, false},
		{{.recipient = {"@r.test"}}, {TO("r.test")}, false},
		{{.recipient = {"u@r.test"}}, {TO("u")}, false},
		/* Every one of them. */
		{{.recipient = {"u@r.test", "v@r.test"}},
		    {TO("v@r.test", "u@r.test")}, true},
		{{.recipient = {"u@r.test"}}, {TO("u@r.test", "v@r.test")},
		    false},
		{{.recipient = {"u@r.test"}}, {TO("v@r.test", "u@r.test")},
		    false},
		/* What is not known does not match, "*" included. */
		{{.recipient = {"*"}}, {.author = "a.test"}, false},
		{{.recipient = {"*"}},
		    {TO("u@r.test"), .has_more_recipients = true}, false},
		{{.from = {"a.test"}},
		    {TO("u@r.test"), .has_more_recipients = true}, true},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* All conditions of a rule; each row fails one of them. */
static void
all_must_hold(void **state)
{
#define RULE {.from = {"a.test"}, .client = {"192.0.2.0/24"},                  \
	.recipient = {"@r.test"}, .dkim = {"l.test"}, .spf = {"s.test"},       \
	.policies = 1u << RECORD_REJECT, .until = 1000}
	static const struct row rows[] = {
		{RULE, {"a.test", "192.0.2.1", "s.test", {"u@r.test"},
		    {"l.test"}, "reject", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, true},
		{RULE, {"b.test", "192.0.2.1", "s.test", {"u@r.test"},
		    {"l.test"}, "reject", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.3.1", "s.test", {"u@r.test"},
		    {"l.test"}, "reject", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.2.1", "t.test", {"u@r.test"},
		    {"l.test"}, "reject", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.2.1", "s.test", {"u@q.test"},
		    {"l.test"}, "reject", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.2.1", "s.test", {"u@r.test"},
		    {"m.test"}, "reject", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.2.1", "s.test", {"u@r.test"},
		    {"l.test"}, "none", false, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.2.1", "s.test", {"u@r.test"},
		    {"l.test"}, "reject", true, 999, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
		{RULE, {"a.test", "192.0.2.1", "s.test", {"u@r.test"},
		    {"l.test"}, "reject", false, 1000, NULL, NULL, NULL,
		    OVERRIDE_FAIL, NULL}, false},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* Which condition is named of those that do not hold. */
static void
misses(void **state)
{
	static const struct {
		struct given given;
		const char *want; /* NULL: it matches */
	} rows[] = {
		{{.from = {"a.test"}}, NULL},
		{{.from = {"b.test"}}, "from"},
		{{.client = {"192.0.2.0/24"}}, "client"},
		{{.helo = {"*"}}, "helo"},
		{{.recipient = {"*"}}, "recipient"},
		{{.dkim = {"*"}}, "dkim-domain"},
		{{.spf = {"*"}}, "spf-domain"},
		{{.list = {"*"}}, "list-id"},
		{{.sealer = {"*"}}, "arc-sealer"},
		{{.policies = 7}, "policy"},
		{{.results = 1u << OVERRIDE_TEMPERROR}, "result"},
		{{.until = 1}, "until"},
		{{.until = 1, .from = {"b.test"}}, "until"},
		{{.from = {"a.test"}, .dkim = {"*"}, .sealer = {"*"}},
		    "dkim-domain"},
	};
	static const struct facts facts = {.author = "a.test", .now = 1};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(SIZE_MAX);
		struct override_rule r = rule(&rows[i].given, a);
		struct override_facts f = facts_of(&facts, a);
		const char *got = override_miss(&r, &f);
		check_str(str_of(got), rows[i].want != NULL ? rows[i].want :
							      "");
		arena_free(a);
	}
}

/* What is so of every row: one entry makes a condition, which a message of which
 * nothing is known does not meet; it is as wide as itself, and narrower than
 * none. */
static void
every_condition(void **state)
{
	static const char *const values[] = {
		[OVERRIDE_DOMAINS] = "*",
		[OVERRIDE_HOSTS] = "*",
		[OVERRIDE_RECIPIENTS] = "*",
		[OVERRIDE_NETWORKS] = "0.0.0.0/0",
	};
	const struct override_rule none = {.index = 0};
	(void)state;
	for (size_t i = 0; i < override_condition_count; i++) {
		const struct override_condition *c = &override_conditions[i];
		struct arena *a = arena_new(SIZE_MAX);
		struct override_rule r = none;
		struct override_facts f = {.arena = a};
		const char *value = c->kind == OVERRIDE_WORDS ? "" :
		    values[c->kind];
		for (const struct table_row *w = c->names; w && w->name; w++)
			value = w->name;
		assert_false(override_add(c, &r, STR("a b"), a));
		assert_null(override_given(c, &r));
		assert_false(override_has_condition(&r));
		check_str(str_of(override_miss(&r, &f)), "");
		if (!override_add(c, &r, str_of(value), a))
			fail_msg("%s takes \"%s\"", c->key, value);
		assert_non_null(override_given(c, &r));
		assert_true(override_has_condition(&r));
		check_str(str_of(override_miss(&r, &f)), c->key);
		assert_true(override_covers(&r, &r));
		assert_true(override_covers(&none, &r));
		assert_false(override_covers(&r, &none));
		arena_free(a);
	}
}

/* A rule is over at the instant of `until`; 0 is for ever. */
static void
until(void **state)
{
	static const struct row rows[] = {
		{{.until = 1000}, {.author = "a.test", .now = 999}, true},
		{{.until = 1000}, {.author = "a.test", .now = 1000}, false},
		{{.until = 1000}, {.author = "a.test", .now = 1001}, false},
		{{.until = 0}, {.author = "a.test", .now = INT64_MAX}, true},
		{{.until = INT64_MAX}, {.author = "a.test", .now = 1}, true},
	};
	(void)state;
	CHECK_ROWS(rows);
}

/* The first rule in force that matches; dry runs before it are told, and none
 * behind it. Each row's letters are rules: m matches, n does not, d is a dry
 * run that matches, x one that does not, o one that is over. */
static void
order(void **state)
{
	static const struct {
		const char *rules;
		size_t max;
		int want; /* the rule, or -1 */
		const char *dry;
	} rows[] = {
		{"", 4, -1, ""},
		{"n", 4, -1, ""},
		{"m", 4, 0, ""},
		{"nm", 4, 1, ""},
		{"mm", 4, 0, ""},
		{"om", 4, 1, ""},
		{"d", 4, -1, "0"},
		{"dm", 4, 1, "0"},
		{"md", 4, 0, ""},
		{"ddxm", 4, 3, "01"},
		{"dndmd", 4, 3, "02"},
		{"dddd", 2, -1, "01"},
		{"dddm", 2, 3, "01"},
		{"dm", 0, 1, ""},
		{"oxo", 4, -1, ""},
	};
	struct override_facts f = {.author = STR_INIT("a.test"), .now = 100};
	struct arena *a = arena_new(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct override_rule rules[8] = {{.index = 0}};
		const struct override_rule *dry[4];
		size_t n = strlen(rows[i].rules), dry_count = 99;
		for (unsigned k = 0; k < n; k++) {
			char c = rows[i].rules[k];
			rules[k].index = k;
			rules[k].is_dry_run = c == 'd' || c == 'x';
			rules[k].until = c == 'o' ? 100 : 0;
			override_add_domain(&rules[k].from,
			    c == 'n' || c == 'x' ? STR("b.test") :
						   STR("a.test"), a);
		}
		const struct override_rule *got = override_match(
		    &(struct override_rules) {rules, n}, &f, dry, rows[i].max,
		    &dry_count);
		assert_int_equal(got != NULL ? (int)got->index : -1,
		    rows[i].want);
		assert_int_equal(dry_count, strlen(rows[i].dry));
		for (size_t k = 0; k < dry_count; k++)
			assert_int_equal('0' + dry[k]->index, rows[i].dry[k]);
	}
	arena_free(a);
}

/* What is a pattern, and how it is kept. */
static void
patterns(void **state)
{
	static const struct {
		const char *pattern;
		const char *domain, *recipient; /* NULL: no pattern there */
		const char *host; /* of a literal: else as `domain` */
	} rows[] = {
		{"a.test", "a.test", "a.test", NULL},
		{"A.Test.", "a.test", "a.test", NULL},
		{"*.A.Test", "*.a.test", "*.a.test", NULL},
		{"*", "*", "*", NULL},
		{"b\xc3\xbc" "cher.test", "xn--bcher-kva.test",
		    "xn--bcher-kva.test", NULL},
		{"*.b\xc3\xbc" "cher.test", "*.xn--bcher-kva.test",
		    "*.xn--bcher-kva.test", NULL},
		{"u@A.Test", NULL, "u@a.test", NULL},
		{"U@a.test", NULL, "U@a.test", NULL},
		{"@a.test", NULL, "@a.test", NULL},
		{"\"x@y\"@a.test", NULL, "\"x@y\"@a.test", NULL},
		{"u@b\xc3\xbc" "cher.test", NULL, "u@xn--bcher-kva.test", NULL},
		{"", NULL, NULL, NULL},
		{".", NULL, NULL, NULL},
		{"*.", NULL, NULL, NULL},
		{"**", NULL, NULL, NULL},
		{"*a.test", NULL, NULL, NULL},
		{"*.*.test", NULL, NULL, NULL},
		{"a.*.test", NULL, NULL, NULL},
		{"a.*", NULL, NULL, NULL},
		{".a.test", NULL, NULL, NULL},
		{"a..test", NULL, NULL, NULL},
		{"a test", NULL, NULL, NULL},
		{"192.0.2.1", NULL, NULL, NULL},
		{"[192.0.2.1]", NULL, NULL, "[192.0.2.1]"},
		{"[IPv6:2001:DB8::1]", NULL, NULL, "[IPv6:2001:DB8::1]"},
		{"[2001:db8::1]", NULL, NULL, "[2001:db8::1]"},
		{"[192.0.2.300]", NULL, NULL, NULL},
		{"[192.0.2.1", NULL, NULL, NULL},
		{"[", NULL, NULL, NULL},
		{"]", NULL, NULL, NULL},
		{"[]", NULL, NULL, NULL},
		{"[*]", NULL, NULL, NULL},
		{"[a.test]", NULL, NULL, NULL},
		{"u@", NULL, NULL, NULL},
		{"@", NULL, NULL, NULL},
		{"u@*.a.test", NULL, NULL, NULL},
		{"u@*", NULL, NULL, NULL},
		{"*@a.test", NULL, NULL, NULL},
		{"u*@a.test", NULL, NULL, NULL},
		{"u v@a.test", NULL, NULL, NULL},
		{"u\x01@a.test", NULL, NULL, NULL},
		{"u\x7f@a.test", NULL, NULL, NULL},
		{"<u@a.test>", NULL, NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(SIZE_MAX);
		struct override_patterns domains = {.count = 0};
		struct override_patterns hosts = {.count = 0};
		struct override_patterns addresses = {.count = 0};
		struct str p = check_exact(str_of(rows[i].pattern), a);
		bool is_domain = override_add_domain(&domains, p, a);
		bool is_recipient = override_add_recipient(&addresses, p, a);
		const char *host = rows[i].host != NULL ? rows[i].host :
		    rows[i].domain;
		bool is_host = override_add_host(&hosts, p, a);
		if (is_host != (host != NULL) ||
		    is_domain != (rows[i].domain != NULL) ||
		    is_recipient != (rows[i].recipient != NULL))
			fail_msg("\"%s\"", rows[i].pattern);
		assert_int_equal(domains.count, is_domain);
		assert_int_equal(addresses.count, is_recipient);
		assert_int_equal(hosts.count, is_host);
		if (is_host)
			check_str(hosts.at[0], host);
		if (is_domain)
			check_str(domains.at[0], rows[i].domain);
		if (is_recipient)
			check_str(addresses.at[0], rows[i].recipient);
		arena_free(a);
	}
}

/* A list that grows keeps what it has. */
static void
long_list(void **state)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct override_patterns s = {.count = 0};
	char name[] = "aa.test";
	(void)state;
	for (int i = 0; i < 26 * 26; i++) {
		name[0] = (char)('a' + i / 26);
		name[1] = (char)('a' + i % 26);
		assert_true(override_add_domain(&s, str_of(name), a));
	}
	assert_int_equal(s.count, 26 * 26);
	check_str(s.at[0], "aa.test");
	check_str(s.at[27], "bb.test");
	check_str(s.at[26 * 26 - 1], "zz.test");
	arena_free(a);
}

/* What `aplomb config check` warns of. */
static void
covers(void **state)
{
	static const struct {
		struct given wide, narrow;
		bool want;
	} rows[] = {
		{{.until = 0}, {.from = {"a.test"}}, true},
		{{.from = {"a.test"}}, {.until = 0}, false},
		{{.from = {"a.test"}}, {.from = {"a.test"}}, true},
		{{.from = {"a.test"}}, {.from = {"A.TEST"}}, true},
		{{.from = {"a.test"}}, {.from = {"b.test"}}, false},
		{{.from = {"a.test", "b.test"}}, {.from = {"b.test"}}, true},
		{{.from = {"b.test"}}, {.from = {"a.test", "b.test"}}, false},
		{{.from = {"*.test"}}, {.from = {"a.test"}}, true},
		{{.from = {"*.test"}}, {.from = {"test"}}, false},
		{{.from = {"*.test"}}, {.from = {"*.a.test"}}, true},
		{{.from = {"*.a.test"}}, {.from = {"*.test"}}, false},
		{{.from = {"*.a.test"}}, {.from = {"*.ba.test"}}, false},
		{{.from = {"*"}}, {.from = {"*.a.test"}}, true},
		{{.from = {"a.test"}}, {.from = {"a.test"},
		    .spf = {"b.test"}}, true},
		{{.from = {"a.test"}, .spf = {"b.test"}}, {.from = {"a.test"}},
		    false},
		{{.recipient = {"@r.test"}}, {.recipient = {"x@r.test"}}, true},
		{{.recipient = {"x@r.test"}}, {.recipient = {"@r.test"}},
		    false},
		{{.recipient = {"x@r.test"}}, {.recipient = {"y@r.test"}},
		    false},
		{{.client = {"192.0.2.0/24"}}, {.client = {"192.0.2.7"}}, true},
		{{.client = {"192.0.2.7"}}, {.client = {"192.0.2.0/24"}},
		    false},
		{{.client = {"192.0.2.0/24"}}, {.client = {"198.51.100.7"}},
		    false},
		{{.client = {"192.0.2.0/24"}}, {.client = {"2001:db8::1"}},
		    false},
		{{.dkim = {"a.test"}}, {.dkim = {"a.test"}}, true},
		{{.dkim = {"a.test"}}, {.list = {"a.test"}}, false},
		{{.helo = {"*.a.test"}}, {.helo = {"b.a.test"}}, true},
		{{.helo = {"b.a.test"}}, {.helo = {"*.a.test"}}, false},
		{{.helo = {"*"}}, {.helo = {"[192.0.2.1]"}}, true},
		{{.helo = {"[IPv6:::1]"}}, {.helo = {"[ipv6:::1]"}}, true},
		{{.helo = {"[192.0.2.1]"}}, {.helo = {"[192.0.2.2]"}}, false},
		{{.helo = {"[192.0.2.1]"}}, {.from = {"a.test"}}, false},
		/* A longer list may find another claim (RFC 8617 7.2.1). */
		{{.sealer = {"*"}}, {.sealer = {"a.test"}}, false},
		{{.sealer = {"a.test", "b.test"}}, {.sealer = {"b.test",
		    "a.test"}}, true},
		{{.until = 0}, {.sealer = {"a.test"}}, true},
		{{.policies = 3}, {.policies = 1}, true},
		{{.policies = 1}, {.policies = 3}, false},
		{{.policies = 1}, {.policies = 0}, false},
		{{.results = 1}, {.results = 2}, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(SIZE_MAX);
		struct override_rule wide = rule(&rows[i].wide, a);
		struct override_rule narrow = rule(&rows[i].narrow, a);
		if (override_covers(&wide, &narrow) != rows[i].want)
			fail_msg("row %zu: want %d", i, rows[i].want);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),
		cmocka_unit_test(covers),
		cmocka_unit_test(recipients),
		cmocka_unit_test(all_must_hold),
		cmocka_unit_test(misses),
		cmocka_unit_test(every_condition),
		cmocka_unit_test(until),
		cmocka_unit_test(order),
		cmocka_unit_test(patterns),
		cmocka_unit_test(long_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
