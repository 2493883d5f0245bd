/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/policy.h"

#include "net/dns.h"

const struct table_row disposition_names[] = {
	{DISPOSITION_NONE, "none"},
	{DISPOSITION_QUARANTINE, "quarantine"},
	{DISPOSITION_REJECT, "reject"},
	{DISPOSITION_TEMPFAIL, "tempfail"},
	{0, NULL},
};

const struct table_row reason_names[] = {
	{REASON_LOCAL_POLICY, "local_policy"},
	{REASON_MAILING_LIST, "mailing_list"},
	{REASON_OTHER, "other"},
	{REASON_POLICY_TEST_MODE, "policy_test_mode"},
	{REASON_TRUSTED_FORWARDER, "trusted_forwarder"},
	{REASON_SAMPLED_OUT, "sampled_out"},
	{REASON_FORWARDED, "forwarded"},
	{0, NULL},
};

const struct table_row policy_tag_names[] = {
	{POLICY_P, "p"},
	{POLICY_SP, "sp"},
	{POLICY_NP, "np"},
	{0, NULL},
};

void
reasons_add(struct reasons *r, enum reason_type type, struct str comment)
{
	if (r->count < POLICY_MAX_REASONS)
		r->at[r->count++] = (struct reason) {type, comment};
}

/* RFC 9989 4.7: what holds for the author domain as long as it exists. At the
 * author domain itself sp and np mean nothing. */
static void
choose_existing(const struct discovery *d, struct policy *out)
{
	bool has_sp = d->source != DISCOVER_OWN && d->record->has_sp;
	out->tag = has_sp ? POLICY_SP : POLICY_P;
	out->owner = has_sp ? d->record->sp : d->record->p;
}

/* np says something else than the tag that was chosen, so it matters whether
 * the name exists. */
static bool
is_np_different(const struct discovery *d, const struct policy *chosen)
{
	return d->source != DISCOVER_OWN && d->record->has_np &&
	    d->record->np != chosen->owner;
}

/* RFC 9989 3.2.13: one question for the name itself, of any type. */
static struct lookup *
ask_existence(struct lookups *l, struct str author)
{
	return dns_ask(l, DNS_FOR_POLICY, DNS_A, author);
}

static void
choose_by_existence(struct lookups *l, const struct discovery *d,
    struct str author, struct policy *out)
{
	const struct dns_answer *answer = dns_wait(ask_existence(l, author));

	if (dns_is_error(answer->status)) {
		out->is_temperror = true;
		return;
	}
	/* RFC 8020 2, RFC 6604 3: behind a CNAME the status is that of its
	 * target, and the name itself exists. */
	if (answer->status != DNS_NXDOMAIN || answer->is_alias)
		return;
	out->tag = POLICY_NP;
	out->owner = d->record->np;
}

/* One level milder. */
static void
soften(struct policy *out, enum reason_type reason, struct str comment)
{
	if (out->disposition == DISPOSITION_NONE)
		return;
	out->disposition = out->disposition == DISPOSITION_REJECT
	    ? DISPOSITION_QUARANTINE
	    : DISPOSITION_NONE;
	reasons_add(&out->reasons, reason, comment);
}

/* At most one level milder: t=y is the successor of pct=0 (RFC 9989 App. A.6),
 * and an owner who publishes both, for receivers of either age, asks for that
 * one level. What remains is never stricter than either tag alone. */
static void
apply_options(const struct policy_options *o, const struct record *r,
    struct policy *out)
{
	bool is_sampled_out = o->is_pct_honoured && o->draw >= r->pct;

	if (r->is_test)
		soften(out, REASON_POLICY_TEST_MODE, STR(""));
	else if (is_sampled_out && o->method == DISCOVER_PSL)
		soften(out, REASON_SAMPLED_OUT, STR(""));
	else if (is_sampled_out) /* RFC 9990 has no other word for it */
		soften(out, REASON_LOCAL_POLICY, STR("pct"));
}

static enum disposition
disposition_of(enum record_policy p)
{
	switch (p) {
	case RECORD_NONE:
		return DISPOSITION_NONE;
	case RECORD_QUARANTINE:
		return DISPOSITION_QUARANTINE;
	case RECORD_REJECT:
		return DISPOSITION_REJECT;
	}
	return DISPOSITION_NONE;
}

void
policy_prefetch(struct lookups *l, const struct discovery *d, struct str author)
{
	struct policy chosen;

	choose_existing(d, &chosen);
	if (is_np_different(d, &chosen))
		ask_existence(l, author);
}

void
policy_apply(struct lookups *l, const struct policy_options *o,
    const struct discovery *d, struct str author, struct policy *out)
{
	*out = (struct policy) {.is_temperror = false};
	choose_existing(d, out);
	if (is_np_different(d, out))
		choose_by_existence(l, d, author, out);
	out->disposition = disposition_of(out->owner);
	apply_options(o, d->record, out);
}
