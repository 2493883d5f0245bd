/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/failure.h"

#include "base/cursor.h"
#include "dmarc/record.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "mail/address.h"
#include "mail/feedback.h"
#include "mail/lexeme.h"
#include "settings/settings.h"

const struct table_row failure_type_names[] = {
	{FAILURE_DMARC, "dmarc"},
	{FAILURE_DKIM, "dkim"},
	{FAILURE_SPF, "spf"},
	{0, NULL},
};

const struct table_row failure_answer_names[] = {
	{FAILURE_DUE, "due"},
	{FAILURE_OFF, "off"},
	{FAILURE_EXEMPT, "exempt"},
	{FAILURE_COMES_BACK, "comes-back"},
	{FAILURE_UNASKED, "unasked"},
	{FAILURE_SUFFIX, "suffix"},
	{FAILURE_LOOP, "loop"},
	{FAILURE_NOTHING, "nothing"},
	{0, NULL},
};

/* ---- fo ----------------------------------------------------------------- */

/* A signature was there, and did not hold: a temporary error says nothing of
 * it. */
static bool
has_broken_signature(const struct verdict *v)
{
	for (size_t i = 0; i < v->dkim_count; i++)
		if (v->dkim[i]->result == SIGNATURE_FAIL ||
		    v->dkim[i]->result == SIGNATURE_PERMERROR)
			return true;
	return false;
}

/* "none" would report every domain that publishes no SPF. */
static bool
is_spf_broken(enum spf_result r)
{
	return r == SPF_FAIL || r == SPF_SOFTFAIL || r == SPF_TEMPERROR ||
	    r == SPF_PERMERROR;
}

unsigned
failure_types(const struct failure_facts *f)
{
	unsigned types = 0;
	bool is_whole = f->is_spf_aligned && f->is_dkim_aligned;
	/* 1 asks for all that 0 does; d and s alone ask for neither. */
	if (((f->fo & RECORD_FO_1) != 0 && !is_whole) ||
	    ((f->fo & RECORD_FO_0) != 0 && f->is_fail))
		types |= FAILURE_DMARC;
	if ((f->fo & RECORD_FO_D) != 0 && has_broken_signature(f->verdict))
		types |= FAILURE_DKIM;
	if ((f->fo & RECORD_FO_S) != 0 &&
	    is_spf_broken(f->verdict->spf.result))
		types |= FAILURE_SPF;
	return types;
}

/* ---- loops -------------------------------------------------------------- */

/* The first word of a structured value, comments passed over: a token, or
 * type "/" subtype. */
static bool
is_first_word(struct str value, const char *first, const char *second)
{
	struct cursor c;
	cursor_init(&c, value);
	lexeme_cfws(&c);
	struct str word = cursor_span(&c, lexeme_is_atext);
	size_t slash = str_find(word, '/');
	if (!str_ieq(str_sub(word, 0, slash), str_of(first)))
		return false;
	if (second == NULL)
		return true;
	if (slash == word.n)
		lexeme_cfws(&c);
	cursor_take(&c, '/');
	lexeme_cfws(&c);
	struct str behind = slash < word.n ?
	    str_sub(word, slash + 1, word.n) : STR("");
	if (str_is_empty(behind))
		behind = cursor_span(&c, lexeme_is_atext);
	return str_ieq(behind, str_of(second));
}

/* RFC 6650 6: reports of any kind, be they ours, bounces or receipts. */
static bool
is_report_type(struct str value)
{
	return is_first_word(value, "multipart", "report") ||
	    is_first_word(value, "message", "feedback-report") ||
	    is_first_word(value, "message", "delivery-status") ||
	    is_first_word(value, "message", "disposition-notification");
}

static bool
is_automatic_field(const struct header_field *f)
{
	if (header_is(f, STR("Content-Type")))
		return is_report_type(f->value);
	/* RFC 3834 5; what cannot be read is taken for automatic. */
	return header_is(f, STR("Auto-Submitted")) &&
	    !is_first_word(f->value, "no", NULL);
}

/* The address, or that with "+" and anything behind its local-part, as bounces
 * of reports come to. */
static bool
is_below(struct str address, const char *mailbox)
{
	struct str whole = str_of(mailbox);
	size_t at = str_find_last(whole, '@');
	struct str local = str_sub(whole, 0, at);
	struct str domain = str_sub(whole, at, whole.n);
	return domain.n > 0 && address.n >= whole.n &&
	    str_has_iprefix(address, local) &&
	    str_has_isuffix(address, domain) &&
	    (address.n == whole.n || address.p[local.n] == '+');
}

static bool
is_own(struct str address, const struct settings *s)
{
	return is_below(address, s->report_from) ||
	    is_below(address, s->report_contact) ||
	    is_below(address, s->report_bounce);
}

static bool
is_for_us(const struct message *m, const struct settings *s)
{
	for (size_t i = 0; i < m->recipient_count; i++)
		if (is_own(m->recipients[i], s))
			return true;
	return false;
}

/* Our own reports, come back by some way. */
static bool
is_from_us(const struct message *m, const struct settings *s)
{
	struct str ours = str_of(s->report_from);
	struct address_list list;
	size_t at = str_find_last(ours, '@');
	if (is_own(m->mail_from, s))
		return true;
	for (size_t i = 0; i < m->headers.count && ours.n > 0; i++) {
		const struct header_field *f = &m->headers.at[i];
		if (!header_is(f, STR("From")))
			continue;
		address_parse_list(f->value, m->arena, &list);
		for (size_t j = 0; j < list.count; j++)
			if (str_ieq(list.at[j].local, str_sub(ours, 0, at)) &&
			    str_ieq(list.at[j].domain,
				str_sub(ours, at + 1, ours.n)))
				return true;
	}
	return false;
}

bool
failure_may_loop(const struct message *m)
{
	const struct settings *s = m->world.settings;
	if (str_is_empty(m->mail_from) || is_for_us(m, s) ||
	    is_from_us(m, s) || feedback_is_report(&m->headers))
		return true;
	for (size_t i = 0; i < m->headers.count; i++)
		if (is_automatic_field(&m->headers.at[i]))
			return true;
	return false;
}

/* ---- the answer --------------------------------------------------------- */

enum failure_answer
failure_decide(const struct message *m, const struct verdict *v,
    const struct plan *p, unsigned *types)
{
	const struct judgement *j = v->decisive;
	if (!m->world.settings->failure_reports)
		return FAILURE_OFF;
	if (m->exempt != MESSAGE_JUDGED)
		return FAILURE_EXEMPT;
	if (p->reply == PLAN_TEMPFAIL)
		return FAILURE_COMES_BACK;
	if (j == NULL || !j->has_policy || j->discovery.record->ruf_count == 0)
		return FAILURE_UNASKED;
	if (j->discovery.record->psd == RECORD_PSD_Y ||
	    j->discovery.source == DISCOVER_PSD)
		return FAILURE_SUFFIX;
	const struct failure_facts facts = {
		.fo = j->discovery.record->fo,
		.is_fail = j->result == VERDICT_FAIL,
		.is_spf_aligned = j->is_spf_aligned,
		.is_dkim_aligned = j->is_dkim_aligned,
		.verdict = v,
	};
	*types = failure_types(&facts);
	if (*types == 0)
		return FAILURE_NOTHING;
	return failure_may_loop(m) ? FAILURE_LOOP : FAILURE_DUE;
}
