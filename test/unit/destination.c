/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/address.h"
#include "report/recipient/destination.h"

#include "base/text.h"
#include "mail/domain.h"
#include "test/lib/check.h"
#include "test/unit/dmarc_fixture.h"

/* The record of the domain that all rows are about, and what a host publishes
 * for it. */
#define ACME(tags) RECORD("acme.example", "p=none; " tags)
#define RUA(uris) ACME("rua=" uris)
#define AGREES(host, text) "acme.example._report._dmarc." host " TXT \"" text \
	"\"\n"
#define YES(host) AGREES(host, "v=DMARC1;")

struct row {
	const char *zone;
	const char *walk; /* NULL: nothing is taken, whatever is said of it */
	const char *psl;  /* NULL: the same */
};

static struct str
show(const struct destinations *d, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	if (d->status == DESTINATIONS_NONE)
		return STR("none");
	if (d->status == DESTINATIONS_TEMPERROR)
		return STR("temperror");
	for (size_t i = 0; i < d->count; i++) {
		const struct destination *at = &d->at[i];
		text_printf(&t, "%s%s ", i > 0 ? ", " : "",
		    table_name(destination_status_names, (int)at->status));
		text_add(&t, str_is_empty(at->address) ? at->uri : at->address);
	}
	return text_str(&t);
}

/* What holds of every result. */
static void
check_whole(const struct destinations *d, struct arena *a)
{
	size_t taken = 0;
	struct str domain;

	assert_int_equal(d->status == DESTINATIONS_FOUND, d->reason.n == 0);
	assert_int_equal(d->status == DESTINATIONS_FOUND, d->count > 0);
	for (size_t i = 0; i < d->count; i++) {
		const struct destination *at = &d->at[i];
		bool is_ok = at->status == DESTINATION_OK;
		assert_int_equal(is_ok, at->reason.n == 0);
		taken += is_ok || at->status == DESTINATION_TEMPERROR;
		if (!is_ok)
			continue;
		assert_true(address_is_plain(at->address, a, &domain));
		assert_true(str_eq(domain, at->domain));
	}
	assert_true(taken <= DESTINATION_MAX);
}

static bool
has_ok(const struct destinations *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->at[i].status == DESTINATION_OK)
			return true;
	return false;
}

static void
find(struct fixture *f, enum discover_method method, enum destination_kind kind,
    const char *domain, struct destinations *out)
{
	struct discover_options o = fixture_options(f, method);

	fixture_message(f);
	destinations_find(f->lookups, &o, kind,
	    check_exact(str_of(domain), f->message), f->message, out);
	check_whole(out, f->message);
	assert_true(lookups_asked(f->lookups, DNS_FOR_POLICY) <=
	    DNS_MAX_POLICY);
}

static void
check_method(const struct row *row, enum discover_method method,
    enum destination_kind kind, const char *domain, const char *want)
{
	struct fixture f;
	struct destinations got;

	fixture_begin(&f, row->zone);
	find(&f, method, kind, domain, &got);
	struct str shown = show(&got, f.message);
	if (want == NULL ? has_ok(&got) : !str_eq(shown, str_of(want)))
		fail_msg("%s\n%s: got \"%.*s\", want \"%s\"", row->zone,
		    table_name(discover_method_names, (int)method),
		    STR_ARG(shown), want != NULL ? want : "no address");
	fixture_end(&f);
}

static void
check_rows(const struct row *rows, size_t count, enum destination_kind kind,
    const char *domain)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		check_method(r, DISCOVER_TREEWALK, kind, domain, r->walk);
		check_method(r, DISCOVER_PSL, kind, domain,
		    r->psl != NULL ? r->psl : r->walk);
	}
}

#define CHECK(rows, kind) \
	check_rows(rows, sizeof rows / sizeof rows[0], kind, "acme.example")

