/* SPDX-License-Identifier: BSD-2-Clause */
/* Identities, records and results. */
#include "test/unit/spf_rows.h"

/* Which domain is checked, and as what (2.3, 2.4, 4.3). */
struct identity_row {
	const char *section;
	const char *from, *helo;
	const char *want; /* RESULT IDENTITY [DOMAIN] */
};

static void
identities(void **state)
{
	static const char zone[] =
	    "example.com TXT 'v=spf1 ip4:192.0.2.1 -all'\n"
	    "helo.example.net TXT 'v=spf1 ip4:192.0.2.1 ~all'\n"
	    "xn--bcher-kva.example TXT 'v=spf1 +all'\n"
	    "a12345678901234567890123456789012345678901234567890123456789012"
	    ".example.com TXT 'v=spf1 ?all'\n"
	    "_spf.under_score.example TXT 'v=spf1 +all'\n"
	    "localhost TXT 'v=spf1 +all'\n";
	static const struct identity_row rows[] = {
		{"4.1", "u@example.com", "helo.example.net",
		    "pass mailfrom example.com"},
		/* One form: lower case, no trailing dot. */
		{"4.3", "u@EXAMPLE.Com", "x", "pass mailfrom example.com"},
		{"4.3", "u@example.com.", "x", "pass mailfrom example.com"},
		/* The last "@" divides. */
		{"4.3", "a@b@example.com", "x", "pass mailfrom example.com"},
		{"4.3", "@example.com", "x", "pass mailfrom example.com"},
		{"2.4", "", "helo.example.net", "pass helo helo.example.net"},
		{"2.4", "", "HELO.Example.Net.", "pass helo helo.example.net"},
		{"2.3", "", "[192.0.2.1]", "none helo"},
		{"2.3", "", "192.0.2.1", "none helo"},
		{"2.3", "", "[IPv6:2001:db8::1]", "none helo"},
		{"2.3", "", "localhost", "none helo"},
		{"2.3", "", "JUMPIN' JUPITER", "none helo"},
		{"2.3", "", "", "none helo"},
		{"2.3", "", "mx.other.example", "none helo mx.other.example"},
		{"4.3", "u@[192.0.2.1]", "helo.example.net", "none mailfrom"},
		{"4.3", "u@192.0.2.1", "helo.example.net", "none mailfrom"},
		{"4.3", "u@localhost", "helo.example.net", "none mailfrom"},
		{"4.3", "u@", "helo.example.net", "none mailfrom"},
		{"4.3", "u@a..example.com", "x", "none mailfrom"},
		{"4.3", "u@.example.com", "x", "none mailfrom"},
		{"4.3", "u@a12345678901234567890123456789012345678901234567890"
		    "123456789012.example.com", "x", "neutral mailfrom "
		    "a12345678901234567890123456789012345678901234567890"
		    "123456789012.example.com"},
		{"4.3", "u@a12345678901234567890123456789012345678901234567890"
		    "1234567890123.example.com", "x", "none mailfrom"},
		{"4.3", "u@nx.example.com", "x",
		    "none mailfrom nx.example.com"},
		{"4.3", "u@_spf.under_score.example", "x",
		    "pass mailfrom _spf.under_score.example"},
		{"4.3", "u@ex ample.com", "x", "none mailfrom"},
		/* RFC 8616 4: A-labels are asked, whatever was given. */
		{"RFC 8616 4", "u@b\xc3\xbc" "cher.example", "x",
		    "pass mailfrom xn--bcher-kva.example"},
		{"RFC 8616 4", "u@B\xc3\x9c" "CHER.example", "x",
		    "pass mailfrom xn--bcher-kva.example"},
		{"RFC 8616 4", "u@xn--bcher-kva.example", "x",
		    "pass mailfrom xn--bcher-kva.example"},
		{"RFC 8616 4", "u@b\xfc" "cher.example", "x", "none mailfrom"},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	for (const struct identity_row *r = rows; r->section != NULL; r++) {
		struct arena *a = arena_new(1 << 20);
		struct row row = {r->section, NULL, zone, "192.0.2.1", NULL,
		    r->from, r->helo};
		struct played p;
		struct text t;
		row_play(&row, PREFETCHED, a, &p);
		text_init(&t, a);
		text_printf(&t, "%s %s", table_name(spf_result_names,
		    (int)p.check.result),
		    p.check.is_helo ? "helo" : "mailfrom");
		if (p.check.domain.n > 0)
			text_printf(&t, " %.*s", STR_ARG(p.check.domain));
		check_str(text_str(&t), r->want);
		row_check_reason(&row, p.check.reason);
		arena_free(a);
	}
}

/* A null reverse-path has postmaster for its local-part (2.4), a sender without
 * one, too (4.3). */
static void
senders(void **state)
{
	static const char zone[] =
	    "helo.example.net TXT 'v=spf1 exists:%{l}.%{o}.l.example -all'\n"
	    "postmaster.helo.example.net.l.example A 127.0.0.2\n"
	    "postmaster.example.com.l.example A 127.0.0.3\n"
	    "ann.example.com.l.example A 127.0.0.4\n";
	static const char policy[] = "v=spf1 exists:%{l}.%{o}.l.example -all";
	static const struct row rows[] = {
		{"2.4", policy, zone, "192.0.2.1", "pass", "",
		    "helo.example.net"},
		{"4.3", policy, zone, "192.0.2.1", "pass", "@example.com",
		    NULL},
		{"4.3", policy, zone, "192.0.2.1", "pass", "ann@example.com",
		    NULL},
		{"4.3", policy, zone, "192.0.2.1", "fail", "bob@example.com",
		    NULL},
		END,
	};
	(void)state;
	check_rows(rows);
}

/* The record among the TXT records of the domain. */
static void
selection(void **state)
{
	static const struct row rows[] = {
		ROW("3.1", NULL, "example.com A 192.0.2.1", "192.0.2.1",
		    "none"),
		ROW("4.5", NULL, "", "192.0.2.1", "none"),
		ROW("4.5", NULL, "example.com TXT 'v=DMARC1; p=none'",
		    "192.0.2.1", "none"),
		ROW("4.5", "v=spf1", "", "192.0.2.1", "neutral"),
		ROW("4.5", "v=spf1 ", "", "192.0.2.1", "neutral"),
		ROW("4.5", "V=SpF1 -ALL", "", "192.0.2.1", "fail"),
		ROW("4.5", "v=spf10 +all", "", "192.0.2.1", "none"),
		ROW("4.5", "v=spf10 +all", "example.com TXT 'v=spf1 -all'",
		    "192.0.2.1", "fail"),
		ROW("4.5", "v=spf1\t+all", "", "192.0.2.1", "none"),
		ROW("4.5", " v=spf1 +all", "", "192.0.2.1", "none"),
		ROW("4.5", "v=spf2.0/mfrom +all", "", "192.0.2.1", "none"),
		ROW("4.5", "v=spf1 -all", "example.com TXT 'v=spf1 +all'",
		    "192.0.2.1", "permerror"),
		ROW("4.5", "v=spf1 -all", "example.com TXT 'V=SPF1'",
		    "192.0.2.1", "permerror"),
		ROW("4.5", "v=spf1 -all", "example.com TXT 'google-site=1'\n"
		    "example.com TXT '\\255'", "192.0.2.1", "fail"),
		/* Strings are joined without anything between. */
		ROW("3.3", NULL, "example.com TXT 'v=sp' 'f1 ip4:192.0' "
		    "'.2.1 -a' 'll'", "192.0.2.1", "pass"),
		ROW("3.3", NULL, "example.com TXT 'v=spf1' '-all'",
		    "192.0.2.1", "none"),
		ROW("3.5", NULL, "*.example.com TXT 'v=spf1 +all'",
		    "192.0.2.1", "none"),
		ROW("4.4", NULL, "example.com CNAME spf.example.net\n"
		    "spf.example.net TXT 'v=spf1 +all'", "192.0.2.1", "pass"),
		END,
	};
	(void)state;
	check_rows(rows);
}

/* What comes of DNS errors for the record itself. */
static void
record_errors(void **state)
{
	static const struct row rows[] = {
		ROW("4.4", NULL, "servfail example.com", "192.0.2.1",
		    "temperror"),
		ROW("4.4", NULL, "timeout example.com", "192.0.2.1",
		    "temperror"),
		ROW("4.4", NULL, "malformed example.com", "192.0.2.1",
		    "temperror"),
		ROW("4.4", NULL, "servfail example.com TXT\n"
		    "example.com A 192.0.2.1", "192.0.2.1", "temperror"),
		ROW("4.3", NULL, "nxdomain example.com", "192.0.2.1", "none"),
		/* Other types do not matter. */
		ROW("4.4", "v=spf1 ip4:192.0.2.1 -all",
		    "servfail example.com A\ntimeout example.com MX",
		    "192.0.2.1", "pass"),
		{"4.4", NULL, "servfail mx.example.net", "192.0.2.1",
		    "temperror", "", "mx.example.net"},
		END,
	};
	(void)state;
	check_rows(rows);
}

/* Order, results, and what is left out. */
static void
evaluation(void **state)
{
	static const char host[] = "example.com A 192.0.2.1\n"
	    "o.example TXT 'v=spf1 -all'";
	static const struct row rows[] = {
		ROW("4.6.2", "v=spf1 +all", "", "192.0.2.1", "pass"),
		ROW("4.6.2", "v=spf1 all", "", "192.0.2.1", "pass"),
		ROW("4.6.2", "v=spf1 -all", "", "192.0.2.1", "fail"),
		ROW("4.6.2", "v=spf1 ~all", "", "192.0.2.1", "softfail"),
		ROW("4.6.2", "v=spf1 ?all", "", "192.0.2.1", "neutral"),
		ROW("4.6.2", "v=spf1 ~a -all", host, "192.0.2.1", "softfail"),
		ROW("4.6.2", "v=spf1 ?a -all", host, "192.0.2.1", "neutral"),
		ROW("4.6.2", "v=spf1 -a +all", host, "192.0.2.1", "fail"),
		ROW("4.6.2", "v=spf1 -a +all", host, "192.0.2.2", "pass"),
		ROW("4.6.2", "v=spf1 -ip4:192.0.2.1 +a", host, "192.0.2.1",
		    "fail"),
		ROW("4.6.2", "v=spf1 +a -ip4:192.0.2.1", host, "192.0.2.1",
		    "pass"),
		ROW("5.1", "v=spf1 -all +a", host, "192.0.2.1", "fail"),
		ROW("5.1", "v=spf1 -all ip4:192.0.2.1", "", "192.0.2.1",
		    "fail"),
		ROW("5.1", "v=spf1 all -all", "", "192.0.2.1", "pass"),
		ROW("4.7", "v=spf1 ip4:192.0.2.1", "", "192.0.2.2", "neutral"),
		ROW("4.7", "v=spf1 a", host, "192.0.2.2", "neutral"),
		ROW("4.6.3", "v=spf1 redirect=o.example a", host, "192.0.2.1",
		    "pass"),
		ROW("4.6.3", "v=spf1 redirect=o.example a", host, "192.0.2.2",
		    "fail"),
		ROW("4.6", "v=spf1 ip4:192.0.2.1 -all bogus", "", "192.0.2.1",
		    "permerror"),
		ROW("4.6", "v=spf1 all a:", "", "192.0.2.1", "permerror"),
		/* exp is never asked for. */
		ROW("6.2", "v=spf1 exp=x.example -all", "servfail x.example",
		    "192.0.2.1", "fail"),
		ROW("6.2", "v=spf1 a:nx1.example a:nx2.example "
		    "exp=nx3.example -all", "", "192.0.2.1", "fail"),
		/* Loopback clients are evaluated like any other. */
		ROW("2.1", "v=spf1 -all", "", "127.0.0.1", "fail"),
		ROW("2.1", "v=spf1 ip4:127.0.0.1 -all", "", "127.0.0.1",
		    "pass"),
		ROW("2.1", "v=spf1 -all", "", "127.255.255.254", "fail"),
		ROW("2.1", "v=spf1 -all", "", "::1", "fail"),
		ROW("2.1", NULL, "", "127.0.0.1", "none"),
		ROW("2.1", "v=spf1 bogus", "", "::1", "permerror"),
		/* 5: IPv4 in IPv6 is IPv4. */
		ROW("5", "v=spf1 ip4:192.0.2.1 -all", "", "::ffff:192.0.2.1",
		    "pass"),
		ROW("5", "v=spf1 a -all", host, "::ffff:192.0.2.1", "pass"),
		ROW("5", "v=spf1 -ip4:192.0.2.1 ip6:::ffff:192.0.2.1", "",
		    "::ffff:192.0.2.1", "fail"),
		ROW("5", "v=spf1 ip6:::ffff:192.0.2.1 -all", "",
		    "::ffff:192.0.2.1", "fail"),
		ROW("5", "v=spf1 +all", "", "-", "none"),
		END,
	};
	(void)state;
	check_rows(rows);
}

/* 5.2, 6.1: records of others. */
static void
recursion(void **state)
{
	static const struct row rows[] = {
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 ip4:192.0.2.1 -all'", "192.0.2.1",
		    "pass"),
		ROW("5.2", "v=spf1 include:i.example ~all",
		    "i.example TXT 'v=spf1 -all'", "192.0.2.1", "softfail"),
		ROW("5.2", "v=spf1 include:i.example +all",
		    "i.example TXT 'v=spf1 ~all'", "192.0.2.1", "pass"),
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 ?all'", "192.0.2.1", "fail"),
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1'", "192.0.2.1", "fail"),
		ROW("5.2", "v=spf1 -include:i.example +all",
		    "i.example TXT 'v=spf1 +all'", "192.0.2.1", "fail"),
		ROW("5.2", "v=spf1 ?include:i.example -all",
		    "i.example TXT 'v=spf1 +all'", "192.0.2.1", "neutral"),
		ROW("5.2", "v=spf1 ~include:i.example -all",
		    "i.example TXT 'v=spf1 +all'", "192.0.2.1", "softfail"),
		/* A fail or neutral of a term in it does not match, either. */
		ROW("5.2", "v=spf1 include:i.example ~all",
		    "i.example TXT 'v=spf1 -a:h.example +all'\n"
		    "h.example A 192.0.2.1", "192.0.2.1", "softfail"),
		ROW("5.2", "v=spf1 include:i.example -all",
		    "servfail i.example", "192.0.2.1", "temperror"),
		ROW("5.2", "v=spf1 include:i.example -all",
		    "timeout i.example", "192.0.2.1", "temperror"),
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 bogus'", "192.0.2.1", "permerror"),
		ROW("5.2", "v=spf1 include:i.example +all", "", "192.0.2.1",
		    "permerror"),
		ROW("5.2", "v=spf1 include:i.example +all",
		    "i.example TXT 'v=spf2 +all'", "192.0.2.1", "permerror"),
		ROW("5.2", "v=spf1 include:i.example +all",
		    "i.example TXT 'v=spf1 +all'\n"
		    "i.example TXT 'v=spf1 +all'", "192.0.2.1", "permerror"),
		/* What matches before it is not asked about it. */
		ROW("5.2", "v=spf1 ip4:192.0.2.1 include:i.example",
		    "servfail i.example", "192.0.2.1", "pass"),
		ROW("5.2", "v=spf1 a:h.example include:i.example",
		    "h.example A 192.0.2.1\nservfail i.example", "192.0.2.1",
		    "pass"),
		ROW("5.2", "v=spf1 include:i.example include:j.example",
		    "i.example TXT 'v=spf1 ip4:192.0.2.1'\n"
		    "servfail j.example", "192.0.2.1", "pass"),
		/* Two deep, and back out again. */
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 include:j.example ?all'\n"
		    "j.example TXT 'v=spf1 ip4:192.0.2.1 -all'", "192.0.2.1",
		    "pass"),
		ROW("5.2", "v=spf1 include:i.example ip4:192.0.2.1 -all",
		    "i.example TXT 'v=spf1 include:j.example ?all'\n"
		    "j.example TXT 'v=spf1 -all'", "192.0.2.1", "pass"),
		ROW("5.2", "v=spf1 include:i.example ~all",
		    "i.example TXT 'v=spf1 include:j.example ?all'\n"
		    "servfail j.example", "192.0.2.1", "temperror"),
		ROW("5.2", "v=spf1 include:i.example +all",
		    "i.example TXT 'v=spf1 include:j.example ?all'",
		    "192.0.2.1", "permerror"),
		/* Terms without a domain mean the included one's. */
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 a mx'\nexample.com A 192.0.2.1\n"
		    "i.example A 192.0.2.2\ni.example MX 1 i.example",
		    "192.0.2.1", "fail"),
		ROW("5.2", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 a mx'\nexample.com A 192.0.2.1\n"
		    "i.example A 192.0.2.2\ni.example MX 1 i.example",
		    "192.0.2.2", "pass"),
		/* ... and again the first one's behind it. */
		ROW("5.2", "v=spf1 include:i.example a -all",
		    "i.example TXT 'v=spf1 a'\nexample.com A 192.0.2.1\n"
		    "i.example A 192.0.2.2", "192.0.2.1", "pass"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'v=spf1 ip4:192.0.2.1 ~all'", "192.0.2.1",
		    "pass"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'v=spf1 ip4:192.0.2.1 ~all'", "192.0.2.2",
		    "softfail"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'v=spf1'", "192.0.2.2", "neutral"),
		ROW("6.1", "v=spf1 redirect=r.example a",
		    "r.example TXT 'v=spf1 -a'\nexample.com A 192.0.2.1\n"
		    "r.example A 192.0.2.2", "192.0.2.2", "fail"),
		ROW("6.1", "v=spf1 redirect=r.example", "", "192.0.2.1",
		    "permerror"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'spf1'", "192.0.2.1", "permerror"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'v=spf1 a:'", "192.0.2.1", "permerror"),
		ROW("6.1", "v=spf1 redirect=r.example", "servfail r.example",
		    "192.0.2.1", "temperror"),
		ROW("6.1", "v=spf1 redirect=r.example ?all",
		    "r.example TXT 'v=spf1 +all'", "192.0.2.1", "neutral"),
		ROW("6.1", "v=spf1 ?all redirect=r.example",
		    "servfail r.example", "192.0.2.1", "neutral"),
		ROW("6.1", "v=spf1 ip4:192.0.2.1 redirect=r.example",
		    "servfail r.example", "192.0.2.1", "pass"),
		ROW("6.1", "v=spf1 include:i.example -all",
		    "i.example TXT 'v=spf1 redirect=r.example'\n"
		    "r.example TXT 'v=spf1 ip4:192.0.2.1 -all'", "192.0.2.1",
		    "pass"),
		ROW("6.1", "v=spf1 include:i.example ~all",
		    "i.example TXT 'v=spf1 redirect=r.example'\n"
		    "r.example TXT 'v=spf1 -all'", "192.0.2.1", "softfail"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'v=spf1 include:i.example -all'\n"
		    "i.example TXT 'v=spf1 ip4:192.0.2.1 ?all'", "192.0.2.1",
		    "pass"),
		ROW("6.1", "v=spf1 redirect=r.example",
		    "r.example TXT 'v=spf1 redirect=s.example'\n"
		    "s.example TXT 'v=spf1 -all'", "192.0.2.1", "fail"),
		/* 4.3 holds for targets, too. */
		ROW("4.3", "v=spf1 include:%{l} +all", "user TXT 'v=spf1 +all'",
		    "192.0.2.1", "permerror"),
		ROW("4.3", "v=spf1 include:a..i.example +all", "", "192.0.2.1",
		    "permerror"),
		ROW("4.3", "v=spf1 redirect=%{l}", "user TXT 'v=spf1 +all'",
		    "192.0.2.1", "permerror"),
		END,
	};
	(void)state;
	check_rows(rows);
}

