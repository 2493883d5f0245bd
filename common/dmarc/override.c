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

/* RFC 5321 4.1.3; without "IPv6:" as well, since clients leave it out. */
static bool
is_literal(struct str s)
{
	struct ip ip;
	if (!str_has_prefix(s, STR("[")) || !str_has_isuffix(s, STR("]")))
		return false;
	s = str_sub(s, 1, s.n - 2);
	return ip_parse(str_has_iprefix(s, STR("IPv6:")) ?
	    str_sub(s, 5, s.n) : s, &ip);
}

bool
override_add_host(struct override_patterns *s, struct str pattern,
    struct arena *a)
{
	if (!is_literal(pattern))
		return override_add_domain(s, pattern, a);
	add(s, str_copy(pattern, a), a);
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

/* ---- what holds ------------------------------------------------------------ */

static bool
holds_from(const void *given, const struct override_facts *f)
{
	return override_has_domain(given, f->author);
}

static bool
holds_client(const void *given, const struct override_facts *f)
{
	return ipset_has(given, &f->client);
}

/* What is no name of a host is compared as it stands, so that "[x.example.com"
 * is not below example.com. */
static bool
holds_helo(const void *given, const struct override_facts *f)
{
	const struct override_patterns *s = given;
	struct str name;
	if (domain_parse(f->helo, f->arena, &name) == DOMAIN_OK)
		return override_has_domain(s, name);
	for (size_t i = 0; i < s->count && f->helo.n > 0; i++)
		if (str_eq(s->at[i], STR("*")) || str_ieq(s->at[i], f->helo))
			return true;
	return false;
}

/* What is not known of the recipients is not taken for a match. */
static bool
holds_recipient(const void *given, const struct override_facts *f)
{
	const struct override_patterns *s = given;
	for (size_t i = 0; i < f->recipient_count; i++) {
		size_t j = 0;
		while (j < s->count &&
		    !is_recipient_match(s->at[j], f->recipients[i]))
			j++;
		if (j == s->count)
			return false;
	}
	return f->recipient_count > 0 && !f->has_more_recipients;
}

static bool
holds_dkim(const void *given, const struct override_facts *f)
{
	for (size_t i = 0; i < f->dkim_count; i++)
		if (override_has_domain(given, f->dkim_domains[i]))
			return true;
	return false;
}

static bool
holds_spf(const void *given, const struct override_facts *f)
{
	return override_has_domain(given, f->spf_domain);
}

static bool
is_listed(const void *patterns, struct str domain)
{
	return override_has_domain(patterns, domain);
}

/* RFC 8617 7.2.1: those who sealed last are listed, and the first of them says
 * that the message passed for this author when it came to him. */
static bool
holds_sealer(const void *given, const struct override_facts *f)
{
	struct arc_claim claim;
	return f->arc != NULL && arc_trust_find(f->arc, is_listed, given,
	    f->arena, &claim) > 0 && arc_trust_covers(&claim, f->author);
}

/* Anybody may write a List-Id: it counts when a signature passed whose domain
 * is that of the list, or one above it, so that nobody else could. */
static bool
holds_list(const void *given, const struct override_facts *f)
{
	if (!override_has_domain(given, f->list_id))
		return false;
	for (size_t i = 0; i < f->dkim_count; i++)
		if (domain_is_within(f->list_id, f->dkim_domains[i]))
			return true;
	return false;
}

static bool
holds_policy(const void *given, const struct override_facts *f)
{
	return f->has_policy &&
	    (*(const unsigned *)given & 1u << f->policy) != 0;
}

static bool
holds_result(const void *given, const struct override_facts *f)
{
	return (*(const unsigned *)given & 1u << f->result) != 0;
}

/* ---- what is as wide ------------------------------------------------------- */

/* Whatever fits `narrow` fits `wide`. A pattern "*.a.example.com" ends like a
 * name that "*.example.com" fits. */
static bool
is_wider(struct str wide, struct str narrow)
{
	bool is_address = str_find(narrow, '@') < narrow.n;
	return str_ieq(wide, narrow) || (is_address ?
	    is_recipient_match(wide, narrow) : is_domain_match(wide, narrow));
}

static bool
covers_patterns(const void *wide, const void *narrow)
{
	const struct override_patterns *w = wide, *n = narrow;
	for (size_t i = 0; i < n->count; i++) {
		size_t j = 0;
		while (j < w->count && !is_wider(w->at[j], n->at[i]))
			j++;
		if (j == w->count)
			return false;
	}
	return true;
}

/* A longer list finds a sealer further down, who may say something else: only
 * the same list is as wide. */
static bool
covers_sealers(const void *wide, const void *narrow)
{
	return covers_patterns(wide, narrow) && covers_patterns(narrow, wide);
}

static bool
covers_networks(const void *wide, const void *narrow)
{
	return ipset_covers(wide, narrow);
}

static bool
covers_words(const void *wide, const void *narrow)
{
	return (*(const unsigned *)narrow & ~*(const unsigned *)wide) == 0;
}

/* ---- the conditions -------------------------------------------------------- */

#define MEMBER(name) offsetof(struct override_rule, name)

const struct override_condition override_conditions[] = {
	{"from", OVERRIDE_DOMAINS, NULL, MEMBER(from),
	    holds_from, covers_patterns,
	    "The author domain, of the From field."},
	{"client", OVERRIDE_NETWORKS, NULL, MEMBER(client),
	    holds_client, covers_networks,
	    "The address of the SMTP client."},
	{"helo", OVERRIDE_HOSTS, NULL, MEMBER(helo),
	    holds_helo, covers_patterns,
	    "The name that the SMTP client gave with HELO or EHLO. Any client "
	    "can give any name: set client or another condition beside it."},
	{"recipient", OVERRIDE_RECIPIENTS, NULL, MEMBER(recipient),
	    holds_recipient, covers_patterns,
	    "The envelope recipients; every one of the message must match, and "
	    "of more than 1000 none does."},
	{"dkim-domain", OVERRIDE_DOMAINS, NULL, MEMBER(dkim_domain),
	    holds_dkim, covers_patterns,
	    "The domain of a signature that verified."},
	{"spf-domain", OVERRIDE_DOMAINS, NULL, MEMBER(spf_domain),
	    holds_spf, covers_patterns,
	    "The domain that passed SPF."},
	{"arc-sealer", OVERRIDE_DOMAINS, NULL, MEMBER(arc_sealer),
	    holds_sealer, covers_sealers,
	    "Who sealed the message last (RFC 8617), in a chain that holds, and "
	    "says that it passed DMARC for this author domain; needs arc = "
	    "yes."},
	{"list-id", OVERRIDE_DOMAINS, NULL, MEMBER(list_id),
	    holds_list, covers_patterns,
	    "The identifier in the List-Id field; it counts only with a "
	    "signature that verified, of the same domain or one above it."},
	{"policy", OVERRIDE_WORDS, record_policy_names, MEMBER(policies),
	    holds_policy, covers_words,
	    "What the domain's owner asks for."},
	{"result", OVERRIDE_WORDS, override_result_names, MEMBER(results),
	    holds_result, covers_words,
	    "What DMARC came to: fail, or a DNS error that would send the "
	    "message away (temperror). Without it, both."},
};
const size_t override_condition_count =
    sizeof override_conditions / sizeof *override_conditions;

bool
override_add(const struct override_condition *c, struct override_rule *r,
    struct str value, struct arena *a)
{
	void *member = (char *)r + c->member;
	int word;
	switch (c->kind) {
	case OVERRIDE_DOMAINS:
		return override_add_domain(member, value, a);
	case OVERRIDE_HOSTS:
		return override_add_host(member, value, a);
	case OVERRIDE_RECIPIENTS:
		return override_add_recipient(member, value, a);
	case OVERRIDE_NETWORKS:
		return ipset_add(member, value, a);
	case OVERRIDE_WORDS:
		if (!table_value(c->names, value, &word))
			return false;
		*(unsigned *)member |= 1u << word;
		return true;
	}
	return false;
}

const void *
override_given(const struct override_condition *c,
    const struct override_rule *r)
{
	const void *member = (const char *)r + c->member;
	bool is_given = false;
	switch (c->kind) {
	case OVERRIDE_DOMAINS:
	case OVERRIDE_HOSTS:
	case OVERRIDE_RECIPIENTS:
		is_given = ((const struct override_patterns *)member)->count > 0;
		break;
	case OVERRIDE_NETWORKS:
		is_given = ((const struct ipset *)member)->count > 0;
		break;
	case OVERRIDE_WORDS:
		is_given = *(const unsigned *)member != 0;
		break;
	}
	return is_given ? member : NULL;
}

const char *
override_miss(const struct override_rule *r, const struct override_facts *f)
{
	if (r->until != 0 && f->now >= r->until)
		return "until";
	for (size_t i = 0; i < override_condition_count; i++) {
		const struct override_condition *c = &override_conditions[i];
		const void *given = override_given(c, r);
		if (given != NULL && !c->holds(given, f))
			return c->key;
	}
	return NULL;
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
	for (size_t i = 0; i < override_condition_count; i++)
		if (override_given(&override_conditions[i], r) != NULL)
			return true;
	return false;
}

bool
override_is_impossible(const struct override_rule *r)
{
	return r->policies == 1u << RECORD_NONE &&
	    r->results == 1u << OVERRIDE_TEMPERROR;
}

bool
override_covers(const struct override_rule *wide,
    const struct override_rule *narrow)
{
	for (size_t i = 0; i < override_condition_count; i++) {
		const struct override_condition *c = &override_conditions[i];
		const void *w = override_given(c, wide);
		const void *n = override_given(c, narrow);
		if (w != NULL && (n == NULL || !c->covers(w, n)))
			return false;
	}
	return true;
}