/* The record of today, one question: RFC 9989 4.7, RFC 7489 6.6.3. */
static void
test_record(void **state)
{
	static const struct row rows[] = {
		{RUA("mailto:d@acme.example"), "ok d@acme.example", NULL},
		{"exists acme.example\n", "none", NULL},
		{"exists _dmarc.acme.example\n", "none", NULL},
		{"_dmarc.acme.example TXT \"v=spf1 -all\"\n", "none", NULL},
		{"servfail _dmarc.acme.example\n", "temperror", NULL},
		{"timeout _dmarc.acme.example\n", "temperror", NULL},
		{"malformed _dmarc.acme.example\n", "temperror", NULL},
		{ACME("sp=none"), "none", NULL},
		{RUA(""), "none", NULL},
		/* A record that went, a second one that came. */
		{RUA("mailto:d@acme.example") RUA("mailto:e@acme.example"),
		    "none", NULL},
		{RUA("mailto:d@acme.example")
		    "_dmarc.acme.example TXT \"v=spf1 -all\"\n",
		    "ok d@acme.example", NULL},
		/* Unusable; one that its rua rescues; one of a repeated tag. */
		{"_dmarc.acme.example TXT \"v=DMARC1; p=no; ruf=mailto:"
		    "d@acme.example\"\n", "none", NULL},
		{"_dmarc.acme.example TXT \"v=DMARC1; rua=mailto:"
		    "d@acme.example\"\n", "ok d@acme.example", NULL},
		{RUA("mailto:d@acme.example; rua=mailto:e@acme.example"),
		    "none", NULL},
		/* A record above is not this one's. */
		{RECORD("example", "p=none; rua=mailto:d@example"), "none",
		    NULL},
		/* An alias; a record in pieces. */
		{"_dmarc.acme.example CNAME t.other.example\n"
		    "t.other.example TXT \"v=DMARC1; p=none; rua=mailto:\" "
		    "\"d@acme.example\"\n", "ok d@acme.example", NULL},
		/* Whoever publishes for others still gets counts. */
		{ACME("psd=y; rua=mailto:d@acme.example"), "ok d@acme.example",
		    NULL},
		/* ruf is another list. */
		{ACME("ruf=mailto:f@acme.example"), "none", NULL},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUA);
}

/* RFC 9991 2. */
static void
test_failure_record(void **state)
{
	static const struct row rows[] = {
		{ACME("ruf=mailto:f@acme.example; rua=mailto:d@acme.example"),
		    "ok f@acme.example", NULL},
		{RUA("mailto:d@acme.example"), "none", NULL},
		{ACME("psd=y; ruf=mailto:f@acme.example"), "none", NULL},
		{ACME("psd=n; ruf=mailto:f@acme.example"), "ok f@acme.example",
		    NULL},
		/* RFC 9991 5: consent is that of ruf. */
		{ACME("ruf=mailto:f@agg.example")
		    AGREES("agg.example", "v=DMARC1; rua=mailto:x@agg.example"),
		    "ok f@agg.example", NULL},
		{ACME("ruf=mailto:f@agg.example")
		    AGREES("agg.example", "v=DMARC1; ruf=mailto:x@agg.example"),
		    "replaced f@agg.example, ok x@agg.example", NULL},
	};
	static const struct row suffix[] = {
		{RECORD("co.example", "p=none; ruf=mailto:f@co.example"),
		    "none", "ok f@co.example"},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUF);
	check_rows(suffix, 1, DESTINATION_RUF, "co.example");
}

/* RFC 9990 3.5, RFC 9989 4.8: each in its order, bad ones passed over. */
static void
test_uris(void **state)
{
	static const struct row rows[] = {
		{RUA("mailto:a@acme.example,mailto:b@acme.example"),
		    "ok a@acme.example, ok b@acme.example", NULL},
		{RUA("  mailto:a@acme.example ,  mailto:b@acme.example "),
		    "ok a@acme.example, ok b@acme.example", NULL},
		/* RFC 9989 C.4: a size means nothing any more. */
		{RUA("mailto:a@acme.example!10m,mailto:b@acme.example!1"),
		    "ok a@acme.example, ok b@acme.example", NULL},
		{RUA("mailto:a@acme.example!x"),
		    "malformed mailto:a@acme.example!x", NULL},
		{RUA("https://acme.example/x,mailto:a@acme.example,ftp:y"),
		    "scheme https://acme.example/x, ok a@acme.example, "
		    "scheme ftp:y", NULL},
		{RUA("mailto:,mailto:a@acme.example"),
		    "malformed mailto:, ok a@acme.example", NULL},
		{RUA("mailto:"), "malformed mailto:", NULL},
		{RUA("a@acme.example"), "malformed a@acme.example", NULL},
		{RUA(",,mailto:a@acme.example,,"), "ok a@acme.example", NULL},
		{RUA(","), "none", NULL},
		{RUA("mailto:a@acme.example,mailto:x"),
		    "ok a@acme.example, malformed mailto:x", NULL},
		/* A bad tag's findings are not those of the other. */
		{ACME("ruf=mailto:x; rua=mailto:y,mailto:a@acme.example"),
		    "malformed mailto:y, ok a@acme.example", NULL},
		{ACME("rua=mailto:y,mailto:a@acme.example; ruf=mailto:x"),
		    "malformed mailto:y, ok a@acme.example", NULL},
		/* One form: scheme, domain; the local-part is its owner's. */
		{RUA("MAILTO:Ann@ACME.Example"), "ok Ann@acme.example", NULL},
		{RUA("mailto:a@acme.example."), "ok a@acme.example", NULL},
		{RUA("mailto:a@acme.example?subject=x&to=b@evil.example"),
		    "ok a@acme.example", NULL},
		{RUA("mailto:%61+%62@acme%2eexample"), "ok a+b@acme.example",
		    NULL},
		/* Twice the same. */
		{RUA("mailto:a@acme.example,mailto:a@ACME.example!5k,"
		    "mailto:%61@acme.example,mailto:A@acme.example"),
		    "ok a@acme.example, repeated a@acme.example, "
		    "repeated a@acme.example, ok A@acme.example", NULL},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUA);
}

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define LABELS ".l" X60 ".m" X60 ".n" X60 "."

