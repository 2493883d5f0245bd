/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "base/text.h"
#include "judge/deferral.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "mail/authres.h"
#include "settings/settings.h"

#define ARENA_CAP (8u << 20)
#define HOUR 3600u

static const struct settings base = {
	.authserv_id = "rcv.example",
	.temperror_action = FAILURE_TEMPFAIL,
	.temperror_limit = 4 * HOUR,
	.bad_from_action = BAD_FROM_REJECT,
};

static const struct record reject_record = {
	.p = RECORD_REJECT, .sp = RECORD_QUARANTINE, .has_sp = true};

/* A failing message of acme.example, p=reject, whose facts the tests bend. */
struct scene {
	struct arena *arena;
	struct settings settings;
	struct record record;
	struct message m;
	struct judgement j;
	struct verdict v;
	struct plan p;
};

static int
setup(void **state)
{
	struct arena *a = arena_new(ARENA_CAP);
	struct scene *s = ARENA_NEW(a, struct scene);
	s->arena = a;
	s->settings = base;
	s->record = reject_record;
	s->m.arena = a;
	s->m.world.settings = &s->settings;
	s->m.client = (struct ip) {IP_V4, {192, 0, 2, 7}};
	s->m.authserv_id = STR("rcv.example");
	s->m.received = 1795219201;
	header_init(&s->m.headers, a);
	s->j = (struct judgement) {
		.author = STR("acme.example"),
		.result = VERDICT_FAIL,
		.discovery = {.record = &s->record},
		.has_policy = true,
		.policy = {.owner = RECORD_REJECT,
		    .disposition = DISPOSITION_REJECT},
		.reason = STR("no aligned identifier passed"),
		.disposition = DISPOSITION_REJECT,
	};
	s->v.spf = (struct spf_check) {.result = SPF_PASS,
	    .domain = STR("esp.example")};
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;
	arena_free(s->arena);
	return 0;
}

static const struct plan *
plan(struct scene *s, struct deferrals *deferrals)
{
	s->v.result = s->j.result;
	s->v.reason = s->j.reason;
	s->v.judgements = &s->j;
	s->v.judgement_count = 1;
	s->v.decisive = &s->j;
	s->v.disposition = s->j.disposition;
	s->v.reasons = s->j.reasons;
	s->v.is_temperror_due = s->j.is_temperror_due;
	s->v.override = s->j.override;
	plan_make(&s->m, &s->v, deferrals, &s->p);
	return &s->p;
}

static const struct plan *
plan_bad_from(struct scene *s)
{
	s->m.author.status = AUTHOR_NO_FIELD;
	s->v.result = VERDICT_PERMERROR;
	s->v.is_bad_from = true;
	s->v.reason = STR("the message has no From field");
	plan_make(&s->m, &s->v, NULL, &s->p);
	return &s->p;
}

static void
check_outcome(const struct plan *p, enum plan_reply reply, const char *code,
    enum disposition applied, size_t reasons)
{
	assert_int_equal(p->reply, reply);
	check_str(p->code, code);
	assert_int_equal(p->applied, applied);
	assert_int_equal(p->reasons.count, reasons);
	assert_false(str_is_empty(p->why));
}

static void
test_reject(void **state)
{
	struct scene *s = *state;
	const struct plan *p = plan(s, NULL);
	check_outcome(p, PLAN_REJECT, "550", DISPOSITION_REJECT, 0);
	check_str(p->status, "5.7.1");
	check_str(p->text, "rejected per DMARC policy of acme.example");
	assert_int_equal(p->edit_count, 0);
}

static void
test_reject_action(void **state)
{
	struct scene *s = *state;
	s->settings.reject_action = REJECT_QUARANTINE;
	const struct plan *p = plan(s, NULL);
	check_outcome(p, PLAN_ACCEPT, "", DISPOSITION_QUARANTINE, 1);
	assert_int_equal(p->reasons.at[0].type, REASON_LOCAL_POLICY);
	check_str(p->reasons.at[0].comment, "reject-action quarantine");
	s->settings.reject_action = REJECT_TEMPFAIL;
	check_outcome(plan(s, NULL), PLAN_TEMPFAIL, "451",
	    DISPOSITION_TEMPFAIL, 1);
}

