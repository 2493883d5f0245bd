/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "report/aggregate/xml.h"

struct aggregate {
	struct xml *xml;
	enum report_format format;
	bool has_row;
};

/* ---- texts -------------------------------------------------------------- */

static void
word(struct aggregate *a, const char *name, struct str outside)
{
	xml_text(a->xml, name, outside, AGGREGATE_MAX_WORD);
}

static void
word_unless_empty(struct aggregate *a, const char *name, struct str outside)
{
	if (!str_is_empty(outside))
		word(a, name, outside);
}

/* Two texts that either form has one element for; either may be empty. */
static void
joined(struct aggregate *a, const char *name, struct str first,
    const char *between, struct str second)
{
	char buffer[AGGREGATE_MAX_SENTENCE];
	struct str parts[] = {first, str_of(between), second};
	size_t n = 0;

	if (str_is_empty(first) && str_is_empty(second))
		return;
	if (str_is_empty(first) || str_is_empty(second))
		parts[1] = STR("");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct str part = str_sub(parts[i], 0, sizeof buffer - n);
		if (part.n > 0)
			memcpy(buffer + n, part.p, part.n);
		n += part.n;
	}
	xml_text(a->xml, name, (struct str) {buffer, n},
	    AGGREGATE_MAX_SENTENCE);
}

static const char *
pass_or_fail(bool is_pass)
{
	return is_pass ? "pass" : "fail";
}

/* ---- the head ----------------------------------------------------------- */

static void
metadata(struct aggregate *a, const struct aggregate_head *h)
{
	xml_begin(a->xml, "report_metadata");
	word(a, "org_name", h->org_name);
	word(a, "email", h->email);
	word_unless_empty(a, "extra_contact_info", h->contact);
	word(a, "report_id", h->id);
	xml_begin(a->xml, "date_range");
	xml_number(a->xml, "begin", (uint64_t)h->begin);
	xml_number(a->xml, "end", (uint64_t)h->end);
	xml_end(a->xml);
	joined(a, "error", h->policy->error, "; ", h->error);
	if (a->format == REPORT_RFC9990)
		word(a, "generator", h->generator);
	xml_end(a->xml);
}

static void
policy_word(struct aggregate *a, const char *name, enum record_policy p)
{
	xml_word(a->xml, name, table_name(record_policy_names, p));
}

static void
alignments(struct aggregate *a, const struct report_policy *p)
{
	xml_word(a->xml, "adkim", p->is_strict_dkim ? "s" : "r");
	xml_word(a->xml, "aspf", p->is_strict_spf ? "s" : "r");
}

/* RFC 9990 3.1.1.5. */
static void
policy_9990(struct aggregate *a, const struct report_policy *p)
{
	policy_word(a, "p", p->p);
	policy_word(a, "sp", p->sp);
	policy_word(a, "np", p->np);
	alignments(a, p);
	xml_word(a->xml, "discovery_method",
	    table_name(discover_method_names, p->method));
	word(a, "fo", p->fo);
	xml_word(a->xml, "testing", p->is_test ? "y" : "n");
}

/* RFC 7489 Appendix C: np, t and the method are not known there. */
static void
policy_7489(struct aggregate *a, const struct report_policy *p)
{
	alignments(a, p);
	policy_word(a, "p", p->p);
	policy_word(a, "sp", p->sp);
	xml_number(a->xml, "pct", p->pct);
	word(a, "fo", p->fo);
}

struct aggregate *
aggregate_open(const struct aggregate_head *h, struct sink to)
{
	struct aggregate *a = malloc(sizeof *a);

	if (a == NULL)
		abort();
	*a = (struct aggregate) {.xml = xml_open(to), .format = h->format};
	xml_begin(a->xml, "feedback");
	if (a->format == REPORT_RFC9990)
		xml_attribute(a->xml, "xmlns",
		    "urn:ietf:params:xml:ns:dmarc-2.0");
	xml_word(a->xml, "version", "1.0");
	metadata(a, h);
	xml_begin(a->xml, "policy_published");
	word(a, "domain", h->policy->domain);
	if (a->format == REPORT_RFC9990)
		policy_9990(a, h->policy);
	else
		policy_7489(a, h->policy);
	xml_end(a->xml);
	return a;
}

/* ---- a row -------------------------------------------------------------- */

/* A form that lacks a word says the nearest one, and which was meant in the
 * comment: RFC 9990 has neither sampled_out nor forwarded, RFC 7489 no
 * policy_test_mode. */
