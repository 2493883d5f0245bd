/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "net/suffix.h"
#include "settings/nearest.h"
#include "test/lib/check.h"

/* The rows hold the file's contract, aplomb.conf(5); what comes from a standard
 * names its section. */
struct row {
	const char *text;
	const char *want; /* problems, joined by newlines */
};

static struct settings *
parse(const char *text, struct arena *a, struct settings_problems *problems)
{
	return settings_parse(check_exact(str_of(text), a), "f", a, problems);
}

static struct str
join(const struct settings_problems *p, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < p->count; i++)
		text_printf(&t, "%s%.*s", i > 0 ? "\n" : "",
		    STR_ARG(p->at[i]));
	return text_str(&t);
}

static void
check_refused(const struct row *rows)
{
	for (; rows->text != NULL; rows++) {
		struct arena *a = arena_new(0);
		struct settings_problems problems;
		struct settings *s = parse(rows->text, a, &problems);
		if (s != NULL)
			print_error("taken: %s\n", rows->text);
		assert_null(s);
		check_str(join(&problems, a), rows->want);
		arena_free(a);
	}
}

static struct settings *
must_parse(const char *text, struct arena *a)
{
	struct settings_problems problems;
	struct settings *s = parse(text, a, &problems);
	if (s == NULL)
		print_error("%.*s\n", STR_ARG(problems.at[0]));
	assert_non_null(s);
	assert_int_equal(problems.count, 0);
	return s;
}

/* The lines of a dump that a dump of the defaults has not. */
static struct str
changes(const struct settings *s, struct arena *a)
{
	struct settings *defaults = must_parse("", a);
	const char *usual = text_format(a, "\n%.*s",
	    STR_ARG(settings_dump(defaults, a))).p;
	struct str dump = settings_dump(s, a);
	struct text t;
	text_init(&t, a);
	while (dump.n > 0) {
		struct str line = str_cut(&dump, '\n');
		struct str whole = text_format(a, "\n%.*s\n", STR_ARG(line));
		if (line.n > 0 && strstr(usual, whole.p) == NULL)
			text_add(&t, str_sub(whole, 1, whole.n));
	}
	settings_drop(defaults);
	return text_str(&t);
}

/* The dump of a dump is the same dump. */
static void
check_round(const struct settings *s, struct arena *a)
{
	struct str dump = settings_dump(s, a);
	struct settings *again = must_parse(str_cstr(dump, a), a);
	check_str(settings_dump(again, a), str_cstr(dump, a));
	settings_drop(again);
}

static void
check_taken(const struct row *rows)
{
	for (; rows->text != NULL; rows++) {
		struct arena *a = arena_new(0);
		struct settings *s = must_parse(rows->text, a);
		check_str(changes(s, a), rows->want);
		check_round(s, a);
		settings_drop(s);
		arena_free(a);
	}
}

/* ---- what is taken ------------------------------------------------------ */

static void
defaults(void **state)
{
	struct settings_problems problems;
	struct arena *a = arena_new(0);
	struct settings *s = settings_load("", a, &problems);
	(void)state;
	assert_non_null(s);
	assert_string_equal(s->file, "");
	assert_string_equal(s->socket, "inet:8893@127.0.0.1");
	assert_int_equal(s->socket_mode, 0660);
	assert_string_equal(s->authserv_id, "");
	assert_int_equal(s->mode, MODE_ENFORCE);
	assert_int_equal(s->discovery, DISCOVER_TREEWALK);
	assert_true(s->psl_guard);
	assert_int_equal(s->dns_servers.count, 0);
	assert_int_equal(s->dns_timeout, 10);
	assert_int_equal(s->dns_cache_size, 16u << 20);
	assert_string_equal(s->history, PATHS_STATE "/history");
	assert_false(s->is_history_set);
	assert_int_equal(s->reject_action, REJECT_REJECT);
	assert_int_equal(s->quarantine_action, QUARANTINE_HEADER);
	assert_int_equal(s->temperror_action, FAILURE_TEMPFAIL);
	assert_int_equal(s->temperror_limit, 4 * 3600);
	assert_int_equal(s->bad_from_action, BAD_FROM_REJECT);
	assert_true(s->honour_pct);
	assert_int_equal(s->trusted_networks.count, 2);
	assert_true(s->skip_authenticated);
	assert_int_equal(s->overrides.count, 0);
	assert_true(suffix_is_listed(s->suffixes, STR("com")));
	check_round(s, a);
	settings_drop(s);
	arena_free(a);
}

