/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "net/suffix.h"
#include "settings/nearest.h"
#include "settings/settings_option.h"
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
		    STR_ARG(p->at[i].text));
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
		print_error("%.*s\n", STR_ARG(problems.at[0].text));
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
	assert_int_equal(s->history_at.line, 0);
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
		{"authserv-id = *.example.com",
		    "authserv-id = \"*.example.com\"\n"},
		{"arc-trusted-sealers = {*.a.example, *}",
		    "arc-trusted-sealers = {\"*.a.example\", \"*\"}\n"},
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
		    "  helo = {MX.example., [192.0.2.1], \"[IPv6:2001:db8::1]\"}\n"
		    "  recipient = {You@example.org, \"@example.net\"}\n"
		    "  dkim-domain = esp.example spf-domain = {esp.example}\n"
		    "  policy = {reject, quarantine}\n  treat-as = quarantine\n"
		    "  reason = trusted_forwarder\n  comment = \"ticket 7\"\n"
		    "  until = 2027-01-31\n  dry-run = yes\n}",
		    "override \"a b\" {\n    from = {\"example.com\", "
		    "\"*.example.com\", \"*\"}\n"
		    "    client = {\"192.0.2.0/24\"}\n"
		    "    helo = {\"mx.example\", \"[192.0.2.1]\", "
		    "\"[IPv6:2001:db8::1]\"}\n"
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
	    "  trusted-networks = {}\n", a);
	(void)state;
	assert_int_equal(s->history_at.line, 1);
	assert_int_equal(s->history_at.column, 1);
	assert_int_equal(s->trusted_networks_at.line, 2);
	assert_int_equal(s->trusted_networks_at.column, 3);
	assert_int_equal(s->mode_at.line, 0);
	assert_int_equal(s->log_target_at.line, 0);
	settings_drop(s);
	arena_free(a);
}

/* ---- what is refused ---------------------------------------------------- */

