/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_zone.h"

#include "base/table.h"
#include "base/text.h"
#include "net/dns_packet.h"
#include "test/lib/check.h"

static const struct table_row status_names[] = {
	{DNS_OK, "ok"},
	{DNS_NODATA, "nodata"},
	{DNS_NXDOMAIN, "nxdomain"},
	{DNS_SERVFAIL, "servfail"},
	{DNS_TIMEOUT, "timeout"},
	{DNS_MALFORMED, "malformed"},
	{0, NULL},
};

static void
show_rr(struct text *t, enum dns_type type, const struct dns_rr *rr)
{
	char ip[IP_TEXT_MAX];
	text_add(t, STR(" ["));
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		text_printf(t, "%s%s", rr->ip.family == IP_V6 ? "6 " : "4 ",
		    ip_print(&rr->ip, ip));
		break;
	case DNS_MX:
		text_printf(t, "%u ", rr->mx.preference);
		text_add(t, rr->mx.host);
		break;
	case DNS_PTR:
		text_add(t, rr->name);
		break;
	case DNS_TXT:
		text_add(t, rr->txt);
		break;
	}
	text_add_char(t, ']');
}

static struct str
show(const struct dns_answer *answer, enum dns_type type, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, str_of(table_name(status_names, (int)answer->status)));
	if (answer->is_alias)
		text_add(&t, STR(" alias"));
	for (size_t i = 0; i < answer->count; i++)
		show_rr(&t, type, &answer->rr[i]);
	return text_str(&t);
}

static struct zone *
zone(struct str text, struct arena *a)
{
	size_t line = 0;
	const char *reason = "";
	struct zone *z = zone_parse(check_exact(text, a), a, &line, &reason);
	if (z == NULL)
		fail_msg("line %zu: %s", line, reason);
	return z;
}

struct row {
	enum dns_type type;
	const char *name;
	const char *want;
};

static void
check_rows(const char *text, const struct row *rows)
{
	struct arena *a = arena_new(0);
	struct zone *z = zone(str_of(text), a);
	for (; rows->want != NULL; rows++) {
		struct dns_answer got;
		zone_answer(z, rows->type, str_of(rows->name), a, &got);
		struct str shown = show(&got, rows->type, a);
		if (!str_eq(shown, str_of(rows->want)))
			fail_msg("%s: got \"%.*s\", want \"%s\"", rows->name,
			    STR_ARG(shown), rows->want);
	}
	arena_free(a);
}

/* RFC 1035 3.3: each type, and several records of one. */
static void
records(void **state)
{
	static const char text[] =
	    "# a comment\n"
	    "\n"
	    "  a.test   A  192.0.2.1  \r\n"
	    "a.test A 192.0.2.2\n"
	    "a.test\tAAAA\t2001:db8::1\n"
	    "A.Test. MX 10 Mail.Test.\n"
	    "a.test mx 0 .\n"
	    "1.2.0.192.in-addr.arpa PTR Host.Test\n"
	    "b\xc3\xbc" "cher.test TXT \"idn\"\n"
	    "a+b/c.test TXT \"odd\"\n"
	    "v6.test AAAA ::ffff:192.0.2.1\n"
	    "last.test TXT \"x\"";
	static const struct row rows[] = {
		{DNS_A, "a.test", "ok [4 192.0.2.1] [4 192.0.2.2]"},
		{DNS_AAAA, "a.test", "ok [6 2001:db8::1]"},
		{DNS_MX, "a.test", "ok [10 mail.test] [0 ]"},
		{DNS_PTR, "1.2.0.192.in-addr.arpa", "ok [host.test]"},
		{DNS_TXT, "a.test", "nodata"},
		{DNS_TXT, "xn--bcher-kva.test", "ok [idn]"},
		/* Names that only SPF's macros ask (RFC 7208 7). */
		{DNS_TXT, "a+b/c.test", "ok [odd]"},
		/* An AAAA record is IPv6, as in a packet. */
		{DNS_AAAA, "v6.test", "ok [6 ::ffff:192.0.2.1]"},
		{DNS_TXT, "last.test", "ok [x]"},
		{DNS_A, "b.test", "nxdomain"},
		{DNS_A, "", "nxdomain"},
		{DNS_A, NULL, NULL},
	};
	(void)state;
	check_rows(text, rows);
}