static void
values(void **state)
{
	static const struct row rows[] = {
		{"", ""},
		{"\n\r\n\t  \n", ""},
		{"socket = \"unix:/run/aplomb/sock\"",
		    "socket = \"unix:/run/aplomb/sock\"\n"},
		{"socket = unix:/run/aplomb/sock",
		    "socket = \"unix:/run/aplomb/sock\"\n"},
		{"socket = 'local:/run/a b'",
		    "socket = \"local:/run/a b\"\n"},
		{"socket-mode = 600", "socket-mode = 0600\n"},
		{"socket-mode = \"0777\"", "socket-mode = 0777\n"},
		{"mode = monitor", "mode = monitor\n"},
		{"mode = \"Monitor\"", "mode = monitor\n"},
		{"mode\n=\n\nmonitor", "mode = monitor\n"},
		{"mode=monitor discovery=psl", "mode = monitor\n"
		    "discovery = psl\n"},
		{"psl-guard = no", "psl-guard = no\n"},
		{"psl-guard = off honour-pct = FALSE",
		    "psl-guard = no\nhonour-pct = no\n"},
		{"psl-guard = on honour-pct = true", ""},
		{"dns-timeout = 1", "dns-timeout = 1\n"},
		{"dns-timeout = 60", "dns-timeout = 1m\n"},
		{"dns-timeout = 30s", "dns-timeout = 30\n"},
		{"temperror-limit = 0", "temperror-limit = 0\n"},
		{"temperror-limit = 90", "temperror-limit = 90\n"},
		{"temperror-limit = 7D", "temperror-limit = 7d\n"},
		{"temperror-limit = 36h", "temperror-limit = 36h\n"},
		{"temperror-limit = 1440m", "temperror-limit = 1d\n"},
		{"dns-cache-size = 65536", "dns-cache-size = 64k\n"},
		{"dns-cache-size = 4g", "dns-cache-size = 4g\n"},
		{"dns-cache-size = 100001", "dns-cache-size = 100001\n"},
		{"dns-servers = 192.0.2.1",
		    "dns-servers = {\"192.0.2.1\"}\n"},
		{"dns-servers = {192.0.2.1, 192.0.2.2:5353, \"[::1]:53\",\n"
		    "\"2001:db8::1\",}", "dns-servers = {\"192.0.2.1\", "
		    "\"192.0.2.2:5353\", \"[::1]:53\", \"2001:db8::1\"}\n"},
		/* A list replaces its default, and an empty one empties it. */
		{"trusted-networks = {}", "trusted-networks = {}\n"},
		{"trusted-networks = {192.0.2.0/24, \"2001:db8::/32\"}",
		    "trusted-networks = {\"192.0.2.0/24\", "
		    "\"2001:db8::/32\"}\n"},
		{"history = \"\"", "history = \"\"\n"},
		/* What stands in quotes is data. */
		{"authserv-id = \"a # b // c /* {d}, e = f\"",
		    "authserv-id = \"a # b // c /* {d}, e = f\"\n"},
		{"authserv-id = \"*.example.com\"",
		    "authserv-id = \"*.example.com\"\n"},
		{"authserv-id = \"gr\xc3\xbc\xc3\x9f""e\"",
		    "authserv-id = \"gr\xc3\xbc\xc3\x9f""e\"\n"},
		{"authserv-id = \"\\\"\\\\\\\"\"",
		    "authserv-id = \"\\\"\\\\\\\"\"\n"},
		{"authserv-id = 'say \"x\"'",
		    "authserv-id = \"say \\\"x\\\"\"\n"},
		{"authserv-id = '${HOME}'", "authserv-id = \"\\${HOME}\"\n"},
		{"authserv-id = \"\\${HOME} $HOME $\"",
		    "authserv-id = \"\\${HOME} $HOME $\"\n"},
		{NULL, NULL},
	};
	(void)state;
	check_taken(rows);
}

static void
comments(void **state)
{
	static const struct row rows[] = {
		{"# mode = monitor", ""},
		{"mode = monitor # psl-guard = no\n", "mode = monitor\n"},
		{"mode = monitor // x\n# y\n//z\npsl-guard = no",
		    "mode = monitor\npsl-guard = no\n"},
		{"mode = /* one\ntwo */ monitor", "mode = monitor\n"},
		{"/* \" */ mode = monitor /**/", "mode = monitor\n"},
		{"trusted-networks = { # here\n 192.0.2.1 /* one */, # two\n}",
		    "trusted-networks = {\"192.0.2.1/32\"}\n"},
		{"#\xff\x01 anything\nmode = monitor", "mode = monitor\n"},
		{NULL, NULL},
	};
	(void)state;
	check_taken(rows);
}