static void
unknown_keys(void **state)
{
	static const struct row rows[] = {
		{"mod = monitor",
		    "f:1:1: unknown key mod; did you mean mode?"},
		{"Mode = monitor",
		    "f:1:1: unknown key Mode; did you mean mode?"},
		{"\n\ndns_timeout = 1",
		    "f:3:1: unknown key dns_timeout; did you mean dns-timeout?"},
		{"histroy = x",
		    "f:1:1: unknown key histroy; did you mean history?"},
		{"mode: monitor",
		    "f:1:1: mode has no \"=\" after it: write mode = monitor"},
		{"no-such-key = 1",
		    "f:1:1: unknown key no-such-key: remove it, or look its name up "
		    "in aplomb.conf(5)"},
		{"a = {b, c}",
		    "f:1:1: unknown key a: remove it, or look its name up in "
		    "aplomb.conf(5)"},
		{"overide x { whatever = 1 }",
		    "f:1:1: unknown key overide; did you mean override?"},
		{"foo bar = 1",
		    "f:1:1: unknown key foo: remove it, or look its name up in "
		    "aplomb.conf(5)"},
		{"override x { disposition = none\nform = a.example }",
		    "f:2:1: unknown key form; did you mean from?"},
		{"override x { disposition = none\nlistid = a.example }",
		    "f:2:1: unknown key listid; did you mean list-id?"},
		{"override x { disposition = none\narc-sealer = a.example }",
		    "f:1:1: the block \"x\" asks for an arc-sealer, but chains are "
		    "not looked at: set arc = yes, or remove the condition"},
		{"from = a.example",
		    "f:1:1: from belongs into an override block: move it there"},
		{"override x { disposition = none\nmode = monitor }",
		    "f:2:1: mode belongs outside of blocks: move it, or close the "
		    "block before it with \"}\""},
		/* The rest of the file is looked at all the same. */
		{"a1b2c3 = 1\nmode = x\na1b2c3 = {2}\noverride y { zzz = 1 }",
		    "f:1:1: unknown key a1b2c3: remove it, or look its name up in "
		    "aplomb.conf(5)\n"
		    "f:2:8: mode cannot be \"x\": it takes one of enforce, monitor\n"
		    "f:3:1: unknown key a1b2c3: remove it, or look its name up in "
		    "aplomb.conf(5)\n"
		    "f:4:1: the block \"y\" has no effect: add disposition or "
		    "treat-as\n"
		    "f:4:14: unknown key zzz: remove it, or look its name up in "
		    "aplomb.conf(5)"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
repeated_keys(void **state)
{
	static const struct row rows[] = {
		{"mode = monitor\n\nmode = enforce",
		    "f:3:1: mode stands here again, after line 1: keep one of the "
		    "two"},
		{"dns-servers = {192.0.2.1}\nmode = monitor\n"
		    "dns-servers = {192.0.2.2}",
		    "f:3:1: dns-servers stands here again, after line 1: keep one "
		    "of the two"},
		{"mode = {monitor}\nmode = monitor",
		    "f:1:9: mode takes one value and no list: write mode = monitor\n"
		    "f:2:1: mode stands here again, after line 1: keep one of the "
		    "two"},
		{"override x {\nfrom = a.example\ndisposition = none\n"
		    "from = b.example }",
		    "f:4:1: from stands here again, after line 2: keep one of the "
		    "two"},
		{"override x { disposition = none }\n"
		    "override x { disposition = reject }",
		    "f:2:10: the name \"x\" is taken by the block in line 1: choose "
		    "another"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
wrong_values(void **state)
{
	static const struct row rows[] = {
		{"mode = enforced",
		    "f:1:8: mode cannot be \"enforced\": it takes one of enforce, "
		    "monitor; write enforce"},
		{"mode = \"\"",
		    "f:1:8: mode cannot be \"\": it takes one of enforce, monitor"},
		{"mode = {monitor}",
		    "f:1:9: mode takes one value and no list: write mode = monitor"},
		{"socket = {}",
		    "f:1:1: socket takes one value and no list: write socket = VALUE"},
		{"dns-timeout = 0",
		    "f:1:15: dns-timeout cannot be \"0\": it takes a time (90, 15m, "
		    "4h, 2d), 1 to 60"},
		{"dns-timeout = 2m",
		    "f:1:15: dns-timeout cannot be \"2m\": it takes a time (90, "
		    "15m, 4h, 2d), 1 to 60"},
		{"dns-timeout = -1",
		    "f:1:15: dns-timeout cannot be \"-1\": it takes a time (90, "
		    "15m, 4h, 2d), 1 to 60"},
		{"temperror-limit = 1w",
		    "f:1:19: temperror-limit cannot be \"1w\": it takes a time (90, "
		    "15m, 4h, 2d), 0 to 7d; write 7d"},
		{"temperror-limit = m",
		    "f:1:19: temperror-limit cannot be \"m\": it takes a time (90, "
		    "15m, 4h, 2d), 0 to 7d"},
		{"temperror-limit = 604801",
		    "f:1:19: temperror-limit cannot be \"604801\": it takes a time "
		    "(90, 15m, 4h, 2d), 0 to 7d"},
		{"temperror-limit = 99999999999999999999d",
		    "f:1:19: temperror-limit cannot be \"99999999999999999999d\": "
		    "it takes a time (90, 15m, 4h, 2d), 0 to 7d"},
		{"dns-cache-size = 65535",
		    "f:1:18: dns-cache-size cannot be \"65535\": it takes a size "
		    "(65536, 64k, 16m), 64k to 4g"},
		{"dns-cache-size = 5g",
		    "f:1:18: dns-cache-size cannot be \"5g\": it takes a size "
		    "(65536, 64k, 16m), 64k to 4g"},
		{"socket-mode = 0680",
		    "f:1:15: socket-mode cannot be \"0680\": it takes an octal "
		    "number, 0000 to 0777"},
		{"socket-mode = 1777",
		    "f:1:15: socket-mode cannot be \"1777\": it takes an octal "
		    "number, 0000 to 0777"},
		{"honour-pct = maybe",
		    "f:1:14: honour-pct cannot be \"maybe\": it takes yes or no"},
		{"dns-servers = {192.0.2.1,\n ns.example}",
		    "f:2:2: dns-servers cannot be \"ns.example\": it takes a list "
		    "of at most 16 addresses, each with an optional port: "
		    "{192.0.2.1, \"[::1]:5353\"}"},
		{"trusted-networks = {\n192.0.2.0/24,\n192.0.2.1/24,\nx}",
		    "f:3:1: trusted-networks cannot be \"192.0.2.1/24\": it takes a "
		    "list of networks without host bits: {192.0.2.0/24, "
		    "\"2001:db8::/32\"}; write 192.0.2.0/24\n"
		    "f:4:1: trusted-networks cannot be \"x\": it takes a list of "
		    "networks without host bits: {192.0.2.0/24, \"2001:db8::/32\"}"},
		{"mode = \"gr\xc3\xbcn\"",
		    "f:1:8: mode cannot be \"gr??n\": it takes one of enforce, "
		    "monitor"},
		{"public-suffix-list = /nonexistent",
		    "f:1:1: public-suffix-list /nonexistent: the public suffix list "
		    "cannot be read: name another file, or \"\" for the newest that "
		    "libpsl finds"},
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
		{"override x { }",
		    "f:1:1: the block \"x\" has no effect: add disposition or "
		    "treat-as"},
		{"override x {\ntreat-as = none\ndisposition = none\n}",
		    "f:3:1: the block \"x\" has two effects, disposition and "
		    "treat-as: keep one"},
		{"override x { from = {}\ndisposition = none }",
		    "f:1:14: from is an empty list, which no message can match: "
		    "give it a value or remove it"},
		{"override x { client = {} policy = {}\ndisposition = none }",
		    "f:1:14: client is an empty list, which no message can match: "
		    "give it a value or remove it\n"
		    "f:1:26: policy is an empty list, which no message can match: "
		    "give it a value or remove it"},
		{"override x { disposition = {none} }",
		    "f:1:29: disposition takes one value and no list: write "
		    "disposition = none"},
		{"override x { disposition = hold }",
		    "f:1:28: disposition cannot be \"hold\": it takes one of none, "
		    "quarantine, reject, tempfail"},
		{"override x { treat-as = tempfail }",
		    "f:1:25: treat-as cannot be \"tempfail\": it takes one of none, "
		    "quarantine, reject"},
		/* RFC 9990 3.1.6: the other types are not an operator's. */
		{"override x { disposition = none reason = sampled_out }",
		    "f:1:42: reason cannot be \"sampled_out\": it takes one of "
		    "local_policy, mailing_list, other, trusted_forwarder"},
		{"override x { disposition = none\nfrom = {a..b}\n"
		    "client = 192.0.2.1/24\nrecipient = {\"a b@c.example\"}\n"
		    "policy = all\ndry-run = perhaps }",
		    "f:2:9: from cannot be \"a..b\": it takes domains: example.com, "
		    "\"*.example.com\" for every name below it, \"*\" for all\n"
		    "f:3:10: client cannot be \"192.0.2.1/24\": it takes networks "
		    "without host bits: 192.0.2.0/24, \"2001:db8::/32\"; write "
		    "192.0.2.0/24\n"
		    "f:4:14: recipient cannot be \"a b@c.example\": it takes "
		    "addresses (\"you@example.org\"), \"@example.org\", or domains "
		    "as from does\n"
		    "f:5:10: policy cannot be \"all\": it takes none, quarantine, "
		    "reject\n"
		    "f:6:11: dry-run cannot be \"perhaps\": it takes yes or no"},
		{"override x { disposition = none helo = [192.0.2.300] }",
		    "f:1:40: helo cannot be \"[192.0.2.300]\": it takes domains as "
		    "from does, or addresses in brackets: \"[192.0.2.1]\""},
		{"override x { disposition = none until = tomorrow }",
		    "f:1:41: until cannot be \"tomorrow\": it takes a day "
		    "(2027-01-31, to its end in UTC) or an instant "
		    "(2027-01-31T12:00:00Z)"},
		{"override x { disposition = none until = 2027-02-30 }",
		    "f:1:41: until cannot be \"2027-02-30\": it takes a day "
		    "(2027-01-31, to its end in UTC) or an instant "
		    "(2027-01-31T12:00:00Z)"},
		{"override x { disposition = none until = 2027-02-28x }",
		    "f:1:41: until cannot be \"2027-02-28x\": it takes a day "
		    "(2027-01-31, to its end in UTC) or an instant "
		    "(2027-01-31T12:00:00Z)"},
		/* Its end could not be written again. */
		{"override x { disposition = none until = 9999-12-31 }",
		    "f:1:41: until cannot be \"9999-12-31\": it takes a day "
		    "(2027-01-31, to its end in UTC) or an instant "
		    "(2027-01-31T12:00:00Z)"},
		{"override \"\" { disposition = none }",
		    "f:1:10: the name of a block has 1 to 100 bytes: give it another"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* What might be read in two ways. */
static void
silent_readings(void **state)
{
	static const struct row rows[] = {
		{"mode = monitor\ndns-servers += 192.0.2.1",
		    "f:2:13: \"+=\" is not taken: give the whole value with \"=\""},
		{"authserv-id = ${HOSTNAME}\nmod = x",
		    "f:1:15: \"${...}\" is replaced by nothing, there are no "
		    "variables: write the value itself\n"
		    "f:2:1: unknown key mod; did you mean mode?"},
		{"authserv-id = \"mx.${DOMAIN}\"",
		    "f:1:19: \"${...}\" is replaced by nothing, there are no "
		    "variables: write the value itself, or \"\\${\" for these "
		    "characters"},
		{"authserv-id = a?b\nmod = x",
		    "f:1:16: a string with \"?\" must stand in quotes: write "
		    "\"a?b\"\n"
		    "f:2:1: unknown key mod; did you mean mode?"},
		{"mode = monitor;",
		    "f:1:15: a \";\" at the end of a setting: remove it, the line "
		    "end is enough"},
		{"authserv-id = a!b!c",
		    "f:1:16: a string with \"!\" must stand in quotes: write "
		    "\"a!b!c\""},
		{"include(\"other.conf\")",
		    "f:1:8: \"include(\" has a parenthesis: there are no functions "
		    "and no include(), write everything into this file; a string "
		    "stands in quotes"},
		{"authserv-id = gr\xc3\xbcn",
		    "f:1:17: the byte 0xc3 stands outside quotes: put the string in "
		    "quotes, or remove it"},
		{"\xef\xbb\xbfmode = monitor",
		    "f:1:1: a byte order mark (0xef, 0xbb, 0xbf) stands here: save "
		    "the file as UTF-8 without it"},
		{"authserv-id = \"a\\nb\"",
		    "f:1:17: a backslash stands only before a double quote, a "
		    "dollar or another backslash: double it"},
		{"authserv-id = 'a\\\\b'",
		    "f:1:17: a backslash in single quotes: use double quotes, and "
		    "two backslashes for one"},
		{"authserv-id = \"a\tb\"",
		    "f:1:17: a control character (0x09) in a string: remove it"},
		{"socket = unix:/run//sock",
		    "f:1:19: a comment begins within a word: put a blank before it, "
		    "or write \"unix:/run//sock\""},
		{"store = postgresql://a@b/c # x",
		    "f:1:20: a comment begins within a word: put a blank before it, "
		    "or write \"postgresql://a@b/c\""},
		{"user = aplomb#daemon",
		    "f:1:14: a comment begins within a word: put a blank before it, "
		    "or write \"aplomb#daemon\""},
		{"\"mode\" = monitor",
		    "f:1:1: \"mode\" stands where a key is due, and keys have no "
		    "quotes: write KEY = VALUE"},
		{"\"override|x|from\" = a.example",
		    "f:1:1: \"override|x|from\" stands where a key is due, and keys "
		    "have no quotes: write KEY = VALUE"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
grammar(void **state)
{
	static const struct row rows[] = {
		{"mode",
		    "f:1:1: mode has no \"=\" after it: write mode = VALUE"},
		{"\nmode monitor",
		    "f:2:1: mode has no \"=\" after it: write mode = monitor"},
		{"mode =",
		    "f:1:1: mode has no value: write mode = VALUE"},
		{"mode =\n\ndiscovery = psl",
		    "f:1:1: mode has no value: write mode = VALUE"},
		{"mode = = monitor",
		    "f:1:1: mode has no value: write mode = VALUE"},
		{"mode = ,",
		    "f:1:1: mode has no value: write mode = VALUE"},
		{"= monitor",
		    "f:1:1: a \"=\" stands where a key is due: write KEY = VALUE"},
		{"mode = monitor,\npsl-guard = no",
		    "f:1:15: a \",\" stands after the value of mode: remove it"},
		{"mode = monitor\n}",
		    "f:2:1: a \"}\" without a \"{\" before it: remove it"},
		{"mode { }",
		    "f:1:1: mode is a key and no block: write mode = VALUE"},
		{"socket = \"unix:/a\nmode = monitor",
		    "f:1:10: the string that starts here does not end in its line: "
		    "add the closing quote"},
		{"mode = monitor\n/* x\n",
		    "f:2:1: the comment that starts here does not end: add \"*/\""},
		{"trusted-networks = {192.0.2.1,\n\n",
		    "f:1:1: the list of trusted-networks does not end: add \"}\""},
		{"trusted-networks = {192.0.2.1\nmode = monitor",
		    "f:1:1: the list of trusted-networks does not end: add \"}\""},
		{"trusted-networks = {,}",
		    "f:1:21: in the list of trusted-networks a \",\" stands in "
		    "place of a value: remove it"},
		{"override { disposition = none }",
		    "f:1:1: a block needs a name: write override \"NAME\" { ... }"},
		{"override x disposition = none",
		    "f:1:1: a \"{\" is missing after the block's name: write "
		    "override \"NAME\" { ... }"},
		{"override = x",
		    "f:1:1: override is a block and no key: write override \"NAME\" "
		    "{ ... }"},
		{"\noverride x {\ndisposition = none\n",
		    "f:2:1: the block that starts here does not end: add \"}\""},
		{"override x {\noverride y {\n} }",
		    "f:1:1: the block \"x\" has no effect: add disposition or "
		    "treat-as\n"
		    "f:2:1: a block within a block: close the first with \"}\" "
		    "before this\n"
		    "f:2:1: the block \"y\" has no effect: add disposition or "
		    "treat-as"},
		{"override x { disposition = none, }",
		    "f:1:32: a \",\" stands after the value of disposition: remove "
		    "it"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* Lists without braces, and several values for one. */
static void
several_values(void **state)
{
	static const struct row rows[] = {
		{"trusted-networks = 10.0.0.0/8, 192.168.0.0/16",
		    "f:1:20: trusted-networks has several values, and a list stands "
		    "in braces: write trusted-networks = {10.0.0.0/8, "
		    "192.168.0.0/16}"},
		{"trusted-networks = 10.0.0.0/8 192.168.0.0/16 # ours\n"
		    "mode = monitor",
		    "f:1:20: trusted-networks has several values, and a list stands "
		    "in braces: write trusted-networks = {10.0.0.0/8, "
		    "192.168.0.0/16}"},
		{"trusted-networks = 10.0.0.0/8,\n    192.168.0.1/16,\n"
		    "mode = monitr",
		    "f:1:20: trusted-networks has several values, and a list stands "
		    "in braces: write trusted-networks = {10.0.0.0/8, "
		    "192.168.0.1/16}\n"
		    "f:2:5: trusted-networks cannot be \"192.168.0.1/16\": it takes "
		    "a list of networks without host bits: {192.0.2.0/24, "
		    "\"2001:db8::/32\"}; write 192.168.0.0/16\n"
		    "f:3:8: mode cannot be \"monitr\": it takes one of enforce, "
		    "monitor; write monitor"},
		{"trusted-networks = 10.0.0.0/8,\nmode = monitor",
		    "f:1:30: a \",\" stands after the value of trusted-networks: "
		    "remove it"},
		{"trusted-networks 10.0.0.0/8 \"::1\"",
		    "f:1:1: trusted-networks has no \"=\" after it: write "
		    "trusted-networks = {10.0.0.0/8, ::1}"},
		{"trusted-networks {10.0.0.0/8}",
		    "f:1:1: trusted-networks has no \"=\" after it: write "
		    "trusted-networks = {10.0.0.0/8}"},
		{"trusted-networks = {10.0.0.0/8 192.168.0.0/16 ::1}",
		    "f:1:32: in the list of trusted-networks a \",\" is missing "
		    "before \"192.168.0.0/16\": add it"},
		{"dns-servers = 192.0.2.1, 192.0.2.2",
		    "f:1:15: dns-servers has several values, and a list stands in "
		    "braces: write dns-servers = {192.0.2.1, 192.0.2.2}"},
		{"arc = yes arc-trusted-sealers = a.example, b.example",
		    "f:1:33: arc-trusted-sealers has several values, and a list "
		    "stands in braces: write arc-trusted-sealers = {a.example, "
		    "b.example}"},
		{"report-exclude = \"a.example\" b.example",
		    "f:1:18: report-exclude has several values, and a list stands "
		    "in braces: write report-exclude = {a.example, b.example}"},
		{"override x { from = a.example, b.example treat-as = none }",
		    "f:1:21: from has several values, and a list stands in braces: "
		    "write from = {a.example, b.example}"},
		{"override x { client = 192.0.2.1 192.0.2.2 treat-as = none }",
		    "f:1:23: client has several values, and a list stands in "
		    "braces: write client = {192.0.2.1, 192.0.2.2}"},
		{"override x { policy = reject quarantine treat-as = none }",
		    "f:1:23: policy has several values, and a list stands in "
		    "braces: write policy = {reject, quarantine}"},
		{"override x { recipient = a@a.example, b@b.example\n"
		    "treat-as = none }",
		    "f:1:26: recipient has several values, and a list stands in "
		    "braces: write recipient = {a@a.example, b@b.example}"},
		{"mode = monitor, enforce",
		    "f:1:8: mode cannot be \"monitor, enforce\": it takes one of "
		    "enforce, monitor"},
		{"mode = monitor enforce psl-guard = no",
		    "f:1:8: mode cannot be \"monitor enforce\": it takes one of "
		    "enforce, monitor"},
		{"report-org-name = Example Org",
		    "f:1:19: report-org-name has several words, and such a string "
		    "stands in quotes: write report-org-name = \"Example Org\""},
		{"report-org-name = Example, Inc.",
		    "f:1:19: report-org-name has several words, and such a string "
		    "stands in quotes: write report-org-name = \"Example, Inc.\""},
		{"report-org-name Example",
		    "f:1:1: report-org-name has no \"=\" after it: write "
		    "report-org-name = Example"},
		{"user = aplomb : mail",
		    "f:1:8: user has several words, and such a string stands in "
		    "quotes: write user = \"aplomb : mail\""},
		{"authserv-id = {a, b}",
		    "f:1:16: authserv-id takes one value and no list: write "
		    "authserv-id = VALUE"},
		{"override x { comment = ticket 7 treat-as = none }",
		    "f:1:24: comment has several words, and such a string stands in "
		    "quotes: write comment = \"ticket 7\""},
		{"override x { until = 2027-01-31 12:00 treat-as = none }",
		    "f:1:22: until cannot be \"2027-01-31 12:00\": it takes a day "
		    "(2027-01-31, to its end in UTC) or an instant "
		    "(2027-01-31T12:00:00Z)"},
		{"override x { dry-run = 1 treat-as = nune }",
		    "f:1:24: dry-run cannot be \"1\": it takes yes or no; write "
		    "yes\n"
		    "f:1:37: treat-as cannot be \"nune\": it takes one of none, "
		    "quarantine, reject; write none"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
values_of_others(void **state)
{
	static const struct row rows[] = {
		{"retention = 30 days",
		    "f:1:13: retention cannot be \"30 days\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d; write 30d"},
		{"retention = 30days",
		    "f:1:13: retention cannot be \"30days\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d; write 30d"},
		{"retention = 2 weeks",
		    "f:1:13: retention cannot be \"2 weeks\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d; write 14d"},
		{"retention = 1 Month",
		    "f:1:13: retention cannot be \"1 Month\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d; write 30d"},
		{"retention = 1y",
		    "f:1:13: retention cannot be \"1y\": it takes a time (90, 15m, "
		    "4h, 2d), 1d to 3650d; write 365d"},
		{"retention = \"30 d\"",
		    "f:1:13: retention cannot be \"30 d\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d; write 30d"},
		{"retention = 1.5d",
		    "f:1:13: retention cannot be \"1.5d\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d"},
		{"retention = thirty",
		    "f:1:13: retention cannot be \"thirty\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d"},
		{"retention = 20 years",
		    "f:1:13: retention cannot be \"20 years\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d"},
		{"temperror-limit = 2 hours",
		    "f:1:19: temperror-limit cannot be \"2 hours\": it takes a time "
		    "(90, 15m, 4h, 2d), 0 to 7d; write 2h"},
		{"temperror-limit = 90 mins",
		    "f:1:19: temperror-limit cannot be \"90 mins\": it takes a time "
		    "(90, 15m, 4h, 2d), 0 to 7d; write 90m"},
		{"dns-timeout = 5sec",
		    "f:1:15: dns-timeout cannot be \"5sec\": it takes a time (90, "
		    "15m, 4h, 2d), 1 to 60; write 5s"},
		{"dns-cache-size = 16 MB",
		    "f:1:18: dns-cache-size cannot be \"16 MB\": it takes a size "
		    "(65536, 64k, 16m), 64k to 4g; write 16m"},
		{"dns-cache-size = 64KiB",
		    "f:1:18: dns-cache-size cannot be \"64KiB\": it takes a size "
		    "(65536, 64k, 16m), 64k to 4g; write 64k"},
		{"dns-cache-size = 1 GByte",
		    "f:1:18: dns-cache-size cannot be \"1 GByte\": it takes a size "
		    "(65536, 64k, 16m), 64k to 4g; write 1g"},
		{"dns-cache-size = 100000 bytes",
		    "f:1:18: dns-cache-size cannot be \"100000 bytes\": it takes a "
		    "size (65536, 64k, 16m), 64k to 4g; write 100000"},
		{"report-max-rows = 1,000,000",
		    "f:1:19: report-max-rows cannot be \"1,000,000\": it takes a "
		    "number, 1 to 100000000; write 1000000"},
		{"report-max-rows = 1 000 000",
		    "f:1:19: report-max-rows cannot be \"1 000 000\": it takes a "
		    "number, 1 to 100000000; write 1000000"},
		{"report-max-rows = 1,5",
		    "f:1:19: report-max-rows cannot be \"1,5\": it takes a number, "
		    "1 to 100000000"},
		{"psl-guard = 1",
		    "f:1:13: psl-guard cannot be \"1\": it takes yes or no; write "
		    "yes"},
		{"psl-guard = 0",
		    "f:1:13: psl-guard cannot be \"0\": it takes yes or no; write no"},
		{"psl-guard = enabled",
		    "f:1:13: psl-guard cannot be \"enabled\": it takes yes or no; "
		    "write yes"},
		{"psl-guard = Y",
		    "f:1:13: psl-guard cannot be \"Y\": it takes yes or no; write "
		    "yes"},
		{"psl-guard = maybe",
		    "f:1:13: psl-guard cannot be \"maybe\": it takes yes or no"},
		{"mode = enforced",
		    "f:1:8: mode cannot be \"enforced\": it takes one of enforce, "
		    "monitor; write enforce"},
		{"log-level = warn",
		    "f:1:13: log-level cannot be \"warn\": it takes one of error, "
		    "warning, info, debug; write warning"},
		{"log-level = LOG_INFO",
		    "f:1:13: log-level cannot be \"LOG_INFO\": it takes one of "
		    "error, warning, info, debug"},
		{"quarantine-action = quarantine",
		    "f:1:21: quarantine-action cannot be \"quarantine\": it takes "
		    "one of header, hold, reject"},
		{"report-smtp-tls = on",
		    "f:1:19: report-smtp-tls cannot be \"on\": it takes one of "
		    "required, implicit, opportunistic, off"},
		{"reject-action = quarantaine",
		    "f:1:17: reject-action cannot be \"quarantaine\": it takes one "
		    "of reject, quarantine, tempfail; write quarantine"},
		{"trusted-networks = 192.0.2.77/24",
		    "f:1:20: trusted-networks cannot be \"192.0.2.77/24\": it takes "
		    "a list of networks without host bits: {192.0.2.0/24, "
		    "\"2001:db8::/32\"}; write 192.0.2.0/24"},
		{"trusted-networks = {2001:db8::1/32}",
		    "f:1:21: trusted-networks cannot be \"2001:db8::1/32\": it "
		    "takes a list of networks without host bits: {192.0.2.0/24, "
		    "\"2001:db8::/32\"}; write 2001:db8::/32"},
		{"socket = tcp:25",
		    "f:1:10: socket cannot be \"tcp:25\": write inet:PORT@HOST, "
		    "inet6:PORT@HOST, unix:PATH or local:PATH"},
		{"socket = inet:8893:localhost",
		    "f:1:10: socket cannot be \"inet:8893:localhost\": the port "
		    "must be a number from 1 to 65535 or the name of a service, and "
		    "stands before the host: inet:PORT@HOST"},
		{"store = /var/lib/aplomb/store.db",
		    "f:1:9: store cannot be \"/var/lib/aplomb/store.db\": write "
		    "sqlite:PATH or postgresql://USER@HOST/DATABASE"},
		{"user = :mail",
		    "f:1:8: user cannot be \":mail\": it names no user; write USER "
		    "or USER:GROUP"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* OpenDMARC's and OpenDKIM's way to write, and their keys in ours. */
static void
foreign_keys(void **state)
{
	static const struct row rows[] = {
		{"Socket inet:8893@localhost",
		    "f:1:1: Socket is a key of OpenDMARC and OpenDKIM, and here it "
		    "is socket: write socket = inet:8893@localhost"},
		{"socket\tinet:8893@localhost",
		    "f:1:1: socket has no \"=\" after it: write socket = "
		    "inet:8893@localhost"},
		{"SOCKET = inet:8893@localhost",
		    "f:1:1: unknown key SOCKET; did you mean socket?"},
		{"UserID opendmarc:opendmarc\nPidFile /run/x (y).pid # z\n"
		    "mode = mon",
		    "f:1:1: UserID is a key of OpenDMARC and OpenDKIM, and here it "
		    "is user: write user = opendmarc:opendmarc\n"
		    "f:2:1: PidFile is a key of OpenDMARC and OpenDKIM, and here it "
		    "is pid-file: write pid-file = \"/run/x (y).pid\"\n"
		    "f:3:8: mode cannot be \"mon\": it takes one of enforce, "
		    "monitor; write monitor"},
		{"userid = opendmarc",
		    "f:1:1: UserID is a key of OpenDMARC and OpenDKIM, and here it "
		    "is user: write user = opendmarc"},
		{"AuthservID HOSTNAME",
		    "f:1:1: AuthservID is a key of OpenDMARC and OpenDKIM, and here "
		    "it is authserv-id: HOSTNAME is its default, leave it out for "
		    "that"},
		{"IgnoreHosts refile:/etc/hosts;x",
		    "f:1:1: IgnoreHosts is a key of OpenDMARC, and here it is "
		    "trusted-networks: write the addresses of the file's hosts into "
		    "trusted-networks = {192.0.2.1, 198.51.100.0/24}"},
		{"RejectFailures true",
		    "f:1:1: RejectFailures is a key of OpenDMARC, and here it is "
		    "mode: for true write mode = enforce, for false mode = monitor"},
		{"TrustedAuthservIDs a.example,b.example",
		    "f:1:1: TrustedAuthservIDs is a key of OpenDMARC, and none "
		    "here: aplombd verifies SPF and DKIM itself; whose ARC results "
		    "count, arc-trusted-sealers says; remove it"},
		{"Canonicalization relaxed/simple",
		    "f:1:1: Canonicalization is a key of OpenDKIM, and none here: "
		    "aplombd verifies and does not sign; OpenDKIM may sign beside "
		    "it; remove it"},
		{"KeyTable = {a, b}",
		    "f:1:1: KeyTable is a key of OpenDKIM, and none here: aplombd "
		    "verifies and does not sign; OpenDKIM may sign beside it; "
		    "remove it"},
		{"On-BadSignature reject",
		    "f:1:1: On-BadSignature is a key of OpenDKIM, and none here: a "
		    "signature alone decides nothing, the DMARC policy does; remove "
		    "it"},
		{"Mode sv",
		    "f:1:1: Mode is a key of OpenDKIM, and none here: aplombd "
		    "always verifies and never signs; mode in lower case is enforce "
		    "or monitor; remove it"},
		{"override x { treat-as = none\nUserID = x }",
		    "f:2:1: UserID is a key of OpenDMARC and OpenDKIM, and here it "
		    "is user: write user = x"},
		{"override x { treat-as = none UserID x }",
		    "f:1:25: treat-as cannot be \"none UserID x\": it takes one of "
		    "none, quarantine, reject"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* The keys of opendmarc.conf(5) 1.4.2 and some of before, and of
 * opendkim.conf(5) 2.11 with what its samples and program have beyond it. */
static const char *const opendmarc_keys[] = {
	"AuthservID", "AuthservIDWithJobID", "AutoRestart",
	"AutoRestartCount", "AutoRestartRate", "Background", "BaseDirectory",
	"ChangeRootDirectory", "CopyFailuresTo", "DNSTimeout",
	"DomainWhitelist", "DomainWhitelistFile", "DomainWhitelistSize",
	"EnableCoredumps", "FailureReports", "FailureReportsBcc",
	"FailureReportsOnNone", "FailureReportsSentBy", "ForensicReports",
	"ForensicReportsBcc", "ForensicReportsOnNone",
	"ForensicReportsSentBy", "HistoryFile", "HoldQuarantinedMessages",
	"IgnoreAuthenticatedClients", "IgnoreHosts", "IgnoreMailFrom",
	"IgnoreMailTo", "MilterDebug", "PidFile", "PublicSuffixList",
	"RecordAllMessages", "RejectFailures", "RejectMultiValueFrom",
	"RejectString", "ReportCommand", "RequiredHeaders", "Socket",
	"SoftwareHeader", "SPFIgnoreResults", "SPFSelfValidate", "Syslog",
	"SyslogFacility", "TemporaryDirectory", "TestDNSData",
	"TrustedAuthservIDs", "UMask", "UserID",
};
static const char *const opendkim_keys[] = {
	"ADSPAction", "ADSPDiscard", "ADSPNoSuchDomain", "AllowSHA1Only",
	"AlwaysAddARHeader", "AnonymousStatistics", "ATPSDomains",
	"ATPSHashAlgorithm", "AuthservID", "AuthservIDWithJobID",
	"AutoRestart", "AutoRestartCount", "AutoRestartRate", "Background",
	"BaseDirectory", "BodyLengthDB", "BogusKey", "Canonicalization",
	"CaptureUnknownErrors", "ChangeRootDirectory", "ClockDrift",
	"DiagnosticDirectory", "Diagnostics", "DisableCryptoInit",
	"DNSConnect", "DNSTimeout", "Domain", "DomainKeysCompat",
	"DontSignMailTo", "EnableCoredumps", "ExemptDomains",
	"ExternalIgnoreList", "FinalPolicyScript", "FixCRLF",
	"IdentityHeader", "IdentityHeaderRemove", "IgnoreMalformedMail",
	"Include", "InternalHosts", "KeepAuthResults", "KeepTemporaryFiles",
	"KeyFile", "KeyTable", "LDAPAuthMechanism", "LDAPAuthName",
	"LDAPAuthRealm", "LDAPAuthUser", "LDAPBindPassword", "LDAPBindUser",
	"LDAPDisableCache", "LDAPKeepaliveIdle", "LDAPKeepaliveInterval",
	"LDAPKeepaliveProbes", "LDAPTimeout", "LDAPUseTLS", "LocalADSP",
	"LogResults", "LogWhy", "MacroList", "MaximumHeaders",
	"MaximumSignaturesToVerify", "MaximumSignedBytes", "MilterDebug",
	"Minimum", "MinimumKeyBits", "Mode", "MTA", "MTACommand",
	"MultipleSignatures", "MustBeSigned", "Nameservers", "NoHeaderB",
	"OmitHeaders", "On-BadSignature", "On-Default", "On-DNSError",
	"On-InternalError", "On-KeyNotFound", "On-NoSignature",
	"On-PolicyError", "On-Security", "On-SignatureError",
	"OversignHeaders", "PeerList", "PidFile", "POPDBFile", "Quarantine",
	"QueryCache", "RateLimits", "RedirectFailuresTo", "RemoveARAll",
	"RemoveARFrom", "RemoveOldSignatures", "ReplaceHeaders",
	"ReplaceRules", "ReportAddress", "ReportBccAddress", "RequestReports",
	"RequiredHeaders", "RequireSafeKeys", "ResignAll", "ResignMailTo",
	"ResolverConfiguration", "ResolverTracing", "ScreenPolicyScript",
	"SelectCanonicalizationHeader", "Selector", "SenderHeaders",
	"SenderMacro", "SendReports", "SetupPolicyScript",
	"SignatureAlgorithm", "SignatureTTL", "SignHeaders", "SigningTable",
	"SingleAuthResult", "SMTPURI", "Socket", "SoftStart",
	"SoftwareHeader", "Statistics", "StatisticsName",
	"StatisticsPolicyScript", "StatisticsPrefix", "StrictHeaders",
	"StrictTestMode", "SubDomains", "Syslog", "SyslogFacility",
	"SyslogName", "SyslogSuccess", "TemporaryDirectory", "TestDNSData",
	"TestPublicKeys", "TrustAnchorFile", "TrustSignaturesFrom", "UMask",
	"UnboundConfigFile", "UnprotectedKey", "UnprotectedPolicy", "UserID",
	"VBR-Certifiers", "VBR-PurgeFields", "VBR-TrustedCertifiers",
	"VBR-TrustedCertifiersOnly", "VBR-Type", "WeakSyntaxChecks",
};

/* The line for a key, told apart from "unknown key". */
static void
check_foreign(const char *key, const char *program)
{
	struct arena *a = arena_new(0);
	struct settings_problems problems;
	const char *begin = text_format(a, "f:1:1: %s is a key of ", key).p;
	assert_null(parse(text_format(a, "%s x", key).p, a, &problems));
	char *line = str_cstr(problems.at[0].text, a);
	if (problems.count != 1 || strncasecmp(line, begin, strlen(begin)) != 0 ||
	    strstr(line, program) == NULL)
		fail_msg("%s of %s: %s", key, program, line);
	/* A key of ours that it names is one. */
	char *ours = strstr(line, "here it is ");
	bool is_there = ours == NULL;
	if (ours != NULL) {
		ours += strlen("here it is ");
		ours[strcspn(ours, ":")] = '\0';
		is_there = strcmp(ours, "override") == 0;
	}
	for (size_t i = 0; !is_there && i < settings_option_count; i++)
		is_there = strcmp(settings_options[i].key, ours) == 0;
	if (!is_there)
		fail_msg("%s: there is no %s", key, ours);
	arena_free(a);
}

static void
all_foreign_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof opendmarc_keys / sizeof(char *); i++)
		check_foreign(opendmarc_keys[i], "OpenDMARC");
	for (size_t i = 0; i < sizeof opendkim_keys / sizeof(char *); i++)
		check_foreign(opendkim_keys[i], "OpenDKIM");
}

/* One mistake does not hide those after it. */
static void
many_mistakes(void **state)
{
	static const struct row rows[] = {
		{"mode\nmode = = x\n, discovery = pls\n}\nretention = 30 d\n"
		    "override { treat-as = none }\n"
		    "override x { form = a.example treat-as = none\n"
		    "override y treat-as = none }\n}\n"
		    "\"history\" = x\nuser = \"a\n"
		    "trusted-networks = {192.0.2.1\npsl-guard = 1\n"
		    "dns-servers = {192.0.2.1,\n",
		    "f:1:1: mode has no \"=\" after it: write mode = VALUE\n"
		    "f:2:1: mode stands here again, after line 1: keep one of the "
		    "two\n"
		    "f:2:1: mode has no value: write mode = VALUE\n"
		    "f:3:1: a \",\" stands where a key is due: write KEY = VALUE\n"
		    "f:3:15: discovery cannot be \"pls\": it takes one of treewalk, "
		    "psl; write psl\n"
		    "f:4:1: a \"}\" without a \"{\" before it: remove it\n"
		    "f:5:13: retention cannot be \"30 d\": it takes a time (90, "
		    "15m, 4h, 2d), 1d to 3650d; write 30d\n"
		    "f:6:1: a block needs a name: write override \"NAME\" { ... }\n"
		    "f:7:14: unknown key form; did you mean from?\n"
		    "f:8:1: a block within a block: close the first with \"}\" "
		    "before this\n"
		    "f:8:1: a \"{\" is missing after the block's name: write "
		    "override \"NAME\" { ... }\n"
		    "f:10:1: \"history\" stands where a key is due, and keys have "
		    "no quotes: write KEY = VALUE\n"
		    "f:11:8: the string that starts here does not end in its line: "
		    "add the closing quote\n"
		    "f:12:1: the list of trusted-networks does not end: add \"}\"\n"
		    "f:13:13: psl-guard cannot be \"1\": it takes yes or no; write "
		    "yes\n"
		    "f:14:1: the list of dns-servers does not end: add \"}\""},
		{"overide x {\n from = { a } \n}\nmode = x",
		    "f:1:1: unknown key overide; did you mean override?\n"
		    "f:4:8: mode cannot be \"x\": it takes one of enforce, monitor"},
		{"override = x\nmode { a = b }\nmod = y\nfoo {\n a = {b\n}",
		    "f:1:1: override is a block and no key: write override \"NAME\" "
		    "{ ... }\n"
		    "f:2:1: mode is a key and no block: write mode = VALUE\n"
		    "f:3:1: unknown key mod; did you mean mode?\n"
		    "f:4:1: unknown key foo: remove it, or look its name up in "
		    "aplomb.conf(5)\n"
		    "f:4:5: what starts with this \"{\" does not end: add \"}\""},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

/* ---- what surprises ------------------------------------------------------ */

static void
check_lint(const struct row *rows, bool is_good)
{
	for (; rows->text != NULL; rows++) {
		struct arena *a = arena_new(0);
		struct settings_problems problems;
		struct settings *s = must_parse(rows->text, a);
		assert_int_equal(settings_lint(s, a, &problems), is_good);
		assert_int_equal(problems.errors == 0, is_good);
		check_str(join(&problems, a), rows->want);
		settings_drop(s);
		arena_free(a);
	}
}

#define IS_OPEN                                                                \
	" is open on every address of this host, and whoever reaches it can "  \
	"pose as the MTA: write "
#define FIREWALL ", or let a firewall keep others out"
#define IS_RELATIVE                                                            \
	" does not begin with \"/\": where it is depends on the folder in "    \
	"which a program is started; write the whole path"

static void
lint(void **state)
{
	static const struct row rows[] = {
		{"", ""},
		{"socket = inet:8893@localhost", ""},
		{"socket = inet:8893@192.0.2.1", ""},
		{"socket = unix:/run/aplomb/sock", ""},
		{"\n socket = inet:8893", "f:2:2: warning: socket inet:8893"
		    IS_OPEN "inet:8893@127.0.0.1" FIREWALL},
		{"socket = inet:8893@", "f:1:1: warning: socket inet:8893@"
		    IS_OPEN "inet:8893@127.0.0.1" FIREWALL},
		{"socket = inet:milter@0.0.0.0", "f:1:1: warning: socket "
		    "inet:milter@0.0.0.0" IS_OPEN "inet:milter@127.0.0.1"
		    FIREWALL},
		{"socket = inet:8893@0", "f:1:1: warning: socket inet:8893@0"
		    IS_OPEN "inet:8893@127.0.0.1" FIREWALL},
		{"socket = inet:8893@00.0.0.0", "f:1:1: warning: socket "
		    "inet:8893@00.0.0.0" IS_OPEN "inet:8893@127.0.0.1"
		    FIREWALL},
		{"socket = inet:8893@*", "f:1:1: warning: socket inet:8893@*"
		    IS_OPEN "inet:8893@127.0.0.1" FIREWALL},
		{"report-smtp-auth = user:pass", "f:1:1: warning: "
		    "report-smtp-auth user:pass" IS_RELATIVE},
		{"report-smtp-ca = ca.pem\nreport-dkim-key = key.pem",
		    "f:1:1: warning: report-smtp-ca ca.pem" IS_RELATIVE
		    "\nf:2:1: warning: report-dkim-key key.pem" IS_RELATIVE},
		{"authserv-id = HOSTNAME", "f:1:1: warning: authserv-id "
		    "HOSTNAME is taken as it stands, not replaced by the name "
		    "of this host: write authserv-id = \"\" for that"},
		{"socket = inet6:8893", "f:1:1: warning: socket inet6:8893"
		    IS_OPEN "inet6:8893@::1" FIREWALL},
		{"socket = inet6:8893@::", "f:1:1: warning: socket "
		    "inet6:8893@::" IS_OPEN "inet6:8893@::1" FIREWALL},
		{"socket = inet6:8893@[::]", "f:1:1: warning: socket "
		    "inet6:8893@[::]" IS_OPEN "inet6:8893@::1" FIREWALL},
		{"socket = inet6:8893@0:0::0", "f:1:1: warning: socket "
		    "inet6:8893@0:0::0" IS_OPEN "inet6:8893@::1" FIREWALL},
		{"socket = inet6:8893@::1", ""},
		{"socket = local:run/sock", "f:1:1: warning: socket run/sock"
		    IS_RELATIVE},
		{"socket = unix:sock", "f:1:1: warning: socket sock"
		    IS_RELATIVE},
		{"mode = monitor\npid-file = pid\nhistory = \"\"",
		    "f:2:1: warning: pid-file pid" IS_RELATIVE},
		{"history = h store = \"sqlite:s.db\"", "f:1:1: warning: history "
		    "h" IS_RELATIVE "\nf:1:13: warning: store s.db"
		    IS_RELATIVE},
		{"store = \"postgresql://a@b/c\"", ""},
		{"failure-spool = x", ""},
		{"report-from = a@b.example", "f:1:1: warning: report-from and "
		    "report-org-name are not both set: no report is sent "
		    "before they are"},
		{"arc-trusted-sealers = {a.example}", "f:1:1: warning: "
		    "arc-trusted-sealers are named, but chains are not looked "
		    "at: set arc = yes"},
		{"\n  override x { treat-as = none }", "f:2:3: warning: "
		    "override \"x\" has no condition: it decides every message "
		    "that fails, and no block after it is asked"},
		{NULL, NULL},
	};
	(void)state;
	check_lint(rows, true);
}

static void
lint_problems(void **state)
{
	static const struct row rows[] = {
		{"\nuser = \"no such:no group\"\nsocket-group = \"nor this\"",
		    "f:2:1: user no such does not exist; create it or name "
		    "another\n"
		    "f:2:1: group no group does not exist; create it or name "
		    "another\n"
		    "f:3:1: group nor this does not exist; create it or name "
		    "another"},
		{"socket = inet:1 history = /nonexistent/history", "f:1:1: "
		    "warning: socket inet:1" IS_OPEN "inet:1@127.0.0.1"
		    FIREWALL "\nf:1:17: history /nonexistent/history: the "
		    "directory /nonexistent: No such file or directory; make "
		    "it, or set history to another path, or to \"\""},
		{"failure-reports = yes failure-spool = /nonexistent/x\n"
		    "report-from = a@b.example report-org-name = B",
		    "f:1:23: failure-spool /nonexistent/x: the directory "
		    "/nonexistent: No such file or directory; make it, or set "
		    "failure-spool to another path"},
		{NULL, NULL},
	};
	(void)state;
	check_lint(rows, false);
}

/* Values are compared, not where they lie: one row of each type, lists that
 * differ in their last value and in their number of values. */
static void
same_values(void **state)
{
	static const char *const texts[] = {
		"", "mode = monitor", "user = aplomb", "socket-mode = 0600",
		"psl-guard = no", "dns-timeout = 11", "dns-cache-size = 17m",
		"report-max-rows = 9", "dns-servers = {192.0.2.1}",
		"dns-servers = {192.0.2.1, 192.0.2.2}",
		"dns-servers = {192.0.2.1, 192.0.2.3}",
		"trusted-networks = {127.0.0.0/8, \"::1\", 192.0.2.1}",
		"trusted-networks = {127.0.0.0/8, \"::2\"}",
		"report-exclude = {a.example}", "report-exclude = {b.example}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
			struct arena *a = arena_new(0);
			struct settings *x = must_parse(texts[i], a);
			struct settings *y = must_parse(texts[j], a);
			size_t differ = 0;
			for (size_t k = 0; k < settings_option_count; k++)
				differ += !option_is_same(&settings_options[k],
				    x, y, a);
			assert_int_equal(differ == 0, i == j);
			settings_drop(x);
			settings_drop(y);
			arena_free(a);
		}
	}
}

static void
pending(void **state)
{
	struct arena *a = arena_new(0);
	struct settings *x = must_parse("", a);
	struct settings *y = must_parse("mode = monitor socket-mode = 600\n"
	    "dns-servers = {192.0.2.1} user = u log-target = stderr", a);
	(void)state;
	check_str(settings_pending(x, y, a), "socket-mode, user, log-target");
	check_str(settings_pending(y, y, a), "");
	settings_drop(x);
	settings_drop(y);
	arena_free(a);
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
	check_str(problems.at[count - 1].text, last);
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
	check_problem(text_str(&t), SETTINGS_MAX_PROBLEMS + 1, "f: and 10 "
	    "more: mend these, and look again");
	/* The first ones of the file are told, not those found first. */
	text_init(&t, a);
	text_add(&t, STR("override x {\n"));
	for (unsigned i = 0; i < 49; i++)
		text_printf(&t, "q%u = 1\n", i);
	struct settings_problems found;
	const char *text = text_format(a, "%s q = 1 }\nq = 2", t.p).p;
	assert_null(parse(text, a, &found));
	assert_int_equal(found.count, SETTINGS_MAX_PROBLEMS + 1);
	assert_int_equal(found.errors, 52);
	check_str(found.at[0].text, "f:1:1: the block \"x\" has no effect: "
	    "add disposition or treat-as");
	check_str(found.at[49].text, "f:50:1: unknown key q48: remove it, or "
	    "look its name up in aplomb.conf(5)");
	check_str(found.at[50].text, "f: and 2 more: mend these, and look "
	    "again");
	/* Of what is no configuration, not all is looked at. */
	text_init(&t, a);
	for (unsigned i = 0; i < 2000; i++)
		text_add(&t, STR(",\n"));
	check_problem(text_str(&t), SETTINGS_MAX_PROBLEMS + 1, "f: and 1000 "
	    "more at least: mend these, and look again");

	text_init(&t, a);
	for (unsigned i = 0; i < 1000; i++)
		text_printf(&t, "override x%u { disposition = none }\n", i);
	struct settings *s = must_parse(text_cstr(&t), a);
	assert_int_equal(s->overrides.count, 1000);
	settings_drop(s);
	text_add(&t, STR("override y { disposition = none }\n"));
	check_problem(text_str(&t), 1, "f:1001:1: there are more than 1000 "
	    "blocks, and each failed message is compared with all: join some");

	text_init(&t, a);
	for (unsigned i = 0; i < SETTINGS_MAX_SERVERS; i++)
		text_printf(&t, "%s192.0.2.1", i > 0 ? ", " : "");
	s = must_parse(text_format(a, "dns-servers = {%s}", t.p).p, a);
	assert_int_equal(s->dns_servers.count, SETTINGS_MAX_SERVERS);
	settings_drop(s);
	check_problem(text_format(a, "dns-servers = {%s,\n192.0.2.2}", t.p), 1,
	    "f:2:1: dns-servers cannot be \"192.0.2.2\": it takes a list of at "
	    "most 16 addresses, each with an optional port: {192.0.2.1, "
	    "\"[::1]:5353\"}");
	arena_free(a);
}

static void
many_values(void **state)
{
	struct arena *a = arena_new(0);
	struct text t;
	(void)state;
	text_init(&t, a);
	text_add(&t, STR("trusted-networks = {"));
	for (unsigned i = 0; i < 10000; i++)
		text_add(&t, STR("192.0.2.1,"));
	struct settings *s = must_parse(text_format(a, "%s}", t.p).p, a);
	assert_int_equal(s->trusted_networks.count, 10000);
	settings_drop(s);
	check_problem(text_format(a, "%s\n192.0.2.2}", t.p), 1, "f:2:1: the "
	    "list has more than 10000 values, and each is compared with: join "
	    "some");
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
	    "= %s }", t.p), 1, text_format(a, "f:1:43: comment cannot be \"%.160s...\": "
	    "it takes at most 200 bytes", t.p).p);
	check_problem(text_format(a, "override %s { disposition = none }",
	    t.p), 1, "f:1:10: the name of a block has 1 to 100 bytes: give it "
	    "another");

	text_init(&t, a);
	text_add(&t, STR("history = \""));
	repeat(&t, 'h', 4096);
	s = must_parse(text_format(a, "%s\"", t.p).p, a);
	assert_int_equal(strlen(s->history), 4096);
	settings_drop(s);
	check_problem(text_format(a, "%sh\"", t.p), 1, "f:1:11: a string of more "
	    "than 4096 bytes: make it shorter");

	text_init(&t, a);
	repeat(&t, ' ', SETTINGS_MAX_BYTES);
	settings_drop(must_parse(text_cstr(&t), a));
	text_add_char(&t, ' ');
	check_problem(text_str(&t), 1, "f: the file has more than 1048576 bytes: make "
	    "it smaller");
	arena_free(a);
}

/* Each is told once, and what it says can be followed. */
static void
other_languages(void **state)
{
	static const struct row rows[] = {
		{"override x { from = {a.b};\ntreat-as = none }", "f:1:26: a "
		    "\";\" ends nothing here: remove it, the line end is "
		    "enough"},
		{"mode = monitor\n ; mode = enforce\narc = yes", "f:2:2: a line "
		    "begins with \";\", but comments begin with #: write # in "
		    "its place"},
		{"trusted-networks = \"10.0.0.0/8, 192.168.0.0/16\"", "f:1:20: "
		    "trusted-networks cannot be \"10.0.0.0/8, "
		    "192.168.0.0/16\": each value of a list stands for itself: "
		    "write trusted-networks = {10.0.0.0/8, 192.168.0.0/16}"},
		{"override x { from = {\"a.b, c.d\"} treat-as = none }",
		    "f:1:22: from cannot be \"a.b, c.d\": each value of a list "
		    "stands for itself: write from = {a.b, c.d}"},
		{"trusted-networks = (10.0.0.0/8, 10.0.0.0/9)", "f:1:20: a list "
		    "stands in braces, not in parentheses: write {...}"},
		{"trusted-networks = [10.0.0.0/8]", "f:1:20: trusted-networks "
		    "cannot be \"[10.0.0.0/8]\": a list stands in braces: write "
		    "trusted-networks = {10.0.0.0/8}"},
		{"mode = \xe2\x80\x9cmonitor\xe2\x80\x9d", "f:1:8: typographic "
		    "quotes are not taken: write plain quotes (\")"},
		{"report-org-name = \xc2\xab""A B\xc2\xbb", "f:1:19: typographic "
		    "quotes are not taken: write plain quotes (\")"},
		{"mode == monitor", "f:1:6: \"==\" is not taken: write \"=\""},
		{"mode := monitor", "f:1:6: \":=\" is not taken: write \"=\""},
		{"mode:=monitor", "f:1:5: \":=\" is not taken: write \"=\""},
		{"override x = { treat-as = none }", "f:1:12: a \"=\" stands "
		    "after the block's name: remove it"},
		{"override { from = a.b }", "f:1:1: a block needs a name: write "
		    "override \"NAME\" { ... }"},
		{"report-from = Bob <me@x.org>", "f:1:15: report-from has several "
		    "words, and such a string stands in quotes: write "
		    "report-from = \"Bob <me@x.org>\""},
		{"report-from = <me@x.org>", "f:1:15: a string with \"<\" must "
		    "stand in quotes: write \"<me@x.org>\""},
		{"socket = inet:8893@127.0.0.1:25", "f:1:10: socket cannot be "
		    "\"inet:8893@127.0.0.1:25\": after the @ stands the name or "
		    "the address of this host, and nothing after it; an address "
		    "of IPv6 needs inet6"},
		{NULL, NULL},
	};
	(void)state;
	check_refused(rows);
}

static void
nul_bytes(void **state)
{
	struct settings_problems problems;
	struct arena *a = arena_new(0);
	(void)state;
	check_problem(STR("mode = monitor\n\0"), 1, "f:2:1: the byte 0x00 stands "
	    "outside quotes: put the string in quotes, or remove it");
	check_problem(STR("socket = \"a\0b\"\n"), 1, "f:1:12: a control character "
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
	check_str(problems.at[0].text, text_format(a, "%s:1:8: mode cannot be "
	    "\"mon\": it takes one of enforce, monitor; write monitor", path).p);
	unlink(path);
	assert_null(settings_load(path, a, &problems));
	assert_int_equal(problems.count, 1);
	check_str(problems.at[0].text, text_format(a, "%s: cannot be read: No such "
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
	assert_true(s->member##_at.line > 0);
#include "settings/settings.def"
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
		cmocka_unit_test(several_values),
		cmocka_unit_test(values_of_others),
		cmocka_unit_test(foreign_keys),
		cmocka_unit_test(all_foreign_keys),
		cmocka_unit_test(many_mistakes),
		cmocka_unit_test(lint),
		cmocka_unit_test(lint_problems),
		cmocka_unit_test(same_values),
		cmocka_unit_test(pending),
		cmocka_unit_test(bounds),
		cmocka_unit_test(many_values),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(other_languages),
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
