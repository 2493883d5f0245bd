/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/record.h"

#include "base/text.h"
#include "dmarc/uri.h"
#include "test/lib/check.h"

/* Short names of the findings, for the tables. */
static const char *const finding_names[RECORD_FINDINGS] = {
	[RECORD_LEADING_SPACE] = "leading",
	[RECORD_TAG_SYNTAX] = "syntax",
	[RECORD_TAG_EMPTY] = "empty",
	[RECORD_TAG_UNKNOWN] = "unknown",
	[RECORD_TAG_REPEATED] = "repeated",
	[RECORD_TAG_HISTORIC] = "historic",
	[RECORD_TOO_MANY_TAGS] = "tags",
	[RECORD_TOO_LONG] = "long",
	[RECORD_NON_ASCII] = "bytes",
	[RECORD_P_MISSING] = "no-p",
	[RECORD_P_NOT_SECOND] = "p-late",
	[RECORD_POLICY_INVALID] = "policy",
	[RECORD_ALIGN_INVALID] = "align",
	[RECORD_FO_INVALID] = "fo",
	[RECORD_FO_WITHOUT_RUF] = "no-ruf",
	[RECORD_PCT_INVALID] = "pct",
	[RECORD_RI_INVALID] = "ri",
	[RECORD_RF_INVALID] = "rf",
	[RECORD_PSD_INVALID] = "psd",
	[RECORD_T_INVALID] = "t",
	[RECORD_URI_INVALID] = "uri",
	[RECORD_URI_SCHEME] = "scheme",
	[RECORD_URI_SIZE] = "size",
	[RECORD_TOO_MANY_URIS] = "uris",
};

static void
show_values(const struct record *r, struct text *t)
{
	if (r->is_fallback)
		text_add(t, STR("fallback "));
	text_printf(t, "p=%s", table_name(record_policy_names, r->p));
	if (r->has_sp)
		text_printf(t, " sp=%s",
		    table_name(record_policy_names, r->sp));
	if (r->has_np)
		text_printf(t, " np=%s",
		    table_name(record_policy_names, r->np));
	if (r->is_strict_dkim)
		text_add(t, STR(" adkim=s"));
	if (r->is_strict_spf)
		text_add(t, STR(" aspf=s"));
	if (r->psd != RECORD_PSD_U)
		text_printf(t, " psd=%s",
		    table_name(record_psd_names, r->psd));
	if (r->is_test)
		text_add(t, STR(" t"));
	if (r->has_pct || r->pct != 100)
		text_printf(t, " pct=%u", r->pct);
	if (r->fo != RECORD_FO_0)
		text_printf(t, " fo=%x", r->fo);
	if (r->rua_count + r->ruf_count > 0)
		text_printf(t, " uris=%zu+%zu", r->rua_count, r->ruf_count);
}

/* A record as one line: what differs from the defaults, then the findings as
 * NAME@FIRST+LENGTH. */
static struct str
show(const struct record *r, struct arena *a)
{
	static const char *const statuses[] = {"", "foreign", "unusable"};
	struct text t;

	text_init(&t, a);
	if (r->status == RECORD_OK)
		show_values(r, &t);
	else
		text_add(&t, str_of(statuses[r->status]));
	for (size_t i = 0; i < r->finding_count; i++)
		text_printf(&t, " %s@%zu+%zu",
		    finding_names[r->findings[i].id], r->findings[i].at,
		    r->findings[i].n);
	return text_str(&t);
}

struct row {
	const char *text;
	const char *want;
};

static void
check_rows(const struct row *rows, enum record_status (*parse)(struct str,
    struct arena *, struct record *))
{
	for (; rows->text != NULL; rows++) {
		struct arena *a = arena_new(1 << 20);
		struct record got;
		struct str text = check_exact(str_of(rows->text), a);
		enum record_status status = parse(text, a, &got);
		assert_int_equal(status, got.status);
		assert_ptr_equal(text.p, got.text.p);
		check_str(show(&got, a), rows->want);
		arena_free(a);
	}
}

