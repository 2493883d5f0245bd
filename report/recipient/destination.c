/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/recipient/destination.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "mail/domain.h"
#include "net/dns.h"
#include "report/recipient/external.h"
#include "report/recipient/report_uri.h"

_Static_assert((1 + DESTINATION_MAX_HOSTS) * DISCOVER_MAX_QUERIES +
    DESTINATION_MAX_HOSTS <= DNS_MAX_POLICY, "hosts cannot use up the questions");

const struct table_row destination_status_names[] = {
	{DESTINATION_OK, "ok"},
	{DESTINATION_TEMPERROR, "temperror"},
	{DESTINATION_MALFORMED, "malformed"},
	{DESTINATION_SCHEME, "scheme"},
	{DESTINATION_ADDRESS, "address"},
	{DESTINATION_NO_CONSENT, "no-consent"},
	{DESTINATION_FOREIGN, "foreign"},
	{DESTINATION_LONG_NAME, "long-name"},
	{DESTINATION_REPLACED, "replaced"},
	{DESTINATION_REPEATED, "repeated"},
	{DESTINATION_LIMIT, "limit"},
	{0, NULL},
};

/* A host that addresses are at. */
struct host {
	struct str name;
	struct external_question question;
	bool is_settled; /* `consent` is filled */
	bool is_told;    /* the addresses that it names are in the list */
	struct external consent;
};

struct search {
	struct lookups *lookups;
	const struct discover_options *options;
	enum destination_kind kind;
	struct str domain; /* the policy domain */
	struct arena *arena;
	struct host hosts[DESTINATION_MAX_HOSTS];
	size_t host_count;
	struct destinations *out;
	size_t capacity; /* of its list */
	size_t taken;
};

static void
add(struct search *s, const struct destination *d)
{
	struct destinations *out = s->out;

	if (out->count == s->capacity) {
		s->capacity = s->capacity > 0 ? s->capacity * 2 : 4;
		struct destination *at =
		    ARENA_ARRAY(s->arena, struct destination, s->capacity);
		if (out->count > 0)
			memcpy(at, out->at, out->count * sizeof *at);
		out->at = at;
	}
	out->at[out->count++] = *d;
}

static void
refuse(struct destination *d, enum destination_status status, struct str reason)
{
	d->status = status;
	d->reason = reason;
}

/* ---- their hosts -------------------------------------------------------- */

static struct host *
find_host(struct search *s, struct str name)
{
	for (size_t i = 0; i < s->host_count; i++)
		if (str_eq(s->hosts[i].name, name))
			return &s->hosts[i];
	return NULL;
}

/* Questions for all hosts are under way before the first answer is awaited. */
static void
ask_hosts(struct search *s, struct destinations *request)
{
	for (size_t i = 0; i < request->count; i++) {
		struct destination *d = &request->at[i];
		if (d->status != DESTINATION_OK ||
		    find_host(s, d->domain) != NULL)
			continue;
		if (s->host_count == DESTINATION_MAX_HOSTS) {
			refuse(d, DESTINATION_LIMIT, text_format(s->arena,
			    "the record names addresses at more than %u "
			    "hosts", DESTINATION_MAX_HOSTS));
			continue;
		}
		struct host *h = &s->hosts[s->host_count++];
		*h = (struct host) {.name = d->domain};
		external_ask(s->lookups, s->options, s->domain, h->name,
		    s->arena, &h->question);
	}
}

/* ---- the choice --------------------------------------------------------- */

static bool
is_taken(const struct search *s, struct str address)
{
	for (size_t i = 0; i < s->out->count; i++) {
		const struct destination *d = &s->out->at[i];
		if ((d->status == DESTINATION_OK ||
			d->status == DESTINATION_TEMPERROR) &&
		    str_eq(d->address, address))
			return true;
	}
	return false;
}

/* Adds what would be taken, if it is new and there is room. */
static void
take(struct search *s, struct destination *d)
{
	if (is_taken(s, d->address))
		refuse(d, DESTINATION_REPEATED,
		    STR("the address is in the list before"));
	else if (s->taken == DESTINATION_MAX)
		refuse(d, DESTINATION_LIMIT, text_format(s->arena,
		    "no more than %u addresses are taken", DESTINATION_MAX));
	else
		s->taken++;
	add(s, d);
}

/* The addresses that a host names in place of others, once. */
static void
take_overrides(struct search *s, struct host *h)
{
	if (h->is_told)
		return;
	h->is_told = true;
	for (size_t i = 0; i < h->consent.override_count; i++) {
		struct destination d = report_uri_check(&h->consent.overrides[i],
		    s->arena);
		if (d.status != DESTINATION_OK)
			add(s, &d);
		else if (!is_taken(s, d.address))
			take(s, &d);
	}
}

static bool
is_override(const struct search *s, const struct host *h, struct str address)
{
	for (size_t i = 0; i < h->consent.override_count; i++) {
		struct destination d = report_uri_check(&h->consent.overrides[i],
		    s->arena);
		if (str_eq(d.address, address))
			return true;
	}
	return false;
}

static void
take_at_host(struct search *s, struct host *h, struct destination *d)
{
	const struct external *c = &h->consent;

	if (c->override_count == 0 || is_override(s, h, d->address)) {
		take(s, d);
	} else {
		refuse(d, DESTINATION_REPLACED, text_format(s->arena, "the "
		    "record at %.*s names other addresses in its place",
		    STR_ARG(h->question.name)));
		add(s, d);
	}
	take_overrides(s, h);
}

static void
take_by_consent(struct search *s, struct host *h, struct destination *d)
{
	static const enum destination_status statuses[] = {
		[EXTERNAL_VERIFIED] = DESTINATION_OK,
		[EXTERNAL_ABSENT] = DESTINATION_NO_CONSENT,
		[EXTERNAL_LONG_NAME] = DESTINATION_LONG_NAME,
		[EXTERNAL_FOREIGN] = DESTINATION_FOREIGN,
		[EXTERNAL_TEMPERROR] = DESTINATION_TEMPERROR,
	};

	if (!h->is_settled)
		external_find(&h->question, s->kind == DESTINATION_RUF,
		    s->arena, &h->consent);
	h->is_settled = true;
	refuse(d, statuses[h->consent.status], h->consent.reason);
	switch (d->status) {
	case DESTINATION_OK:
		take_at_host(s, h, d);
		break;
	case DESTINATION_TEMPERROR:
		take(s, d);
		break;
	default:
		add(s, d);
	}
}

static void
take_all(struct search *s, struct destinations *request)
{
	for (size_t i = 0; i < request->count; i++) {
		struct destination *d = &request->at[i];
		if (d->status != DESTINATION_OK)
			add(s, d);
		else
			take_by_consent(s, find_host(s, d->domain), d);
	}
}

void
destinations_find(struct lookups *l, const struct discover_options *o,
    enum destination_kind kind, struct str policy_domain, struct arena *a,
    struct destinations *out)
{
	struct search *s = ARENA_NEW(a, struct search);
	struct destinations request;

	*s = (struct search) {.lookups = l, .options = o, .kind = kind,
	    .arena = a, .out = out};
	enum domain_status status = domain_parse(policy_domain, a, &s->domain);
	if (status != DOMAIN_OK) {
		*out = (struct destinations) {.status = DESTINATIONS_NONE,
		    .reason = text_format(a, "the policy domain is no name: %s",
		    domain_status_text(status))};
		return;
	}
	report_uri_find(l, o, kind, s->domain, a, &request);
	*out = (struct destinations) {.status = request.status,
	    .reason = request.reason};
	ask_hosts(s, &request);
	take_all(s, &request);
}