/* What would mean something else to a program on the way, and what none of
 * them takes (RFC 5321 4.1.2, 4.5.3.1; RFC 5322 3.4.1). */
static void
test_addresses(void **state)
{
	static const struct row rows[] = {
		/* A comma, two addresses, a header line, another field. */
		{RUA("mailto:a,b@acme.example"),
		    "malformed mailto:a, malformed b@acme.example", NULL},
		{RUA("mailto:a@acme.example%2Cb@acme.example"),
		    "malformed mailto:a@acme.example%2Cb@acme.example", NULL},
		{RUA("mailto:a%0D%0ABcc:b@acme.example"),
		    "malformed mailto:a%0D%0ABcc:b@acme.example", NULL},
		{RUA("mailto:a%00@acme.example"),
		    "malformed mailto:a%00@acme.example", NULL},
		{RUA("mailto:a\\000@acme.example"), NULL, NULL},
		{RUA("mailto:a\\013\\010@acme.example"), NULL, NULL},
		{RUA("mailto:a\\127@acme.example"), NULL, NULL},
		{RUA("mailto:\xc3\xbc@acme.example"), NULL, NULL},
		{RUA("mailto:%C3%BC@acme.example"), NULL, NULL},
		{RUA("mailto:a@b\xc3\xbc.example"), NULL, NULL},
		{RUA("mailto:\\255\\255@acme.example"), NULL, NULL},
		{RUA("mailto:a%2@acme.example"), NULL, NULL},
		{RUA("mailto:a%zz@acme.example"), NULL, NULL},
		/* Routes and brackets, old and older. */
		{RUA("mailto:@other.example:a@acme.example"), NULL, NULL},
		{RUA("mailto:%40other.example:a@acme.example"), NULL, NULL},
		{RUA("mailto:%3Ca@acme.example%3E"), NULL, NULL},
		{RUA("mailto:a%25other.example@acme.example"), "address "
		    "mailto:a%25other.example@acme.example", NULL},
		{RUA("mailto:other.example%21a@acme.example"), "address "
		    "mailto:other.example%21a@acme.example", NULL},
		{RUA("mailto:a@other.example@acme.example"), NULL, NULL},
		/* Quotes, comments, blanks: an address, but not for us. */
		{RUA("mailto:%22a b%22@acme.example"), NULL, NULL},
		{RUA("mailto:%22a%20b%22@acme.example"),
		    "address mailto:%22a%20b%22@acme.example", NULL},
		{RUA("mailto:%22a%22@acme.example"),
		    "address mailto:%22a%22@acme.example", NULL},
		{RUA("mailto:%22a@b%22@acme.example"),
		    "address mailto:%22a@b%22@acme.example", NULL},
		{RUA("mailto:a(b)@acme.example"),
		    "address mailto:a(b)@acme.example", NULL},
		{RUA("mailto:a@acme.example(c)"),
		    "address mailto:a@acme.example(c)", NULL},
		{RUA("mailto:a%20@acme.example"),
		    "address mailto:a%20@acme.example", NULL},
		{RUA("mailto:a..b@acme.example"),
		    "address mailto:a..b@acme.example", NULL},
		{RUA("mailto:.a@acme.example"),
		    "address mailto:.a@acme.example", NULL},
		/* An option of a command. */
		{RUA("mailto:-oQ/tmp@acme.example"), NULL, NULL},
		{RUA("mailto:-C@acme.example"),
		    "address mailto:-C@acme.example", NULL},
		/* No name behind the "@". */
		{RUA("mailto:a@192.0.2.1"), NULL, NULL},
		{RUA("mailto:a@[192.0.2.1]"), NULL, NULL},
		{RUA("mailto:a@"), "malformed mailto:a@", NULL},
		{RUA("mailto:@acme.example"), "malformed mailto:@acme.example",
		    NULL},
		{RUA("mailto:a@acme..example"), NULL, NULL},
		/* RFC 5321 4.5.3.1: 64 before the "@", 254 in all. */
		{RUA("mailto:abcd" X60 "@acme.example"),
		    "ok abcd" X60 "@acme.example", NULL},
		{RUA("mailto:abcde" X60 "@acme.example"),
		    "address mailto:abcde" X60 "@acme.example", NULL},
		{RUA("mailto:abc" X60 "@h" LABELS "acme.example"),
		    "address mailto:abc" X60 "@h" LABELS "acme.example", NULL},
		{RUA("mailto:a@" X60 "abcd.example"), NULL, NULL},
		/* Names of one label are names, and have not agreed. */
		{RUA("mailto:root@localhost"), "no-consent root@localhost",
		    NULL},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUA);
}

