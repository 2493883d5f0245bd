/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/recipient/report_uri.h"

#include "base/arena.h"
#include "base/text.h"
#include "dmarc/record.h"
#include "dmarc/uri.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/tags.h"
#include "net/dns.h"
#include "net/suffix.h"

#define MAX_LOCAL 64u /* RFC 5321 4.5.3.1.1 */

struct request {
	const struct discover_options *options;
	bool is_ruf;
	struct str domain;
	struct arena *arena;
	struct destinations *out;
};

static void
refuse(struct destination *d, enum destination_status status, struct str reason)
{
	d->status = status;
	d->reason = reason;
}

/* ---- the record --------------------------------------------------------- */

static void
give_up(const struct request *r, enum destinations_status status,
    struct str reason)
{
	*r->out = (struct destinations) {.status = status, .reason = reason};
}

static void
parse(const struct request *r, struct str text, struct record *out)
{
	if (r->options->method == DISCOVER_PSL)
		record_parse_rfc7489(text, r->arena, out);
	else
		record_parse(text, r->arena, out);
}

/* RFC 9991 2: a public suffix does not get to see the mail of its customers. A
 * listed one that forgot psd=y is taken for one, as in the tree walk; the
 * letter of RFC 7489 knows no psd, but who wrote it meant it. */
static bool
is_suffix_record(const struct request *r, struct str text)
{
	const struct discover_options *o = r->options;
	struct record modern;

	record_parse(text, r->arena, &modern);
	return modern.psd == RECORD_PSD_Y ||
	    (o->method == DISCOVER_TREEWALK && o->has_psl_guard &&
		suffix_is_listed(o->suffixes, r->domain));
}

/* The record that is the only one there, if what it says counts. */
static bool
read_record(const struct request *r, struct str text, struct record *out)
{
	parse(r, text, out);
	if (out->status != RECORD_OK)
		give_up(r, DESTINATIONS_NONE, text_format(r->arena, "the record "
		    "at _dmarc.%.*s cannot be used: it is too long, or has no "
		    "valid policy and no rua", STR_ARG(r->domain)));
	else if (r->is_ruf && is_suffix_record(r, text))
		give_up(r, DESTINATIONS_NONE, text_format(r->arena, "%.*s is a "
		    "public suffix: its ruf is not followed",
		    STR_ARG(r->domain)));
	else
		return true;
	return false;
}

static bool
read_answer(const struct request *r, const struct dns_answer *answer,
    struct record *out)
{
	struct str text = {0};
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++)
		if (record_is_candidate(answer->rr[i].txt)) {
			text = answer->rr[i].txt;
			count++;
		}
	if (count == 1)
		return read_record(r, text, out);
	give_up(r, DESTINATIONS_NONE, text_format(r->arena, "%zu DMARC records "
	    "at _dmarc.%.*s, where there must be one", count,
	    STR_ARG(r->domain)));
	return false;
}

/* The policy domain has a record by what it is, so there is no walk. */
static bool
find_record(const struct request *r, struct lookups *l, struct record *out)
{
	struct str name = text_format(r->arena, "_dmarc.%.*s",
	    STR_ARG(r->domain));
	const struct dns_answer *answer =
	    dns_wait(dns_ask(l, DNS_FOR_POLICY, DNS_TXT, name));

	if (answer->status == DNS_OK)
		return read_answer(r, answer, out);
	give_up(r, dns_is_error(answer->status) ? DESTINATIONS_TEMPERROR
	    : DESTINATIONS_NONE, text_format(r->arena, "%.*s was asked for a "
	    "record: %s", STR_ARG(name), dns_status_text(answer->status)));
	return false;
}

/* ---- its URIs ----------------------------------------------------------- */

/* RFC 5321 4.1.2 allows more than programs on the way bear: "-" at the start
 * looks like an option, "!" and "%" were routes. */
static bool
is_local_part(struct str s)
{
	return s.n > 0 && s.n <= MAX_LOCAL && s.p[0] != '-' &&
	    str_find(s, '!') == s.n && str_find(s, '%') == s.n;
}

static bool
read_mailbox(struct str mailbox, struct arena *a, struct destination *out)
{
	size_t at = str_find_last(mailbox, '@');
	struct str local = str_sub(mailbox, 0, at), domain;

	if (!is_local_part(local) || domain_parse(str_sub(mailbox, at + 1,
	    mailbox.n), a, &domain) != DOMAIN_OK)
		return false;
	struct str address = text_format(a, "%.*s@%.*s", STR_ARG(local),
	    STR_ARG(domain));
	if (!address_is_plain(address, a, &domain))
		return false;
	out->address = address;
	out->domain = domain;
	return true;
}

struct destination
report_uri_check(const struct record_uri *u, struct arena *a)
{
	struct destination d = {.uri = u->uri};
	struct str mailbox;

	if (!u->is_mailto)
		refuse(&d, DESTINATION_SCHEME,
		    STR("reports are sent to mailto: alone"));
	else if (!uri_mailbox(u->uri, a, &mailbox) ||
	    !read_mailbox(mailbox, a, &d))
		refuse(&d, DESTINATION_ADDRESS, STR("its address is longer "
		    "than one may be, or has characters that not every program "
		    "on the way bears"));
	return d;
}

/* What the reader of records skipped in a value, which stands among its
 * findings, up to byte `end` of the record. *next: the finding to go on with. */
static void
add_skipped(const struct request *r, const struct record *record,
    const struct tag *tag, size_t end, size_t *next)
{
	for (; *next < record->finding_count; ++*next) {
		const struct record_finding *f = &record->findings[*next];
		if (f->id != RECORD_URI_INVALID || f->at < tag->value_at ||
		    f->n == 0)
			continue;
		if (f->at >= end)
			return;
		struct destination *d = &r->out->at[r->out->count++];
		d->uri = str_sub(record->text, f->at, f->n);
		refuse(d, DESTINATION_MALFORMED,
		    STR("it is no URI, or a mailto: without an address"));
	}
}

/* All URIs of the tag, good and bad, in their order. */
static void
list_uris(const struct request *r, const struct record *record)
{
	const struct record_uri *uris = r->is_ruf ? record->ruf : record->rua;
	size_t count = r->is_ruf ? record->ruf_count : record->rua_count;
	struct tags tags;
	size_t next = 0;

	tags_parse(record->text, r->arena, &tags);
	const struct tag *tag = tags_find(&tags, r->is_ruf ? "ruf" : "rua");
	if (tag == NULL)
		return;
	r->out->at = ARENA_ARRAY(r->arena, struct destination,
	    count + record->finding_count);
	for (size_t i = 0; i < count; i++) {
		add_skipped(r, record, tag,
		    (size_t)(uris[i].uri.p - record->text.p), &next);
		r->out->at[r->out->count++] = report_uri_check(&uris[i], r->arena);
	}
	add_skipped(r, record, tag, tag->value_at + tag->value.n, &next);
}

void
report_uri_find(struct lookups *l, const struct discover_options *o,
    enum destination_kind kind, struct str policy_domain, struct arena *a,
    struct destinations *out)
{
	struct request r = {.options = o, .is_ruf = kind == DESTINATION_RUF,
	    .domain = policy_domain, .arena = a, .out = out};
	struct record record;

	*out = (struct destinations) {.status = DESTINATIONS_FOUND};
	if (!find_record(&r, l, &record))
		return;
	list_uris(&r, &record);
	if (out->count == 0)
		give_up(&r, DESTINATIONS_NONE, text_format(a, "the record at "
		    "_dmarc.%.*s has no %s", STR_ARG(policy_domain),
		    r.is_ruf ? "ruf" : "rua"));
}