/* 5.3 to 5.7: the mechanisms that ask DNS. */
static void
addresses(void **state)
{
	static const char hosts[] =
	    "example.com A 192.0.2.5\nexample.com A 192.0.2.1\n"
	    "example.com AAAA 2001:db8::1\n"
	    "v4.example A 192.0.2.9\nv6.example AAAA 2001:db8:0:1::9\n";
	static const struct row rows[] = {
		ROW("5.3", "v=spf1 a -all", hosts, "192.0.2.1", "pass"),
		ROW("5.3", "v=spf1 a -all", hosts, "192.0.2.2", "fail"),
		ROW("5.3", "v=spf1 a -all", hosts, "2001:db8::1", "pass"),
		ROW("5.3", "v=spf1 a -all", hosts, "2001:db8::2", "fail"),
		ROW("5.3", "v=spf1 A:V4.Example -all", hosts, "192.0.2.9",
		    "pass"),
		ROW("5.3", "v=spf1 a:v4.example. -all", hosts, "192.0.2.9",
		    "pass"),
		ROW("5.3", "v=spf1 a:v4.example -all", hosts, "192.0.2.8",
		    "fail"),
		ROW("5.3", "v=spf1 a:v4.example -all", hosts, "2001:db8::1",
		    "fail"),
		ROW("5.3", "v=spf1 a/24 -all", hosts, "192.0.2.77", "pass"),
		ROW("5.3", "v=spf1 a/24 -all", hosts, "192.0.3.77", "fail"),
		ROW("5.3", "v=spf1 a/32 -all", hosts, "192.0.2.2", "fail"),
		ROW("5.3", "v=spf1 a/31 -all", hosts, "192.0.2.0", "pass"),
		ROW("5.3", "v=spf1 a/24 -all", hosts, "2001:db8::77", "fail"),
		ROW("5.3", "v=spf1 a//64 -all", hosts, "2001:db8::77", "pass"),
		ROW("5.3", "v=spf1 a//64 -all", hosts, "2001:db8:0:1::77",
		    "fail"),
		ROW("5.3", "v=spf1 a//64 -all", hosts, "192.0.2.2", "fail"),
		ROW("5.3", "v=spf1 a/24//64 -all", hosts, "192.0.2.2", "pass"),
		ROW("5.3", "v=spf1 a/24//64 -all", hosts, "2001:db8::2",
		    "pass"),
		ROW("5.3", "v=spf1 a//65 -all", hosts, "2001:db8:0:0:8000::",
		    "fail"),
		ROW("5.3", "v=spf1 a:v4.example/24//64 -all", hosts,
		    "192.0.2.2", "pass"),
		/* "/0": any address at all, of the client's family. */
		ROW("5.3", "v=spf1 a/0 -all", hosts, "203.0.113.1", "pass"),
		ROW("5.3", "v=spf1 a/0 -all", hosts, "2001:db8::9", "fail"),
		ROW("5.3", "v=spf1 a//0 -all", hosts, "2001:ffff::9", "pass"),
		ROW("5.3", "v=spf1 a//0 -all", hosts, "203.0.113.1", "fail"),
		ROW("5.3", "v=spf1 a:v6.example/0 -all", hosts, "203.0.113.1",
		    "fail"),
		ROW("5.3", "v=spf1 a:v4.example//0 -all", hosts, "2001:db8::9",
		    "fail"),
		ROW("5.3", "v=spf1 a:nx.example/0 -all", hosts, "192.0.2.1",
		    "fail"),
		ROW("5", "v=spf1 a:e.example +all", "servfail e.example",
		    "192.0.2.1", "temperror"),
		ROW("5", "v=spf1 a:e.example +all", "timeout e.example AAAA\n"
		    "e.example A 192.0.2.9", "192.0.2.1", "pass"),
		ROW("5", "v=spf1 a:e.example +all", "timeout e.example AAAA\n"
		    "e.example A 192.0.2.9", "2001:db8::1", "temperror"),
		ROW("5.3", "v=spf1 a:c.example -all", "c.example CNAME "
		    "d.example\nd.example A 192.0.2.1", "192.0.2.1", "pass"),
		/* 7.1: odd characters are legal; a name that is none is not
		 * asked and does not match (4.3 says so of the first). */
		ROW("7.1", "v=spf1 a:foo:bar/baz.example -all",
		    "foo:bar/baz.example A 192.0.2.1", "192.0.2.1", "pass"),
		ROW("7.1", "v=spf1 a:foo:bar/baz.example/24 -all",
		    "foo:bar/baz.example A 192.0.2.1", "192.0.2.9", "pass"),
		ROW("4.8", "v=spf1 a:a..example -all", "", "192.0.2.1", "fail"),
		ROW("4.8", "v=spf1 exists:.example -all", "", "192.0.2.1",
		    "fail"),
		ROW("4.8", "v=spf1 a:a12345678901234567890123456789012345678901"
		    "23456789012345678901234567.example -all", "", "192.0.2.1",
		    "fail"),
		ROW("7.1", "v=spf1 a:foo.xn--zckzah -all",
		    "foo.xn--zckzah A 192.0.2.1", "192.0.2.1", "pass"),
		END,
	};
	(void)state;
	check_rows(rows);
}

