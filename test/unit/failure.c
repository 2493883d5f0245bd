/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <stdio.h>

#include "base/text.h"
#include "dmarc/record.h"
#include "judge/failure.h"
#include "judge/failure_print.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "settings/settings.h"

#define ARENA_CAP (16u << 20)

/* ---- fo (RFC 9989 4.7) ----------------------------------------------------- */

#define D RECORD_FO_D
#define S RECORD_FO_S
#define NONE (-1)

struct fo_row {
	const char *what;
	enum spf_result spf;
	bool is_spf_aligned;
	int dkim; /* an enum signature_result, or NONE: no signature */
	bool is_dkim_aligned;
	enum verdict_result dmarc;
	/* Types, as letters, for fo = 0, 1, d, s, and 0:d:s. */
	const char *want[5];
};

static const struct fo_row fo_rows[] = {
	/* S and K in all four. */
	{"both", SPF_PASS, true, SIGNATURE_PASS, true, VERDICT_PASS,
	    {"", "", "", "", ""}},
	{"spf alone, dkim broken", SPF_PASS, true, SIGNATURE_FAIL, false,
	    VERDICT_PASS, {"", "m", "d", "", "d"}},
	{"dkim alone, spf fails", SPF_FAIL, false, SIGNATURE_PASS, true,
	    VERDICT_PASS, {"", "m", "", "s", "s"}},
	{"neither", SPF_FAIL, false, SIGNATURE_FAIL, false, VERDICT_FAIL,
	    {"m", "m", "d", "s", "mds"}},
	/* Passes that are not aligned. */
	{"both pass, neither aligned", SPF_PASS, false, SIGNATURE_PASS, false,
	    VERDICT_FAIL, {"m", "m", "", "", "m"}},
	{"spf passes elsewhere", SPF_PASS, false, SIGNATURE_PASS, true,
	    VERDICT_PASS, {"", "m", "", "", ""}},
	/* No signature at all is no pass, and nothing that failed. */
	{"no signature, spf aligned", SPF_PASS, true, NONE, false,
	    VERDICT_PASS, {"", "m", "", "", ""}},
	{"no signature, no spf", SPF_NONE, false, NONE, false, VERDICT_FAIL,
	    {"m", "m", "", "", "m"}},
	/* Each result of SPF. */
	{"softfail", SPF_SOFTFAIL, false, NONE, false, VERDICT_FAIL,
	    {"m", "m", "", "s", "ms"}},
	{"neutral", SPF_NEUTRAL, false, NONE, false, VERDICT_FAIL,
	    {"m", "m", "", "", "m"}},
	{"permerror", SPF_PERMERROR, false, NONE, false, VERDICT_FAIL,
	    {"m", "m", "", "s", "ms"}},
	/* Nothing is known: never for 0, a failure for 1. */
	{"spf temperror", SPF_TEMPERROR, false, NONE, false,
	    VERDICT_TEMPERROR, {"", "m", "", "s", "s"}},
	{"dkim temperror", SPF_NONE, false, SIGNATURE_TEMPERROR, false,
	    VERDICT_TEMPERROR, {"", "m", "", "", ""}},
	{"dkim temperror beside aligned spf", SPF_PASS, true,
	    SIGNATURE_TEMPERROR, false, VERDICT_PASS,
	    {"", "m", "", "", ""}},
	/* Each result of a signature. */
	{"dkim permerror", SPF_PASS, true, SIGNATURE_PERMERROR, false,
	    VERDICT_PASS, {"", "m", "d", "", "d"}},
	{"dkim policy", SPF_PASS, true, SIGNATURE_POLICY, false, VERDICT_PASS,
	    {"", "m", "", "", ""}},
	{"dkim neutral", SPF_PASS, true, SIGNATURE_NEUTRAL, false,
	    VERDICT_PASS, {"", "m", "", "", ""}},
	{"dkim none, a key that is tested", SPF_PASS, true, SIGNATURE_NONE,
	    false, VERDICT_PASS, {"", "m", "", "", ""}},
};

static void
print_types(unsigned types, char out[4])
{
	size_t n = 0;
	if ((types & FAILURE_DMARC) != 0)
		out[n++] = 'm';
	if ((types & FAILURE_DKIM) != 0)
		out[n++] = 'd';
	if ((types & FAILURE_SPF) != 0)
		out[n++] = 's';
	out[n] = '\0';
}

