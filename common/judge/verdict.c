/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/verdict.h"

#include "auth/arc_claim.h"
#include "auth/arc_trust.h"
#include "base/arena.h"
#include "base/text.h"
#include "dmarc/align.h"
#include "judge/message.h"
#include "mail/list_id.h"
#include "settings/settings.h"

const struct table_row verdict_result_names[] = {
	{VERDICT_NONE, "none"},
	{VERDICT_PASS, "pass"},
	{VERDICT_FAIL, "fail"},
	{VERDICT_TEMPERROR, "temperror"},
	{VERDICT_PERMERROR, "permerror"},
	{0, NULL},
};

static struct policy_options
policy_options(const struct message *m)
{
	const struct settings *s = m->world.settings;
	return (struct policy_options) {
		.method = s->discovery,
		.is_pct_honoured = s->honour_pct,
		.draw = m->draw,
	};
}

/* What identifiers say of one author, gathered: a pass outweighs every error
 * (RFC 9989 5.3.6). */
struct alignment {
	struct message *m;
	struct judgement *j;
	struct str error; /* of an identifier that could have aligned */
};

static void
note_error(struct alignment *al, const char *what, struct str domain,
    const char *why)
{
	if (str_is_empty(al->error))
		al->error = text_format(al->m->arena, "%s %.*s: %s", what,
		    STR_ARG(domain), why);
}

/* Whether an identifier that passed, or failed temporarily, is aligned; errors
 * of one that could not align do not count (RFC 9989 5.3.6), so one that failed
 * walks as well: a name below the author's may have an organizational domain of
 * its own. */
static bool
is_aligned(struct alignment *al, const char *what, struct str domain,
    bool is_pass, bool is_strict)
{
	struct judgement *j = al->j;
	struct discover_options options = message_discovery(al->m);
	switch (align_check(al->m->lookups, &options, &j->discovery, j->author,
	    domain, is_strict, al->m->arena)) {
	case ALIGN_YES:
		if (!is_pass)
			note_error(al, what, domain,
			    "the check failed temporarily");
		return is_pass;
	case ALIGN_TEMPERROR:
		note_error(al, what, domain,
		    "its organizational domain could not be looked up");
		return false;
	case ALIGN_NO:
		break;
	}
	return false;
}

static void
align_spf(struct alignment *al, const struct spf_check *spf)
{
	if (spf->result != SPF_PASS && spf->result != SPF_TEMPERROR)
		return;
	al->j->is_spf_aligned = is_aligned(al, "SPF of", spf->domain,
	    spf->result == SPF_PASS, al->j->discovery.record->is_strict_spf);
}

static void
align_dkim(struct alignment *al, const struct verdict *v)
{
	for (size_t i = 0; i < v->dkim_count; i++) {
		const struct signature *s = v->dkim[i];
		if (s->result != SIGNATURE_PASS &&
		    s->result != SIGNATURE_TEMPERROR)
			continue;
		if (is_aligned(al, "signature of", s->domain,
			s->result == SIGNATURE_PASS,
			al->j->discovery.record->is_strict_dkim))
			al->j->dkim_aligned |= 1u << i;
	}
	al->j->is_dkim_aligned = al->j->dkim_aligned != 0;
}

static void
conclude(struct judgement *j, enum verdict_result result, struct str reason)
{
	j->result = result;
	j->reason = reason;
}

static struct str
pass_reason(const struct judgement *j)
{
	if (j->is_spf_aligned && j->is_dkim_aligned)
		return STR("SPF and DKIM passed and are aligned");
	return j->is_spf_aligned ? STR("SPF passed and is aligned") :
	    STR("DKIM passed and is aligned");
}

static struct str
fail_reason(const struct verdict *v, struct arena *a)
{
	size_t passed = 0;
	for (size_t i = 0; i < v->dkim_count; i++)
		passed += v->dkim[i]->result == SIGNATURE_PASS;
	return text_format(a,
	    "no aligned identifier passed: spf=%s, %zu of %zu signatures "
	    "passed", table_name(spf_result_names, (int)v->spf.result), passed,
	    v->dkim_count);
}

/* RFC 9989 5.3.6, in its order: pass, no conclusion, fail. */
static void
judge_aligned(struct message *m, const struct verdict *v, struct judgement *j)
{
	struct alignment al = {.m = m, .j = j};
	struct policy_options options = policy_options(m);
	align_dkim(&al, v);
	align_spf(&al, &v->spf);
	policy_apply(m->lookups, &options, &j->discovery, j->author,
	    &j->policy);
	if (j->is_spf_aligned || j->is_dkim_aligned) {
		j->policy.disposition = DISPOSITION_NONE;
		j->policy.reasons.count = 0;
		conclude(j, VERDICT_PASS, pass_reason(j));
	} else if (!str_is_empty(al.error)) {
		conclude(j, VERDICT_TEMPERROR, al.error);
	} else if (j->policy.is_temperror) {
		conclude(j, VERDICT_TEMPERROR,
		    STR("whether the author domain exists could not be "
			"looked up"));
	} else {
		conclude(j, VERDICT_FAIL, fail_reason(v, m->arena));
	}
}