/* RFC 9990 4, steps 1 to 8. */
static void
test_consent(void **state)
{
#define AGG RUA("mailto:a@agg.example")
	static const struct row rows[] = {
		{AGG, "no-consent a@agg.example", NULL},
		{AGG YES("agg.example"), "ok a@agg.example", NULL},
		/* The version test: the semicolon may be missing (erratum 5440
		 * of RFC 7489 has it otherwise), blanks may stand. */
		{AGG AGREES("agg.example", "v=DMARC1"), "ok a@agg.example",
		    NULL},
		{AGG AGREES("agg.example", " v = DMARC1 ; p=none"),
		    "ok a@agg.example", NULL},
		{AGG AGREES("agg.example", "v=DMARC1; p=nonsense; x"),
		    "ok a@agg.example", NULL},
		{AGG AGREES("agg.example", "v=DMARC10"),
		    "no-consent a@agg.example", NULL},
		{AGG AGREES("agg.example", "v=dmarc1;"),
		    "no-consent a@agg.example", NULL},
		{AGG AGREES("agg.example", "p=none; v=DMARC1"),
		    "no-consent a@agg.example", NULL},
		{AGG AGREES("agg.example", ""), "no-consent a@agg.example",
		    NULL},
		{AGG AGREES("agg.example", "v=spf1 -all"),
		    "no-consent a@agg.example", NULL},
		/* Several records; others beside one. */
		{AGG YES("agg.example") YES("agg.example"),
		    "ok a@agg.example", NULL},
		{AGG YES("agg.example") AGREES("agg.example", "v=spf1 -all"),
		    "ok a@agg.example", NULL},
		/* A wildcard, one that covers others, an alias. */
		{AGG "*._report._dmarc.agg.example TXT \"v=DMARC1\"\n",
		    "ok a@agg.example", NULL},
		{AGG "*.example._report._dmarc.agg.example TXT \"v=DMARC1\"\n",
		    "ok a@agg.example", NULL},
		{AGG "*.test._report._dmarc.agg.example TXT \"v=DMARC1\"\n",
		    "no-consent a@agg.example", NULL},
		{AGG "acme.example._report._dmarc.agg.example CNAME "
		    "t.other.example\nt.other.example TXT \"v=DMARC1\"\n",
		    "ok a@agg.example", NULL},
		/* Not here: another's, a record of policy. */
		{AGG YES("other.example"), "no-consent a@agg.example", NULL},
		{AGG RECORD("agg.example", "p=none"),
		    "no-consent a@agg.example", NULL},
		{AGG "_report._dmarc.agg.example TXT \"v=DMARC1\"\n",
		    "no-consent a@agg.example", NULL},
		{AGG "exists acme.example._report._dmarc.agg.example\n",
		    "no-consent a@agg.example", NULL},
		/* Nothing is known: never a yes. */
		{AGG "servfail acme.example._report._dmarc.agg.example\n",
		    "temperror a@agg.example", NULL},
		{AGG "timeout acme.example._report._dmarc.agg.example\n",
		    "temperror a@agg.example", NULL},
		{AGG "malformed acme.example._report._dmarc.agg.example\n",
		    "temperror a@agg.example", NULL},
		/* The host is the name behind the "@", as A-labels. */
		{RUA("mailto:a@AGG.Example") YES("agg.example"),
		    "ok a@agg.example", NULL},
		{RUA("mailto:a@sub.agg.example") YES("agg.example"),
		    "no-consent a@sub.agg.example", NULL},
		{RUA("mailto:a@sub.agg.example") YES("sub.agg.example"),
		    "ok a@sub.agg.example", NULL},
		{RUA("mailto:a@xn--bcher-kva.example")
		    YES("xn--bcher-kva.example"),
		    "ok a@xn--bcher-kva.example", NULL},
		/* One host's word is not another's. */
		{RUA("mailto:a@agg.example,mailto:b@two.example,"
		    "mailto:c@acme.example,mailto:d@agg.example")
		    YES("agg.example"),
		    "ok a@agg.example, no-consent b@two.example, "
		    "ok c@acme.example, ok d@agg.example", NULL},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUA);
}