static void
exchangers(void **state)
{
	static const char mx[] =
	    "example.com MX 20 b.example\nexample.com MX 10 a.example\n"
	    "example.com A 192.0.2.99\n"
	    "a.example A 192.0.2.1\na.example AAAA 2001:db8::1\n"
	    "b.example A 198.51.100.1\n"
	    "other.example MX 0 a.example\nnone.example A 192.0.2.1\n"
	    "null.example MX 0 .\nlost.example MX 0 nx.example\n"
	    "lost.example MX 1 a.example\n"
	    "bad.example MX 0 servfail.example\nbad.example MX 1 a.example\n"
	    "servfail servfail.example\nservfail down.example MX";
	static const struct row rows[] = {
		ROW("5.4", "v=spf1 mx -all", mx, "192.0.2.1", "pass"),
		ROW("5.4", "v=spf1 mx -all", mx, "198.51.100.1", "pass"),
		ROW("5.4", "v=spf1 mx -all", mx, "2001:db8::1", "pass"),
		ROW("5.4", "v=spf1 mx -all", mx, "192.0.2.99", "fail"),
		ROW("5.4", "v=spf1 -mx +all", mx, "192.0.2.1", "fail"),
		ROW("5.4", "v=spf1 mx:other.example -all", mx, "192.0.2.1",
		    "pass"),
		ROW("5.4", "v=spf1 mx:other.example -all", mx, "198.51.100.1",
		    "fail"),
		ROW("5.4", "v=spf1 mx/24 -all", mx, "192.0.2.200", "pass"),
		ROW("5.4", "v=spf1 mx//64 -all", mx, "192.0.2.200", "fail"),
		ROW("5.4", "v=spf1 mx//64 -all", mx, "2001:db8::200", "pass"),
		ROW("5.4", "v=spf1 mx:other.example/24//64 -all", mx,
		    "2001:db8::200", "pass"),
		ROW("5.4", "v=spf1 mx/0 -all", mx, "203.0.113.1", "pass"),
		ROW("5.4", "v=spf1 mx//0 -all", mx, "203.0.113.1", "fail"),
		ROW("5.4", "v=spf1 mx//0 -all", mx, "2001:ffff::1", "pass"),
		/* The domain is not its own exchanger. */
		ROW("5.4", "v=spf1 mx:none.example ~all", mx, "192.0.2.1",
		    "softfail"),
		ROW("5.4", "v=spf1 mx:null.example/0 ~all", mx, "192.0.2.1",
		    "softfail"),
		ROW("5.4", "v=spf1 mx:lost.example -all", mx, "192.0.2.1",
		    "pass"),
		ROW("5", "v=spf1 mx:bad.example -all", mx, "192.0.2.1",
		    "temperror"),
		ROW("5", "v=spf1 mx:down.example +all", mx, "192.0.2.1",
		    "temperror"),
		END,
	};
	(void)state;
	check_rows(rows);
}

