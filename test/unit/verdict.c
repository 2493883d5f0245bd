/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "base/text.h"
#include "judge/message.h"
#include "judge/verdict.h"
#include "net/dns_zone.h"
#include "net/suffix.h"
#include "settings/settings.h"

#define ARENA_CAP (8u << 20)

/*
 * Doubles of SPF and DKIM: results are given by a text such as
 * "spf=pass:acme.example dkim=fail:esp.example", so that the verdict alone is
 * under test. They travel in the message's HELO and in its first field.
 */
const struct table_row spf_result_names[] = {
	{SPF_NONE, "none"}, {SPF_NEUTRAL, "neutral"}, {SPF_PASS, "pass"},
	{SPF_FAIL, "fail"}, {SPF_SOFTFAIL, "softfail"},
	{SPF_TEMPERROR, "temperror"}, {SPF_PERMERROR, "permerror"}, {0, NULL},
};
const struct table_row signature_result_names[] = {
	{SIGNATURE_NONE, "none"}, {SIGNATURE_PASS, "pass"},
	{SIGNATURE_FAIL, "fail"}, {SIGNATURE_POLICY, "policy"},
	{SIGNATURE_NEUTRAL, "neutral"}, {SIGNATURE_TEMPERROR, "temperror"},
	{SIGNATURE_PERMERROR, "permerror"}, {0, NULL},
};

struct signatures {
	struct signature at[SIGNATURES_MAX];
	size_t count;
	bool is_ended, is_verified;
};

/* Whether signatures had been waited for when SPF was evaluated. */
static bool are_keys_awaited, is_spf_last;

void
spf_prefetch(const struct spf_input *in, struct lookups *l, struct arena *a)
{
	(void)in, (void)l, (void)a;
}

void
spf_evaluate(const struct spf_input *in, struct lookups *l, struct arena *a,
    struct spf_check *out)
{
	struct str domain = in->helo;
	struct str result = str_cut(&domain, ':');
	int value = SPF_NONE;
	is_spf_last = are_keys_awaited;
	table_value(spf_result_names, result, &value);
	*out = (struct spf_check) {.result = (enum spf_result)value,
	    .domain = domain};
	(void)l, (void)a;
}

void
signature_prefetch(struct str value, struct lookups *l, struct arena *a)
{
	(void)value, (void)l, (void)a;
}

struct signatures *
signatures_start(struct signature_library *lib,
    const struct header_list *headers, const struct author *author,
    struct lookups *l, int64_t now, struct arena *a)
{
	struct signatures *s = ARENA_NEW(a, struct signatures);
	struct str rest = headers->at[0].value;
	while (rest.n > 0) {
		struct str domain = str_cut(&rest, ' ');
		struct str result = str_cut(&domain, ':');
		int value;
		assert_true(table_value(signature_result_names, result,
		    &value));
		s->at[s->count++] = (struct signature) {
			.result = (enum signature_result)value,
			.domain = domain};
	}
	(void)lib, (void)author, (void)l, (void)now;
	return s;
}

bool
signatures_need_body(const struct signatures *s)
{
	(void)s;
	return false;
}

void
signatures_body(struct signatures *s, const void *bytes, size_t n)
{
	(void)s, (void)bytes, (void)n;
}

void
signatures_end(struct signatures *s)
{
	s->is_ended = true;
}

void
signatures_verify(struct signatures *s, enum signature_length length)
{
	(void)length;
	assert_true(s->is_ended);
	s->is_verified = true;
	are_keys_awaited = true;
}

size_t
signatures_count(const struct signatures *s)
{
	assert_true(s->is_verified);
	return s->count;
}

const struct signature *
signatures_at(const struct signatures *s, size_t i)
{
	return &s->at[i];
}