static void
overrides(void **state)
{
	static const struct row rows[] = {
		{"override x { disposition = none }",
		    "override \"x\" {\n    disposition = none\n"
		    "    reason = local_policy\n    dry-run = no\n}\n"},
		{"override \"a b\" {\n  from = {Example.COM., "
		    "\"*.example.com\", \"*\"}\n  client = 192.0.2.0/24\n"
		    "  recipient = {You@example.org, \"@example.net\"}\n"
		    "  dkim-domain = esp.example spf-domain = {esp.example}\n"
		    "  policy = {reject, quarantine}\n  treat-as = quarantine\n"
		    "  reason = trusted_forwarder\n  comment = \"ticket 7\"\n"
		    "  until = 2027-01-31\n  dry-run = yes\n}",
		    "override \"a b\" {\n    from = {\"example.com\", "
		    "\"*.example.com\", \"*\"}\n"
		    "    client = {\"192.0.2.0/24\"}\n"
		    "    recipient = {\"You@example.org\", \"@example.net\"}\n"
		    "    dkim-domain = {\"esp.example\"}\n"
		    "    spf-domain = {\"esp.example\"}\n"
		    "    policy = {quarantine, reject}\n"
		    "    treat-as = quarantine\n"
		    "    reason = trusted_forwarder\n"
		    "    comment = \"ticket 7\"\n"
		    "    until = \"2027-02-01T00:00:00Z\"\n"
		    "    dry-run = yes\n}\n"},
		/* Between settings, and with a key of the other effect's. */
		{"mode = monitor override x { disposition = tempfail\n"
		    "until = \"2027-01-31T12:00:00Z\" } psl-guard = no",
		    "mode = monitor\npsl-guard = no\noverride \"x\" {\n"
		    "    disposition = tempfail\n    reason = local_policy\n"
		    "    until = \"2027-01-31T12:00:00Z\"\n"
		    "    dry-run = no\n}\n"},
		{"override x { list-id = {users.lists.example}\n"
		    "arc-sealer = {esp.example, \"*.esp.example\"}\n"
		    "result = {temperror, fail} disposition = none }\n"
		    "arc = yes arc-trusted-sealers = {List.Example}",
		    "arc = yes\narc-trusted-sealers = {\"list.example\"}\n"
		    "override \"x\" {\n"
		    "    arc-sealer = {\"esp.example\", \"*.esp.example\"}\n"
		    "    list-id = {\"users.lists.example\"}\n"
		    "    result = {fail, temperror}\n"
		    "    disposition = none\n    reason = local_policy\n"
		    "    dry-run = no\n}\n"},
		{NULL, NULL},
	};
	(void)state;
	check_taken(rows);
}

static void
order_of_overrides(void **state)
{
	struct arena *a = arena_new(0);
	struct settings *s = must_parse("override b { treat-as = none }\n"
	    "override a { disposition = none from = x.example }\n", a);
	(void)state;
	assert_int_equal(s->overrides.count, 2);
	check_str(s->overrides.at[0].name, "b");
	check_str(s->overrides.at[1].name, "a");
	assert_int_equal(s->overrides.at[1].index, 1);
	assert_int_equal(s->overrides.at[0].effect, OVERRIDE_TREAT_AS);
	assert_int_equal(s->overrides.at[0].treat_as, RECORD_NONE);
	assert_int_equal(s->overrides.at[1].effect, OVERRIDE_DISPOSITION);
	assert_int_equal(s->overrides.at[0].from.count, 0);
	assert_int_equal(s->overrides.at[1].from.count, 1);
	settings_drop(s);
	arena_free(a);
}

/* A key is set when the file has it, also with its default. */
static void
set_keys(void **state)
{
	struct arena *a = arena_new(0);
	struct settings *s = must_parse("history = /var/lib/aplomb/history\n"
	    "trusted-networks = {}\n", a);
	(void)state;
	assert_true(s->is_history_set);
	assert_true(s->is_trusted_networks_set);
	assert_false(s->is_mode_set);
	assert_false(s->is_log_target_set);
	settings_drop(s);
	arena_free(a);
}

/* ---- what is refused ---------------------------------------------------- */