/* RFC 9990 4 step 9. */
static void
test_override(void **state)
{
#define NAMES(uris) AGG AGREES("agg.example", "v=DMARC1; rua=" uris)
	static const struct row rows[] = {
		{NAMES("mailto:x@agg.example"),
		    "replaced a@agg.example, ok x@agg.example", NULL},
		{NAMES("mailto:x@agg.example!10m"),
		    "replaced a@agg.example, ok x@agg.example", NULL},
		{NAMES("mailto:x@AGG.example,mailto:y@agg.example"),
		    "replaced a@agg.example, ok x@agg.example, "
		    "ok y@agg.example", NULL},
		{NAMES("mailto:x@agg.example")
		    AGREES("agg.example", "v=DMARC1; rua=mailto:y@agg.example"),
		    "replaced a@agg.example, ok x@agg.example, "
		    "ok y@agg.example", NULL},
		{NAMES("mailto:x@agg.example") YES("agg.example"),
		    "replaced a@agg.example, ok x@agg.example", NULL},
		/* The address itself may be among them. */
		{NAMES("mailto:a@agg.example"), "ok a@agg.example", NULL},
		{NAMES("mailto:x@agg.example,mailto:a@agg.example"),
		    "ok a@agg.example, ok x@agg.example", NULL},
		/* Another host: neither. A host below is another. */
		{NAMES("mailto:x@victim.example"), "foreign a@agg.example",
		    NULL},
		{NAMES("mailto:x@sub.agg.example"), "foreign a@agg.example",
		    NULL},
		{NAMES("mailto:x@acme.example"), "foreign a@agg.example",
		    NULL},
		{NAMES("https://agg.example/x"), "foreign a@agg.example", NULL},
		{NAMES("mailto:x@victim.example") YES("agg.example"),
		    "foreign a@agg.example", NULL},
		{NAMES("mailto:x@victim.example,mailto:y@agg.example"),
		    "replaced a@agg.example, ok y@agg.example", NULL},
		/* No second level, even where it would agree. */
		{NAMES("mailto:x@two.example") YES("two.example")
		    "agg.example._report._dmarc.two.example TXT "
		    "\"v=DMARC1\"\n", "foreign a@agg.example", NULL},
		/* What cannot be read says nothing; what cannot be written to
		 * still takes the first one's place. */
		{NAMES(""), "ok a@agg.example", NULL},
		{NAMES("mailto:"), "ok a@agg.example", NULL},
		{NAMES("mailto:-x@agg.example"), "replaced a@agg.example, "
		    "address mailto:-x@agg.example", NULL},
		/* ruf is for failure reports. */
		{AGG AGREES("agg.example", "v=DMARC1; ruf=mailto:x@agg.example"),
		    "ok a@agg.example", NULL},
		/* Once for all of a host, and not twice. */
		{RUA("mailto:a@agg.example,mailto:b@agg.example")
		    AGREES("agg.example", "v=DMARC1; rua=mailto:x@agg.example"),
		    "replaced a@agg.example, ok x@agg.example, "
		    "replaced b@agg.example", NULL},
		{RUA("mailto:a@agg.example,mailto:b@agg.example")
		    AGREES("agg.example", "v=DMARC1; rua=mailto:-x@agg.example"),
		    "replaced a@agg.example, address mailto:-x@agg.example, "
		    "replaced b@agg.example", NULL},
		{RUA("mailto:a@agg.example,mailto:x@agg.example")
		    AGREES("agg.example", "v=DMARC1; rua=mailto:x@agg.example"),
		    "replaced a@agg.example, ok x@agg.example, "
		    "repeated x@agg.example", NULL},
		/* Within an organization nobody is asked. */
		{RUA("mailto:a@acme.example")
		    AGREES("acme.example", "v=DMARC1; rua=mailto:x@acme.example"),
		    "ok a@acme.example", NULL},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUA);
}