/* RFC 1035 5.1: strings and their escapes. */
static void
strings(void **state)
{
	static const char text[] =
	    "a.test TXT \"v=DMAR\" \"C1; p=rej\"\"ect\"\n"
	    "b.test TXT \"\"\n"
	    "c.test TXT \"\\\"q\\\" \\\\ \\065\\066x \\;\"\n"
	    "d.test TXT \"# no comment ; here\"\n"
	    "f.test TXT \"\xc3\xa9\\255\"\n";
	static const struct row rows[] = {
		{DNS_TXT, "a.test", "ok [v=DMARC1; p=reject]"},
		{DNS_TXT, "b.test", "ok []"},
		{DNS_TXT, "c.test", "ok [\"q\" \\ ABx ;]"},
		{DNS_TXT, "d.test", "ok [# no comment ; here]"},
		{DNS_TXT, "f.test", "ok [\xc3\xa9\xff]"},
		{DNS_A, NULL, NULL},
	};
	struct arena *a = arena_new(0);
	struct dns_answer got;
	(void)state;
	check_rows(text, rows);
	zone_answer(zone(STR("a.test TXT \"\\000x\""), a), DNS_TXT,
	    STR("a.test"), a, &got);
	assert_int_equal(got.rr[0].txt.n, 2);
	assert_memory_equal(got.rr[0].txt.p, "\0x", 2);
	arena_free(a);
}

/* RFC 8020 2: data, a descendant or a line makes a name exist. */
static void
existence(void **state)
{
	static const char text[] =
	    "x.a.test A 192.0.2.1\n"
	    "exists b.test\n"
	    "nxdomain c.test\n"
	    "x.c.test A 192.0.2.2\n"
	    "servfail d.test TXT\n";
	static const struct row rows[] = {
		{DNS_A, "a.test", "nodata"},
		{DNS_TXT, "x.a.test", "nodata"},
		{DNS_A, "test", "nodata"},
		{DNS_A, "b.test", "nodata"},
		{DNS_A, "x.b.test", "nxdomain"},
		/* It does not, whatever is below. */
		{DNS_A, "c.test", "nxdomain"},
		{DNS_A, "x.c.test", "ok [4 192.0.2.2]"},
		{DNS_A, "d.test", "nodata"},
		{DNS_A, "est", "nxdomain"},
		{DNS_A, "ya.test", "nxdomain"},
		{DNS_A, NULL, NULL},
	};
	(void)state;
	check_rows(text, rows);
}

/* Names that fail, of one type or of every one. */
static void
failures(void **state)
{
	static const char text[] =
	    "a.test A 192.0.2.1\na.test TXT \"x\"\n"
	    "servfail a.test TXT\n"
	    "timeout b.test\n"
	    "malformed c.test mx\n"
	    "servfail *.w.test\n"
	    "*.v.test TXT \"v\"\n"
	    "timeout *.v.test A\n"
	    "y.v.test A 192.0.2.2\n";
	static const struct row rows[] = {
		{DNS_A, "a.test", "ok [4 192.0.2.1]"},
		{DNS_TXT, "a.test", "servfail"},
		{DNS_A, "b.test", "timeout"},
		{DNS_TXT, "b.test", "timeout"},
		{DNS_MX, "c.test", "malformed"},
		{DNS_A, "c.test", "nodata"},
		/* For all names of a wildcard too. */
		{DNS_A, "x.w.test", "servfail"},
		{DNS_A, "y.x.w.test", "servfail"},
		{DNS_A, "w.test", "nodata"},
		{DNS_TXT, "x.v.test", "ok [v]"},
		{DNS_A, "x.v.test", "timeout"},
		{DNS_A, "y.v.test", "ok [4 192.0.2.2]"},
		{DNS_A, NULL, NULL},
	};
	(void)state;
	check_rows(text, rows);
}

/* RFC 4592 2.2, 3.3.1: wildcards and what they do not cover. */
static void
wildcards(void **state)
{
	static const char text[] =
	    "*.a.test TXT \"wild\"\n"
	    "b.a.test TXT \"own\"\n"
	    "d.c.a.test A 192.0.2.1\n"
	    "*.deep.a.test TXT \"deeper\"\n"
	    "*.al.test CNAME b.a.test\n";
	static const struct row rows[] = {
		{DNS_TXT, "x.a.test", "ok [wild]"},
		{DNS_TXT, "y.x.a.test", "ok [wild]"},
		{DNS_A, "x.a.test", "nodata"},
		{DNS_TXT, "b.a.test", "ok [own]"},
		{DNS_A, "b.a.test", "nodata"},
		/* The closest encloser is another name. */
		{DNS_TXT, "x.b.a.test", "nxdomain"},
		{DNS_TXT, "c.a.test", "nodata"},
		{DNS_TXT, "x.c.a.test", "nxdomain"},
		{DNS_TXT, "x.deep.a.test", "ok [deeper]"},
		{DNS_TXT, "deep.a.test", "nodata"},
		{DNS_TXT, "a.test", "nodata"},
		{DNS_TXT, "x.al.test", "ok alias [own]"},
		{DNS_A, NULL, NULL},
	};
	(void)state;
	check_rows(text, rows);
}

