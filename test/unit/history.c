/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "base/text.h"
#include "judge/history.h"
#include "judge/history_field.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "settings/settings.h"

#define ARENA_CAP (16u << 20)

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

static const struct settings enforcing = {
	.mode = MODE_ENFORCE,
	.discovery = DISCOVER_TREEWALK,
};

static const struct record acme = {
	.p = RECORD_REJECT,
	.sp = RECORD_QUARANTINE,
	.has_sp = true,
	.pct = 100,
	.fo = RECORD_FO_1 | RECORD_FO_D,
	.rua_count = 1,
};

static const struct signature signature = {
	.result = SIGNATURE_PASS,
	.domain = STR_INIT("esp.example"),
	.selector = STR_INIT("s1"),
	.identity = STR_INIT("@esp.example"),
	.algorithm = STR_INIT("rsa-sha256"),
	.b = STR_INIT("AbCd/123"),
	.key_bits = 2048,
};

static struct str recipients[] = {
	STR_INIT("bob@rcv.example"),
	STR_INIT("ann@rcv.example"),
	STR_INIT("postmaster"),
	STR_INIT("x@xn--bcher-kva.example"),
};

/* A message whose facts the tests bend. */
struct facts {
	struct message m;
	struct judgement j;
	struct verdict v;
	struct plan p;
};

static struct facts
facts_of(struct arena *a)
{
	struct facts f = {
		.m = {
			.arena = a,
			.world = {.settings = &enforcing},
			.client = {IP_V4, {192, 0, 2, 7}},
			.client_name = STR("mx.esp.example"),
			.helo = STR("mx.esp.example"),
			.queue_id = STR("4XyZ"),
			.mail_from = STR("b@Bounce.esp.example"),
			.mail_domain = STR("Bounce.esp.example"),
			.recipients = recipients,
			.recipient_count = 4,
			.received = 1795219201,
			.draw = 17,
		},
		.j = {
			.author = STR("news.acme.example"),
			.result = VERDICT_FAIL,
			.discovery = {
				.source = DISCOVER_ORG,
				.policy_domain = STR("acme.example"),
				.org_domain = STR("acme.example"),
				.record = &acme,
			},
			.policy = {
				.tag = POLICY_SP,
				.owner = RECORD_QUARANTINE,
				.disposition = DISPOSITION_QUARANTINE,
			},
			.has_policy = true,
			.reason = STR("no aligned identifier passed"),
			.disposition = DISPOSITION_QUARANTINE,
		},
		.v = {
			.result = VERDICT_FAIL,
			.reason = STR("no aligned identifier passed"),
			.spf = {
				.result = SPF_PASS,
				.domain = STR("bounce.esp.example"),
			},
			.dkim = {&signature},
			.dkim_count = 1,
			.judgement_count = 1,
			.disposition = DISPOSITION_QUARANTINE,
		},
		.p = {.applied = DISPOSITION_QUARANTINE},
	};
	return f;
}

static struct str
print(struct facts *f, struct arena *a)
{
	if (f->v.judgement_count > 0) {
		f->v.judgements = &f->j;
		f->v.decisive = &f->j;
	}
	return history_print(&f->m, &f->v, &f->p, a);
}