static void
pointers(void **state)
{
	static const char ptr[] =
	    "1.2.0.192.in-addr.arpa PTR forged.example\n"
	    "1.2.0.192.in-addr.arpa PTR w.Example.com\n"
	    "w.example.com A 192.0.2.1\nforged.example A 192.0.2.66\n"
	    "2.2.0.192.in-addr.arpa PTR example.com\nexample.com A 192.0.2.2\n"
	    "3.2.0.192.in-addr.arpa PTR w.badexample.com\n"
	    "w.badexample.com A 192.0.2.3\n"
	    "servfail 4.2.0.192.in-addr.arpa\n"
	    "5.2.0.192.in-addr.arpa PTR down.example.com\n"
	    "5.2.0.192.in-addr.arpa PTR up.example.com\n"
	    "servfail down.example.com\nup.example.com A 192.0.2.5\n"
	    "7.2.0.192.in-addr.arpa PTR six.example.com\n"
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
	    ".ip6.arpa PTR six.example.com\nsix.example.com AAAA 2001:db8::1";
	static const struct row rows[] = {
		ROW("5.5", "v=spf1 ptr -all", ptr, "192.0.2.1", "pass"),
		ROW("5.5", "v=spf1 ptr:example.com -all", ptr, "192.0.2.1",
		    "pass"),
		ROW("5.5", "v=spf1 ptr:Example.COM. -all", ptr, "192.0.2.1",
		    "pass"),
		ROW("5.5", "v=spf1 ptr:w.example.com -all", ptr, "192.0.2.1",
		    "pass"),
		ROW("5.5", "v=spf1 ptr:v.w.example.com -all", ptr,
		    "192.0.2.1", "fail"),
		ROW("5.5", "v=spf1 ptr:forged.example -all", ptr, "192.0.2.1",
		    "fail"),
		ROW("5.5", "v=spf1 ptr -all", ptr, "192.0.2.2", "pass"),
		ROW("5.5", "v=spf1 ptr -all", ptr, "192.0.2.3", "fail"),
		ROW("5.5", "v=spf1 -ptr +all", ptr, "192.0.2.1", "fail"),
		ROW("5.5", "v=spf1 ptr -all", ptr, "2001:db8::1", "pass"),
		ROW("5.5", "v=spf1 ptr -all", ptr, "192.0.2.7", "fail"),
		/* Errors are no more than no match. */
		ROW("5.5", "v=spf1 ptr ~all", ptr, "192.0.2.4", "softfail"),
		ROW("5.5", "v=spf1 ptr -all", ptr, "192.0.2.5", "pass"),
		ROW("5.5", "v=spf1 ptr -all", ptr, "203.0.113.1", "fail"),
		END,
	};
	(void)state;
	check_rows(rows);
}