struct substitute {
	enum report_format format;
	enum reason_type type, instead;
	const char *meant;
};

static const struct substitute substitutes[] = {
	{REPORT_RFC9990, REASON_SAMPLED_OUT, REASON_LOCAL_POLICY, "pct"},
	{REPORT_RFC9990, REASON_FORWARDED, REASON_LOCAL_POLICY, "forwarded"},
	{REPORT_RFC7489, REASON_POLICY_TEST_MODE, REASON_OTHER,
	    "policy_test_mode"},
};

static void
reason(struct aggregate *a, const struct reason *r)
{
	enum reason_type type = r->type;
	const char *meant = "";

	for (size_t i = 0; i < sizeof substitutes / sizeof *substitutes; i++) {
		const struct substitute *s = &substitutes[i];
		if (s->format != a->format || s->type != r->type)
			continue;
		type = s->instead;
		meant = s->meant;
	}
	xml_begin(a->xml, "reason");
	xml_word(a->xml, "type", table_name(reason_names, type));
	joined(a, "comment", str_of(meant), ": ", r->comment);
	xml_end(a->xml);
}

static void
evaluated(struct aggregate *a, const struct report_row *r)
{
	enum report_disposition d = r->disposition;

	/* RFC 7489's parsers stumble over a word that they do not know. */
	if (d == REPORT_PASS && a->format == REPORT_RFC7489)
		d = REPORT_NONE;
	xml_begin(a->xml, "policy_evaluated");
	xml_word(a->xml, "disposition", table_name(report_disposition_names, d));
	xml_word(a->xml, "dkim", pass_or_fail(r->is_dkim_aligned));
	xml_word(a->xml, "spf", pass_or_fail(r->is_spf_aligned));
	for (size_t i = 0; i < r->reasons.count; i++)
		reason(a, &r->reasons.at[i]);
	xml_end(a->xml);
}

static void
identifiers(struct aggregate *a, const struct report_row *r)
{
	xml_begin(a->xml, "identifiers");
	word_unless_empty(a, "envelope_to", r->envelope_to);
	word(a, "envelope_from", r->envelope_from); /* may be empty: <> */
	word(a, "header_from", r->header_from);
	xml_end(a->xml);
}

static void
dkim(struct aggregate *a, const struct report_dkim *d)
{
	/* Both forms need a domain; a signature that has none names nobody. */
	if (str_is_empty(d->domain))
		return;
	xml_begin(a->xml, "dkim");
	word(a, "domain", d->domain);
	/* RFC 9990 wants the element, RFC 7489 does not. */
	if (a->format == REPORT_RFC9990)
		word(a, "selector", d->selector);
	else
		word_unless_empty(a, "selector", d->selector);
	xml_word(a->xml, "result",
	    table_name(signature_result_names, d->result));
	if (!str_is_empty(d->human))
		xml_text(a->xml, "human_result", d->human,
		    AGGREGATE_MAX_SENTENCE);
	xml_end(a->xml);
}

/* Without a domain nothing was checked: RFC 9990 has no element then, RFC 7489
 * needs one. */
static void
spf(struct aggregate *a, const struct report_spf *s)
{
	if (str_is_empty(s->domain) && a->format == REPORT_RFC9990)
		return;
	xml_begin(a->xml, "spf");
	word(a, "domain", s->domain);
	xml_word(a->xml, "scope", "mfrom"); /* RFC 9990 3.1.1.13 */
	xml_word(a->xml, "result", table_name(spf_result_names, s->result));
	xml_end(a->xml);
}

bool
aggregate_add(struct aggregate *a, const struct report_row *r)
{
	a->has_row = true;
	xml_begin(a->xml, "record");
	xml_begin(a->xml, "row");
	word(a, "source_ip", r->source_ip);
	xml_number(a->xml, "count", r->count);
	evaluated(a, r);
	xml_end(a->xml);
	identifiers(a, r);
	xml_begin(a->xml, "auth_results");
	for (size_t i = 0; i < r->dkim_count; i++)
		dkim(a, &r->dkim[i]);
	spf(a, &r->spf);
	xml_end(a->xml);
	xml_end(a->xml);
	return xml_is_good(a->xml);
}

bool
aggregate_close(struct aggregate *a)
{
	bool has_row = a->has_row;

	xml_end(a->xml);
	bool is_whole = xml_close(a->xml);
	free(a);
	return is_whole && has_row;
}
