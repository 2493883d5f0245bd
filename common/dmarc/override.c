/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/override.h"

#include <string.h>

#include "auth/arc.h"
#include "auth/arc_claim.h"
#include "auth/arc_trust.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/domain.h"

const struct table_row override_result_names[] = {
	{OVERRIDE_FAIL, "fail"},
	{OVERRIDE_TEMPERROR, "temperror"},
	{0, NULL},
};

static void
add(struct override_patterns *s, struct str pattern, struct arena *a)
{
	if (s->count == s->capacity) {
		size_t capacity = s->capacity > 0 ? 2 * s->capacity : 4;
		struct str *at = ARENA_ARRAY(a, struct str, capacity);
		if (s->count > 0)
			memcpy(at, s->at, s->count * sizeof *at);
		s->at = at;
		s->capacity = capacity;
	}
	s->at[s->count++] = pattern;
}

bool
override_add_domain(struct override_patterns *s, struct str pattern,
    struct arena *a)
{
	bool is_below = str_has_prefix(pattern, STR("*."));
	struct str domain = str_sub(pattern, is_below ? 2 : 0, pattern.n);

	if (str_eq(pattern, STR("*")))
		domain = STR("*");
	else if (domain_parse(domain, a, &domain) != DOMAIN_OK)
		return false;
	if (is_below)
		domain = text_format(a, "*.%.*s", STR_ARG(domain));
	add(s, domain, a);
	return true;
}

/* No blank, no control; and no "*", which would look like a pattern and be
 * none. */
static bool
is_local_part(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c == 0x7f || c == '*')
			return false;
	}
	return true;
}

bool
override_add_recipient(struct override_patterns *s, struct str pattern,
    struct arena *a)
{
	size_t at = str_find_last(pattern, '@');
	struct str local = str_sub(pattern, 0, at), domain;

	if (at == pattern.n)
		return override_add_domain(s, pattern, a);
	if (!is_local_part(local) || domain_parse(str_sub(pattern, at + 1,
	    pattern.n), a, &domain) != DOMAIN_OK)
		return false;
	add(s, text_format(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain)),
	    a);
	return true;
}

/* A domain of one pattern; "*.example.com" keeps its dot, so that no name
 * matches by half a label. */
static bool
is_domain_match(struct str pattern, struct str domain)
{
	if (str_eq(pattern, STR("*")))
		return true;
	if (str_has_prefix(pattern, STR("*."))) {
		struct str tail = str_sub(pattern, 1, pattern.n);
		return domain.n > tail.n && str_has_isuffix(domain, tail);
	}
	return str_ieq(pattern, domain);
}

static bool
is_recipient_match(struct str pattern, struct str recipient)
{
	size_t pattern_at = str_find_last(pattern, '@');
	size_t at = str_find_last(recipient, '@');
	struct str local = str_sub(recipient, 0, at);
	struct str domain = str_sub(recipient, at + 1, recipient.n);

	if (pattern_at == pattern.n)
		return is_domain_match(pattern, domain);
	return str_ieq(str_sub(pattern, pattern_at + 1, pattern.n), domain) &&
	    (pattern_at == 0 ||
		str_ieq(str_sub(pattern, 0, pattern_at), local));
}

bool
override_has_domain(const struct override_patterns *s, struct str domain)
{
	for (size_t i = 0; i < s->count && domain.n > 0; i++)
		if (is_domain_match(s->at[i], domain))
			return true;
	return false;
}

/* A condition that was not given holds; else one pattern must fit. */
static bool
has_domain(const struct override_patterns *s, struct str domain)
{
	return s->count == 0 || override_has_domain(s, domain);
}

static bool
has_any_domain(const struct override_patterns *s, const struct str *domains,
    size_t count)
{
	if (s->count == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (has_domain(s, domains[i]))
			return true;
	return false;
}

static bool
has_recipient(const struct override_patterns *s, struct str recipient)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_recipient_match(s->at[i], recipient))
			return true;
	return false;
}

/* What is not known of the recipients is not taken for a match. */
static bool
has_all_recipients(const struct override_patterns *s,
    const struct override_facts *f)
{
	if (s->count == 0)
		return true;
	if (f->recipient_count == 0 || f->has_more_recipients)
		return false;
	for (size_t i = 0; i < f->recipient_count; i++)
		if (!has_recipient(s, f->recipients[i]))
			return false;
	return true;
}

static bool
has_client(const struct override_rule *r, const struct override_facts *f)
{
	return r->client.count == 0 || ipset_has(&r->client, &f->client);
}

static bool
has_policy(const struct override_rule *r, const struct override_facts *f)
{
	return r->policies == 0 ||
	    (f->has_policy && (r->policies & 1u << f->policy) != 0);
}

static bool
has_result(const struct override_rule *r, const struct override_facts *f)
{
	return r->results == 0 || (r->results & 1u << f->result) != 0;
}

static bool
is_listed(const void *patterns, struct str domain)
{
	return override_has_domain(patterns, domain);
}

/* RFC 8617 7.2.1: those who sealed last are listed, and the first of them says
 * that the message passed for this author when it came to him. */