static void
judge(struct message *m, const struct verdict *v, struct judgement *j)
{
	struct discover_options options = message_discovery(m);
	switch (j->discovery.status) {
	case DISCOVER_FOUND:
		j->has_policy = true;
		judge_aligned(m, v, j);
		break;
	case DISCOVER_ABSENT: /* RFC 9989 4.10.1 */
		conclude(j, VERDICT_NONE, j->discovery.reason);
		break;
	case DISCOVER_TEMPERROR:
		conclude(j, VERDICT_TEMPERROR, j->discovery.reason);
		break;
	}
	j->is_temperror_due = j->result == VERDICT_TEMPERROR &&
	    (!j->has_policy || j->policy.is_temperror ||
		j->policy.disposition != DISPOSITION_NONE);
	j->differs = discover_differs(m->lookups, &options, j->author,
	    &j->discovery, m->arena);
}

static struct override_facts
override_facts(const struct message *m, const struct verdict *v,
    const struct judgement *j, struct str *dkim_domains)
{
	struct override_facts f = {
		.author = j->author,
		.client = m->client,
		.helo = m->helo,
		.recipients = m->recipients,
		.recipient_count = m->recipient_count,
		.has_more_recipients = m->has_more_recipients,
		.dkim_domains = dkim_domains,
		.spf_domain = v->spf.result == SPF_PASS ? v->spf.domain :
							  STR(""),
		.has_policy = j->has_policy && !j->policy.is_temperror,
		.policy = j->policy.owner,
		.result = j->result == VERDICT_FAIL ? OVERRIDE_FAIL :
						      OVERRIDE_TEMPERROR,
		.arc = v->arc,
		.arena = m->arena,
		.now = m->received,
	};
	list_id_find(&m->headers, m->arena, &f.list_id);
	for (size_t i = 0; i < v->dkim_count; i++)
		if (v->dkim[i]->result == SIGNATURE_PASS)
			dkim_domains[f.dkim_count++] = v->dkim[i]->domain;
	return f;
}

static void
add_dry_run(struct verdict *v, const struct override_rule *rule)
{
	for (size_t i = 0; i < v->dry_run_count; i++)
		if (v->dry_runs[i] == rule)
			return;
	if (v->dry_run_count < VERDICT_MAX_DRY_RUNS)
		v->dry_runs[v->dry_run_count++] = rule;
}

static const struct override_rule *
match(const struct message *m, struct verdict *v, const struct judgement *j)
{
	struct str dkim_domains[SIGNATURES_MAX];
	const struct override_rule *dry[VERDICT_MAX_DRY_RUNS];
	size_t dry_count = 0;
	struct override_facts facts = override_facts(m, v, j, dkim_domains);
	const struct override_rule *rule =
	    override_match(&m->world.settings->overrides, &facts, dry,
		VERDICT_MAX_DRY_RUNS, &dry_count);
	for (size_t i = 0; i < dry_count && i < VERDICT_MAX_DRY_RUNS; i++)
		add_dry_run(v, dry[i]);
	return rule;
}

static enum disposition
disposition_of(enum record_policy p)
{
	switch (p) {
	case RECORD_REJECT:
		return DISPOSITION_REJECT;
	case RECORD_QUARANTINE:
		return DISPOSITION_QUARANTINE;
	case RECORD_NONE:
		break;
	}
	return DISPOSITION_NONE;
}

static bool
is_trusted(const void *patterns, struct str domain)
{
	return override_has_domain(patterns, domain);
}

/* RFC 8617 7.2.1, 7.2.2: a trusted forwarder says that the message passed for
 * this author when it came to him. The result stays a failure. */
static void
apply_chain(const struct message *m, const struct verdict *v,
    struct judgement *j)
{
	struct arc_claim claim;
	if (v->arc == NULL || j->result != VERDICT_FAIL ||
	    j->disposition == DISPOSITION_NONE)
		return;
	unsigned instance = arc_trust_find(v->arc, is_trusted,
	    &m->world.settings->arc_trusted_sealers, m->arena, &claim);
	if (instance == 0 || !arc_trust_covers(&claim, j->author))
		return;
	j->sealer = v->arc->sealers[v->arc->count - instance].domain;
	j->disposition = DISPOSITION_NONE;
	reasons_add(&j->reasons, REASON_LOCAL_POLICY,
	    arc_trust_comment(v->arc, m->arena));
}

/* The operator's rules see what failed, and what would be deferred. */
static void
apply_override(const struct message *m, struct verdict *v,
    struct judgement *j)
{
	if (j->result == VERDICT_FAIL) {
		j->disposition = j->policy.disposition;
		j->reasons = j->policy.reasons;
	} else if (!j->is_temperror_due) {
		return;
	}
	const struct override_rule *rule = match(m, v, j);
	if (rule == NULL) {
		apply_chain(m, v, j);
		return;
	}
	j->override = rule;
	j->is_temperror_due = false;
	j->disposition = rule->effect == OVERRIDE_DISPOSITION ?
	    rule->disposition : disposition_of(rule->treat_as);
	reasons_add(&j->reasons, rule->reason, text_format(m->arena,
	    str_is_empty(rule->comment) ? "override %.*s" :
	    "override %.*s: %.*s", STR_ARG(rule->name),
	    STR_ARG(rule->comment)));
	if (rule->arc_sealer.count > 0) /* RFC 8617 7.2.2 */
		reasons_add(&j->reasons, REASON_LOCAL_POLICY,
		    arc_trust_comment(v->arc, m->arena));
}

