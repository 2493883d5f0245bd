/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/history_row.h"

#include "dmarc/policy.h"

#define DAY 86400
/* Best first (RFC 9990 3.1.3). */
#define RANKS 4

static void
set_policy(const struct history_author *a, struct report_policy *out)
{
	const struct history_published *p = &a->published;
	*out = (struct report_policy) {
		.domain = p->domain,
		.method = (enum discover_method)p->method,
		.p = (enum record_policy)p->p,
		.sp = (enum record_policy)p->sp,
		.np = (enum record_policy)p->np,
		.is_strict_dkim = p->adkim,
		.is_strict_spf = p->aspf,
		.fo = p->fo,
		.is_test = p->testing,
		.psd = (enum record_psd)p->psd,
		.pct = (unsigned)p->pct,
		.has_rua = p->has_rua,
		.error = a->error,
	};
}

static bool
is_aligned(const struct history_author *a, size_t signature)
{
	for (size_t i = 0; i < a->aligned_count; i++)
		if ((size_t)a->aligned[i] == signature)
			return true;
	return false;
}

static int
rank_of(const struct history_line *m, const struct history_author *a, size_t i)
{
	if (is_aligned(a, i))
		return str_eq(m->dkim[i].domain, a->header_from) ? 0 : 1;
	return m->dkim[i].result == SIGNATURE_PASS ? 2 : 3;
}

static void
set_signatures(const struct history_line *m, const struct history_author *a,
    struct report_row *out)
{
	out->dkim_count = 0;
	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < m->dkim_count; i++)
			if (rank_of(m, a, i) == rank)
				out->dkim[out->dkim_count++] =
				    (struct report_dkim) {
					.domain = m->dkim[i].domain,
					.selector = m->dkim[i].selector,
					.result = (enum signature_result)
					    m->dkim[i].result,
					.human = m->dkim[i].reason,
				};
}

/* The sheet's table: a pass under a policy that asks for something is `pass`.
 * That policy is the owner's word before t and pct. */
static enum report_disposition
disposition_of(const struct history_line *m, const struct history_author *a)
{
	switch (m->disposition) {
	case DISPOSITION_QUARANTINE:
		return REPORT_QUARANTINE;
	case DISPOSITION_REJECT:
		return REPORT_REJECT;
	}
	return m->dmarc == VERDICT_PASS && a->has_policy &&
	    a->policy != RECORD_NONE ? REPORT_PASS : REPORT_NONE;
}

void
history_row_explain(struct report_row *r, enum record_policy asked,
    bool is_temporary)
{
	static const enum report_disposition want[] = {
		[RECORD_NONE] = REPORT_NONE,
		[RECORD_QUARANTINE] = REPORT_QUARANTINE,
		[RECORD_REJECT] = REPORT_REJECT,
	};
	if (r->is_dkim_aligned || r->is_spf_aligned || r->reasons.count > 0 ||
	    r->disposition == want[asked])
		return;
	if (is_temporary)
		reasons_add(&r->reasons, REASON_OTHER, STR("no conclusion: SPF "
		    "or DKIM failed for a temporary error"));
	else
		reasons_add(&r->reasons, REASON_LOCAL_POLICY, (struct str) {0});
}

/* Two sites that report on each other's reports would do so for ever. Bounces
 * have no sender; the header of a report counts where it is the author's, so
 * that no forger keeps his mail out of reports. */
static bool
is_optional(const struct history_line *m)
{
	return str_is_empty(m->envelope_from) ||
	    (m->is_report && m->dmarc == VERDICT_PASS);
}

static void
set_row(const struct history_line *m, const struct history_author *a,
    bool has_envelope_to, struct report_row *out)
{
	bool is_one = has_envelope_to && m->envelope_to_count == 1;
	out->count = 1;
	out->optional = is_optional(m);
	out->source_ip = m->source_ip;
	out->disposition = disposition_of(m, a);
	out->is_dkim_aligned = a->dkim == 0;
	out->is_spf_aligned = a->spf == 0;
	out->reasons.count = m->reasons.count;
	for (size_t i = 0; i < m->reasons.count; i++)
		out->reasons.at[i] = (struct reason) {
			(enum reason_type)m->reasons.at[i].type,
			m->reasons.at[i].comment};
	out->header_from = a->header_from;
	out->envelope_from = m->envelope_from;
	out->envelope_to = is_one ? m->envelope_to[0] : (struct str) {0};
	out->spf = (struct report_spf) {m->spf.domain, STR("mfrom"),
	    (enum spf_result)m->spf.result};
	set_signatures(m, a, out);
}

enum message_kind
history_row(const struct history_line *m, bool has_envelope_to,
    struct message_row *out)
{
	if ((m->reply >= 400 && m->reply <= 499) ||
	    m->disposition == DISPOSITION_TEMPFAIL)
		return MESSAGE_DEFERRED;
	if (!m->has_decisive || !m->authors[m->decisive].has_published)
		return MESSAGE_UNREPORTED;
	const struct history_author *a = &m->authors[m->decisive];
	out->day = m->time / DAY;
	set_policy(a, &out->policy);
	set_row(m, a, has_envelope_to, &out->row);
	if (a->has_policy)
		history_row_explain(&out->row, (enum record_policy)a->policy,
		    m->dmarc == VERDICT_TEMPERROR);
	return MESSAGE_COUNTS;
}