#define LINE                                                                   \
	"{\"time\":1795219201,\"queue_id\":\"4XyZ\","                          \
	"\"source_ip\":\"192.0.2.7\",\"client_name\":\"mx.esp.example\","      \
	"\"helo\":\"mx.esp.example\","                                         \
	"\"envelope_from\":\"bounce.esp.example\","                            \
	"\"mail_from\":\"b@Bounce.esp.example\","                              \
	"\"envelope_to\":[\"rcv.example\",\"xn--bcher-kva.example\"],"         \
	"\"recipients\":4,\"dmarc\":\"fail\","                                 \
	"\"reason\":\"no aligned identifier passed\","                         \
	"\"spf\":{\"domain\":\"bounce.esp.example\",\"scope\":\"mfrom\","      \
	"\"identity\":\"mailfrom\",\"result\":\"pass\"},"                      \
	"\"dkim\":[{\"domain\":\"esp.example\",\"selector\":\"s1\","           \
	"\"result\":\"pass\",\"identity\":\"@esp.example\","                   \
	"\"algorithm\":\"rsa-sha256\",\"b\":\"AbCd/123\",\"bits\":2048}],"     \
	"\"authors\":[{\"header_from\":\"news.acme.example\","                 \
	"\"dmarc\":\"fail\",\"spf\":\"fail\",\"dkim\":\"fail\","               \
	"\"aligned_dkim\":[],\"reason\":\"no aligned identifier passed\","     \
	"\"org_domain\":\"acme.example\","                                     \
	"\"disposition\":\"quarantine\",\"reasons\":[],"                       \
	"\"published\":{\"domain\":\"acme.example\","                          \
	"\"discovery_method\":\"treewalk\",\"p\":\"reject\","                  \
	"\"sp\":\"quarantine\",\"np\":\"quarantine\",\"adkim\":\"r\","         \
	"\"aspf\":\"r\",\"fo\":\"1:d\",\"testing\":\"n\",\"psd\":\"u\","       \
	"\"pct\":100,\"rua\":true,\"ruf\":false},\"tag\":\"sp\","              \
	"\"policy\":\"quarantine\"}],"                                         \
	"\"decisive\":0,\"draw\":17,\"mode\":\"enforce\","                     \
	"\"action\":\"accept\",\"reply\":250,"                                 \
	"\"disposition\":\"quarantine\",\"reasons\":[]}"

static void
test_print(void **state)
{
	struct facts f = facts_of(*state);
	check_str(print(&f, *state), LINE "\n");
}

static const struct arc_sealer sealers[] = {
	{2, STR_INIT("d2.example"), STR_INIT("s2"), STR_INIT("")},
	{1, STR_INIT("d1.example"), STR_INIT("s1"), STR_INIT("")},
};

/* RFC 9990 3.5.2; docs/FORMATS: the header's word, whatever the result. */
static void
test_print_report(void **state)
{
	static const char want[] = "\"recipients\":4,\"report\":true,"
				   "\"dmarc\":\"fail\",";
	struct arena *a = *state;
	struct facts f = facts_of(a);
	header_init(&f.m.headers, a);
	header_add(&f.m.headers, STR("Subject"), STR(" Report Domain: "
	    "acme.example\r\n Submitter: rcv.example"));
	struct str line = print(&f, a);
	if (memmem(line.p, line.n, want, sizeof want - 1) == NULL)
		fail_msg("%.*s", STR_ARG(line));
}

/* RFC 8617 5.2; docs/FORMATS. */
static void
test_print_arc(void **state)
{
	static const struct {
		struct arc_result arc;
		const char *want;
	} rows[] = {
		{{.status = ARC_NONE},
		    "\"arc\":{\"result\":\"none\",\"sets\":0,"
		    "\"sealers\":[]},"},
		{{.status = ARC_FAIL, .count = 3,
		    .reason = STR_INIT("ARC-Seal 2: no key")},
		    "\"arc\":{\"result\":\"fail\",\"sets\":3,"
		    "\"sealers\":[],\"reason\":\"ARC-Seal 2: no key\"},"},
		{{.status = ARC_PASS, .count = 2, .has_oldest_pass = true,
		    .oldest_pass = 2, .sealers = sealers},
		    "\"arc\":{\"result\":\"pass\",\"sets\":2,"
		    "\"oldest_pass\":2,\"sealers\":["
		    "{\"domain\":\"d2.example\",\"selector\":\"s2\"},"
		    "{\"domain\":\"d1.example\",\"selector\":\"s1\"}]},"},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct facts f = facts_of(a);
		f.v.arc = &rows[i].arc;
		struct str line = print(&f, a);
		struct str want = text_format(a, "}],%s\"authors\":",
		    rows[i].want);
		if (memmem(line.p, line.n, want.p, want.n) == NULL)
			fail_msg("row %zu: %.*s", i, STR_ARG(line));
	}
}

static void
check_line(struct str line, const char *want, struct arena *a)
{
	bool is_head;
	struct str reason;
	bool is_good =
	    history_check(check_exact(line, a), a, &is_head, &reason);
	check_str(reason, want);
	assert_int_equal(is_good, want[0] == '\0');
}

static void
check_printed(struct facts *f, struct arena *a)
{
	struct str line = print(f, a);
	assert_true(line.n <= HISTORY_MAX_LINE);
	assert_int_equal(str_find(line, '\n'), line.n - 1);
	check_line(str_sub(line, 0, line.n - 1), "", a);
}