static const char zone_text[] =
    "exists acme.example\n"
    "exists news.acme.example\n"
    "_dmarc.acme.example TXT \"v=DMARC1; p=reject; sp=quarantine; np=reject\"\n"
    "exists quiet.example\n"
    "_dmarc.quiet.example TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.soft.example TXT \"v=DMARC1; p=quarantine\"\n"
    "_dmarc.bank.example TXT \"v=DMARC1; p=reject; psd=y\"\n"
    "_dmarc.strict.example TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "_dmarc.test.example TXT \"v=DMARC1; p=reject; t=y\"\n"
    "_dmarc.half.example TXT \"v=DMARC1; p=reject; pct=50\"\n"
    "servfail _dmarc.slow.example\n"
    "servfail _dmarc.bounce.acme.example\n"
    "servfail lost.acme.example\n"
    "exists other.example\n";

static const struct settings base = {
	.authserv_id = "rcv.example",
	.discovery = DISCOVER_TREEWALK,
	.dns_timeout = 10,
	.honour_pct = true,
	.skip_authenticated = true,
};

struct scene {
	struct arena *arena;
	struct dns *dns;
	struct settings settings;
	struct message *m;
	struct verdict v;
};

static int
setup(void **state)
{
	struct arena *a = arena_new(ARENA_CAP);
	struct scene *s = ARENA_NEW(a, struct scene);
	size_t line;
	const char *reason, *why;
	struct zone *z = zone_parse(str_of(zone_text), a, &line, &reason);
	assert_non_null(z);
	s->arena = a;
	s->dns = dns_zone_new(z);
	s->settings = base;
	s->settings.suffixes = suffix_load("", &why);
	assert_non_null(s->settings.suffixes);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;
	struct dns *dns = s->dns;
	suffix_drop(s->settings.suffixes);
	arena_free(s->arena);
	dns_drop(dns);
	return 0;
}

/* Judges a message with these From fields (separated by "|"), SPF ("" or
 * "result:domain") and signatures ("result:domain ..."). */
static const struct verdict *
judge(struct scene *s, const char *from, const char *spf, const char *dkim,
    unsigned draw)
{
	struct message_world world = {.settings = &s->settings,
	    .dns = s->dns};
	struct message_client client = {
		.ip = {IP_V4, {192, 0, 2, 7}}, .helo = str_of(spf)};
	struct str fields = str_of(from);
	s->m = message_new(&world, &client, 1795219201, draw, s->arena);
	message_mail(s->m, STR("<b@esp.example>"), false);
	message_recipient(s->m, STR("<ann@rcv.example>"));
	message_header(s->m, STR("X-Double"), str_of(dkim));
	while (fields.n > 0)
		message_header(s->m, STR("From"), str_cut(&fields, '|'));
	message_end_of_headers(s->m);
	verdict_reach(s->m, &s->v);
	return &s->v;
}

struct row {
	const char *name, *from, *spf, *dkim;
	enum verdict_result result;
	enum disposition disposition;
	bool is_due;
	const char *author; /* the decisive one; "" for none */
};