static void
test_fo(void **state)
{
	static const unsigned fo[] = {RECORD_FO_0, RECORD_FO_1, D, S,
	    RECORD_FO_0 | D | S};
	(void)state;
	for (size_t i = 0; i < sizeof fo_rows / sizeof *fo_rows; i++) {
		const struct fo_row *r = &fo_rows[i];
		struct signature signature = {
			.result = (enum signature_result)r->dkim};
		struct verdict v = {.spf = {.result = r->spf},
		    .dkim = {&signature}, .dkim_count = r->dkim != NONE};
		for (size_t j = 0; j < 5; j++) {
			char got[4];
			print_types(failure_types(&(struct failure_facts) {
				.fo = fo[j],
				.is_fail = r->dmarc == VERDICT_FAIL,
				.is_spf_aligned = r->is_spf_aligned,
				.is_dkim_aligned = r->is_dkim_aligned,
				.verdict = &v}), got);
			if (strcmp(got, r->want[j]) != 0)
				fail_msg("%s, fo %zu: \"%s\", not \"%s\"",
				    r->what, j, got, r->want[j]);
		}
	}
}

/* A second signature that broke counts beside one that passed; 1 wins over
 * 0. */
static void
test_fo_of_several(void **state)
{
	struct signature good = {.result = SIGNATURE_PASS};
	struct signature bad = {.result = SIGNATURE_FAIL};
	struct verdict v = {.spf = {.result = SPF_PASS},
	    .dkim = {&good, &bad}, .dkim_count = 2};
	struct failure_facts f = {.fo = D, .is_spf_aligned = true,
	    .is_dkim_aligned = true, .verdict = &v};
	(void)state;
	assert_int_equal(failure_types(&f), FAILURE_DKIM);
	f.fo = RECORD_FO_0 | RECORD_FO_1;
	f.is_spf_aligned = false;
	assert_int_equal(failure_types(&f), FAILURE_DMARC);
	f.fo = 0;
	assert_int_equal(failure_types(&f), 0);
}

/* ---- guards ---------------------------------------------------------------- */

static const struct settings asked = {
	.failure_reports = true,
	.report_from = "noreply@rcv.example",
	.report_contact = "people@rcv.example",
	.report_bounce = "bounces@rcv.example",
	.authserv_id = "rcv.example",
};

static const struct settings quiet = {
	.report_from = "noreply@rcv.example",
	.report_contact = "",
	.report_bounce = "",
	.authserv_id = "",
};

struct facts {
	struct record record;
	struct message m;
	struct judgement j;
	struct verdict v;
	struct plan p;
	struct str recipients[2];
};

static void
facts_init(struct facts *f, struct arena *a)
{
	*f = (struct facts) {
		.record = {.ruf_count = 1, .fo = RECORD_FO_0, .pct = 100},
		.m = {
			.arena = a,
			.world = {.settings = &asked},
			.client = {IP_V4, {192, 0, 2, 7}},
			.mail_from = STR("x@bounce.acme.example"),
			.authserv_id = STR("rcv.example"),
			.recipients = f->recipients,
			.recipient_count = 1,
		},
		.j = {
			.author = STR("acme.example"),
			.result = VERDICT_FAIL,
			.has_policy = true,
			.discovery = {
				.policy_domain = STR("acme.example"),
				.org_domain = STR("acme.example"),
				.record = &f->record,
			},
		},
		.v = {.judgement_count = 1, .judgements = &f->j,
		    .decisive = &f->j, .spf = {.result = SPF_FAIL}},
		.recipients = {STR("ann@rcv.example"), STR("bob@rcv.example")},
	};
	header_init(&f->m.headers, a);
}

static void
check_answer(struct facts *f, const char *what, enum failure_answer want)
{
	unsigned types = 0;
	enum failure_answer got =
	    failure_decide(&f->m, &f->v, &f->p, &types);
	if (got != want)
		fail_msg("%s: %s, not %s", what,
		    table_name(failure_answer_names, (int)got),
		    table_name(failure_answer_names, (int)want));
	if (got == FAILURE_DUE)
		assert_int_equal(types, FAILURE_DMARC);
}