static void
test_check_good(void **state)
{
	struct arena *a = *state;
	struct facts f = facts_of(a);
	check_printed(&f, a);

	struct facts bad_from = facts_of(a); /* RFC 9989 5.3.1 */
	bad_from.v.judgement_count = 0;
	bad_from.v.result = VERDICT_PERMERROR;
	check_printed(&bad_from, a);

	struct facts deferred = facts_of(a);
	deferred.p.reply = PLAN_TEMPFAIL;
	deferred.p.code = STR("451");
	deferred.p.applied = DISPOSITION_TEMPFAIL;
	assert_true(print(&deferred, a).n > 0);
	check_printed(&deferred, a);

	struct facts sealed = facts_of(a);
	sealed.v.arc = &(struct arc_result) {.status = ARC_PASS, .count = 2,
	    .sealers = sealers};
	check_printed(&sealed, a);

	struct facts report = facts_of(a);
	header_init(&report.m.headers, a);
	header_add(&report.m.headers, STR("Content-Type"),
	    STR(" multipart/report"));
	check_printed(&report, a);

	struct facts absent = facts_of(a);
	absent.j.has_policy = false;
	absent.j.result = absent.v.result = VERDICT_NONE;
	check_printed(&absent, a);
}

/* Bytes of the outside never break a line or its UTF-8 (RFC 3629 3, 4). */
static void
test_outside_bytes(void **state)
{
	static const struct {
		const char *name, *got, *want;
	} rows[] = {
		{"quotes", "a\"b\\c", "\"a\\\"b\\\\c\""},
		{"a line end", "a\r\nb", "\"a\xef\xbf\xbd\xef\xbf\xbd" "b\""},
		{"UTF-8", "b\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\"b\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"a lone byte", "\xfc", "\"\xef\xbf\xbd\""},
		{"overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
		{"a surrogate", "\xed\xa0\x80",
		    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
		{"beyond Unicode", "\xf4\x90\x80\x80",
		    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
		{"cut short", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
		{"DEL", "\x7f", "\"\xef\xbf\xbd\""},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct facts f = facts_of(a);
		f.m.helo = check_exact(str_of(rows[i].got), a);
		struct str line = print(&f, a);
		struct str want = text_format(a, "\"helo\":%s,", rows[i].want);
		if (memmem(line.p, line.n, want.p, want.n) == NULL)
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(line));
		check_printed(&f, a);
	}
}

static struct str
repeat(const char *piece, size_t times, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < times; i++)
		text_add(&t, str_of(piece));
	return text_str(&t);
}

static void
fill_reasons(struct reasons *r, struct str comment)
{
	for (size_t i = 0; i < POLICY_MAX_REASONS; i++)
		reasons_add(r, REASON_POLICY_TEST_MODE, comment);
}

/* The longest line: every text at its bound, every byte escaped. */
static void
test_longest_line(void **state)
{
	struct arena *a = *state;
	struct str worst = repeat("\"", 5000, a);
	struct signature s = {SIGNATURE_PERMERROR, worst, worst, worst, worst,
	    worst, 4096, true, worst, SIGNATURE_FAULT_NONE};
	struct override_rule rule = {.name = worst};
	static struct str to[HISTORY_MAX_TO + 5];
	struct judgement all[AUTHOR_MAX_DOMAINS];
	struct facts f = facts_of(a);
	for (size_t i = 0; i < HISTORY_MAX_TO + 5; i++)
		to[i] = text_format(a, "x@%zu%.*s", i, STR_ARG(worst));
	f.m.recipients = to;
	f.m.recipient_count = HISTORY_MAX_TO + 5;
	f.m.helo = f.m.client_name = f.m.queue_id = f.m.mail_from =
	    f.m.mail_domain = f.v.reason = f.v.spf.domain = f.v.spf.reason =
	    f.j.author = f.j.reason = f.j.discovery.policy_domain =
	    f.j.discovery.org_domain = worst;
	fill_reasons(&f.j.reasons, worst);
	fill_reasons(&f.p.reasons, worst);
	f.j.dkim_aligned = (1u << SIGNATURES_MAX) - 1;
	f.j.differs = f.j.discovery.is_guarded = true;
	f.v.override = &rule;
	for (f.v.dkim_count = 0; f.v.dkim_count < SIGNATURES_MAX;)
		f.v.dkim[f.v.dkim_count++] = &s;
	while (f.v.dry_run_count < VERDICT_MAX_DRY_RUNS)
		f.v.dry_runs[f.v.dry_run_count++] = &rule;
	struct arc_sealer long_sealers[HISTORY_MAX_SEALERS + 1];
	for (size_t i = 0; i < HISTORY_MAX_SEALERS + 1; i++)
		long_sealers[i] = (struct arc_sealer) {1, worst, worst, worst};
	f.v.arc = &(struct arc_result) {.status = ARC_PASS,
	    .count = HISTORY_MAX_SEALERS + 1, .has_oldest_pass = true,
	    .sealers = long_sealers, .reason = worst};
	for (size_t i = 0; i < AUTHOR_MAX_DOMAINS; i++)
		all[i] = f.j;
	f.v.judgements = all;
	f.v.judgement_count = AUTHOR_MAX_DOMAINS;
	f.v.decisive = &all[AUTHOR_MAX_DOMAINS - 1];
	struct str line = history_print(&f.m, &f.v, &f.p, a);
	print_message("the longest line has %zu bytes\n", line.n);
	assert_true(line.n + AUTHOR_MAX_DOMAINS * 2 * HISTORY_LONG <=
	    HISTORY_MAX_LINE); /* acme's record has no `error` */
	check_line(str_sub(line, 0, line.n - 1), "", a);
}

static void
test_head(void **state)
{
	struct arena *a = *state;
	bool is_head;
	struct str reason;
	struct str line = history_print_head("mx1.rcv.example",
	    "0f8fad5b-d9cb-469f-a165-70867728950e", 1795219200, a);
	check_str(line, "{\"version\":1,\"host\":\"mx1.rcv.example\","
			"\"uuid\":\"0f8fad5b-d9cb-469f-a165-70867728950e\","
			"\"created\":1795219200}\n");
	assert_true(history_check(str_sub(line, 0, line.n - 1), a, &is_head,
	    &reason));
	assert_true(is_head);
	assert_true(history_check(STR(LINE), a, &is_head, &reason));
	assert_false(is_head);
}

static void
test_check_bad_heads(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"{\"version\":2,\"host\":\"a\",\"uuid\":\"\",\"created\":0}",
		    "version is out of range"},
		{"{\"version\":1,\"uuid\":\"\",\"created\":0}",
		    "host is missing"},
		{"{\"version\":1,\"host\":\"a\","
		 "\"uuid\":\"0f8fad5b-d9cb-469f-a165-70867728950\","
		 "\"created\":0}", "uuid is no UUID"},
		{"{\"version\":1,\"host\":\"a\","
		 "\"uuid\":\"0f8fad5b-d9cb-469f-a165-70867728950g\","
		 "\"created\":0}", "uuid is no UUID"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_line(str_of(rows[i].line), rows[i].want, *state);
}

/* A good line with `from` replaced by `to`. */
static struct str
bend(const char *from, const char *to, struct arena *a)
{
	const char *at = strstr(LINE, from);
	assert_non_null(at);
	return text_format(a, "%.*s%s%s", (int)(at - LINE), LINE, to,
	    at + strlen(from));
}

static void
test_check_bad_lines(void **state)
{
	static const struct {
		const char *from, *to, *want;
	} rows[] = {
		{"\"time\":1795219201,", "", "time is missing"},
		{"1795219201", "-1", "time is out of range"},
		{"1795219201", "1e9", "time is not a whole number"},
		{"\"192.0.2.7\"", "\"192.0.2\"", "source_ip is no IP address"},
		{"\"192.0.2.7\"", "7", "source_ip is not a string"},
		{"\"mailfrom\"", "\"MAILFROM\"",
		    "spf: identity is none of the names it may have"},
		{"\"dmarc\":\"fail\",\"reason\"", "\"reason\"",
		    "dmarc is missing"},
		{"\"dkim\":[{", "\"dkim\":{\"a\":[{",
		    "no JSON at byte"},
		{"\"selector\":\"s1\"", "\"selector\":null",
		    "dkim[0]: signature: selector is not a string"},
		{"\"aligned_dkim\":[]", "\"aligned_dkim\":[1]",
		    "aligned_dkim names a signature that is not in dkim"},
		{"\"aligned_dkim\":[]", "\"aligned_dkim\":[-1]",
		    "authors[0]: author: aligned_dkim[0]: index is out of "
		    "range"},
		{"\"published\"", "\"unpublished\"",
		    "published is missing beside pass or fail"},
		{"\"policy\":\"quarantine\"", "\"x\":0",
		    "policy is missing beside fail"},
		{"\"rua\":true", "\"rua\":1",
		    "authors[0]: author: published: rua is neither true nor "
		    "false"},
		{"\"fo\":\"1:d\"", "\"fo\":\"\"",
		    "authors[0]: author: published: fo is empty"},
		{"\"fo\":\"1:d\"", "\"fo\":\"0:1:d:s:\"",
		    "authors[0]: author: published: fo is longer than allowed"},
		{"\"authors\":[", "\"arc\":{\"result\":\"good\"},\"authors\":[",
		    "arc: result is none of the names it may have"},
		{"\"authors\":[", "\"arc\":{\"result\":\"fail\",\"sets\":51},"
		    "\"authors\":[", "arc: sets is out of range"},
		{"\"authors\":[", "\"arc\":{\"result\":\"none\",\"sets\":0},"
		    "\"authors\":[", "arc: sealers is missing"},
		{"\"decisive\":0,", "", "decisive is missing beside authors"},
		{"\"decisive\":0", "\"decisive\":1",
		    "decisive names an author that is not there"},
		{"\"dmarc\":\"fail\",\"reason\"",
		    "\"dmarc\":\"pass\",\"reason\"",
		    "dmarc differs from that of the decisive author"},
		{"\"draw\":17", "\"draw\":100", "draw is out of range"},
		{"\"recipients\":4", "\"recipients\":4,\"report\":1",
		    "report is neither true nor false"},
		{"\"recipients\":4", "\"recipients\":4,\"report\":\"true\"",
		    "report is neither true nor false"},
		{"\"reply\":250", "\"reply\":25", "reply is out of range"},
		{"\"reasons\":[],\"published\"",
		    "\"reasons\":[{}],\"published\"",
		    "authors[0]: author: reasons[0]: reason: type is missing"},
		{"\"envelope_to\":[", "\"envelope_to\":[7,",
		    "envelope_to[0]: domain is not a string"},
		{"\"envelope_to\":[\"rcv.example\",\"xn--bcher-kva.example\"]",
		    "\"envelope_to\":\"\"", "envelope_to is not an array"},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str line = bend(rows[i].from, rows[i].to, a);
		if (strcmp(rows[i].want, "no JSON at byte") != 0) {
			check_line(line, rows[i].want, a);
			continue;
		}
		bool is_head;
		struct str reason;
		assert_false(history_check(line, a, &is_head, &reason));
		assert_true(str_has_prefix(reason, str_of(rows[i].want)));
	}
}

static void
test_check_odd_lines(void **state)
{
	struct arena *a = *state;
	bool is_head;
	struct str reason;
	check_line(bend("\"time\"", "\"new\":[{\"x\":null}],\"time\"", a), "",
	    a); /* unknown fields are passed over */
	check_line(STR("[]"), "the line is not an object", a);
	check_line(STR("{}"), "time is missing", a);
	static const char *const broken[] = {"", " ", "{", "7", LINE LINE,
	    "{\"a\":1,\"a\":1}", "\xff", "{\"a\":\"\\u0000\"}"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		assert_false(history_check(str_of(broken[i]), a, &is_head,
		    &reason));
		assert_false(str_is_empty(reason));
	}
	check_line(repeat(" ", HISTORY_MAX_LINE, a),
	    "the line is longer than allowed", a);
	/* As deep as a line can be: jansson has a bound of its own. */
	assert_false(history_check(repeat("[", HISTORY_MAX_LINE - 1, a), a,
	    &is_head, &reason));
}

static void
test_is_due(void **state)
{
	struct message m = {.exempt = MESSAGE_JUDGED};
	assert_true(history_is_due(&m));
	m.exempt = MESSAGE_AUTHENTICATED;
	assert_false(history_is_due(&m));
	(void)state;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_print),
		TEST(test_print_report),
		TEST(test_print_arc),
		TEST(test_check_good),
		TEST(test_outside_bytes),
		TEST(test_longest_line),
		TEST(test_head),
		TEST(test_check_bad_heads),
		TEST(test_check_bad_lines),
		TEST(test_check_odd_lines),
		TEST(test_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