/* RFC 9989 4.7, 4.8: the version tag. */
static void
version(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1;p=reject", "p=reject"},
		{"V=DMARC1;p=reject", "p=reject"},
		{"v \t= DMARC1 ; p=reject", "p=reject"},
		{"v=DMARC1\t;p=reject", "p=reject"},
		/* RFC 6376 3.2 allows blanks before it. */
		{"  v=DMARC1; p=reject", "p=reject leading@0+2"},
		{"\tv=DMARC1; p=reject", "p=reject leading@0+1"},
		{"", "foreign"},
		{"v", "foreign"},
		{"v=", "foreign"},
		{"v=DMARC", "foreign"},
		{"v=dmarc1; p=reject", "foreign"},
		{"v=DMARC12; p=reject", "foreign"},
		{"v=DMARC1,p=reject", "foreign"},
		{"v==DMARC1; p=reject", "foreign"},
		{"p=reject; v=DMARC1", "foreign"},
		{"; v=DMARC1; p=reject", "foreign"},
		{"\"v=DMARC1; p=reject\"", "foreign"},
		{"\xef\xbb\xbfv=DMARC1; p=reject", "foreign"},
		{"v=spf1 -all", "foreign"},
		/* What follows the version up to ";" is lost. */
		{"v=DMARC1", "unusable no-p@8+0"},
		{"v=DMARC1 p=reject; rua=mailto:a@b.example",
		    "fallback p=none uris=1+0 syntax@9+8 no-p@41+0"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

/* RFC 9989 4.8, RFC 6376 3.2: segments. */
static void
segments(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1;p=none;", "p=none"},
		{"v=DMARC1; p=none ;  ", "p=none"},
		{"v=DMARC1; p=none;;", "p=none empty@17+0"},
		{"v=DMARC1;; p=none", "p=none empty@9+0 p-late@11+6"},
		{"v=DMARC1; p=none; ;", "p=none empty@17+1"},
		{"v=DMARC1; P = REJECT ; SP=Quarantine",
		    "p=reject sp=quarantine"},
		{"v=DMARC1; p=none; junk", "p=none syntax@18+4"},
		{"v=DMARC1; p=none; =x", "p=none syntax@18+2"},
		{"v=DMARC1; p=none; p1=reject", "p=none syntax@18+9"},
		{"v=DMARC1; p=none; x=1; policy=reject; x=2",
		    "p=none unknown@18+3 unknown@23+13 repeated@38+3 "
		    "unknown@38+3"},
		{"v=DMARC1; p=none; v=DMARC1", "p=none repeated@18+8"},
		/* No quoting in these lists: a backslash is data. */
		{"v=DMARC1\\; p=none", "foreign"},
		{"v=DMARC1; p=none\\; t=y", "unusable policy@12+5"},
		/* Blanks are legal in a value: one invalid value. */
		{"v=DMARC1; p=none rua=mailto:a@b.example",
		    "unusable policy@12+27"},
		{"v=DMARC1; p=none, t=y", "unusable policy@12+9"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

/* A repeated tag is malformed: no value of it counts. */
static void
repeated(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1; p=reject; p=none", "unusable repeated@20+6"},
		{"v=DMARC1; p=reject; p=reject; rua=mailto:a@b.example",
		    "fallback p=none uris=1+0 repeated@20+8"},
		{"v=DMARC1; p=reject; P=none", "unusable repeated@20+6"},
		{"v=DMARC1; p=reject; sp=none; sp=none",
		    "p=reject repeated@29+7"},
		{"v=DMARC1; p=reject; t=y; t=y; t=y",
		    "p=reject repeated@25+3 repeated@30+3"},
		{"v=DMARC1; p=reject; adkim=s; aspf=s; adkim=r",
		    "p=reject aspf=s repeated@37+7"},
		{"v=DMARC1; p=reject; rua=mailto:a@b.example; "
		    "rua=mailto:c@b.example", "p=reject repeated@44+22"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

/* RFC 9989 4.10.1, RFC 7489 6.6.3 step 6: p, sp and np. */
static void
policies(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1; p=quarantine; sp=reject; np=none",
		    "p=quarantine sp=reject np=none"},
		{"v=DMARC1; rua=mailto:x@nop.example",
		    "fallback p=none uris=1+0 no-p@34+0"},
		{"v=DMARC1; sp=reject", "unusable no-p@19+0"},
		{"v=DMARC1; sp=reject; rua=mailto:x@y.example",
		    "fallback p=none uris=1+0 no-p@43+0"},
		{"v=DMARC1; p=reject; sp=rejct; rua=mailto:x@y.example",
		    "fallback p=none uris=1+0 policy@23+5"},
		{"v=DMARC1; p=reject; sp=rejct", "unusable policy@23+5"},
		{"v=DMARC1; p=reject; np=", "unusable policy@20+3"},
		{"v=DMARC1; p=reject; np=x; rua=mailto:x@y.example",
		    "fallback p=none uris=1+0 policy@23+1"},
		{"v=DMARC1; p=r", "unusable policy@12+1"},
		{"v=DMARC1; p=", "unusable policy@10+2"},
		{"v=DMARC1; p=soft-quarantine; rua=mailto:x@y.example",
		    "fallback p=none uris=1+0 policy@12+15"},
		/* A rua without one valid URI does not help; another scheme
		 * is valid syntax. */
		{"v=DMARC1; p=x; rua=x@y.example",
		    "unusable policy@12+1 uri@19+11"},
		{"v=DMARC1; p=x; ruf=mailto:x@y.example",
		    "unusable policy@12+1"},
		{"v=DMARC1; p=x; rua=https://y.example/",
		    "fallback p=none uris=1+0 policy@12+1 scheme@19+18"},
		{"v=DMARC1; adkim=s; p=reject",
		    "p=reject adkim=s p-late@19+8"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

/* RFC 9989 4.7, RFC 7489 6.3: the other tags, and their defaults. */
static void
options(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1;p=none;adkim=s;aspf=S", "p=none adkim=s aspf=s"},
		{"v=DMARC1;p=none;adkim=r;aspf=R", "p=none"},
		{"v=DMARC1;p=none;adkim=strict;aspf=",
		    "p=none align@22+6 align@29+5"},
		{"v=DMARC1;p=none;psd=y", "p=none psd=y"},
		{"v=DMARC1;p=none;psd=N", "p=none psd=n"},
		{"v=DMARC1;p=none;psd=u", "p=none"},
		{"v=DMARC1;p=none;psd=yes", "p=none psd@20+3"},
		{"v=DMARC1;p=none;t=Y", "p=none t"},
		{"v=DMARC1;p=none;t=n", "p=none"},
		{"v=DMARC1;p=none;t=1", "p=none t@18+1"},
		{"v=DMARC1;p=none;pct=0", "p=none pct=0 historic@16+5"},
		{"v=DMARC1;p=none;pct=100", "p=none pct=100 historic@16+7"},
		{"v=DMARC1;p=none;pct=101",
		    "p=none historic@16+7 pct@20+3"},
		{"v=DMARC1;p=none;pct=-1", "p=none historic@16+6 pct@20+2"},
		{"v=DMARC1;p=none;pct=5%", "p=none historic@16+6 pct@20+2"},
		{"v=DMARC1;p=none;ri=86400;rf=afrf",
		    "p=none historic@16+8 historic@25+7"},
		{"v=DMARC1;p=none;ri=4294967295", "p=none historic@16+13"},
		{"v=DMARC1;p=none;ri=4294967296",
		    "p=none historic@16+13 ri@19+10"},
		{"v=DMARC1;p=none;rf=AFRF : afrf", "p=none historic@16+14"},
		{"v=DMARC1;p=none;rf=iodef",
		    "p=none historic@16+8 rf@19+5"},
		{"v=DMARC1;p=none;rf=afrf:",
		    "p=none historic@16+8 rf@19+5"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

/* RFC 9989 4.7: fo. Flags 0, 1, d, s are shown as 1, 2, 4, 8. */
static void
failure_options(void **state)
{
#define RUF "v=DMARC1;p=none;ruf=mailto:a@b.example;fo="
	static const struct row rows[] = {
		{RUF "0", "p=none uris=0+1"},
		{RUF "1", "p=none fo=2 uris=0+1"},
		{RUF "1:d:s", "p=none fo=e uris=0+1"},
		{RUF "S : D", "p=none fo=c uris=0+1"},
		{RUF "0:d", "p=none fo=5 uris=0+1"},
		{RUF "0:1", "p=none uris=0+1 fo@42+3"},
		{RUF "1:1", "p=none uris=0+1 fo@42+3"},
		{RUF "d:", "p=none uris=0+1 fo@42+2"},
		{RUF "1,d", "p=none uris=0+1 fo@42+3"},
		{RUF "ds", "p=none uris=0+1 fo@42+2"},
		{RUF "", "p=none uris=0+1 fo@39+3"},
		{RUF "2", "p=none uris=0+1 fo@42+1"},
		{"v=DMARC1;p=none;fo=1", "p=none fo=2 no-ruf@16+4"},
		{"v=DMARC1;p=none;ruf=junk;fo=1",
		    "p=none fo=2 uri@20+4 no-ruf@25+4"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

/* RFC 9989 4.8, RFC 7489 6.2: lists of URIs. */
static void
uri_lists(void **state)
{
#define RUA "v=DMARC1;p=none;rua="
	static const struct row rows[] = {
		{RUA "mailto:a@b.example", "p=none uris=1+0"},
		{RUA "mailto:a@b.example , mailto:c@d.example",
		    "p=none uris=2+0"},
		{RUA "mailto:a@b.example!10m",
		    "p=none uris=1+0 size@38+4"},
		{RUA " mailto:a@b.example!10 ,x, mailto:c@d.example!1T",
		    "p=none uris=2+0 size@39+3 uri@44+1 size@65+3"},
		{RUA "mailto:a@b.example,", "p=none uris=1+0 uri@39+0"},
		{RUA ",mailto:a@b.example", "p=none uris=1+0 uri@20+0"},
		{RUA "", "p=none uri@16+4"},
		{RUA "https://b.example/r,mailto:a@b.example",
		    "p=none uris=2+0 scheme@20+19"},
		{RUA "a@b.example", "p=none uri@20+11"},
		{RUA "mailto:\xc3\xa9@b.example",
		    "p=none bytes@27+2 uri@20+19"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse);
}

static void
odd_bytes(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1; p=none\xc2\xa0; t=y",
		    "unusable bytes@16+2 policy@12+6"},
		{"v=DMARC1; p=none; x=\x01\x02-\xff",
		    "p=none bytes@20+2 bytes@23+1 unknown@18+6"},
		{"v=DMARC1 \xe2\x80\x8b; p=none",
		    "p=none bytes@9+3 syntax@9+3"},
		/* Blanks and line ends around a value are the tag list's. */
		{"v=DMARC1;\tp=none\r\n;t=y", "p=none t bytes@16+2"},
		{NULL, NULL},
	};
	struct arena *a = arena_new(4096);
	struct record got;

	(void)state;
	check_rows(rows, record_parse);
	record_parse(STR("v=DMARC1; p=none; x=\0"), a, &got);
	check_str(show(&got, a), "p=none bytes@20+1 unknown@18+3");
	arena_free(a);
}

/* RFC 7489 has no np, psd and t: they are unknown tags, and cannot spoil p. */
static void
rfc7489(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1; p=reject; np=none; psd=y; t=y",
		    "p=reject unknown@20+7 unknown@29+5 unknown@36+3"},
		{"v=DMARC1; p=reject; np=bogus", "p=reject unknown@20+8"},
		{"v=DMARC1; p=reject; sp=bogus", "unusable policy@23+5"},
		{NULL, NULL},
	};
	(void)state;
	check_rows(rows, record_parse_rfc7489);
}

static struct str
repeat(const char *head, const char *unit, size_t count, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, str_of(head));
	for (size_t i = 0; i < count; i++)
		text_add(&t, str_of(unit));
	return text_str(&t);
}

static void
check_large(const char *head, const char *unit, size_t count,
    const char *want_end)
{
	struct arena *a = arena_new(1 << 20);
	struct record got;

	record_parse(repeat(head, unit, count, a), a, &got);
	struct str shown = show(&got, a);
	if (!str_has_isuffix(shown, str_of(want_end)))
		check_str(shown, want_end);
	assert_true(got.finding_count <= RECORD_MAX_FINDINGS);
	assert_true(got.rua_count <= RECORD_MAX_URIS);
	arena_free(a);
}

static void
bounds(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct record got;

	(void)state;
	check_large("v=DMARC1; p=none; x=", "y", RECORD_MAX_BYTES - 20,
	    "p=none unknown@18+8174");
	check_large("v=DMARC1; p=none; x=", "y", RECORD_MAX_BYTES - 19,
	    "unusable long@8192+1");
	check_large("v=DMARC1; p=none; x=", ";y", 32000,
	    "unusable long@8192+55828");
	/* 64 segments are read: the version, p, and 62 of these. */
	check_large("v=DMARC1;p=none", ";x", 62, " syntax@138+1");
	check_large("v=DMARC1;p=none", ";x", 64, " tags@139+4");
	check_large("v=DMARC1;p=none;rua=mailto:a@b.c", ",mailto:a@b.c", 63,
	    "p=none uris=64+0");
	check_large("v=DMARC1;p=none;rua=mailto:a@b.c", ",mailto:a@b.c", 64,
	    "p=none uris=64+0 uris@852+12");
	record_parse(repeat("v=DMARC1;p=none;rua=", ",", 8000, a), a, &got);
	assert_int_equal(got.finding_count, RECORD_MAX_FINDINGS);
	assert_int_equal(got.status, RECORD_OK);
	arena_free(a);
}

/* RFC 3986 3, RFC 6068 2, RFC 7489 6.4: one entry of a list. */
static void
uris(void **state)
{
	static const struct {
		const char *entry;
		const char *want; /* NULL: invalid */
		uint64_t max_bytes;
		bool is_mailto;
	} rows[] = {
		{"mailto:a@b.example", "mailto:a@b.example", 0, true},
		{"MailTo:a@B.Example", "MailTo:a@B.Example", 0, true},
		{"mailto:a@b.example!50", "mailto:a@b.example", 50, true},
		{"mailto:a@b.example!1k", "mailto:a@b.example", 1024, true},
		{"mailto:a@b.example!10M", "mailto:a@b.example",
		    UINT64_C(10) << 20, true},
		{"mailto:a@b.example!2g", "mailto:a@b.example",
		    UINT64_C(2) << 30, true},
		{"mailto:a@b.example!3t", "mailto:a@b.example",
		    UINT64_C(3) << 40, true},
		{"mailto:a@b.example!16777215t", "mailto:a@b.example",
		    UINT64_C(16777215) << 40, true},
		{"mailto:a@b.example!16777216t", NULL, 0, false},
		{"mailto:a@b.example!", NULL, 0, false},
		{"mailto:a@b.example!m", NULL, 0, false},
		{"mailto:a@b.example!10x", NULL, 0, false},
		{"mailto:a@b.example!10mm", NULL, 0, false},
		{"mailto:a@b.example!1!2", NULL, 0, false},
		{"mailto:a!b@c.example", NULL, 0, false},
		{"mailto:a%21b%2Cc@d.example", NULL, 0, false},
		{"mailto:a%21b@d.example", "mailto:a%21b@d.example", 0, true},
		{"mailto:%22a%2Cb%22@d.example",
		    "mailto:%22a%2Cb%22@d.example", 0, true},
		{"mailto:a@b.example?subject=x%20y",
		    "mailto:a@b.example?subject=x%20y", 0, true},
		{"mailto:a@xn--bcher-kva.example",
		    "mailto:a@xn--bcher-kva.example", 0, true},
		{"mailto:a%4", NULL, 0, false},
		{"mailto:a%zz@b.example", NULL, 0, false},
		{"mailto:a%0d%0a@b.example", NULL, 0, false},
		{"mailto:%c3%a9@b.example", NULL, 0, false},
		{"mailto:", NULL, 0, false},
		{"mailto:a", NULL, 0, false},
		{"mailto:@b.example", NULL, 0, false},
		{"mailto:a@", NULL, 0, false},
		{"mailto:a@b..example", NULL, 0, false},
		{"mailto:a@[192.0.2.1]", NULL, 0, false},
		{"mailto:a b@c.example", NULL, 0, false},
		{"mailto:<a@b.example>", NULL, 0, false},
		{"mailto:%3Ca@b.example%3E", NULL, 0, false},
		{"mailto:@x:a@b.example", NULL, 0, false},
		{"mailto://a@b.example", NULL, 0, false},
		{"mailto:[email protected]", NULL, 0, false},
		{"a@b.example", NULL, 0, false},
		{"", NULL, 0, false},
		{":a@b.example", NULL, 0, false},
		{"1x:y", NULL, 0, false},
		{"https://b.example/dmarc?x=1",
		    "https://b.example/dmarc?x=1", 0, false},
		{"https:", NULL, 0, false},
		{"https://b.example/<x>", NULL, 0, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(4096);
		struct record_uri got = {.uri = {NULL, 0}};
		struct str entry = check_exact(str_of(rows[i].entry), a);
		if (uri_parse(entry, a, &got) != (rows[i].want != NULL))
			fail_msg("%s", rows[i].entry);
		check_str(got.uri, rows[i].want);
		assert_int_equal(got.max_bytes, rows[i].max_bytes);
		assert_int_equal(got.is_mailto, rows[i].is_mailto);
		arena_free(a);
	}
}

/* RFC 6068 2: what an entry names, as it is written there. */
static void
mailboxes(void **state)
{
	static const struct {
		const char *uri;
		const char *want; /* NULL: none */
	} rows[] = {
		{"mailto:a@b.example", "a@b.example"},
		{"MAILTO:%41@B.example?cc=x@y.example", "A@B.example"},
		{"mailto:a%21%25@b.example.", "a!%@b.example."},
		{"mailto:%22a%20b%22@c.example", "\"a b\"@c.example"},
		{"mailto:a%0A@b.example", NULL},
		{"mailto:a", NULL},
		{"mailto:", NULL},
		{"https://b.example/x", NULL},
		{"a@b.example", NULL},
		{"", NULL},
	};
	struct arena *a = arena_new(4096);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str got;
		struct str uri = check_exact(str_of(rows[i].uri), a);
		bool is_one = uri_mailbox(uri, a, &got);
		assert_int_equal(is_one, rows[i].want != NULL);
		if (is_one)
			check_str(got, rows[i].want);
	}
	arena_free(a);
}

/* What the owner wrote for nothing, for the report's error element. */
static void
problems(void **state)
{
	static const struct row rows[] = {
		{"v=DMARC1; p=reject; x=1; pct=50", ""},
		{"v=DMARC1; p=reject; aspf=x; adkim=y",
		    "x: not r or s; read as r"},
		{"v=DMARC1; p=reject; t=0; psd=k",
		    "0: not y or n; read as n; k: not y, n or u; read as u"},
		{"v=DMARC1; rua=mailto:a@b.example",
		    "no p tag; read as none if there is a valid rua, else the "
		    "record is not used"},
		{"v=DMARC1; p=none; "
		    "0123456789012345678901234567890123456789x",
		    "0123456789012345678901234567890123456789...: not a tag "
		    "of the form name=value; ignored"},
		{"v=spf1", ""},
		{NULL, NULL},
	};
	(void)state;
	for (const struct row *r = rows; r->text != NULL; r++) {
		struct arena *a = arena_new(4096);
		struct record got;
		record_parse(str_of(r->text), a, &got);
		check_str(record_problems(&got, a), r->want);
		arena_free(a);
	}
}

static void
every_finding_has_a_text(void **state)
{
	(void)state;
	for (int i = 0; i < RECORD_FINDINGS; i++)
		assert_non_null(record_finding_text((enum record_finding_id)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version),
		cmocka_unit_test(segments),
		cmocka_unit_test(repeated),
		cmocka_unit_test(policies),
		cmocka_unit_test(options),
		cmocka_unit_test(failure_options),
		cmocka_unit_test(uri_lists),
		cmocka_unit_test(odd_bytes),
		cmocka_unit_test(rfc7489),
		cmocka_unit_test(bounds),
		cmocka_unit_test(uris),
		cmocka_unit_test(mailboxes),
		cmocka_unit_test(problems),
		cmocka_unit_test(every_finding_has_a_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