static void
test_quarantine_action(void **state)
{
	struct scene *s = *state;
	s->j.disposition = DISPOSITION_QUARANTINE;
	const struct plan *p = plan(s, NULL);
	check_outcome(p, PLAN_ACCEPT, "", DISPOSITION_QUARANTINE, 0);
	assert_int_equal(p->edit_count, 2);
	check_str(p->edits[0].name, "X-Aplomb-Quarantine");
	check_str(p->edits[0].value,
	    "yes; DMARC policy of acme.example (dmarc=fail)");
	check_str(p->edits[1].name, "Authentication-Results");
	s->settings.quarantine_action = QUARANTINE_HOLD;
	p = plan(s, NULL);
	check_outcome(p, PLAN_HOLD, "", DISPOSITION_QUARANTINE, 0);
	check_str(p->hold_reason, "quarantined per DMARC policy of "
				  "acme.example");
	assert_int_equal(p->edit_count, 1);
	s->settings.quarantine_action = QUARANTINE_REJECT;
	check_outcome(plan(s, NULL), PLAN_REJECT, "550", DISPOSITION_REJECT,
	    1);
}

/* An override's own disposition is literal; treat-as is a policy. */
static void
test_override(void **state)
{
	struct scene *s = *state;
	struct override_rule rule = {.name = STR("partner"),
	    .effect = OVERRIDE_DISPOSITION};
	s->j.override = &rule;
	s->settings.reject_action = REJECT_QUARANTINE;
	const struct plan *p = plan(s, NULL);
	check_outcome(p, PLAN_REJECT, "550", DISPOSITION_REJECT, 0);
	check_str(p->why, "override partner");
	rule.effect = OVERRIDE_TREAT_AS;
	check_outcome(plan(s, NULL), PLAN_ACCEPT, "", DISPOSITION_QUARANTINE,
	    1);
	s->j.disposition = DISPOSITION_TEMPFAIL;
	check_outcome(plan(s, NULL), PLAN_TEMPFAIL, "451",
	    DISPOSITION_TEMPFAIL, 0);
}

