/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/recipient/external.h"

#include "base/arena.h"
#include "base/text.h"
#include "dmarc/uri.h"
#include "mail/domain.h"
#include "net/dns.h"
#include "net/suffix.h"

/* Addresses of one host that are looked at, in all its records. */
#define MAX_OVERRIDES RECORD_MAX_URIS

/* What the records at one name say. */
struct reading {
	struct str host;
	bool is_ruf;
	struct arena *arena;
	size_t records;     /* that pass the version test */
	bool is_unreadable; /* one of them is too long */
	size_t foreign;     /* URIs that name no address at the host */
	struct record_uri at_host[MAX_OVERRIDES];
	size_t count;
};

/* ---- questions ---------------------------------------------------------- */

/* RFC 7489 3.2: known without DNS. A public suffix has none. */
static bool
is_same_by_suffix(const struct discover_options *o, struct str x, struct str y)
{
	struct str org = suffix_registrable(o->suffixes, x);

	return !str_is_empty(org) &&
	    str_eq(org, suffix_registrable(o->suffixes, y));
}

/* The walks that tell organizational domains apart are under way together with
 * the question for consent, which they may turn out to be needless. */
void
external_ask(struct lookups *l, const struct discover_options *o,
    struct str policy_domain, struct str host, struct arena *a,
    struct external_question *out)
{
	*out = (struct external_question) {.lookups = l, .options = o,
	    .policy_domain = policy_domain, .host = host};
	if (str_eq(policy_domain, host))
		return;
	if (o->method == DISCOVER_PSL &&
	    is_same_by_suffix(o, policy_domain, host))
		return;
	if (o->method == DISCOVER_TREEWALK) {
		discover_prefetch(l, o, policy_domain, a);
		discover_prefetch(l, o, host, a);
	}
	out->name = text_format(a, "%.*s._report._dmarc.%.*s",
	    STR_ARG(policy_domain), STR_ARG(host));
	if (out->name.n <= DOMAIN_MAX_OCTETS)
		out->lookup = dns_ask(l, DNS_FOR_POLICY, DNS_TXT, out->name);
}

/* ---- records ------------------------------------------------------------ */

static bool
is_at_host(const struct reading *r, struct str uri)
{
	struct str mailbox, domain;

	if (!uri_mailbox(uri, r->arena, &mailbox))
		return false;
	size_t at = str_find_last(mailbox, '@');
	return domain_parse(str_sub(mailbox, at + 1, mailbox.n), r->arena,
	    &domain) == DOMAIN_OK && str_eq(domain, r->host);
}

/* One record. Its policy tags mean nothing here, so neither does it matter that
 * they are missing; a tag that cannot be read is as none. */
static void
read_record(struct reading *r, struct str text)
{
	struct record record;

	r->records++;
	record_parse(text, r->arena, &record);
	r->is_unreadable |= text.n > RECORD_MAX_BYTES;
	const struct record_uri *uris = r->is_ruf ? record.ruf : record.rua;
	size_t count = r->is_ruf ? record.ruf_count : record.rua_count;
	for (size_t i = 0; i < count; i++) {
		if (!is_at_host(r, uris[i].uri))
			r->foreign++;
		else if (r->count < MAX_OVERRIDES)
			r->at_host[r->count++] = uris[i];
	}
}

static void
set(struct external *out, enum external_status status, struct str reason)
{
	*out = (struct external) {.status = status, .reason = reason};
}

/* RFC 9990 4, steps 6 to 9: any number of records may stand there. */
static void
judge(const struct external_question *q, struct reading *r, struct external *out)
{
	if (r->records == 0)
		set(out, EXTERNAL_ABSENT, text_format(r->arena, "none of the "
		    "TXT records at %.*s is a DMARC record", STR_ARG(q->name)));
	else if (r->is_unreadable)
		set(out, EXTERNAL_ABSENT, text_format(r->arena, "a record at "
		    "%.*s is too long", STR_ARG(q->name)));
	else if (r->count == 0 && r->foreign > 0)
		set(out, EXTERNAL_FOREIGN, text_format(r->arena, "the record at "
		    "%.*s names other addresses, and none of them at %.*s",
		    STR_ARG(q->name), STR_ARG(r->host)));
	else
		*out = (struct external) {.status = EXTERNAL_VERIFIED,
		    .overrides = (const void *)arena_copy(r->arena,
		    r->at_host, r->count * sizeof r->at_host[0]),
		    .override_count = r->count};
}

static void
read_answer(const struct external_question *q, const struct dns_answer *answer,
    struct reading *r, struct external *out)
{
	for (size_t i = 0; i < answer->count; i++)
		if (record_is_candidate(answer->rr[i].txt))
			read_record(r, answer->rr[i].txt);
	judge(q, r, out);
}

static void
find_record(const struct external_question *q, bool is_ruf, struct arena *a,
    struct external *out)
{
	struct reading r = {.host = q->host, .is_ruf = is_ruf, .arena = a};

	if (q->lookup == NULL) {
		set(out, EXTERNAL_LONG_NAME, text_format(a, "%.*s is longer than "
		    "a name may be", STR_ARG(q->name)));
		return;
	}
	const struct dns_answer *answer = dns_wait(q->lookup);
	if (answer->status == DNS_OK)
		read_answer(q, answer, &r, out);
	else
		set(out, dns_is_error(answer->status) ? EXTERNAL_TEMPERROR
		    : EXTERNAL_ABSENT, text_format(a, "%.*s was asked for a "
		    "record: %s", STR_ARG(q->name),
		    dns_status_text(answer->status)));
}

/* ---- organizations ------------------------------------------------------ */

/* False, with *out filled, where the walk of `name` failed. */
static bool
find_org(const struct external_question *q, struct str name, struct arena *a,
    struct str *org, struct external *out)
{
	if (discover_org(q->lookups, q->options, name, a, org))
		return true;
	set(out, EXTERNAL_TEMPERROR, text_format(a, "whether %.*s and %.*s are "
	    "of one organization is not known: a question of the walk from "
	    "_dmarc.%.*s failed", STR_ARG(q->host), STR_ARG(q->policy_domain),
	    STR_ARG(name)));
	return false;
}

/* Organizational domains are compared, not names (erratum 6439 of RFC 7489). */
void
external_find(const struct external_question *q, bool is_ruf, struct arena *a,
    struct external *out)
{
	struct str mine, theirs;

	*out = (struct external) {.status = EXTERNAL_VERIFIED};
	if (str_is_empty(q->name) ||
	    !find_org(q, q->policy_domain, a, &mine, out) ||
	    !find_org(q, q->host, a, &theirs, out))
		return;
	if (str_is_empty(mine) || !str_eq(mine, theirs))
		find_record(q, is_ruf, a, out);
}
