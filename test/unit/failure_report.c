/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "judge/failure.h"
#include "judge/plan.h"
#include "report/failure/failure_redact.h"
#include "report/failure/failure_report.h"

#define MAX_GOLDEN (1u << 20)
#define KEY "0123456789abcdef0123456789abcdef"

/* What HMAC-SHA-256 under that key makes of local-parts; made by another
 * program. */
#define ANN "B9tbS7pf71PHY_GpyxroLP"
#define BOB "ZDzfyDNktyxSSOwtRefNWM"
#define BOSS "C8brhVrTXTHJU22fA7FpJA"

static int
setup(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* A file beside the sources. */
static const char *
beside(const char *folder, const char *name, struct arena *a)
{
	const char *top = getenv("srcdir");
	return text_format(a, "%s/%s/%s", top != NULL ? top : ".", folder,
	    name).p;
}

/* A seed of test/fuzz/failure.c, read. */
static struct failure_file *
specimen(const char *name, struct arena *a)
{
	struct failure_file *f = ARENA_NEW(a, struct failure_file);
	struct str bytes, reason;
	if (!file_read(beside("test/fuzz/failure.in", name, a), MAX_GOLDEN, a,
		&bytes, &reason) ||
	    !failure_file_parse(check_exact(bytes, a), a, f, &reason))
		fail_msg("%s: %.*s", name, STR_ARG(reason));
	return f;
}

static struct redactor *
redactor_of(const struct failure_file *f, bool is_sender_hidden,
    bool is_message_id_hidden, struct arena *a)
{
	const struct redact_options o = {
		.key = KEY,
		.recipients = f->head.recipients,
		.recipient_count = f->head.recipient_count,
		.reported = STR("acme.example"),
		.is_sender_hidden = is_sender_hidden,
		.is_message_id_hidden = is_message_id_hidden,
	};
	return redact_new(&o, f->header, f->line.mail_from, a);
}

static struct failure_report
report_of(const struct failure_file *f, struct arena *a)
{
	return (struct failure_report) {
		.fields = {.file = f, .incidents = 1,
		    .submitter = STR("rcv.example"),
		    .redactor = redactor_of(f, false, false, a)},
		.from = STR("noreply@rcv.example"),
		.to = STR("ruf@acme.example"),
		.org_name = STR("Receiver & S\xc3\xb6hne"),
		.email = STR("people@rcv.example"),
		.date = 1795219203,
		.id = STR("k3v9q0123456789abcdef0123456789a"),
	};
}

/* ---- whole messages -------------------------------------------------------- */

/* The version is not the test's. */
static struct str
without_version(struct str s, struct arena *a)
{
	struct str word = STR("aplomb/" APLOMB_VERSION);
	const char *at = memmem(s.p, s.n, word.p, word.n);
	struct text t;
	assert_non_null(at);
	text_init(&t, a);
	text_add(&t, str_sub(s, 0, (size_t)(at - s.p)));
	text_add(&t, STR("aplomb/VERSION"));
	text_add(&t, str_sub(s, (size_t)(at - s.p) + word.n, s.n));
	return text_str(&t);
}

/* With UPDATE_GOLDEN in the environment the files are made, to be looked at. */
static void
check_golden(const char *name, struct str got, struct arena *a)
{
	const char *path = beside("test/report/golden", name, a);
	struct str want, reason;
	got = without_version(got, a);
	if (getenv("UPDATE_GOLDEN") != NULL && !file_replace(path, got, 0644))
		fail_msg("%s cannot be written", path);
	if (!file_read(path, MAX_GOLDEN, a, &want, &reason))
		fail_msg("%.*s", STR_ARG(reason));
	if (!str_eq(got, want))
		print_error("%s:\n", path);
	check_str(got, str_cstr(want, a));
}

static void
test_golden(void **state)
{
	struct arena *a = *state;
	struct failure_report r = report_of(specimen("good", a), a);
	check_golden("failure-dmarc.eml", failure_report_print(&r, a), a);
	r = report_of(specimen("dkim", a), a);
	check_golden("failure-dkim.eml", failure_report_print(&r, a), a);
	r = report_of(specimen("spf-v6", a), a);
	check_golden("failure-spf.eml", failure_report_print(&r, a), a);
	r = report_of(specimen("odd-bytes", a), a);
	check_golden("failure-odd-bytes.eml", failure_report_print(&r, a), a);
	struct failure_file *f = specimen("good", a);
	f->head.is_cut = true;
	r = report_of(f, a);
	r.fields.incidents = 12;
	r.fields.has_recipients = true;
	r.fields.redactor = redactor_of(f, true, true, a);
	check_golden("failure-hidden.eml", failure_report_print(&r, a), a);
}

/* ---- fields ---------------------------------------------------------------- */

static struct str
fields_of(const struct failure_file *f, struct arena *a)
{
	struct failure_report r = report_of(f, a);
	struct text t;
	text_init(&t, a);
	failure_fields_print(&r.fields, &t);
	return text_str(&t);
}

/* The lines of a field, "" if it is not there. */
static struct str
field(struct str fields, const char *name)
{
	struct str all = fields;
	for (size_t n = strlen(name); fields.n > 0;) {
		size_t at = all.n - fields.n;
		struct str line = str_cut(&fields, '\n');
		if (!str_has_prefix(line, str_of(name)) || line.p[n] != ':')
			continue;
		while (fields.n > 0 && fields.p[0] == ' ')
			str_cut(&fields, '\n');
		return str_sub(all, at + n + 2, all.n - fields.n - at - n - 4);
	}
	return STR("");
}

static void
test_results(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	struct history_author *author = &f->line.authors[0];
	static const struct {
		int spf, dkim;
		const char *want;
	} rows[] = {{1, 1, "dkim,spf"}, {0, 1, "dkim"}, {1, 0, "spf"},
	    {0, 0, "none"}};
	for (size_t i = 0; i < 4; i++) {
		author->spf = rows[i].spf;
		author->dkim = rows[i].dkim;
		check_str(field(fields_of(f, a), "Identity-Alignment"),
		    rows[i].want);
	}
	author->dmarc = VERDICT_PASS;
	check_str(field(fields_of(f, a), "Authentication-Results"),
	    "rcv.example; dmarc=pass header.from=acme.example");
	f->head.authserv_id = STR("");
	check_str(field(fields_of(f, a), "Authentication-Results"),
	    "rcv.example; dmarc=pass header.from=acme.example");
	static const struct {
		int action, disposition;
		const char *want;
	} deliveries[] = {
		{PLAN_ACCEPT, DISPOSITION_NONE, "delivered"},
		{PLAN_ACCEPT, DISPOSITION_QUARANTINE, "spam"},
		{PLAN_HOLD, DISPOSITION_QUARANTINE, "policy"},
		{PLAN_REJECT, DISPOSITION_REJECT, "reject"},
		{PLAN_TEMPFAIL, DISPOSITION_TEMPFAIL, "other"},
	};
	for (size_t i = 0; i < 5; i++) {
		f->line.action = deliveries[i].action;
		f->line.disposition = deliveries[i].disposition;
		check_str(field(fields_of(f, a), "Delivery-Result"),
		    deliveries[i].want);
	}
}

/* RFC 5321 4.1.3, RFC 6692 3. */
static void
test_source(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	check_str(field(fields_of(f, a), "Source-IP"), "192.0.2.7");
	check_str(field(fields_of(f, a), "Source-Port"), "4711");
	f->line.source_ip = STR("2001:db8::1");
	f->head.source_port = 0;
	check_str(field(fields_of(f, a), "Source-IP"), "IPv6:2001:db8::1");
	check_str(field(fields_of(f, a), "Source-Port"), "");
	check_str(field(fields_of(f, a), "Arrival-Date"),
	    "Sat, 21 Nov 2026 00:00:01 +0000");
}

/* RFC 9991 4: of an aligned identifier that failed alone. */
static void
test_identifiers(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	struct history_author *author = &f->line.authors[0];
	check_str(field(fields_of(f, a), "DKIM-Domain"), "acme.example");
	check_str(field(fields_of(f, a), "DKIM-Identity"), "@acme.example");
	check_str(field(fields_of(f, a), "DKIM-Selector"), "s1");
	f->line.dkim[0].identity = STR("");
	check_str(field(fields_of(f, a), "DKIM-Identity"), "@acme.example");
	author->published.aspf = 1;
	check_str(field(fields_of(f, a), "SPF-DNS"), "");
	author->published.aspf = 0;
	f->line.spf.result = SPF_PASS;
	check_str(field(fields_of(f, a), "SPF-DNS"), "");
	f->line.spf.result = SPF_NONE;
	check_str(field(fields_of(f, a), "SPF-DNS"),
	    "txt : bounce.acme.example : \"v=spf1 include:\\\"x\\\" \\\\ "
	    "-all\"");
	f->line.dkim[0].domain = STR("esp.example");
	check_str(field(fields_of(f, a), "DKIM-Domain"), "");
	f->type = FAILURE_DKIM;
	check_str(field(fields_of(f, a), "DKIM-Domain"), "esp.example");
	check_str(field(fields_of(f, a), "Auth-Failure"), "bodyhash");
	f->head.faults[0] = SIGNATURE_FAULT_REVOKED;
	check_str(field(fields_of(f, a), "Auth-Failure"), "revoked");
	f->head.faults[0] = SIGNATURE_FAULT_NONE;
	check_str(field(fields_of(f, a), "Auth-Failure"), "signature");
	check_str(field(fields_of(f, a), "Identity-Alignment"), "");
	f->type = FAILURE_SPF;
	check_str(field(fields_of(f, a), "Auth-Failure"), "spf");
	check_str(field(fields_of(f, a), "DKIM-Domain"), "");
}

static void
test_folding(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	f->head.sources[0].text = STR("v=spf1 include:_spf.one.example "
	    "include:_spf.two.example ip4:192.0.2.0/24 \"odd\" -all");
	check_str(field(fields_of(f, a), "SPF-DNS"), "txt : "
	    "bounce.acme.example : \"v=spf1 include:_spf.one.example\r\n "
	    "include:_spf.two.example ip4:192.0.2.0/24 \\\"odd\\\" -all\"");
	struct text t;
	text_init(&t, a);
	failure_fields_add(&t, "X", STR(" a\r\n\tb\nc\r\n \xe9\x01\r "));
	check_str(text_str(&t), "X: a b c ??\r\n");
	/* A word that fits on no line. */
	char *word = arena_zalloc(a, 2000);
	memset(word, 'x', 2000);
	text_init(&t, a);
	failure_fields_add(&t, "X", (struct str) {word, 2000});
	struct str lines = text_str(&t);
	size_t letters = 0;
	while (lines.n > 0) {
		struct str line = str_cut(&lines, '\n');
		assert_true(line.n < 998);
		for (size_t i = 0; i < line.n; i++)
			letters += line.p[i] == 'x';
	}
	assert_int_equal(letters, 2000);
	/* No line of blanks alone. */
	text_init(&t, a);
	failure_fields_add(&t, "X", text_format(a, "a%200sb", ""));
	lines = text_str(&t);
	while (lines.n > 0)
		assert_true(str_trim(str_cut(&lines, '\n')).n > 0);
}

static void
test_subject(void **state)
{
	struct arena *a = *state;
	static const struct {
		const char *header, *want;
	} rows[] = {
		{"Subject: Invoice 7\r\n", "FW: Invoice 7"},
		{"From: x\r\n", "FW: (a message from acme.example)"},
		{"Subject:\r\n", "FW: (a message from acme.example)"},
		{"Subject: \xc3\xa9t\xe9\r\n", "FW: ??t?"},
		{"subject: one\r\n two\rBcc: x\r\n", "FW: one two Bcc: x"},
		{"Subject: =?utf-8?Q?=C3=A9t=C3=A9?=\r\n",
		    "FW: =?utf-8?Q?=C3=A9t=C3=A9?="},
		{"Subject: for ann@rcv.example\r\n",
		    "FW: for " ANN "@rcv.example"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct failure_file *f = specimen("good", a);
		f->header = str_of(rows[i].header);
		struct failure_report r = report_of(f, a);
		check_str(field(failure_report_print(&r, a), "Subject"),
		    rows[i].want);
	}
}

/* A sender that guesses the boundary gets another. */
static void
test_boundary(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	f->header = STR("X: y\r\n--=_k3v9q0123456789abcdef0123456789a.0--\r\n"
	    "=_k3v9q0123456789abcdef0123456789a.1: x\r\n");
	struct failure_report r = report_of(f, a);
	struct str got = failure_report_print(&r, a);
	assert_non_null(strstr(got.p, "boundary=\"=_k3v9q0123456789"
	    "abcdef0123456789a.2\""));
}

/* ---- redaction ------------------------------------------------------------- */

static const struct {
	const char *what, *in, *want;
} redactions[] = {
	{"names go", "To: \"Ann A.\" <ann@rcv.example>\r\n",
	    "To: " ANN "@rcv.example\r\n"},
	{"several", "Cc: ann@rcv.example,\r\n Bob <bob@rcv.example>\r\n",
	    "Cc: " ANN "@rcv.example,\r\n " BOB "@rcv.example\r\n"},
	{"who is not a recipient of the envelope", "to: bob@rcv.example\r\n"
	    "Subject: bob@rcv.example\r\n", "to: " BOB "@rcv.example\r\n"
	    "Subject: " BOB "@rcv.example\r\n"},
	{"case", "Subject: ANN@RCV.example\r\n",
	    "Subject: " ANN "@RCV.example\r\n"},
	{"received", "Received: from x by y\r\n for <ann@rcv.example>; now\r\n",
	    "Received: from x by y\r\n for <" ANN "@rcv.example>; now\r\n"},
	{"received elsewhere", "Received: by y for bob@old.example; now\r\n"
	    "X: bob@old.example\r\n", "Received: by y for " BOB
	    "@old.example; now\r\nX: " BOB "@old.example\r\n"},
	{"received, no domain", "Received: by y for <bob>; now\r\n",
	    "Received: by y for <" BOB ">; now\r\n"},
	{"return-path of a list", "X: <l+ann=rcv.example@lists.example>\r\n",
	    "X: <l+" ANN "=rcv.example@lists.example>\r\n"},
	{"link", "List-Unsubscribe: <https://x/?a=ann%40rcv.example>\r\n",
	    "List-Unsubscribe: <https://x/?a=" ANN "%40rcv.example>\r\n"},
	{"copied field", "DKIM-Signature: z=To:ann=40rcv.example|\r\n",
	    "DKIM-Signature: z=To:" ANN "=40rcv.example|\r\n"},
	{"longer local-part", "X: maryann@rcv.example\r\n",
	    "X: maryann@rcv.example\r\n"},
	{"another domain", "X: ann@other.example\r\n",
	    "X: ann@other.example\r\n"},
	{"twice", "X: ann@rcv.example ann@rcv.example\r\n",
	    "X: " ANN "@rcv.example " ANN "@rcv.example\r\n"},
	{"quoted", "X: \"ann\"@rcv.example\r\n",
	    "X: " ANN "@rcv.example\r\n"},
	{"unreadable", "To: Ann A. <ann@rcv.example\r\n",
	    "To: (redacted)\r\n"},
	{"group", "To: undisclosed-recipients:;\r\n", "To:\r\n"},
	{"header of a filter", "Delivered-To: ann\r\n",
	    "Delivered-To: (redacted)\r\n"},
	{"from stays", "From: Boss <boss@acme.example>\r\n",
	    "From: Boss <boss@acme.example>\r\n"},
	{"from of a recipient", "From: Ann <ann@rcv.example>\r\n",
	    "From: Ann <" ANN "@rcv.example>\r\n"},
	{"no field", "nonsense\r\n", "nonsense:\r\n"},
};

static void
test_redaction(void **state)
{
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof redactions / sizeof *redactions; i++) {
		struct failure_file *f = specimen("good", a);
		f->header = check_exact(str_of(redactions[i].in), a);
		struct redactor *r = redactor_of(f, false, false, a);
		struct str got = redact_header(r, f->header);
		if (!str_eq(got, str_of(redactions[i].want)))
			print_error("%s:\n", redactions[i].what);
		check_str(got, redactions[i].want);
	}
}

static void
test_hidden_senders(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	f->header = STR("From: Boss <boss@acme.example>\r\n"
	    "Reply-To: x@elsewhere.example\r\n"
	    "Message-ID: <1@acme.example>\r\nReferences: <0@acme.example>\r\n"
	    "X: sent by boss@acme.example\r\n");
	f->line.mail_from = STR("boss@acme.example");
	struct redactor *r = redactor_of(f, true, true, a);
	check_str(redact_header(r, f->header),
	    "From: " BOSS "@acme.example\r\n"
	    "Reply-To: x@elsewhere.example\r\n"
	    "X: sent by " BOSS "@acme.example\r\n");
	check_str(redact_text(r, f->line.mail_from), BOSS "@acme.example");
	r = redactor_of(f, false, true, a);
	check_str(redact_text(r, f->line.mail_from), "boss@acme.example");
}

/* Parts 2 and 3 have the same words (RFC 6590 3); another key has others. */
static void
test_consistency(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	struct failure_report r = report_of(f, a);
	r.fields.has_recipients = true;
	struct str got = failure_report_print(&r, a);
	check_str(field(got, "Original-Rcpt-To"), "<" ANN "@rcv.example>");
	check_str(field(got, "Original-Mail-From"),
	    "<b+" ANN "=rcv.example@bounce.acme.example>");
	check_str(field(got, "To"), "<ruf@acme.example>");
	assert_non_null(strstr(got.p, "\r\nTo: " ANN "@rcv.example,\r\n " BOB
	    "@rcv.example\r\n"));
	assert_null(strstr(got.p, "ann@"));
	assert_null(strstr(got.p, "ann%"));
	assert_null(strstr(got.p, "Ann A."));
	const struct redact_options o = {
		.key = "1123456789abcdef0123456789abcdef"};
	struct redactor *other = redact_new(&o, STR(""), STR(""), a);
	struct str word = redact_address(other, STR("ann@rcv.example"));
	assert_int_equal(word.n, REDACT_WORD + 12);
	assert_false(str_has_prefix(word, STR(ANN)));
}

/* More people than are remembered are unreadable in their own fields. */
static void
test_many_people(void **state)
{
	struct arena *a = *state;
	struct failure_file *f = specimen("good", a);
	struct text t;
	text_init(&t, a);
	for (unsigned i = 0; i < 400; i++)
		text_printf(&t, "%s u%u@rcv.example", i % 100 > 0 ? "," :
		    i > 0 ? "\r\nCc:" : "Cc:", i);
	text_add(&t, STR("\r\n"));
	f->header = text_str(&t);
	struct redactor *r = redactor_of(f, false, false, a);
	struct str got = redact_header(r, f->header);
	for (unsigned i = 0; i < 400; i++) {
		struct str name = text_format(a, " u%u@", i);
		assert_null(memmem(got.p, got.n, name.p, name.n));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_golden),
		TEST(test_results),
		TEST(test_source),
		TEST(test_identifiers),
		TEST(test_folding),
		TEST(test_subject),
		TEST(test_boundary),
		TEST(test_redaction),
		TEST(test_hidden_senders),
		TEST(test_consistency),
		TEST(test_many_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
