/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/import/opendmarc.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "mail/domain.h"
#include "net/ip.h"

#define DAY      86400
#define MAX_TIME 253402300800u
#define MAX_TEXT 255u
/* A message has some twenty lines, and one for each signature. */
#define MAX_LINES 1024u

/* Its numbers: opendmarc-ar.h, opendmarc.h, dmarc.h. */
static const struct table_row spf_results[] = {
	{SPF_PASS, "0"}, {SPF_SOFTFAIL, "2"}, {SPF_NEUTRAL, "3"},
	{SPF_TEMPERROR, "4"}, {SPF_PERMERROR, "5"}, {SPF_NONE, "6"},
	{SPF_FAIL, "7"}, {SPF_NONE, "-1"}, {0, NULL},
};
static const struct table_row dkim_results[] = {
	{SIGNATURE_PASS, "0"}, {SIGNATURE_FAIL, "2"},
	{SIGNATURE_NEUTRAL, "3"}, {SIGNATURE_TEMPERROR, "4"},
	{SIGNATURE_PERMERROR, "5"}, {SIGNATURE_NONE, "6"},
	{SIGNATURE_FAIL, "7"}, {SIGNATURE_POLICY, "8"}, {0, NULL},
};
static const struct table_row policies[] = { /* the codes of n, q, r */
	{RECORD_NONE, "110"}, {RECORD_QUARANTINE, "113"},
	{RECORD_REJECT, "114"}, {0, NULL},
};
/* What DMARC came to: passed, or what is asked for. */
enum outcome { ABSENT, PASSED, ASKED_REJECT, ASKED_QUARANTINE, ASKED_NONE };
static const struct table_row outcomes[] = {
	{ABSENT, "14"}, {PASSED, "15"}, {ASKED_REJECT, "16"},
	{ASKED_QUARANTINE, "17"}, {ASKED_NONE, "18"}, {0, NULL},
};
/* And what was done: reject, discard, accept, tempfail, quarantine. */
enum action { REJECTED, DISCARDED, ACCEPTED, TEMPFAILED, QUARANTINED };
static const struct table_row actions[] = {
	{REJECTED, "0"}, {DISCARDED, "1"}, {ACCEPTED, "2"},
	{TEMPFAILED, "3"}, {QUARANTINED, "4"}, {0, NULL},
};

struct opendmarc {
	struct arena *arena;
	size_t lines;
	struct str received, ipaddr, from, mfrom, spf, policy, pdomain, pct,
	    adkim, aspf, p, sp, align_dkim, align_spf, action, arc_policy;
	bool has_rua;
	struct str dkim[OPENDMARC_MAX_DKIM];
	size_t dkim_count;
	const char *bad; /* what is wrong */
};

struct opendmarc *
opendmarc_new(void)
{
	struct opendmarc *o = calloc(1, sizeof *o);
	if (o == NULL)
		abort();
	o->arena = arena_new(0);
	return o;
}

void
opendmarc_clear(struct opendmarc *o)
{
	arena_free(o->arena);
	memset(o, 0, sizeof *o);
	o->arena = arena_new(0);
}

void
opendmarc_free(struct opendmarc *o)
{
	arena_free(o->arena);
	free(o);
}

bool
opendmarc_is_empty(const struct opendmarc *o)
{
	return o->lines == 0;
}

void
opendmarc_spoil(struct opendmarc *o, const char *what)
{
	o->bad = what;
}

bool
opendmarc_is_first(struct str line)
{
	return str_has_prefix(line, STR("job "));
}

/* ---- lines -------------------------------------------------------------- */

static void
take_value(struct opendmarc *o, struct str key, struct str value)
{
	const struct {
		struct str key;
		struct str *at;
	} keys[] = {
		{STR("received"), &o->received}, {STR("ipaddr"), &o->ipaddr},
		{STR("from"), &o->from}, {STR("mfrom"), &o->mfrom},
		{STR("spf"), &o->spf}, {STR("policy"), &o->policy},
		{STR("pdomain"), &o->pdomain}, {STR("pct"), &o->pct},
		{STR("adkim"), &o->adkim}, {STR("aspf"), &o->aspf},
		{STR("p"), &o->p}, {STR("sp"), &o->sp},
		{STR("align_dkim"), &o->align_dkim},
		{STR("align_spf"), &o->align_spf},
		{STR("action"), &o->action},
		{STR("arc_policy"), &o->arc_policy},
	};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (str_eq(keys[i].key, key))
			*keys[i].at = str_copy(value, o->arena);
}

void
opendmarc_take(struct opendmarc *o, struct str line)
{
	struct str value = line, key = str_cut(&value, ' ');
	value = str_trim(value);
	if (o->lines == 0 && !opendmarc_is_first(line))
		o->bad = "no message begins here";
	if (++o->lines > MAX_LINES) {
		o->bad = "it has too many lines";
		return;
	}
	if (str_eq(key, STR("rua")))
		o->has_rua |= value.n > 0 && !str_eq(value, STR("-"));
	else if (!str_eq(key, STR("dkim")))
		take_value(o, key, value);
	else if (o->dkim_count < OPENDMARC_MAX_DKIM)
		o->dkim[o->dkim_count++] = str_copy(value, o->arena);
}

/* ---- messages ----------------------------------------------------------- */

static struct str
clipped(struct str s)
{
	return str_sub(s, 0, MAX_TEXT);
}