static void
existence(void **state)
{
	static const char zone[] =
	    "v4.example A 203.0.113.1\nv6.example AAAA 2001:db8::1\n"
	    "t.example TXT 'x'\nservfail e.example";
	static const struct row rows[] = {
		ROW("5.7", "v=spf1 exists:v4.example -all", zone, "192.0.2.1",
		    "pass"),
		ROW("5.7", "v=spf1 exists:v4.example -all", zone,
		    "2001:db8::9", "pass"),
		ROW("5.7", "v=spf1 exists:v6.example -all", zone,
		    "2001:db8::1", "fail"),
		ROW("5.7", "v=spf1 exists:t.example -all", zone, "192.0.2.1",
		    "fail"),
		ROW("5.7", "v=spf1 -exists:v4.example +all", zone,
		    "192.0.2.1", "fail"),
		ROW("5", "v=spf1 exists:e.example +all", zone, "192.0.2.1",
		    "temperror"),
		END,
	};
	(void)state;
	check_rows(rows);
}

/* What is wrong, or which term it was. */
static void
reasons(void **state)
{
	static const struct {
		const char *policy, *zone, *want;
	} rows[] = {
		{"v=spf1 ip4:192.0.2.0/24 -all", "", "\"ip4:192.0.2.0/24\" in "
		    "the record of \"example.com\" matches"},
		{"v=spf1 a -all", "", "\"-all\" in the record of "
		    "\"example.com\" matches"},
		{"v=spf1 a/24 -all", "example.com A 192.0.2.9", "\"a/24\" in "
		    "the record of \"example.com\" matches"},
		{"v=spf1 a mx ~mx:m.example", "m.example MX 1 n.example\n"
		    "n.example A 192.0.2.1", "\"~mx:m.example\" in the record "
		    "of \"example.com\" matches"},
		{"v=spf1 include:i.example a", "i.example TXT 'v=spf1 a +all'",
		    "\"include:i.example\" in the record of \"example.com\" "
		    "matches"},
		{"v=spf1 include:i.example a", "i.example TXT 'v=spf1 a -all'",
		    "no term of the record of \"example.com\" matches"},
		{"v=spf1 redirect=r.example", "r.example TXT 'v=spf1 a -all'",
		    "\"-all\" in the record of \"r.example\" matches"},
		{"v=spf1 redirect=r.example", "r.example TXT 'v=spf1 a'\n"
		    "r.example A 192.0.2.1", "\"a\" in the record of "
		    "\"r.example\" matches"},
		{"v=spf1 redirect=r.example", "r.example TXT 'v=spf1'",
		    "no term of the record of \"r.example\" matches"},
		{NULL, "", "\"example.com\" has no SPF record"},
		{"v=spf1 -all", "example.com TXT 'v=spf1'",
		    "\"example.com\" has more than one SPF record"},
		{"v=spf1 a:192.0.2.1 -all", "", "\"a:192.0.2.1\" in the record "
		    "of \"example.com\": the domain is not valid"},
		{"v=spf1 +bogus", "", "\"+bogus\" in the record of "
		    "\"example.com\": there is no such mechanism"},
		{"v=spf1 a:\"\xff\" -all", "", "\"a:'?\" in the record of "
		    "\"example.com\": it holds a byte that is not printable "
		    "ASCII"},
		{"v=spf1 include:i.example", "", "\"include:i.example\" leads "
		    "to no SPF record"},
		{"v=spf1 include:i.example", "i.example TXT 'v=spf1 ip4:1'",
		    "\"ip4:1\" in the record of \"i.example\": the network is "
		    "not valid"},
		{NULL, "servfail example.com", "TXT of \"example.com\": the "
		    "name servers failed"},
		{"v=spf1 a:e.example", "timeout e.example", "A of "
		    "\"e.example\": no answer in time"},
		{"v=spf1 mx:m.example", "m.example MX 1 e.example\n"
		    "malformed e.example", "A of \"e.example\": an answer "
		    "that cannot be read"},
		{"v=spf1 a:x.example a:y.example exists:z.example", "", "more "
		    "than 2 terms find nothing in DNS, the last of them "
		    "\"exists:z.example\""},
		{"v=spf1 redirect=example.com", "", "more than 10 terms ask "
		    "DNS, the last of them \"redirect=example.com\""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct row r = ROW("reason", rows[i].policy, rows[i].zone,
		    "192.0.2.1", NULL);
		struct played p;
		for (int how = AT_ONCE; how < HOWS; how++) {
			row_play(&r, (enum how)how, a, &p);
			check_str(p.check.reason, rows[i].want);
		}
		arena_free(a);
	}
}

/* A term of any length is shown in part. */
static void
long_reasons(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	struct text policy;
	struct played p;
	text_init(&policy, a);
	text_add(&policy, STR("v=spf1 a:"));
	for (int i = 0; i < 300; i++)
		text_add(&policy, STR("\"~"));
	struct row r = ROW("4.6", text_cstr(&policy), "", "192.0.2.1", NULL);
	row_play(&r, AT_ONCE, a, &p);
	assert_int_equal(p.check.result, SPF_PERMERROR);
	row_check_reason(&r, p.check.reason);
	assert_true(p.check.reason.n < 250);
	arena_free(a);
}

/* The records that were read, for RFC 6591 3.2.6: each once, none that only was
 * asked ahead. */
static void
sources(void **state)
{
	static const char zone[] =
	    "a.example TXT 'v=spf1 ip4:192.0.2.9 -all'\n"
	    "b.example TXT 'v=spf1 ip4:192.0.2.7 -all'\n"
	    "c.example TXT 'v=spf1 nonsense'\n"
	    "two.example TXT 'v=spf1 -all'\n"
	    "two.example TXT 'v=spf1 +all'\n";
	static const struct {
		const char *policy, *want;
	} rows[] = {
		{NULL, ""},
		{"v=spf1 -all", "example.com: v=spf1 -all\n"},
		{"v=spf1 include:a.example include:b.example "
		    "include:c.example", "example.com: v=spf1 "
		    "include:a.example include:b.example include:c.example\n"
		    "a.example: v=spf1 ip4:192.0.2.9 -all\n"
		    "b.example: v=spf1 ip4:192.0.2.7 -all\n"},
		{"v=spf1 include:a.example include:a.example -all",
		    "example.com: v=spf1 include:a.example "
		    "include:a.example -all\n"
		    "a.example: v=spf1 ip4:192.0.2.9 -all\n"},
		{"v=spf1 redirect=c.example", "example.com: v=spf1 "
		    "redirect=c.example\nc.example: v=spf1 nonsense\n"},
		{"v=spf1 include:two.example", "example.com: v=spf1 "
		    "include:two.example\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int how = AT_ONCE; how < HOWS; how++) {
			struct arena *a = arena_new(1 << 20);
			struct row row = ROW("RFC 6591 3.2.6", rows[i].policy,
			    zone, "192.0.2.7", "");
			struct played p;
			struct text t;
			row_play(&row, (enum how)how, a, &p);
			text_init(&t, a);
			for (size_t j = 0; j < p.check.source_count; j++)
				text_printf(&t, "%.*s: %.*s\n",
				    STR_ARG(p.check.sources[j].domain),
				    STR_ARG(p.check.sources[j].text));
			check_str(text_str(&t), rows[i].want);
			arena_free(a);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources),
		cmocka_unit_test(identities),
		cmocka_unit_test(senders),
		cmocka_unit_test(selection),
		cmocka_unit_test(record_errors),
		cmocka_unit_test(evaluation),
		cmocka_unit_test(recursion),
		cmocka_unit_test(addresses),
		cmocka_unit_test(exchangers),
		cmocka_unit_test(pointers),
		cmocka_unit_test(existence),
		cmocka_unit_test(reasons),
		cmocka_unit_test(long_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
