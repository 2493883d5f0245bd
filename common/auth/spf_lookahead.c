/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf_lookahead.h"

#include "auth/spf_macro.h"
#include "base/arena.h"

/* What a term or a record will come to, as far as the answers are here. */
enum outlook {
	OPEN,     /* they are not */
	NO_MATCH, /* the evaluation goes on */
	MATCH,
	ERROR     /* the whole check ends here */
};

static enum outlook look_at_record(struct spf_lookahead *l,
    struct spf_node *node);

enum dns_type
spf_address_type(const struct ip *client)
{
	return client->family == IP_V6 ? DNS_AAAA : DNS_A;
}

bool
spf_address_match(const struct dns_answer *addresses, const struct ip *client,
    unsigned bits)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (ip_has_prefix(client, &addresses->rr[i].ip, bits))
			return true;
	return false;
}

bool
spf_is_void(const struct dns_answer *answer)
{
	return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

void
spf_lookahead_init(struct spf_lookahead *l, struct lookups *lookups,
    const struct ip *client, struct str domain, struct arena *a)
{
	*l = (struct spf_lookahead) {.lookups = lookups, .arena = a,
	    .client = *client, .domain = domain};
	l->asked = dns_ask(lookups, DNS_FOR_SPF, DNS_TXT, domain);
}

struct spf_node *
spf_lookahead_node(struct spf_lookahead *l, const struct dns_answer *txt,
    struct str domain, struct spf_node **node)
{
	if (*node == NULL) {
		*node = ARENA_NEW(l->arena, struct spf_node);
		spf_record_read(txt, domain, &l->client, &(*node)->record);
	}
	return *node;
}

static bool
is_spent(const struct spf_lookahead *l)
{
	return l->terms >= SPF_MAX_TERMS || l->voids >= SPF_MAX_VOID ||
	    lookups_asked(l->lookups, DNS_FOR_SPF) >= SPF_LOOKAHEAD_MAX;
}

static enum dns_type
type_of(const struct spf_lookahead *l, enum spf_term_kind kind)
{
	switch (kind) {
	case SPF_A:
		return spf_address_type(&l->client);
	case SPF_MX:
		return DNS_MX;
	case SPF_EXISTS:
		return DNS_A;
	default:
		return DNS_TXT;
	}
}

/* The name of a term without macros. */
static struct str
name_of(const struct spf_lookahead *l, struct str spec, struct str current)
{
	const struct spf_identity nobody = {.client = l->client};
	return spec.n == 0 ? current :
	    spf_macro_expand(spec, &nobody, current, STR(""), l->arena);
}

/* Asks for the addresses of mx hosts, but does not look at the answers: what
 * follows the mx is asked beside them. */
static enum outlook
look_at_hosts(struct spf_lookahead *l, const struct dns_answer *mx,
    bool *has_hosts)
{
	if (mx->count > SPF_MAX_MX)
		return ERROR;
	for (size_t i = 0; !*has_hosts && i < mx->count && !is_spent(l) &&
	    l->hosts < SPF_LOOKAHEAD_MX; i++, l->hosts++)
		dns_ask(l->lookups, DNS_FOR_SPF, spf_address_type(&l->client),
		    mx->rr[i].mx.host);
	*has_hosts = true;
	return mx->count > 0 ? OPEN : NO_MATCH;
}

static enum outlook
look_at_answer(struct spf_lookahead *l, const struct spf_term *t,
    struct str current, struct spf_step *step, const struct dns_answer *answer)
{
	bool is_match = answer->count > 0; /* of exists */
	l->voids += spf_is_void(answer);
	if (dns_is_error(answer->status))
		return ERROR;
	if (t->kind == SPF_MX)
		return look_at_hosts(l, answer, &step->has_hosts);
	if (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT)
		return look_at_record(l, step->target != NULL ? step->target :
		    spf_lookahead_node(l, answer,
			name_of(l, t->domain, current), &step->target));
	if (t->kind == SPF_A)
		is_match = spf_address_match(answer, &l->client, t->bits);
	return is_match ? MATCH : NO_MATCH;
}

/* What is not asked ahead may match or not. */
static enum outlook
look_at_term(struct spf_lookahead *l, const struct spf_term *t,
    struct str current, struct spf_step *step)
{
	l->terms++;
	if (t->kind == SPF_PTR || str_find(t->domain, '%') < t->domain.n)
		return OPEN;
	if (step->asked == NULL)
		step->asked = dns_ask(l->lookups, DNS_FOR_SPF,
		    type_of(l, t->kind), name_of(l, t->domain, current));
	const struct dns_answer *answer = dns_peek(step->asked);
	return answer == NULL ? OPEN :
	    look_at_answer(l, t, current, step, answer);
}

/* A record's outlook is that of an include of it (RFC 7208 5.2), known when
 * that of each term is, up to the one that decides. */
static enum outlook
look_at_record(struct spf_lookahead *l, struct spf_node *node)
{
	const struct spf_record *r = &node->record;
	enum spf_result result = r->has_end ? r->end.qualifier : SPF_NEUTRAL;
	bool is_open = false;
	if (r->status != SPF_RECORD_OK)
		return ERROR;
	for (size_t i = 0; i < r->count; i++) {
		if (is_spent(l))
			return OPEN;
		enum outlook o = look_at_term(l, &r->terms[i], r->domain,
		    &node->steps[i]);
		is_open = is_open || o == OPEN;
		if (o == ERROR)
			return is_open ? OPEN : ERROR;
		if (o == MATCH) {
			result = r->terms[i].qualifier;
			break;
		}
	}
	if (is_open)
		return OPEN;
	return result == SPF_PASS ? MATCH : NO_MATCH;
}

void
spf_lookahead_go(struct spf_lookahead *l)
{
	const struct dns_answer *txt = dns_peek(l->asked);
	l->terms = l->voids = 0;
	if (txt != NULL && !dns_is_error(txt->status))
		look_at_record(l, spf_lookahead_node(l, txt, l->domain,
		    &l->top));
}