static void
test_answers(void **state)
{
	struct facts f;
	facts_init(&f, *state);
	check_answer(&f, "a failure", FAILURE_DUE);
	f.m.world.settings = &quiet;
	check_answer(&f, "off", FAILURE_OFF);
	facts_init(&f, *state);
	f.m.exempt = MESSAGE_TRUSTED;
	check_answer(&f, "exempt", FAILURE_EXEMPT);
	facts_init(&f, *state);
	f.p.reply = PLAN_TEMPFAIL;
	check_answer(&f, "4xx", FAILURE_COMES_BACK);
	f.p.reply = PLAN_REJECT;
	check_answer(&f, "5xx", FAILURE_DUE);
	f.p.reply = PLAN_HOLD;
	check_answer(&f, "held", FAILURE_DUE);
	facts_init(&f, *state);
	f.record.ruf_count = 0;
	check_answer(&f, "no ruf", FAILURE_UNASKED);
	facts_init(&f, *state);
	f.j.has_policy = false;
	check_answer(&f, "no record", FAILURE_UNASKED);
	facts_init(&f, *state);
	f.v.decisive = NULL;
	check_answer(&f, "no author", FAILURE_UNASKED);
	facts_init(&f, *state);
	f.record.psd = RECORD_PSD_Y;
	check_answer(&f, "psd=y", FAILURE_SUFFIX);
	f.record.psd = RECORD_PSD_N;
	check_answer(&f, "psd=n", FAILURE_DUE);
	f.j.discovery.source = DISCOVER_PSD;
	check_answer(&f, "guarded suffix", FAILURE_SUFFIX);
	facts_init(&f, *state);
	f.j.result = VERDICT_PASS;
	check_answer(&f, "pass", FAILURE_NOTHING);
	/* t, p=none and pct touch no report (RFC 9989 4.7, RFC 7489 6.6.4). */
	facts_init(&f, *state);
	f.record.is_test = true;
	f.record.pct = 0;
	check_answer(&f, "t=y pct=0 p=none", FAILURE_DUE);
}

struct loop_row {
	const char *name, *value;
	bool is_loop;
};

static const struct loop_row loop_rows[] = {
	{"Content-Type", " multipart/report; report-type=feedback-report;"
	    " boundary=b", true},
	{"Content-Type", " multipart/report; report-type=delivery-status",
	    true},
	{"content-type", "MULTIPART/Report", true},
	{"Content-Type", " (a) multipart (b) / (c) report;x=y", true},
	{"Content-Type", "\r\n multipart/\r\n report", true},
	{"Content-Type", " message/feedback-report", true},
	{"Content-Type", " message/delivery-status", true},
	{"Content-Type", " message/disposition-notification", true},
	{"Content-Type", " multipart/mixed; x=\"multipart/report\"", false},
	{"Content-Type", " multipart/reports", false},
	{"Content-Type", " text/plain", false},
	{"Content-Type", "", false},
	{"Auto-Submitted", " auto-generated", true},
	{"Auto-Submitted", " auto-replied (vacation)", true},
	{"auto-submitted", " auto-notified; x=y", true},
	{"Auto-Submitted", " no", false},
	{"Auto-Submitted", " NO (a person)", false},
	{"Auto-Submitted", " (yes) no; x=y", false},
	{"Auto-Submitted", " nobody", true},
	{"Auto-Submitted", " (open", true},
	{"Auto-Submitted", "", true},
	{"X-Auto-Submitted", " auto-generated", false},
	/* An aggregate report: two sites would tell each other of theirs. */
	{"Subject", " Report Domain: acme.example Submitter: rcv.example "
	    "Report-ID: <1>", true},
	{"From", " DMARC <noreply@rcv.example>", true},
	{"From", " NoReply@RCV.example", true},
	{"From", " a@acme.example, noreply@rcv.example", true},
	{"From", " \"noreply@rcv.example\" <a@acme.example>", false},
	{"From", " people@rcv.example", false},
};

static void
test_loops(void **state)
{
	struct facts f;
	for (size_t i = 0; i < sizeof loop_rows / sizeof *loop_rows; i++) {
		const struct loop_row *r = &loop_rows[i];
		facts_init(&f, *state);
		header_add(&f.m.headers, STR("Received"), STR(" x"));
		header_add(&f.m.headers, str_of(r->name), str_of(r->value));
		check_answer(&f, r->value,
		    r->is_loop ? FAILURE_LOOP : FAILURE_DUE);
	}
	facts_init(&f, *state);
	f.m.mail_from = STR("");
	check_answer(&f, "null path", FAILURE_LOOP);
	f.m.mail_from = STR("Noreply@rcv.example");
	check_answer(&f, "our path", FAILURE_LOOP);
	facts_init(&f, *state);
	f.m.recipient_count = 2;
	check_answer(&f, "two recipients", FAILURE_DUE);
	f.recipients[1] = STR("NOREPLY@rcv.example");
	check_answer(&f, "our report address", FAILURE_LOOP);
	f.recipients[1] = STR("people@rcv.example");
	check_answer(&f, "our contact", FAILURE_LOOP);
	f.recipients[1] = STR("Bounces+a1b2@rcv.example");
	check_answer(&f, "a bounce of a report", FAILURE_LOOP);
	f.recipients[1] = STR("bounces2@rcv.example");
	check_answer(&f, "another mailbox", FAILURE_DUE);
	f.recipients[1] = STR("bounces+@rcv.example.test");
	check_answer(&f, "another domain", FAILURE_DUE);
}