/* Which hosts are of one organization: erratum 6439 of RFC 7489, RFC 9989
 * 4.10.2. */
static void
test_organization(void **state)
{
#define MAIL RUA("mailto:a@mail.acme.example")
	static const struct row rows[] = {
		{MAIL, "ok a@mail.acme.example", NULL},
		{MAIL RECORD("mail.acme.example", "p=none"),
		    "ok a@mail.acme.example", NULL},
		/* The walk sees other organizations than the list. */
		{MAIL RECORD("mail.acme.example", "p=none; psd=n"),
		    "no-consent a@mail.acme.example",
		    "ok a@mail.acme.example"},
		{ACME("psd=y; rua=mailto:a@mail.acme.example"),
		    "no-consent a@mail.acme.example",
		    "ok a@mail.acme.example"},
		/* The guard: a record at a suffix unites nobody. */
		{AGG RECORD("example", "p=none"), "no-consent a@agg.example",
		    NULL},
		/* A name that ends alike is no relative. */
		{RUA("mailto:a@evilacme.example"),
		    "no-consent a@evilacme.example", NULL},
		{RUA("mailto:a@acme.example.evil.example"),
		    "no-consent a@acme.example.evil.example", NULL},
		/* The organization of one is not known. */
		{MAIL "servfail _dmarc.mail.acme.example\n",
		    "temperror a@mail.acme.example", "ok a@mail.acme.example"},
		{AGG YES("agg.example") "timeout _dmarc.agg.example\n",
		    "temperror a@agg.example", "ok a@agg.example"},
		{AGG YES("agg.example") "servfail _dmarc.example\n",
		    "temperror a@agg.example", "ok a@agg.example"},
		/* That of the policy domain itself need not be. */
		{RUA("mailto:a@acme.example") "servfail _dmarc.example\n",
		    "ok a@acme.example", NULL},
	};
	static const struct row below[] = {
		{RECORD("news.acme.example", "p=none; rua=mailto:a@acme.example")
		    RECORD("acme.example", "p=none"), "ok a@acme.example",
		    NULL},
		{RECORD("news.acme.example", "p=none; rua=mailto:a@agg.example")
		    "acme.example._report._dmarc.agg.example TXT "
		    "\"v=DMARC1\"\n", "no-consent a@agg.example", NULL},
		{RECORD("news.acme.example", "p=none; rua=mailto:a@agg.example")
		    "news.acme.example._report._dmarc.agg.example TXT "
		    "\"v=DMARC1\"\n", "ok a@agg.example", NULL},
	};
	static const struct row suffix[] = {
		/* Two public suffixes have no organization in common, though
		 * neither has one; a suffix is itself. */
		{RECORD("bank.example", "p=none; psd=y; "
		    "rua=mailto:a@co.example,mailto:b@bank.example,"
		    "mailto:c@giant.bank.example"),
		    "no-consent a@co.example, ok b@bank.example, "
		    "no-consent c@giant.bank.example", NULL},
	};
	(void)state;
	CHECK(rows, DESTINATION_RUA);
	check_rows(below, sizeof below / sizeof below[0], DESTINATION_RUA,
	    "news.acme.example");
	check_rows(suffix, 1, DESTINATION_RUA, "bank.example");
}

/* A name of `n` characters. */
static struct str
name_of(size_t n, struct arena *a)
{
	static const char end[] = ".agg.example";
	char *p = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = i % 50 == 49 ? '.' : 'x';
	memcpy(p + n - sizeof end + 1, end, sizeof end - 1);
	return (struct str) {p, n};
}