static bool
has_sealer(const struct override_rule *r, const struct override_facts *f)
{
	struct arc_claim claim;
	if (r->arc_sealer.count == 0)
		return true;
	return f->arc != NULL && arc_trust_find(f->arc, is_listed,
	    &r->arc_sealer, f->arena, &claim) > 0 &&
	    arc_trust_covers(&claim, f->author);
}

/* Anybody may write a List-Id: it counts when a signature passed whose domain
 * is that of the list, or one above it, so that nobody else could. */
static bool
has_list(const struct override_rule *r, const struct override_facts *f)
{
	if (r->list_id.count == 0)
		return true;
	if (!override_has_domain(&r->list_id, f->list_id))
		return false;
	for (size_t i = 0; i < f->dkim_count; i++)
		if (domain_is_within(f->list_id, f->dkim_domains[i]))
			return true;
	return false;
}

const char *
override_miss(const struct override_rule *r, const struct override_facts *f)
{
	if (r->until != 0 && f->now >= r->until)
		return "until";
	if (!has_domain(&r->from, f->author))
		return "from";
	if (!has_client(r, f))
		return "client";
	if (!has_policy(r, f))
		return "policy";
	if (!has_result(r, f))
		return "result";
	if (!has_any_domain(&r->dkim_domain, f->dkim_domains, f->dkim_count))
		return "dkim-domain";
	if (!has_domain(&r->spf_domain, f->spf_domain))
		return "spf-domain";
	if (!has_all_recipients(&r->recipient, f))
		return "recipient";
	if (!has_list(r, f))
		return "list-id";
	return has_sealer(r, f) ? NULL : "arc-sealer";
}

const struct override_rule *
override_match(const struct override_rules *rules,
    const struct override_facts *facts, const struct override_rule **dry_run,
    size_t dry_run_max, size_t *dry_run_count)
{
	*dry_run_count = 0;
	for (size_t i = 0; i < rules->count; i++) {
		const struct override_rule *r = &rules->at[i];
		if (override_miss(r, facts) != NULL)
			continue;
		if (!r->is_dry_run)
			return r;
		if (*dry_run_count < dry_run_max)
			dry_run[(*dry_run_count)++] = r;
	}
	return NULL;
}

/* ---- rules among themselves ------------------------------------------------ */

bool
override_has_condition(const struct override_rule *r)
{
	return r->from.count + r->client.count + r->recipient.count +
	    r->dkim_domain.count + r->spf_domain.count + r->arc_sealer.count +
	    r->list_id.count > 0 || r->policies != 0 || r->results != 0;
}

bool
override_is_impossible(const struct override_rule *r)
{
	return r->policies == 1u << RECORD_NONE &&
	    r->results == 1u << OVERRIDE_TEMPERROR;
}

/* Whatever fits `narrow` fits `wide`. A pattern "*.a.example.com" ends like a
 * name that "*.example.com" fits. */
static bool
is_wider(struct str wide, struct str narrow)
{
	bool is_address = str_find(narrow, '@') < narrow.n;
	return str_ieq(wide, narrow) || (is_address ?
	    is_recipient_match(wide, narrow) : is_domain_match(wide, narrow));
}

/* A condition that is not given is the widest. */
static bool
covers_patterns(const struct override_patterns *wide,
    const struct override_patterns *narrow)
{
	if (wide->count == 0)
		return true;
	for (size_t i = 0; i < narrow->count; i++) {
		size_t j = 0;
		while (j < wide->count && !is_wider(wide->at[j], narrow->at[i]))
			j++;
		if (j == wide->count)
			return false;
	}
	return narrow->count > 0;
}

static bool
covers_clients(const struct ipset *wide, const struct ipset *narrow)
{
	return wide->count == 0 ||
	    (narrow->count > 0 && ipset_covers(wide, narrow));
}

/* A longer list finds a sealer further down, who may say something else: only
 * the same list is as wide. */
static bool
covers_sealers(const struct override_patterns *wide,
    const struct override_patterns *narrow)
{
	return wide->count == 0 || (covers_patterns(wide, narrow) &&
	    covers_patterns(narrow, wide));
}

static bool
covers_bits(unsigned wide, unsigned narrow)
{
	return wide == 0 || (narrow != 0 && (narrow & ~wide) == 0);
}

bool
override_covers(const struct override_rule *wide,
    const struct override_rule *narrow)
{
	return covers_patterns(&wide->from, &narrow->from) &&
	    covers_clients(&wide->client, &narrow->client) &&
	    covers_patterns(&wide->recipient, &narrow->recipient) &&
	    covers_patterns(&wide->dkim_domain, &narrow->dkim_domain) &&
	    covers_patterns(&wide->spf_domain, &narrow->spf_domain) &&
	    covers_sealers(&wide->arc_sealer, &narrow->arc_sealer) &&
	    covers_patterns(&wide->list_id, &narrow->list_id) &&
	    covers_bits(wide->policies, narrow->policies) &&
	    covers_bits(wide->results, narrow->results);
}