static void
test_monitor(void **state)
{
	struct scene *s = *state;
	s->settings.mode = MODE_MONITOR;
	const struct plan *p = plan(s, NULL);
	check_outcome(p, PLAN_ACCEPT, "", DISPOSITION_NONE, 1);
	check_str(p->reasons.at[0].comment, "mode monitor");
	assert_int_equal(p->edit_count, 1);
	s->j.disposition = DISPOSITION_NONE;
	check_outcome(plan(s, NULL), PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	check_outcome(plan_bad_from(s), PLAN_ACCEPT, "", DISPOSITION_NONE, 1);
}

static void
test_temperror(void **state)
{
	struct scene *s = *state;
	struct deferrals *d = deferral_new();
	s->j.result = VERDICT_TEMPERROR;
	s->j.disposition = DISPOSITION_NONE;
	s->j.is_temperror_due = true;
	const struct plan *p = plan(s, d);
	check_outcome(p, PLAN_TEMPFAIL, "451", DISPOSITION_TEMPFAIL, 0);
	check_str(p->status, "4.7.1");
	check_str(p->text, "DNS trouble: DMARC policy of acme.example; try "
			   "again later");
	s->m.received += 4 * HOUR;
	p = plan(s, d);
	check_outcome(p, PLAN_ACCEPT, "", DISPOSITION_QUARANTINE, 1);
	check_str(p->reasons.at[0].comment,
	    "DNS trouble beyond temperror-limit");
	s->j.has_policy = false; /* nothing known to quarantine for */
	check_outcome(plan(s, d), PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	s->settings.temperror_action = FAILURE_ACCEPT;
	check_outcome(plan(s, NULL), PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	s->settings.temperror_action = FAILURE_TEMPFAIL;
	s->settings.temperror_limit = 0;
	check_outcome(plan(s, NULL), PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	deferral_free(d);
}

static void
test_bad_from(void **state)
{
	struct scene *s = *state;
	const struct plan *p = plan_bad_from(s);
	check_outcome(p, PLAN_REJECT, "550", DISPOSITION_REJECT, 0);
	assert_true(str_has_prefix(p->text,
	    STR("rejected per DMARC: no usable From field (")));
	s->settings.bad_from_action = BAD_FROM_ACCEPT;
	p = plan_bad_from(s);
	check_outcome(p, PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	assert_int_equal(p->edit_count, 1);
	struct str want = text_format(s->arena, "dmarc=permerror (%s)",
	    author_status_text(AUTHOR_NO_FIELD));
	struct str value = p->edits[0].value;
	assert_true(str_has_isuffix(value, want)); /* no header.from */
	s->settings.bad_from_action = BAD_FROM_QUARANTINE;
	p = plan_bad_from(s);
	check_outcome(p, PLAN_ACCEPT, "", DISPOSITION_QUARANTINE, 0);
	assert_int_equal(p->edit_count, 2);
}

static struct str
unfolded(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n')
			text_add_char(&t, s.p[i] == '\t' ? ' ' : s.p[i]);
	return text_str(&t);
}

static struct str
results(struct scene *s)
{
	const struct plan *p = plan(s, NULL);
	assert_true(p->edit_count > 0);
	const struct plan_edit *top = &p->edits[p->edit_count - 1];
	assert_int_equal(top->kind, PLAN_INSERT);
	check_str(top->name, "Authentication-Results");
	return unfolded(top->value, s->arena);
}

/* RFC 8601 2.2, 2.7; RFC 9989 9.1, 9.2. */
static void
test_results(void **state)
{
	struct scene *s = *state;
	struct signature one = {.result = SIGNATURE_PASS,
	    .domain = STR("esp.example"), .selector = STR("s1"),
	    .algorithm = STR("rsa-sha256"), .b = STR("AbCdEf12")};
	struct signature two = {.result = SIGNATURE_FAIL,
	    .domain = STR("acme.example"), .selector = STR("s2"),
	    .algorithm = STR("rsa-sha256"), .b = STR("Gh/=Ij34"),
	    .reason = STR("body hash (differs)")};
	struct override_rule rule = {.name = STR("partner")};
	s->j.disposition = DISPOSITION_NONE;
	check_str(results(s), "rcv.example; spf=pass smtp.mailfrom=esp.example;"
	    " dkim=none; dmarc=fail (p=reject sp=quarantine dis=none)"
	    " header.from=acme.example policy.dmarc=reject");

	s->v.dkim[0] = &one;
	s->v.dkim[1] = &two;
	s->v.dkim_count = 2;
	s->v.spf.is_helo = true;
	s->j.override = &rule;
	check_str(results(s), "rcv.example; spf=pass smtp.helo=esp.example;"
	    " dkim=pass header.d=esp.example header.s=s1 header.a=rsa-sha256"
	    " header.b=AbCdEf12; dkim=fail (body hash ?differs?)"
	    " header.d=acme.example header.s=s2 header.a=rsa-sha256"
	    " header.b=\"Gh/=Ij34\";"
	    " dmarc=fail (p=reject sp=quarantine dis=none) (override partner)"
	    " header.from=acme.example policy.dmarc=reject");

	s->v.dkim_count = 0;
	s->j.override = NULL;
	s->v.spf = (struct spf_check) {.result = SPF_NONE};
	s->j.result = VERDICT_PASS;
	s->record = (struct record) {.p = RECORD_REJECT, .is_test = true,
	    .has_np = true, .np = RECORD_NONE};
	check_str(results(s), "rcv.example; spf=none; dkim=none;"
	    " dmarc=pass (p=reject np=none dis=none)"
	    " header.from=acme.example policy.dmarc=quarantine");

	s->j.result = VERDICT_NONE;
	s->j.has_policy = false;
	check_str(results(s), "rcv.example; spf=none; dkim=none; dmarc=none"
	    " header.from=acme.example");

	s->j.result = VERDICT_TEMPERROR;
	s->j.reason = STR("policy lookup failed");
	check_str(results(s), "rcv.example; spf=none; dkim=none;"
	    " dmarc=temperror (policy lookup failed)"
	    " header.from=acme.example");

	s->settings.reject_action = REJECT_QUARANTINE;
	s->j.result = VERDICT_FAIL;
	s->j.has_policy = true;
	s->j.disposition = DISPOSITION_REJECT;
	s->record = reject_record;
	check_str(results(s), "rcv.example; spf=none; dkim=none;"
	    " dmarc=fail (p=reject sp=quarantine dis=quarantine)"
	    " header.from=acme.example policy.dmarc=reject");
}

/* RFC 8617 6: the result between those of DKIM and DMARC. */
static void
test_results_arc(void **state)
{
	static const struct {
		struct arc_result arc;
		const char *sealer, *want;
	} rows[] = {
		{{.status = ARC_NONE}, "", "arc=none; dmarc=fail"},
		{{.status = ARC_PASS, .count = 2, .has_oldest_pass = true,
		    .oldest_pass = 2}, "", "arc=pass smtp.remote-ip=192.0.2.7 "
		    "header.oldest-pass=2; dmarc=fail"},
		{{.status = ARC_PASS, .count = 12}, "lists.example",
		    "arc=pass smtp.remote-ip=192.0.2.7; dmarc=fail "
		    "(p=reject sp=quarantine dis=none) "
		    "(arc override: trusted lists.example)"},
		{{.status = ARC_FAIL, .count = 2,
		    .reason = STR_INIT("ARC-Seal 2: no (key)")}, "",
		    "arc=fail (ARC-Seal 2: no ?key?) "
		    "smtp.remote-ip=192.0.2.7; dmarc=fail"},
	};
	struct scene *s = *state;
	s->j.disposition = DISPOSITION_NONE;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		s->v.arc = &rows[i].arc;
		s->j.sealer = str_of(rows[i].sealer);
		struct str got = results(s), want = str_of(rows[i].want);
		if (memmem(got.p, got.n, want.p, want.n) == NULL)
			fail_msg("row %zu: %.*s", i, STR_ARG(got));
	}
}

/* Ten signatures of the longest names leave room for the DMARC result. */
static void
test_results_are_bounded(void **state)
{
	struct scene *s = *state;
	char *big = arena_alloc(s->arena, 300);
	memset(big, 'x', 300);
	struct str word = {big, 300};
	struct signature long_one = {.result = SIGNATURE_PERMERROR,
	    .domain = word, .selector = word, .algorithm = word, .b = word,
	    .reason = word};
	for (size_t i = 0; i < SIGNATURES_MAX; i++)
		s->v.dkim[s->v.dkim_count++] = &long_one;
	s->j.disposition = DISPOSITION_NONE;
	s->v.spf = (struct spf_check) {.result = SPF_PERMERROR,
	    .domain = word, .reason = word};
	struct str value = results(s);
	assert_true(value.n <= AUTHRES_MAX_FIELD);
	assert_true(str_has_isuffix(value, STR("policy.dmarc=reject")));
}

static void
feed(struct scene *s, const char *name, const char *value)
{
	header_add(&s->m.headers, str_of(name), str_of(value));
}

static void
check_edit(const struct plan *p, size_t i, enum plan_edit_kind kind,
    const char *name, unsigned instance)
{
	assert_true(i < p->edit_count);
	assert_int_equal(p->edits[i].kind, kind);
	check_str(p->edits[i].name, name);
	assert_int_equal(p->edits[i].instance, instance);
}

/* RFC 8601 5: from the last to the first, so that positions stay valid. */
static void
test_forged(void **state)
{
	struct scene *s = *state;
	s->j.disposition = DISPOSITION_NONE;
	feed(s, "Authentication-Results", " RCV.example (x); dmarc=pass");
	feed(s, "X-Aplomb-Quarantine", " no");
	feed(s, "Authentication-Results", " other.example; spf=pass");
	feed(s, "authentication-results ", " \"rcv\\.example\" 1; none");
	feed(s, "x-aplomb-quarantine", " yes");
	feed(s, "Authentication-Results", " other.example 2; none");
	const struct plan *p = plan(s, NULL);
	assert_int_equal(p->edit_count, 6);
	check_edit(p, 0, PLAN_DELETE, "Authentication-Results", 4);
	check_edit(p, 1, PLAN_DELETE, "Authentication-Results", 3);
	check_edit(p, 2, PLAN_DELETE, "Authentication-Results", 1);
	check_edit(p, 3, PLAN_DELETE, "X-Aplomb-Quarantine", 2);
	check_edit(p, 4, PLAN_DELETE, "X-Aplomb-Quarantine", 1);
	check_edit(p, 5, PLAN_INSERT, "Authentication-Results", 0);
}

/* Mail that is not judged is still not believed; nothing of ours is added. */
static void
test_exempt(void **state)
{
	struct scene *s = *state;
	feed(s, "Authentication-Results", " other.example; spf=pass");
	feed(s, "Authentication-Results", " rcv.example; dmarc=pass");
	s->m.exempt = MESSAGE_AUTHENTICATED;
	s->v = (struct verdict) {.reason = STR("the message is exempt")};
	plan_make(&s->m, &s->v, NULL, &s->p);
	check_outcome(&s->p, PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	check_str(s->p.why, "exempt: authenticated");
	assert_int_equal(s->p.edit_count, 1);
	check_edit(&s->p, 0, PLAN_DELETE, "Authentication-Results", 2);
}

/* A field that a full header list dropped cannot be read: it goes. */
static void
test_dropped_fields(void **state)
{
	struct scene *s = *state;
	s->j.disposition = DISPOSITION_NONE;
	feed(s, "Authentication-Results", " other.example; spf=pass");
	for (unsigned i = 0; i < HEADER_MAX_FIELDS - 1; i++)
		feed(s, "Received", " x");
	feed(s, "Authentication-Results", " rcv.example; dmarc=pass");
	feed(s, "X-Aplomb-Quarantine", " no");
	const struct plan *p = plan(s, NULL);
	assert_int_equal(p->edit_count, 3);
	check_edit(p, 0, PLAN_DELETE, "Authentication-Results", 2);
	check_edit(p, 1, PLAN_DELETE, "X-Aplomb-Quarantine", 1);
}

/* RFC 8601 5: forged fields cannot be left, and an MTA looks through the whole
 * message for each that it removes. A flood of them is sent back, also where
 * nothing is judged. */
static void
test_flood(void **state)
{
	struct scene *s = *state;
	s->j.disposition = DISPOSITION_NONE;
	for (unsigned i = 0; i < PLAN_MAX_DELETIONS; i++)
		feed(s, "Authentication-Results", "");
	check_outcome(plan(s, NULL), PLAN_ACCEPT, "", DISPOSITION_NONE, 0);
	assert_int_equal(s->p.edit_count, PLAN_MAX_DELETIONS + 1);
	feed(s, "X-Aplomb-Quarantine", " yes");
	check_outcome(plan(s, NULL), PLAN_REJECT, "550", DISPOSITION_NONE, 1);
	assert_int_equal(s->p.edit_count, 0);
	s->m.exempt = MESSAGE_TRUSTED;
	s->v = (struct verdict) {.reason = STR("the message is exempt")};
	plan_make(&s->m, &s->v, NULL, &s->p);
	check_outcome(&s->p, PLAN_REJECT, "550", DISPOSITION_NONE, 1);
}

static void
test_history_failure(void **state)
{
	struct scene *s = *state;
	plan_defer_for_history(&s->m, &s->p);
	check_outcome(&s->p, PLAN_TEMPFAIL, "451", DISPOSITION_NONE, 0);
	check_str(s->p.status, "4.3.0");
	assert_int_equal(s->p.edit_count, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reject),
		TEST(test_reject_action),
		TEST(test_quarantine_action),
		TEST(test_override),
		TEST(test_monitor),
		TEST(test_temperror),
		TEST(test_bad_from),
		TEST(test_results),
		TEST(test_results_arc),
		TEST(test_results_are_bounded),
		TEST(test_forged),
		TEST(test_exempt),
		TEST(test_dropped_fields),
		TEST(test_flood),
		TEST(test_history_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