/* RFC 9990 4 step 4: the name of the consent has 253 characters, or more. */
static void
test_long_name(void **state)
{
	static const struct {
		size_t host;
		const char *want;
	} rows[] = {{225, "no-consent"}, {226, "long-name"}};
	struct arena *a = arena_new(SIZE_MAX);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct str host = name_of(rows[i].host, a);
		struct row row = {
			str_cstr(text_format(a, RUA("mailto:a@%.*s"),
			    STR_ARG(host)), a),
			str_cstr(text_format(a, "%s a@%.*s", rows[i].want,
			    STR_ARG(host)), a), NULL};
		check_rows(&row, 1, DESTINATION_RUA, "acme.example");
	}
	arena_free(a);
}

/* A policy domain is outside text as well: OpenDMARC's files may have any. */
static void
test_policy_domain(void **state)
{
	static const struct {
		const char *domain, *want;
	} rows[] = {
		{"acme.example", "ok d@acme.example"},
		{"ACME.example.", "ok d@acme.example"},
		{"", "none"},
		{"acme.example\n.x", "none"},
		{"acme..example", "none"},
		{"192.0.2.1", "none"},
		{X60 "xxxx.example", "none"},
		{"other.example", "none"},
	};
	static const struct row zone = {RUA("mailto:d@acme.example"), NULL,
	    NULL};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_method(&zone, DISCOVER_TREEWALK, DESTINATION_RUA,
		    rows[i].domain, rows[i].want);
		check_method(&zone, DISCOVER_PSL, DESTINATION_RUA,
		    rows[i].domain, rows[i].want);
	}
}

/* ---- limits ------------------------------------------------------------- */

/* A record whose rua has `count` addresses, the i-th by the format. */
static void
add_record(struct text *t, const char *name, unsigned count,
    void (*add)(struct text *t, unsigned i))
{
	text_printf(t, "%s TXT \"v=DMARC1; p=none; rua=\"", name);
	for (unsigned i = 0; i < count; i++) {
		text_add(t, i > 0 ? STR(" \",mailto:") : STR(" \"mailto:"));
		add(t, i);
		text_add_char(t, '"');
	}
	text_add_char(t, '\n');
}

static void
add_local(struct text *t, unsigned i)
{
	text_printf(t, "a%u@acme.example", i);
}

static void
add_at_agg(struct text *t, unsigned i)
{
	text_printf(t, "a%u@agg.example", i);
}

static void
add_host(struct text *t, unsigned i)
{
	text_printf(t, "a@b.c.d.e.f.g.h%u.example", i);
}

static size_t
count_of(const struct destinations *d, enum destination_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		n += d->at[i].status == status;
	return n;
}

struct counts {
	size_t ok, temperror, no_consent, limit;
};

static void
check_counts(const struct text *zone, struct counts want)
{
	for (int m = DISCOVER_TREEWALK; m <= DISCOVER_PSL; m++) {
		struct fixture f;
		struct destinations got;
		fixture_begin(&f, text_cstr(zone));
		find(&f, (enum discover_method)m, DESTINATION_RUA,
		    "acme.example", &got);
		assert_int_equal(count_of(&got, DESTINATION_OK), want.ok);
		assert_int_equal(count_of(&got, DESTINATION_TEMPERROR),
		    want.temperror);
		assert_int_equal(count_of(&got, DESTINATION_NO_CONSENT),
		    want.no_consent);
		assert_int_equal(count_of(&got, DESTINATION_LIMIT),
		    want.limit);
		fixture_end(&f);
	}
}

static void
test_limits(void **state)
{
	static const struct {
		void (*add)(struct text *t, unsigned i);
		unsigned uris;
		const char *more; /* of the zone */
		struct counts want;
	} rows[] = {
		{add_local, 10, "", {10, 0, 0, 0}},
		{add_local, 12, "", {10, 0, 0, 2}},
		{add_local, 300, "", {10, 0, 0, 54}},
		{add_at_agg, 12, YES("agg.example"), {10, 0, 0, 2}},
		{add_at_agg, 12, "servfail acme.example._report._dmarc."
		    "agg.example\n", {0, 10, 0, 2}},
		{add_at_agg, 300, "", {0, 0, 64, 0}},
		/* Those that are refused leave room for others; each host costs
		 * questions. */
		{add_host, 20, YES("b.c.d.e.f.g.h19.example"), {1, 0, 19, 0}},
		{add_host, 21, YES("b.c.d.e.f.g.h20.example"), {0, 0, 20, 1}},
		{add_host, 200, "", {0, 0, 20, 44}},
		{add_host, 20, "*.example TXT \"v=DMARC1\"\n", {10, 0, 0, 10}},
		{add_host, 20, "servfail *.example\n", {0, 10, 0, 10}},
	};
	struct arena *a = arena_new(SIZE_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text zone;
		text_init(&zone, a);
		add_record(&zone, "_dmarc.acme.example", rows[i].uris,
		    rows[i].add);
		text_add(&zone, str_of(rows[i].more));
		check_counts(&zone, rows[i].want);
	}
	arena_free(a);
}