static void
check_rows(struct scene *s, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		const struct verdict *v =
		    judge(s, r->from, r->spf, r->dkim, 99);
		struct str author = v->decisive != NULL ?
		    v->decisive->author : STR("");
		if (v->result != r->result ||
		    v->disposition != r->disposition ||
		    v->is_temperror_due != r->is_due ||
		    !str_eq(author, str_of(r->author)) ||
		    str_is_empty(v->reason))
			fail_msg("%s: got %s, %s, due %d, author %.*s (%.*s)",
			    r->name,
			    table_name(verdict_result_names, (int)v->result),
			    table_name(disposition_names,
				(int)v->disposition), v->is_temperror_due,
			    STR_ARG(author), STR_ARG(v->reason));
	}
}

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* RFC 9989 5.3.6: a pass wins, then errors of what could align, then fail. */
static void
test_order(void **state)
{
	static const struct row rows[] = {
		{"SPF aligned", "a@acme.example", "pass:acme.example", "",
		    VERDICT_PASS, DISPOSITION_NONE, false, "acme.example"},
		{"DKIM aligned, SPF in error", "a@acme.example",
		    "temperror:acme.example", "pass:acme.example",
		    VERDICT_PASS, DISPOSITION_NONE, false, "acme.example"},
		{"only the second signature is aligned", "a@acme.example",
		    "fail:x.example", "pass:esp.example pass:news.acme.example",
		    VERDICT_PASS, DISPOSITION_NONE, false, "acme.example"},
		{"SPF could have aligned", "a@acme.example",
		    "temperror:acme.example", "fail:acme.example",
		    VERDICT_TEMPERROR, DISPOSITION_NONE, true, "acme.example"},
		{"a stranger's dead key does not count", "a@acme.example",
		    "fail:acme.example", "temperror:dead.test",
		    VERDICT_FAIL, DISPOSITION_REJECT, false, "acme.example"},
		{"nor that of a subdomain in strict mode", "a@strict.example",
		    "", "temperror:mail.strict.example",
		    VERDICT_FAIL, DISPOSITION_REJECT, false, "strict.example"},
		{"nor that of another organization below", "a@bank.example",
		    "temperror:evil.bank.example", "temperror:evil.bank.example",
		    VERDICT_FAIL, DISPOSITION_REJECT, false, "bank.example"},
		{"a walk of what could align failed", "a@acme.example",
		    "pass:bounce.acme.example", "",
		    VERDICT_TEMPERROR, DISPOSITION_NONE, true, "acme.example"},
		{"an error under p=none", "a@quiet.example",
		    "temperror:quiet.example", "",
		    VERDICT_TEMPERROR, DISPOSITION_NONE, false,
		    "quiet.example"},
		{"softfail never aligns", "a@acme.example",
		    "softfail:acme.example", "",
		    VERDICT_FAIL, DISPOSITION_REJECT, false, "acme.example"},
		{"sp", "a@news.acme.example", "", "pass:esp.example",
		    VERDICT_FAIL, DISPOSITION_QUARANTINE, false,
		    "news.acme.example"},
		{"np", "a@ghost.acme.example", "", "",
		    VERDICT_FAIL, DISPOSITION_REJECT, false,
		    "ghost.acme.example"},
		{"np, existence unknown", "a@lost.acme.example", "", "",
		    VERDICT_TEMPERROR, DISPOSITION_NONE, true,
		    "lost.acme.example"},
		{"no record", "a@other.example", "pass:other.example", "",
		    VERDICT_NONE, DISPOSITION_NONE, false, "other.example"},
		{"the lookup failed", "a@slow.example", "pass:slow.example",
		    "pass:slow.example",
		    VERDICT_TEMPERROR, DISPOSITION_NONE, true, "slow.example"},
		{"t=y", "a@test.example", "", "",
		    VERDICT_FAIL, DISPOSITION_QUARANTINE, false,
		    "test.example"},
	};
	check_rows(*state, rows, COUNT(rows));
}

/* RFC 9989 11.5: another author never makes a message's treatment milder. */
static void
test_several_authors(void **state)
{
	static const struct row rows[] = {
		{"one domain twice", "a@acme.example, b@acme.example",
		    "pass:acme.example", "",
		    VERDICT_PASS, DISPOSITION_NONE, false, "acme.example"},
		{"one passes, one fails", "a@soft.example, b@acme.example",
		    "pass:soft.example", "",
		    VERDICT_FAIL, DISPOSITION_REJECT, false, "acme.example"},
		{"the strictest", "a@soft.example, b@acme.example, "
		    "c@quiet.example", "", "",
		    VERDICT_FAIL, DISPOSITION_REJECT, false, "acme.example"},
		{"an error behind a failure without policy",
		    "a@quiet.example, b@slow.example", "", "",
		    VERDICT_TEMPERROR, DISPOSITION_NONE, true, "slow.example"},
		{"an error before a failure with policy",
		    "a@slow.example, b@soft.example", "", "",
		    VERDICT_FAIL, DISPOSITION_QUARANTINE, false,
		    "soft.example"},
		{"one without record", "a@other.example, b@quiet.example", "",
		    "", VERDICT_FAIL, DISPOSITION_NONE, false,
		    "quiet.example"},
		{"a pass does not speak for one without record",
		    "a@soft.example, b@other.example", "pass:soft.example", "",
		    VERDICT_NONE, DISPOSITION_NONE, false, "other.example"},
		{"of two due errors, that under a known policy",
		    "a@slow.example, b@acme.example", "temperror:acme.example",
		    "", VERDICT_TEMPERROR, DISPOSITION_NONE, true,
		    "acme.example"},
		{"both pass", "a@soft.example, b@quiet.example",
		    "pass:soft.example", "pass:quiet.example",
		    VERDICT_PASS, DISPOSITION_NONE, false, "soft.example"},
	};
	check_rows(*state, rows, COUNT(rows));
}