static void
unknown_keys(void **state)
{
	static const struct row rows[] = {
		{"mod = monitor", "f:1: unknown key mod; did you mean mode?"},
		{"Mode = monitor", "f:1: unknown key Mode; did you mean mode?"},
		{"\n\ndns_timeout = 1",
		    "f:3: unknown key dns_timeout; did you mean dns-timeout?"},
		{"histroy = x",
		    "f:1: unknown key histroy; did you mean history?"},
		{"mode: monitor", "f:1: unknown key mode:; did you mean mode?"},
		{"no-such-key = 1", "f:1: unknown key no-such-key: remove it, "
		    "or look its name up in aplomb.conf(5)"},
		{"a = {b, c}", "f:1: unknown key a: remove it, or look its "
		    "name up in aplomb.conf(5)"},
		{"overide x { whatever = 1 }",
		    "f:1: unknown key overide; did you mean override?"},
		{"foo bar = 1", "f:1: unknown key foo: remove it, or look its "
		    "name up in aplomb.conf(5)"},
		{"override x { disposition = none\nform = a.example }",
		    "f:2: unknown key form; did you mean from?"},
		{"override x { disposition = none\nlistid = a.example }",
		    "f:2: unknown key listid; did you mean list-id?"},
		{"override x { disposition = none\narc-sealer = a.example }",
		    "f:2: the block \"x\" asks for an arc-sealer, but chains "
		    "are not looked at: set arc = yes, or remove the condition"},
		{"from = a.example", "f:1: from belongs into an override "
		    "block: move it there"},
		{"override x { disposition = none\nmode = monitor }",
		    "f:2: mode belongs outside of blocks: move it, or close "
		    "the block before it with \"}\""},
		/* The rest of the file is looked at all the same. */
		{"a1b2c3 = 1\nmode = x\na1b2c3 = {2}\noverride y { zzz = 1 }",
		    "f:1: unknown key a1b2c3: remove it, or look its name up "
		    "in aplomb.conf(5)\n"
		    "f:2: mode cannot be \"x\": it takes one of enforce, "
		    "monitor\n"
		    "f:3: unknown key a1b2c3: remove it, or look its name up "
		    "in aplomb.conf(5)\n"
		    "f:4: unknown key zzz: remove it, or look its name up in "
		    "aplomb.conf(5)\n"
		    "f:4: the block \"y\" has no effect: add disposition or "
		    "treat-as"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* libconfuse takes the last. */
static void
repeated_keys(void **state)
{
	static const struct row rows[] = {
		{"mode = monitor\n\nmode = enforce", "f:3: mode stands here "
		    "again, after line 1: keep one of the two"},
		{"dns-servers = {192.0.2.1}\nmode = monitor\n"
		    "dns-servers = {192.0.2.2}", "f:3: dns-servers stands "
		    "here again, after line 1: keep one of the two"},
		{"mode = {monitor}\nmode = monitor", "f:2: mode stands here "
		    "again, after line 1: keep one of the two"},
		{"override x {\nfrom = a.example\ndisposition = none\n"
		    "from = b.example }", "f:4: from stands here again, after "
		    "line 2: keep one of the two"},
		{"override x { disposition = none }\n"
		    "override x { disposition = reject }",
		    "f:2: the name \"x\" is taken by the block in line 1: "
		    "choose another"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
wrong_values(void **state)
{
	static const struct row rows[] = {
		{"mode = enforced", "f:1: mode cannot be \"enforced\": it "
		    "takes one of enforce, monitor"},
		{"mode = \"\"", "f:1: mode cannot be \"\": it takes one of "
		    "enforce, monitor"},
		{"mode = {monitor}", "f:1: mode takes one value and no list: "
		    "remove the braces"},
		{"socket = {}", "f:1: socket takes one value and no list: "
		    "remove the braces"},
		{"dns-timeout = 0", "f:1: dns-timeout cannot be \"0\": it "
		    "takes a time (90, 15m, 4h, 2d), 1 to 60"},
		{"dns-timeout = 2m", "f:1: dns-timeout cannot be \"2m\": it "
		    "takes a time (90, 15m, 4h, 2d), 1 to 60"},
		{"dns-timeout = -1", "f:1: dns-timeout cannot be \"-1\": it "
		    "takes a time (90, 15m, 4h, 2d), 1 to 60"},
		{"temperror-limit = 1w", "f:1: temperror-limit cannot be "
		    "\"1w\": it takes a time (90, 15m, 4h, 2d), 0 to 7d"},
		{"temperror-limit = m", "f:1: temperror-limit cannot be "
		    "\"m\": it takes a time (90, 15m, 4h, 2d), 0 to 7d"},
		{"temperror-limit = 604801", "f:1: temperror-limit cannot be "
		    "\"604801\": it takes a time (90, 15m, 4h, 2d), 0 to 7d"},
		{"temperror-limit = 99999999999999999999d",
		    "f:1: temperror-limit cannot be \"99999999999999999999d\": "
		    "it takes a time (90, 15m, 4h, 2d), 0 to 7d"},
		{"dns-cache-size = 65535", "f:1: dns-cache-size cannot be "
		    "\"65535\": it takes a size (65536, 64k, 16m), 64k to 4g"},
		{"dns-cache-size = 5g", "f:1: dns-cache-size cannot be \"5g\": "
		    "it takes a size (65536, 64k, 16m), 64k to 4g"},
		{"socket-mode = 0680", "f:1: socket-mode cannot be \"0680\": "
		    "it takes an octal number, 0000 to 0777"},
		{"socket-mode = 1777", "f:1: socket-mode cannot be \"1777\": "
		    "it takes an octal number, 0000 to 0777"},
		{"honour-pct = maybe", "f:1: honour-pct cannot be \"maybe\": "
		    "it takes yes or no"},
		{"dns-servers = {192.0.2.1,\n ns.example}",
		    "f:2: dns-servers cannot be \"ns.example\": it takes a "
		    "list of at most 16 addresses, each with an optional port: "
		    "{192.0.2.1, \"[::1]:5353\"}"},
		{"trusted-networks = {\n192.0.2.0/24,\n192.0.2.1/24,\nx}",
		    "f:3: trusted-networks cannot be \"192.0.2.1/24\": it "
		    "takes a list of networks without host bits: "
		    "{192.0.2.0/24, \"2001:db8::/32\"}\n"
		    "f:4: trusted-networks cannot be \"x\": it takes a list of "
		    "networks without host bits: "
		    "{192.0.2.0/24, \"2001:db8::/32\"}"},
		{"mode = \"gr\xc3\xbcn\"", "f:1: mode cannot be \"gr??n\": it "
		    "takes one of enforce, monitor"},
		{"public-suffix-list = /nonexistent",
		    "f:1: public-suffix-list /nonexistent: the public suffix "
		    "list cannot be read: name another file, or \"\" for the "
		    "newest that libpsl finds"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

#define UNTIL                                                                  \
	"it takes a day (2027-01-31, to its end in UTC) or an instant "        \
	"(2027-01-31T12:00:00Z)"

static void
wrong_overrides(void **state)
{
	static const struct row rows[] = {
		{"override x { }", "f:1: the block \"x\" has no effect: add "
		    "disposition or treat-as"},
		{"override x {\ntreat-as = none\ndisposition = none\n}",
		    "f:3: the block \"x\" has two effects, disposition and "
		    "treat-as: keep one"},
		{"override x { from = {}\ndisposition = none }",
		    "f:1: from is an empty list, which no message can match: "
		    "give it a value or remove it"},
		{"override x { client = {} policy = {}\ndisposition = none }",
		    "f:1: client is an empty list, which no message can match: "
		    "give it a value or remove it\n"
		    "f:1: policy is an empty list, which no message can match: "
		    "give it a value or remove it"},
		{"override x { disposition = {none} }", "f:1: disposition "
		    "takes one value and no list: remove the braces"},
		{"override x { disposition = hold }", "f:1: disposition cannot "
		    "be \"hold\": it takes one of none, quarantine, reject, "
		    "tempfail"},
		{"override x { treat-as = tempfail }", "f:1: treat-as cannot "
		    "be \"tempfail\": it takes one of none, quarantine, "
		    "reject"},
		/* RFC 9990 3.1.6: the other types are not an operator's. */
		{"override x { disposition = none reason = sampled_out }",
		    "f:1: reason cannot be \"sampled_out\": it takes one of "
		    "local_policy, mailing_list, other, trusted_forwarder"},
		{"override x { disposition = none\nfrom = {a..b}\n"
		    "client = 192.0.2.1/24\nrecipient = {\"a b@c.example\"}\n"
		    "policy = all\ndry-run = perhaps }",
		    "f:2: from cannot be \"a..b\": it takes domains: "
		    "example.com, \"*.example.com\" for every name below it, "
		    "\"*\" for all\n"
		    "f:3: client cannot be \"192.0.2.1/24\": it takes networks "
		    "without host bits: 192.0.2.0/24, \"2001:db8::/32\"\n"
		    "f:4: recipient cannot be \"a b@c.example\": it takes "
		    "addresses (\"you@example.org\"), \"@example.org\", or "
		    "domains as from does\n"
		    "f:5: policy cannot be \"all\": it takes none, quarantine, "
		    "reject\n"
		    "f:6: dry-run cannot be \"perhaps\": it takes yes or no"},
		{"override x { disposition = none until = tomorrow }",
		    "f:1: until cannot be \"tomorrow\": " UNTIL},
		{"override x { disposition = none until = 2027-02-30 }",
		    "f:1: until cannot be \"2027-02-30\": " UNTIL},
		{"override x { disposition = none until = 2027-02-28x }",
		    "f:1: until cannot be \"2027-02-28x\": " UNTIL},
		/* Its end could not be written again. */
		{"override x { disposition = none until = 9999-12-31 }",
		    "f:1: until cannot be \"9999-12-31\": " UNTIL},
		{"override \"\" { disposition = none }", "f:1: the name of a "
		    "block has 1 to 100 bytes: give it another"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* What libconfuse would change or drop without a word. */
static void
silent_readings(void **state)
{
	static const struct row rows[] = {
		{"mode = monitor\ndns-servers += 192.0.2.1",
		    "f:2: \"+=\" is not taken: give the whole value with "
		    "\"=\""},
		{"authserv-id = ${HOSTNAME}\nmod = x",
		    "f:1: \"${...}\" would be replaced from the environment of "
		    "whoever starts the program: write the value itself, or "
		    "\"\\${\" for these characters\n"
		    "f:2: unknown key mod; did you mean mode?"},
		{"authserv-id = \"mx.${DOMAIN}\"",
		    "f:1: \"${...}\" would be replaced from the environment of "
		    "whoever starts the program: write the value itself, or "
		    "\"\\${\" for these characters"},
		{"authserv-id = *.example.com\nmod = x",
		    "f:1: a string with \"*\" must stand in quotes\n"
		    "f:2: unknown key mod; did you mean mode?"},
		{"override x { from = *.example.com }",
		    "f:1: a string with \"*\" must stand in quotes"},
		{"override x { from = * }",
		    "f:1: a string with \"*\" must stand in quotes"},
		{"mode = monitor;", "f:1: a string with \";\" must stand in "
		    "quotes"},
		{"authserv-id = a!b!c", "f:1: a string with \"!\" must stand "
		    "in quotes"},
		{"include(\"other.conf\")", "f:1: there are no functions, and "
		    "no include(): write everything into this file"},
		{"authserv-id = gr\xc3\xbcn", "f:1: the byte 0xc3 stands "
		    "outside quotes: put the string in quotes, or remove it"},
		{"\xef\xbb\xbfmode = monitor", "f:1: the byte 0xef stands "
		    "outside quotes: put the string in quotes, or remove it"},
		{"authserv-id = \"a\\nb\"", "f:1: a backslash stands only "
		    "before a double quote, a dollar or another backslash: "
		    "double it"},
		{"authserv-id = 'a\\\\b'", "f:1: a backslash in single quotes: "
		    "use double quotes, and two backslashes for one"},
		{"authserv-id = \"a\tb\"", "f:1: a control character (0x09) in "
		    "a string: remove it"},
		{"socket = unix:/run//sock", "f:1: a comment begins within a "
		    "word: put a blank before it, or the string in quotes"},
		{"user = aplomb#daemon", "f:1: a comment begins within a "
		    "word: put a blank before it, or the string in quotes"},
		{"\"mode\" = monitor", "f:1: \"mode\" stands where a key is "
		    "due, and keys have no quotes: write KEY = VALUE"},
		{"\"override|x|from\" = a.example", "f:1: \"override|x|from\" "
		    "stands where a key is due, and keys have no quotes: write "
		    "KEY = VALUE"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
grammar(void **state)
{
	static const struct row rows[] = {
		{"mode", "f:1: mode has no \"=\" behind it: write mode = "
		    "VALUE"},
		{"\nmode monitor", "f:2: mode has no \"=\" behind it: write "
		    "mode = VALUE"},
		{"mode =", "f:1: mode has no value: write mode = VALUE"},
		{"mode =\n\ndiscovery = psl", "f:1: mode has no value: write "
		    "mode = VALUE"},
		{"mode = = monitor", "f:1: mode has no value: write mode = "
		    "VALUE"},
		{"mode = ,", "f:1: mode has no value: write mode = VALUE"},
		{"= monitor", "f:1: a \"=\" stands where a key is due: write "
		    "KEY = VALUE"},
		{"mode = monitor,\npsl-guard = no", "f:1: a \",\" stands where "
		    "a key is due: write KEY = VALUE"},
		{"mode = monitor\n}", "f:2: a \"}\" without a \"{\" before it: "
		    "remove it"},
		{"mode { }", "f:1: mode is a key and no block: write mode = "
		    "VALUE"},
		{"socket = \"unix:/a\nmode = monitor", "f:1: the string does "
		    "not end in its line: add the closing quote"},
		{"mode = monitor\n/* x\n", "f:2: the comment that starts here "
		    "does not end: add \"*/\""},
		{"trusted-networks = {192.0.2.1,\n\n", "f:1: the list of "
		    "trusted-networks does not end: add \"}\""},
		{"trusted-networks = {192.0.2.1\nmode = monitor",
		    "f:2: in the list of trusted-networks a \",\" is missing "
		    "before this, or the \"}\" at its end: add it"},
		{"trusted-networks = {,}", "f:1: in the list of "
		    "trusted-networks a \",\" stands in place of a value: "
		    "remove it"},
		{"override { disposition = none }", "f:1: a block needs a "
		    "name: write override \"NAME\" { ... }"},
		{"override x disposition = none", "f:1: a \"{\" is missing "
		    "behind the block's name: write override \"NAME\" { ... }"},
		{"override = x", "f:1: override is a block and no key: write "
		    "override \"NAME\" { ... }"},
		{"\noverride x {\ndisposition = none\n", "f:2: the block that "
		    "starts here does not end: add \"}\""},
		{"override x {\noverride y {\n} }", "f:2: a block within a "
		    "block: close the first with \"}\" before this line"},
		{"override x { disposition = none, }", "f:1: a \",\" stands "
		    "where a key is due: write KEY = VALUE"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* ---- bounds ------------------------------------------------------------- */

static void
check_problem(struct str text, size_t count, const char *last)
{
	struct arena *a = arena_new(0);
	struct settings_problems problems;
	struct str exact = check_exact(text, a);
	assert_null(settings_parse(exact, "f", a, &problems));
	assert_int_equal(problems.count, count);
	check_str(problems.at[count - 1], last);
	arena_free(a);
}

static void
bounds(void **state)
{
	struct arena *a = arena_new(0);
	struct text t;
	(void)state;
	text_init(&t, a);
	for (unsigned i = 0; i < 60; i++)
		text_printf(&t, "q%u = 1\n", i);
	check_problem(text_str(&t), SETTINGS_MAX_PROBLEMS, "f: there are more "
	    "problems than these: mend them and look again");

	text_init(&t, a);
	for (unsigned i = 0; i < 1000; i++)
		text_printf(&t, "override x%u { disposition = none }\n", i);
	struct settings *s = must_parse(text_cstr(&t), a);
	assert_int_equal(s->overrides.count, 1000);
	settings_drop(s);
	text_add(&t, STR("override y { disposition = none }\n"));
	check_problem(text_str(&t), 1, "f:1001: there are more than 1000 "
	    "blocks, and each failed message is compared with all: join some");

	text_init(&t, a);
	for (unsigned i = 0; i < SETTINGS_MAX_SERVERS; i++)
		text_printf(&t, "%s192.0.2.1", i > 0 ? ", " : "");
	s = must_parse(text_format(a, "dns-servers = {%s}", t.p).p, a);
	assert_int_equal(s->dns_servers.count, SETTINGS_MAX_SERVERS);
	settings_drop(s);
	check_problem(text_format(a, "dns-servers = {%s,\n192.0.2.2}", t.p), 1,
	    "f:2: dns-servers cannot be \"192.0.2.2\": it takes a list of at "
	    "most 16 addresses, each with an optional port: {192.0.2.1, "
	    "\"[::1]:5353\"}");
	arena_free(a);
}

/* Problems that are alike and keys that are not known do not add up. */
static void
many_keys(void **state)
{
	struct arena *a = arena_new(0);
	struct text t;
	(void)state;
	text_init(&t, a);
	for (unsigned i = 0; i < 201; i++)
		text_add(&t, STR("qq=1 "));
	check_problem(text_str(&t), 2, "f:1: more keys than aplomb.conf(5) "
	    "has: remove what is wrong with those before");
	check_problem(text_format(a, "override x {\n%s", t.p), 2, "f:2: more "
	    "keys than aplomb.conf(5) has: remove what is wrong with those "
	    "before");
	text_init(&t, a);
	text_add(&t, STR("trusted-networks = {"));
	for (unsigned i = 0; i < 10000; i++)
		text_add(&t, STR("192.0.2.1,"));
	struct settings *s = must_parse(text_format(a, "%s}", t.p).p, a);
	assert_int_equal(s->trusted_networks.count, 10000);
	settings_drop(s);
	check_problem(text_format(a, "%s\n192.0.2.2}", t.p), 1, "f:2: the list "
	    "of trusted-networks has more than 10000 values, and each is "
	    "compared with: join some");
	arena_free(a);
}

static void
repeat(struct text *t, char c, size_t n)
{
	while (n-- > 0)
		text_add_char(t, c);
}

static void
long_texts(void **state)
{
	struct arena *a = arena_new(0);
	struct text t;
	(void)state;
	text_init(&t, a);
	text_add(&t, STR("override "));
	repeat(&t, 'n', 100);
	text_add(&t, STR(" { disposition = none comment = "));
	repeat(&t, 'c', 200);
	struct settings *s = must_parse(text_format(a, "%s}", t.p).p, a);
	assert_int_equal(s->overrides.at[0].name.n, 100);
	assert_int_equal(s->overrides.at[0].comment.n, 200);
	settings_drop(s);
	text_init(&t, a);
	repeat(&t, 'c', 201);
	check_problem(text_format(a, "override n { disposition = none comment "
	    "= %s }", t.p), 1, "f:1: comment cannot be \"cccccccccccccccccccccc"
	    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccc...\": "
	    "it takes at most 200 bytes");
	check_problem(text_format(a, "override %s { disposition = none }",
	    t.p), 1, "f:1: the name of a block has 1 to 100 bytes: give it "
	    "another");

	text_init(&t, a);
	text_add(&t, STR("history = \""));
	repeat(&t, 'h', 4096);
	s = must_parse(text_format(a, "%s\"", t.p).p, a);
	assert_int_equal(strlen(s->history), 4096);
	settings_drop(s);
	check_problem(text_format(a, "%sh\"", t.p), 1, "f:1: a string of more "
	    "than 4096 bytes: make it shorter");

	text_init(&t, a);
	repeat(&t, ' ', SETTINGS_MAX_BYTES);
	settings_drop(must_parse(text_cstr(&t), a));
	text_add_char(&t, ' ');
	check_problem(text_str(&t), 1, "f: has more than 1048576 bytes: make "
	    "it smaller");
	arena_free(a);
}

/* NUL ends a string for libconfuse. */
static void
nul_bytes(void **state)
{
	struct settings_problems problems;
	struct arena *a = arena_new(0);
	(void)state;
	check_problem(STR("mode = monitor\n\0"), 1, "f:2: the byte 0x00 stands "
	    "outside quotes: put the string in quotes, or remove it");
	check_problem(STR("socket = \"a\0b\"\n"), 1, "f:1: a control character "
	    "(0x00) in a string: remove it");
	struct settings *s = settings_parse(STR("# \0\nmode = monitor"), "f",
	    a, &problems);
	assert_non_null(s);
	assert_int_equal(s->mode, MODE_MONITOR);
	settings_drop(s);
	arena_free(a);
}

/* ---- files -------------------------------------------------------------- */

static void
files(void **state)
{
	struct arena *a = arena_new(0);
	struct settings_problems problems;
	char path[] = "/tmp/aplomb-settings-XXXXXX";
	int fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_true(file_replace(path, STR("mode = monitor\n"), 0644));
	struct settings *s = settings_load(path, a, &problems);
	assert_non_null(s);
	assert_string_equal(s->file, path);
	assert_int_equal(s->mode, MODE_MONITOR);
	settings_drop(s);
	assert_true(file_replace(path, STR("mode = mon\n"), 0644));
	assert_null(settings_load(path, a, &problems));
	assert_int_equal(problems.count, 1);
	check_str(problems.at[0], text_format(a, "%s:1: mode cannot be "
	    "\"mon\": it takes one of enforce, monitor", path).p);
	unlink(path);
	assert_null(settings_load(path, a, &problems));
	assert_int_equal(problems.count, 1);
	check_str(problems.at[0], text_format(a, "%s: cannot be read: No such "
	    "file or directory; a configuration is a readable file of at most "
	    "1048576 bytes", path).p);
	arena_free(a);
}

static void
default_file(void **state)
{
	(void)state;
	assert_string_equal(settings_file("given"), "given");
	assert_string_equal(settings_file(NULL),
	    access(PATHS_CONF, F_OK) == 0 ? PATHS_CONF : "");
}

/* Held by several, gone with the last: the sanitizer tells of both mistakes. */
static void
holds(void **state)
{
	struct arena *a = arena_new(0);
	struct settings *s = must_parse("mode = monitor", a);
	(void)state;
	arena_free(a); /* the settings are not of the caller's arena */
	assert_ptr_equal(settings_hold(s), s);
	settings_drop(s);
	assert_int_equal(s->mode, MODE_MONITOR);
	settings_drop(s);
	settings_drop(NULL);
}

/* ---- what is printed ---------------------------------------------------- */

/* Without the "#" before keys, as a whole. */
static struct str
activate(struct str sample, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	while (sample.n > 0) {
		struct str line = str_cut(&sample, '\n');
		bool is_comment = str_has_prefix(line, STR("# ")) &&
		    !str_has_prefix(line, STR("#  "));
		if (!is_comment && line.n > 0)
			text_printf(&t, "%.*s\n",
			    STR_ARG(str_sub(line, 1, line.n)));
	}
	return text_str(&t);
}

/* The sample changes nothing, and neither do its settings made active. */
static void
sample(void **state)
{
	struct arena *a = arena_new(0);
	struct str text = settings_sample(a);
	struct settings *s = must_parse(str_cstr(text, a), a);
	(void)state;
	check_str(changes(s, a), "");
	settings_drop(s);
	s = must_parse(str_cstr(activate(text, a), a), a);
	assert_int_equal(s->overrides.count, 1);
	assert_true(s->overrides.at[0].is_dry_run);
	s->overrides.count = 0;
	check_str(changes(s, a), "");
#define OPTION(member, key, type, default_, min, max, when, help)              \
	assert_true(s->is_##member##_set);
#include "settings/settings.def"
#undef OPTION
	settings_drop(s);
	arena_free(a);
}

static void
manual(void **state)
{
	struct arena *a = arena_new(0);
	const char *text = str_cstr(settings_manual(a), a);
	(void)state;
#define OPTION(member, key, type, default_, min, max, when, help)              \
	assert_non_null(strstr(text, ".It Cm " key "\n"));
#include "settings/settings.def"
#undef OPTION
	assert_non_null(strstr(text, "The longest that one message waits for "
	    "DNS, in seconds.\nTakes a time (90, 15m, 4h, 2d), 1 to 60; the "
	    "default is\n.Ql 10 .\n.It Cm dns-cache-size\n"));
	assert_non_null(strstr(text,
	    ".Ql \"{127.0.0.0/8, \\(dq::1\\(dq}\" .\n"));
	assert_non_null(strstr(str_cstr(settings_manual_override(a), a),
	    ".It Cm dkim-domain\nThe domain of a signature that verified.\n"
	    "Takes a list of domains.\n"));
	arena_free(a);
}

static void
near_names(void **state)
{
	static const struct {
		const char *written, *want;
	} rows[] = {
		{"mode", "mode"}, {"mdoe", "mode"}, {"MODE", "mode"},
		{"mod", "mode"}, {"moode", "mode"}, {"node", "mode"},
		{"nodes", ""}, {"mo", ""}, {"", ""},
		{"histry", "history"}, {"history-failur", "history-failure"},
		{"failure-history", ""},
		{"a-name-that-is-longer-than-all-names-of-ours", ""},
	};
	static const char *const names[] = {"mode", "history",
	    "history-failure"};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct nearest n;
		nearest_init(&n, check_exact(str_of(rows[i].written), a));
		for (size_t j = 0; j < 3; j++)
			nearest_try(&n, str_of(names[j]));
		check_str(n.name, rows[i].want);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(values),
		cmocka_unit_test(comments),
		cmocka_unit_test(overrides),
		cmocka_unit_test(order_of_overrides),
		cmocka_unit_test(set_keys),
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(repeated_keys),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(wrong_overrides),
		cmocka_unit_test(silent_readings),
		cmocka_unit_test(grammar),
		cmocka_unit_test(bounds),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(files),
		cmocka_unit_test(default_file),
		cmocka_unit_test(holds),
		cmocka_unit_test(sample),
		cmocka_unit_test(manual),
		cmocka_unit_test(near_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