/* RFC 1034 3.6.2: aliases, inside the zone. */
static void
aliases(void **state)
{
	static const char text[] =
	    "a.test CNAME B.test.\n"
	    "b.test TXT \"b\"\n"
	    "c.test CNAME a.test\n"
	    "gone.test CNAME nowhere.test\n"
	    "bad.test CNAME fails.test\nservfail fails.test\n"
	    "loop.test CNAME pool.test\npool.test CNAME loop.test\n"
	    "self.test CNAME self.test\n"
	    "root.test CNAME .\n";
	static const struct row rows[] = {
		{DNS_TXT, "a.test", "ok alias [b]"},
		{DNS_TXT, "c.test", "ok alias [b]"},
		{DNS_A, "c.test", "nodata alias"},
		{DNS_TXT, "gone.test", "nxdomain alias"},
		{DNS_TXT, "bad.test", "servfail alias"},
		{DNS_TXT, "loop.test", "malformed alias"},
		{DNS_TXT, "self.test", "malformed alias"},
		{DNS_TXT, "root.test", "nxdomain alias"},
		{DNS_A, NULL, NULL},
	};
	(void)state;
	check_rows(text, rows);
}

/* As many aliases as a packet may have (net/dns_packet.h). */
static void
long_chains(void **state)
{
	(void)state;
	for (unsigned n = DNS_PACKET_MAX_ALIASES - 1;
	     n <= DNS_PACKET_MAX_ALIASES + 1; n++) {
		struct arena *a = arena_new(0);
		struct dns_answer got;
		struct text t;
		text_init(&t, a);
		for (unsigned i = 0; i < n; i++)
			text_printf(&t, "n%u.test CNAME n%u.test\n", i, i + 1);
		text_printf(&t, "n%u.test TXT \"end\"\n", n);
		zone_answer(zone(text_str(&t), a), DNS_TXT, STR("n0.test"), a,
		    &got);
		assert_int_equal(got.status, n > DNS_PACKET_MAX_ALIASES ?
		    DNS_MALFORMED : DNS_OK);
		arena_free(a);
	}
}

/* What is no zone, and the line that says so. */
static void
faults(void **state)
{
	static const struct {
		const char *text;
		size_t line;
	} rows[] = {
		{"a.test", 1},
		{"a.test A", 1},
		{"a.test A 192.0.2", 1},
		{"a.test A 2001:db8::1", 1},
		{"a.test A 192.0.2.1 x", 1},
		{"a.test AAAA 192.0.2.1", 1},
		{"a.test AAAA x", 1},
		{"a.test MX mail.test", 1},
		{"a.test MX 65536 mail.test", 1},
		{"a.test MX 10", 1},
		{"a.test MX 10 mail.test x", 1},
		{"a.test PTR", 1},
		{"a.test PTR b.test x", 1},
		{"a.test CNAME", 1},
		{"a.test CNAME b.test x", 1},
		{"a.test TXT", 1},
		{"a.test TXT v=DMARC1", 1},
		{"a.test TXT \"open", 1},
		{"a.test TXT \"x\" y", 1},
		{"a.test TXT \"\\256\"", 1},
		{"a.test TXT \"\\12\"", 1},
		{"a.test TXT \"\\1x2\"", 1},
		{"a.test TXT \"x\\", 1},
		{"a.test TXT \"x\\\"", 1},
		{"a.test SRV 0 0 0 b.test", 1},
		{"a.test IN A 192.0.2.1", 1},
		{"servfail", 1},
		{"exists", 1},
		{"servfail a.test SRV", 1},
		{"exists a.test b.test", 1},
		{"exists a.test A", 1},
		{"nxdomain a.test A", 1},
		{"# ok\n\na.test A 192.0.2.1\nb.test Q x\nc.test Q x", 4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		size_t line = 0;
		const char *reason = NULL;
		if (zone_parse(check_exact(str_of(rows[i].text), a), a, &line,
			&reason) != NULL)
			fail_msg("\"%s\" is taken", rows[i].text);
		assert_int_equal(line, rows[i].line);
		assert_non_null(reason);
		arena_free(a);
	}
}

/* A zone without a line; nothing exists. */
static void
empty(void **state)
{
	static const struct row rows[] = {
		{DNS_A, "a.test", "nxdomain"},
		{DNS_A, NULL, NULL},
	};
	(void)state;
	check_rows("", rows);
	check_rows("\n# nothing\n", rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(strings),
		cmocka_unit_test(existence),
		cmocka_unit_test(failures),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(aliases),
		cmocka_unit_test(long_chains),
		cmocka_unit_test(faults),
		cmocka_unit_test(empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