static void
test_bad_from(void **state)
{
	static const char *const froms[] = {"", "a@acme.example|b@acme.example",
	    "Team:;", "a@[192.0.2.1]", "nonsense"};
	for (size_t i = 0; i < COUNT(froms); i++) {
		const struct verdict *v = judge(*state, froms[i],
		    "pass:acme.example", "pass:acme.example", 0);
		assert_true(v->is_bad_from);
		assert_int_equal(v->result, VERDICT_PERMERROR);
		assert_null(v->decisive);
		assert_int_equal(v->judgement_count, 0);
		assert_int_equal(v->spf.result, SPF_PASS);
		assert_int_equal(v->dkim_count, 1);
		assert_false(str_is_empty(v->reason));
	}
}

/* RFC 9989 5.3.1: no header, no author; a peer that leaves the end of the
 * header out gets the same answer. */
static void
test_no_end_of_headers(void **state)
{
	struct scene *s = *state;
	struct message_world world = {.settings = &s->settings,
	    .dns = s->dns};
	struct message_client client = {.ip = {IP_V4, {192, 0, 2, 7}}};
	s->m = message_new(&world, &client, 1795219201, 0, s->arena);
	message_mail(s->m, STR("<b@esp.example>"), false);
	message_header(s->m, STR("X-Double"), STR(""));
	message_header(s->m, STR("From"), STR("a@acme.example"));
	verdict_reach(s->m, &s->v);
	assert_non_null(s->v.decisive);
	assert_int_equal(s->v.result, VERDICT_FAIL);
	assert_int_equal(s->v.disposition, DISPOSITION_REJECT);
}

/* RFC 9989 5.3.6: the keys of a forger's own signatures, which never come, must
 * not use up the time in which the victim's SPF fails. */