/* ---- the file -------------------------------------------------------------- */

static const struct spf_source sources[] = {
	{STR_INIT("bounce.acme.example"),
	    STR_INIT("v=spf1 include:\"x\" \\ \xff\n -all")},
	{STR_INIT("esp.example"), STR_INIT("v=spf1 -all")},
};

static void
test_print(void **state)
{
	struct facts f;
	struct signature broken = {.result = SIGNATURE_FAIL,
	    .fault = SIGNATURE_FAULT_BODY};
	facts_init(&f, *state);
	f.m.mta = STR("mx1.rcv.example");
	f.m.client_port = 4711;
	f.m.recipient_count = 2;
	f.v.dkim[0] = &broken;
	f.v.dkim_count = 1;
	f.v.spf.sources = sources;
	f.v.spf.source_count = 2;
	header_add(&f.m.headers, STR("From"), STR(" a@acme.example"));
	header_add(&f.m.headers, STR("Subject"), STR(" one\r\n two\xe9"));
	header_add(&f.m.headers, STR("Authentication-Results"),
	    STR(" rcv.example; dmarc=pass"));
	header_add(&f.m.headers, STR("Authentication-Results"),
	    STR(" other.example; dmarc=pass"));
	struct str got = failure_print(&f.m, &f.v, &f.p,
	    FAILURE_SPF, *state);
	check_str(str_cut(&got, '\n'), "{\"version\":1,"
	    "\"type\":\"spf\",\"authserv_id\":\"rcv.example\","
	    "\"mta\":\"mx1.rcv.example\",\"source_port\":4711,"
	    "\"recipients\":[\"ann@rcv.example\",\"bob@rcv.example\"],"
	    "\"faults\":[\"bodyhash\"],"
	    "\"spf_records\":[{\"domain\":\"bounce.acme.example\","
	    "\"text\":\"v=spf1 include:\\\"x\\\" \\\\ \xef\xbf\xbd\xef\xbf\xbd"
	    " -all\"},{\"domain\":\"esp.example\",\"text\":\"v=spf1 -all\"}],"
	    "\"is_cut\":false,\"header\":94}");
	struct str line = str_cut(&got, '\n');
	assert_true(str_has_prefix(line, STR("{\"time\":0,")));
	check_str(got, "From: a@acme.example\r\nSubject: one\r\n two\xe9\r\n"
	    "Authentication-Results: other.example; dmarc=pass\r\n");
	assert_int_equal(got.n, 94);
}

/* What does not fit is left out, and what fits behind it stays. */
static void
test_print_is_bounded(void **state)
{
	struct facts f;
	struct arena *a = *state;
	char *big = arena_zalloc(a, FAILURE_MAX_HEADER);
	memset(big, '"', FAILURE_MAX_HEADER);
	facts_init(&f, a);
	struct str many[MESSAGE_MAX_RECIPIENTS];
	for (size_t i = 0; i < MESSAGE_MAX_RECIPIENTS; i++)
		many[i] = (struct str) {big, 1000};
	f.m.recipients = many;
	f.m.recipient_count = MESSAGE_MAX_RECIPIENTS;
	struct spf_source long_ones[SPF_MAX_SOURCES];
	for (size_t i = 0; i < SPF_MAX_SOURCES; i++)
		long_ones[i] = (struct spf_source) {{big, 300},
		    {big, SPF_MAX_RECORD + 1}};
	f.v.spf.sources = long_ones;
	f.v.spf.source_count = SPF_MAX_SOURCES;
	header_add(&f.m.headers, STR("From"), STR(" a@acme.example"));
	header_add(&f.m.headers, STR("X"),
	    (struct str) {big, FAILURE_MAX_HEADER});
	header_add(&f.m.headers, STR("To"), STR(" b@rcv.example"));
	struct str got = failure_print(&f.m, &f.v, &f.p, FAILURE_DMARC, a);
	struct str head = str_cut(&got, '\n');
	assert_true(head.n < FAILURE_MAX_HEAD);
	assert_true(str_has_isuffix(head,
	    STR("],\"is_cut\":true,\"header\":41}")));
	str_cut(&got, '\n');
	check_str(got, "From: a@acme.example\r\nTo: b@rcv.example\r\n");
}

static int
setup(void **state)
{
	*state = arena_new(ARENA_CAP);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fo),
		TEST(test_fo_of_several),
		TEST(test_answers),
		TEST(test_loops),
		TEST(test_print),
		TEST(test_print_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