/* How much a judgement has to say among those of several authors: nobody gets
 * round a policy by adding an author without one, nor gets a pass by adding a
 * name of his own to one that publishes nothing (RFC 9989 11.5). */
static unsigned
weight(const struct judgement *j)
{
	switch (j->disposition) {
	case DISPOSITION_REJECT:
		return 9;
	case DISPOSITION_TEMPFAIL:
		return 8;
	case DISPOSITION_QUARANTINE:
		return 7;
	case DISPOSITION_NONE:
		break;
	}
	/* Whose policy is known comes first: it is what holds when
	 * temperror-limit is over. */
	if (j->is_temperror_due)
		return j->has_policy ? 6 : 5;
	if (j->result == VERDICT_FAIL)
		return 4;
	if (j->result == VERDICT_TEMPERROR)
		return 3;
	return j->result == VERDICT_PASS ? 0 : 1;
}

static void
decide(struct verdict *v)
{
	const struct judgement *best = &v->judgements[0];
	for (size_t i = 1; i < v->judgement_count; i++)
		if (weight(&v->judgements[i]) > weight(best))
			best = &v->judgements[i];
	v->decisive = best;
	v->result = best->result;
	v->reason = best->reason;
	v->disposition = best->disposition;
	v->reasons = best->reasons;
	v->is_temperror_due = best->is_temperror_due;
	v->override = best->override;
}

static void
gather_signatures(struct message *m, struct verdict *out)
{
	signatures_verify(m->signatures, m->world.settings->dkim_l_tag);
	for (size_t i = 0; i < signatures_count(m->signatures) &&
	    i < SIGNATURES_MAX; i++)
		out->dkim[out->dkim_count++] = signatures_at(m->signatures, i);
	if (m->arc == NULL)
		return;
	arc_verify(m->arc);
	out->arc = arc_result(m->arc);
}

static void
gather_policies(struct message *m, struct verdict *out)
{
	struct discover_options options = message_discovery(m);
	for (size_t i = 0; i < out->judgement_count; i++) {
		struct judgement *j = &out->judgements[i];
		j->author = m->author.domains[i];
		discover_policy(m->lookups, &options, j->author, m->arena,
		    &j->discovery);
		if (j->discovery.status == DISCOVER_FOUND)
			policy_prefetch(m->lookups, &j->discovery, j->author);
	}
}

/* Keys and walks were all asked long ago, and come in one round trip; SPF may
 * need many, and what it cannot get before the deadline is an error. So where
 * it could align it is not made to wait for others: a forger's own signature,
 * whose key never comes, must not make an error of the victim's failure.
 * Elsewhere it goes last, so that its time is lost to nobody. */
static void
gather(struct message *m, struct verdict *out)
{
	signatures_end(m->signatures);
	if (m->arc != NULL)
		arc_end(m->arc);
	if (m->is_spf_decisive)
		spf_evaluate(&m->spf, m->lookups, m->arena, &out->spf);
	gather_policies(m, out);
	gather_signatures(m, out);
	if (!m->is_spf_decisive)
		spf_evaluate(&m->spf, m->lookups, m->arena, &out->spf);
}

void
verdict_reach(struct message *m, struct verdict *out)
{
	*out = (struct verdict) {.result = VERDICT_NONE};
	if (m->exempt != MESSAGE_JUDGED) {
		out->reason = STR("the message is exempt");
		return;
	}
	message_end_of_headers(m);
	out->judgement_count = m->author.count;
	out->judgements =
	    ARENA_ARRAY(m->arena, struct judgement, m->author.count);
	gather(m, out);
	for (size_t i = 0; i < out->judgement_count; i++) {
		judge(m, out, &out->judgements[i]);
		apply_override(m, out, &out->judgements[i]);
	}
	if (out->judgement_count > 0) {
		decide(out);
		return;
	}
	/* RFC 9989 5.3.1: no author domain, nothing to judge. */
	out->is_bad_from = true;
	out->result = VERDICT_PERMERROR;
	out->reason = m->author.reason;
}

const char *const *
verdict_misses(const struct message *m, const struct verdict *v,
    const struct judgement *j)
{
	const struct override_rules *rules = &m->world.settings->overrides;
	struct str dkim_domains[SIGNATURES_MAX];
	if (j->result != VERDICT_FAIL && !j->is_temperror_due &&
	    j->override == NULL)
		return NULL;
	struct override_facts facts = override_facts(m, v, j, dkim_domains);
	const char **misses =
	    ARENA_ARRAY(m->arena, const char *, rules->count);
	for (size_t i = 0; i < rules->count; i++)
		misses[i] = override_miss(&rules->at[i], &facts);
	return misses;
}