static void
test_who_waits_first(void **state)
{
	static const struct {
		const char *path;
		bool is_last;
	} rows[] = {
		{"<x@acme.example>", false},
		{"<x@bounce.acme.example>", false},
		{"<x@forger.test>", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct scene *s = *state;
		struct message_world world = {.settings = &s->settings,
		    .dns = s->dns};
		struct message_client client = {.ip = {IP_V4, {192, 0, 2, 7}}};
		s->m = message_new(&world, &client, 1795219201, 0, s->arena);
		message_mail(s->m, str_of(rows[i].path), false);
		message_header(s->m, STR("X-Double"), STR(""));
		message_header(s->m, STR("From"), STR("a@acme.example"));
		message_end_of_headers(s->m);
		are_keys_awaited = false;
		verdict_reach(s->m, &s->v);
		assert_true(are_keys_awaited);
		assert_int_equal(is_spf_last, rows[i].is_last);
	}
}

static void
test_facts(void **state)
{
	const struct verdict *v = judge(*state, "a@acme.example",
	    "pass:acme.example", "fail:acme.example pass:acme.example "
	    "pass:esp.example", 0);
	const struct judgement *j = v->decisive;
	assert_true(j->is_spf_aligned && j->is_dkim_aligned);
	assert_int_equal(j->dkim_aligned, 1u << 1);
	assert_int_equal(j->policy.owner, RECORD_REJECT);
	assert_int_equal(j->policy.reasons.count, 0);
	check_str(j->discovery.policy_domain, "acme.example");
	check_str(v->reason, "SPF and DKIM passed and are aligned");
}

/* RFC 7489 6.6.4: the draw is one of the facts. */
static void
test_sampling(void **state)
{
	struct scene *s = *state;
	const struct verdict *v = judge(s, "a@half.example", "", "", 49);
	assert_int_equal(v->disposition, DISPOSITION_REJECT);
	assert_int_equal(v->reasons.count, 0);
	v = judge(s, "a@half.example", "", "", 50);
	assert_int_equal(v->disposition, DISPOSITION_QUARANTINE);
	assert_int_equal(v->reasons.count, 1);
	s->settings.honour_pct = false;
	v = judge(s, "a@half.example", "", "", 50);
	assert_int_equal(v->disposition, DISPOSITION_REJECT);
}

static struct override_patterns
patterns(const char *domain, struct arena *a)
{
	struct override_patterns p = {0};
	assert_true(override_add_domain(&p, str_of(domain), a));
	return p;
}

static void
test_overrides(void **state)
{
	struct scene *s = *state;
	struct override_rule rules[] = {
		{.name = STR("tried"), .is_dry_run = true,
		    .disposition = DISPOSITION_NONE},
		{.name = STR("partner"), .comment = STR("ticket 7"),
		    .reason = REASON_TRUSTED_FORWARDER,
		    .from = patterns("acme.example", s->arena),
		    .disposition = DISPOSITION_NONE},
		{.name = STR("milder"), .effect = OVERRIDE_TREAT_AS,
		    .reason = REASON_LOCAL_POLICY,
		    .from = patterns("strict.example", s->arena),
		    .treat_as = RECORD_QUARANTINE},
		{.name = STR("broken DNS"), .reason = REASON_OTHER,
		    .from = patterns("slow.example", s->arena),
		    .disposition = DISPOSITION_QUARANTINE},
	};
	s->settings.overrides = (struct override_rules) {rules, 4};

	const struct verdict *v = judge(s, "a@acme.example", "", "", 0);
	assert_int_equal(v->result, VERDICT_FAIL);
	assert_int_equal(v->disposition, DISPOSITION_NONE);
	assert_ptr_equal(v->override, &rules[1]);
	assert_int_equal(v->dry_run_count, 1);
	assert_ptr_equal(v->dry_runs[0], &rules[0]);
	assert_int_equal(v->reasons.count, 1);
	assert_int_equal(v->reasons.at[0].type, REASON_TRUSTED_FORWARDER);
	check_str(v->reasons.at[0].comment, "override partner: ticket 7");

	v = judge(s, "a@strict.example", "", "", 0);
	assert_int_equal(v->disposition, DISPOSITION_QUARANTINE);
	check_str(v->reasons.at[0].comment, "override milder");

	v = judge(s, "a@slow.example", "", "", 0);
	assert_int_equal(v->result, VERDICT_TEMPERROR);
	assert_false(v->is_temperror_due);
	assert_int_equal(v->disposition, DISPOSITION_QUARANTINE);

	/* Each rule as it was asked; an error that an override decided too. */
	const char *const *misses = verdict_misses(s->m, v, v->decisive);
	assert_null(misses[0]);
	assert_string_equal(misses[1], "from");
	assert_null(misses[3]);

	/* Nothing failed: no rule is asked. */
	v = judge(s, "a@acme.example", "pass:acme.example", "", 0);
	assert_null(verdict_misses(s->m, v, v->decisive));
	assert_null(v->override);
	assert_int_equal(v->dry_run_count, 0);

	/* A rule for one author says nothing of another (RFC 9989 11.5). */
	v = judge(s, "a@acme.example, b@strict.example, c@half.example", "",
	    "", 0);
	check_str(v->decisive->author, "half.example");
	assert_int_equal(v->disposition, DISPOSITION_REJECT);
	assert_int_equal(v->dry_run_count, 1);
}

static void
test_exempt(void **state)
{
	struct scene *s = *state;
	judge(s, "a@acme.example", "", "", 0);
	s->m->exempt = MESSAGE_TRUSTED;
	verdict_reach(s->m, &s->v);
	assert_int_equal(s->v.result, VERDICT_NONE);
	assert_null(s->v.decisive);
	assert_false(s->v.is_bad_from);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_several_authors),
		TEST(test_bad_from),
		TEST(test_no_end_of_headers),
		TEST(test_who_waits_first),
		TEST(test_facts),
		TEST(test_sampling),
		TEST(test_overrides),
		TEST(test_exempt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