/* In the one form where it is a domain. */
static struct str
domain_of(struct opendmarc *o, struct str s)
{
	struct str name;
	return domain_parse(s, o->arena, &name) == DOMAIN_OK ? name :
	    clipped(s);
}

/* "DOMAIN SELECTOR RESULT", or of old files "DOMAIN RESULT". */
static bool
set_signature(struct opendmarc *o, struct str value, struct report_dkim *out)
{
	int result;
	size_t last = str_find_last(value, ' ');
	struct str rest = str_sub(value, 0, last);
	if (!table_value(dkim_results, str_sub(value, last + 1, value.n),
	    &result))
		return false;
	struct str domain = str_cut(&rest, ' ');
	*out = (struct report_dkim) {
		.domain = domain_of(o, domain),
		.selector = clipped(str_trim(rest)),
		.result = (enum signature_result)result,
	};
	return out->domain.n > 0;
}

/* One that passed comes first; which is aligned is not told. */
static void
set_signatures(struct opendmarc *o, struct report_row *row)
{
	struct report_dkim one;
	row->dkim_count = 0;
	for (int is_rest = 0; is_rest < 2; is_rest++)
		for (size_t i = 0; i < o->dkim_count; i++)
			if (set_signature(o, o->dkim[i], &one) &&
			    (one.result != SIGNATURE_PASS) == is_rest)
				row->dkim[row->dkim_count++] = one;
}

static bool
set_policy(struct opendmarc *o, struct report_policy *out)
{
	int p, sp;
	uint64_t pct = 100;
	if (!table_value(policies, o->p, &p))
		return false;
	if (!table_value(policies, o->sp, &sp))
		sp = p;
	if (!str_to_uint(o->pct, 100, &pct))
		pct = 100;
	*out = (struct report_policy) {
		.domain = domain_of(o, o->pdomain.n > 0 ? o->pdomain : o->from),
		.method = DISCOVER_PSL,
		.p = (enum record_policy)p,
		.sp = (enum record_policy)sp,
		.np = (enum record_policy)sp,
		.is_strict_dkim = str_eq(o->adkim, STR("115")),
		.is_strict_spf = str_eq(o->aspf, STR("115")),
		.fo = STR("0"),
		.psd = RECORD_PSD_U,
		.pct = (unsigned)pct,
		.has_rua = o->has_rua,
	};
	return true;
}

static enum report_disposition
disposition_of(int action, int outcome, const struct report_policy *p)
{
	switch (action) {
	case REJECTED:
	case DISCARDED:
		return REPORT_REJECT;
	case QUARANTINED:
		return REPORT_QUARANTINE;
	}
	return outcome == PASSED && p->p != RECORD_NONE ? REPORT_PASS :
	    REPORT_NONE;
}

static void
set_row(struct opendmarc *o, int action, int outcome, struct message_row *out)
{
	static const enum record_policy asked[] = {
		[ASKED_REJECT] = RECORD_REJECT,
		[ASKED_QUARANTINE] = RECORD_QUARANTINE,
		[ASKED_NONE] = RECORD_NONE,
	};
	struct report_row *row = &out->row;
	int spf = SPF_NONE;
	table_value(spf_results, o->spf, &spf);
	row->count = 1;
	row->optional = o->mfrom.n == 0;
	row->source_ip = o->ipaddr;
	row->disposition = disposition_of(action, outcome, &out->policy);
	row->is_dkim_aligned = str_eq(o->align_dkim, STR("4"));
	row->is_spf_aligned = str_eq(o->align_spf, STR("4"));
	row->reasons.count = 0;
	row->header_from = domain_of(o, o->from);
	row->envelope_from = domain_of(o, o->mfrom);
	row->envelope_to = (struct str) {0};
	row->spf = (struct report_spf) {row->envelope_from, STR("mfrom"),
	    (enum spf_result)spf};
	set_signatures(o, row);
	if (str_has_prefix(o->arc_policy, STR("0 ")) && outcome != PASSED)
		reasons_add(&row->reasons, REASON_LOCAL_POLICY,
		    STR("arc=pass"));
	if (outcome != PASSED)
		history_row_explain(row, asked[outcome], false);
}

static bool
refuse(const char *what, struct str *reason)
{
	*reason = str_of(what);
	return false;
}

bool
opendmarc_end(struct opendmarc *o, enum message_kind *kind,
    struct message_row *out, struct str *reason)
{
	uint64_t received;
	struct ip ip;
	int outcome, action;
	if (o->bad != NULL)
		return refuse(o->bad, reason);
	if (!str_to_uint(o->received, MAX_TIME, &received))
		return refuse("received is no time", reason);
	if (!ip_parse(o->ipaddr, &ip))
		return refuse("ipaddr is no IP address", reason);
	if (o->from.n == 0)
		return refuse("from is missing", reason);
	if (!table_value(outcomes, o->policy, &outcome))
		return refuse("policy is none of its numbers", reason);
	if (!table_value(actions, o->action, &action))
		return refuse("action is none of its numbers", reason);
	*kind = action == TEMPFAILED ? MESSAGE_DEFERRED :
	    outcome == ABSENT ? MESSAGE_UNREPORTED : MESSAGE_COUNTS;
	if (*kind != MESSAGE_COUNTS)
		return true;
	if (!set_policy(o, &out->policy))
		return refuse("p is none of its numbers", reason);
	out->day = (int64_t)(received / DAY);
	set_row(o, action, outcome, out);
	return true;
}