/* A host may name as many in place of one, and publish as many records. */
static void
test_many_overrides(void **state)
{
	static const char name[] = "acme.example._report._dmarc.agg.example";
	struct arena *a = arena_new(SIZE_MAX);
	struct text zone;

	(void)state;
	text_init(&zone, a);
	text_add(&zone, STR(AGG));
	for (unsigned i = 0; i < 20; i++)
		add_record(&zone, name, 70, add_at_agg);
	check_counts(&zone, (struct counts) {10, 0, 0, 54});
	text_add(&zone, text_format(a, "%s TXT \"v=DMARC1; p=none; x=\"", name));
	for (unsigned i = 0; i < 33; i++)
		text_printf(&zone, " \"%0250u\"", 0);
	text_add(&zone, STR("\n"));
	check_counts(&zone, (struct counts) {0, 0, 1, 0}); /* over 8192 bytes */
	arena_free(a);
}

/* ---- words -------------------------------------------------------------- */

/* For people: which name was asked, and what came. */
static void
test_reasons(void **state)
{
#define NAME "acme.example._report._dmarc.agg.example"
	static const struct {
		const char *zone, *want;
	} rows[] = {
		{"", "_dmarc.acme.example was asked for a record: no such name"},
		{"servfail _dmarc.acme.example\n", "_dmarc.acme.example was "
		    "asked for a record: the name servers failed"},
		{RUA("mailto:a@x.example") RUA("mailto:a@x.example"),
		    "2 DMARC records at _dmarc.acme.example, where there must "
		    "be one"},
		{"_dmarc.acme.example TXT \"\"\n", "0 DMARC records at "
		    "_dmarc.acme.example, where there must be one"},
		{ACME("sp=none"), "the record at _dmarc.acme.example has no "
		    "rua"},
		{AGG, NAME " was asked for a record: no such name"},
		{AGG "timeout " NAME "\n", NAME " was asked for a record: no "
		    "answer in time"},
		{AGG AGREES("agg.example", "x"), "none of the TXT records at "
		    NAME " is a DMARC record"},
		{AGG YES("agg.example") "servfail _dmarc.agg.example\n",
		    "whether agg.example and acme.example are of one "
		    "organization is not known: a question of the walk from "
		    "_dmarc.agg.example failed"},
		{NAMES("mailto:a@victim.example"), "the record at " NAME
		    " names other addresses, and none of them at agg.example"},
		{NAMES("mailto:b@agg.example"), "the record at " NAME
		    " names other addresses in its place"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture f;
		struct destinations got;
		fixture_begin(&f, rows[i].zone);
		find(&f, DISCOVER_TREEWALK, DESTINATION_RUA, "acme.example",
		    &got);
		check_str(got.status == DESTINATIONS_FOUND ? got.at[0].reason :
		    got.reason, rows[i].want);
		fixture_end(&f);
	}
}

/* What is asked, and that nobody is asked in vain. */
static void
test_questions(void **state)
{
	static const struct {
		const char *zone;
		unsigned walk, psl;
	} rows[] = {
		{"", 1, 1},
		{RUA("mailto:a@acme.example"), 1, 1},
		{RUA("mailto:a@mail.acme.example"), 4, 1},
		{AGG, 4, 2},
		{RUA("mailto:a@agg.example,mailto:b@agg.example"), 4, 2},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int m = DISCOVER_TREEWALK; m <= DISCOVER_PSL; m++) {
			struct fixture f;
			struct destinations got;
			fixture_begin(&f, rows[i].zone);
			find(&f, (enum discover_method)m, DESTINATION_RUA,
			    "acme.example", &got);
			assert_int_equal(
			    lookups_asked(f.lookups, DNS_FOR_POLICY),
			    m == DISCOVER_PSL ? rows[i].psl : rows[i].walk);
			fixture_end(&f);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_failure_record),
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_consent),
		cmocka_unit_test(test_override),
		cmocka_unit_test(test_organization),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_policy_domain),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many_overrides),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_questions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
