/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf_run.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/table.h"
#include "base/text.h"
#include "mail/domain.h"

/* Of a term or a name, what a reason shows. */
#define QUOTE_MAX 100u

static const struct dns_answer nothing = {.status = DNS_NODATA};

static const struct table_row type_names[] = {
	{DNS_A, "A"},
	{DNS_AAAA, "AAAA"},
	{DNS_MX, "MX"},
	{DNS_PTR, "PTR"},
	{DNS_TXT, "TXT"},
	{0, NULL},
};

struct str
spf_run_quote(const struct spf_run *run, struct str text)
{
	struct text t;
	text_init(&t, run->arena);
	text_add_char(&t, '"');
	for (size_t i = 0; i < text.n && i < QUOTE_MAX; i++) {
		char c = text.p[i];
		text_add_char(&t, !ascii_is_print(c) ? '?' :
		    c == '"' ? '\'' : c);
	}
	text_add(&t, text.n > QUOTE_MAX ? STR("...\"") : STR("\""));
	return text_str(&t);
}

/* Ends the check, unless it has ended. */
static void
decide(struct spf_run *run, enum spf_result result, struct str reason)
{
	if (run->is_decided)
		return;
	run->is_decided = true;
	run->result = result;
	run->reason = reason;
}

/* ---- answers ---------------------------------------------------------------- */

/* Before it waits, all that is known to be needed is asked. */
static const struct dns_answer *
answer_to(struct spf_run *run, enum dns_type type, struct str name)
{
	struct lookup *q = dns_ask(run->lookups, DNS_FOR_SPF, type, name);
	if (dns_peek(q) == NULL)
		spf_lookahead_go(&run->ahead);
	return dns_wait(q);
}

/* The same, where an error ends the check (5). */
static const struct dns_answer *
need_answer(struct spf_run *run, enum dns_type type, struct str name)
{
	const struct dns_answer *answer = answer_to(run, type, name);
	if (!dns_is_error(answer->status))
		return answer;
	struct str quoted = spf_run_quote(run, name);
	decide(run, SPF_TEMPERROR, text_format(run->arena, "%s of %.*s: %s",
	    table_name(type_names, (int)type), STR_ARG(quoted),
	    dns_status_text(answer->status)));
	return &nothing;
}

/* Void lookups are counted by terms, for the question of the term itself: its
 * hosts have a limit of their own, and an mx whose hosts lack IPv6 is not at
 * fault (4.6.4). */
static void
count_void(struct spf_run *run, const struct spf_term *t, bool is_void)
{
	if (!is_void || ++run->voids <= SPF_MAX_VOID)
		return;
	struct str quoted = spf_run_quote(run, t->text);
	decide(run, SPF_PERMERROR, text_format(run->arena, "more than %u terms "
	    "find nothing in DNS, the last of them %.*s", SPF_MAX_VOID,
	    STR_ARG(quoted)));
}

static const struct dns_answer *
term_answer(struct spf_run *run, const struct spf_term *t, enum dns_type type,
    struct str name)
{
	const struct dns_answer *answer = need_answer(run, type, name);
	if (!run->is_decided)
		count_void(run, t, spf_is_void(answer));
	return run->is_decided ? &nothing : answer;
}

/* ---- the client's names ----------------------------------------------------- */

/* RFC 7208 5.5: of at most ten names, those that have the client's address. An
 * error is no more than a name that is missing. */
static void
find_names(struct spf_run *run)
{
	const struct ip *client = &run->who.client;
	if (run->has_names)
		return;
	run->has_names = true;
	const struct dns_answer *ptr = answer_to(run, DNS_PTR,
	    spf_macro_expand(STR("%{ir}.%{v}.arpa"), &run->who, STR(""),
		STR(""), run->arena));
	run->is_nameless = spf_is_void(ptr);
	size_t count = ptr->count < SPF_MAX_PTR ? ptr->count : SPF_MAX_PTR;
	for (size_t i = 0; i < count; i++)
		dns_ask(run->lookups, DNS_FOR_SPF, spf_address_type(client),
		    ptr->rr[i].name);
	for (size_t i = 0; i < count; i++)
		if (spf_address_match(answer_to(run, spf_address_type(client),
			ptr->rr[i].name), client, ip_bits(client)))
			run->names[run->name_count++] = ptr->rr[i].name;
}

static bool
has_name_within(struct spf_run *run, struct str domain)
{
	find_names(run);
	for (size_t i = 0; i < run->name_count; i++)
		if (domain_is_within(run->names[i], domain))
			return true;
	return false;
}

/* "p": the domain itself if it is validated, else a name below it, else any
 * (7.3). */
static struct str
validated_name(struct spf_run *run, struct str domain)
{
	find_names(run);
	for (size_t i = 0; i < run->name_count; i++)
		if (str_eq(run->names[i], domain))
			return run->names[i];
	for (size_t i = 0; i < run->name_count; i++)
		if (domain_is_within(run->names[i], domain))
			return run->names[i];
	return run->name_count > 0 ? run->names[0] : STR("unknown");
}

/* ---- terms ------------------------------------------------------------------ */

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool
spf_run_begin(struct spf_run *run, const struct spf_record *record,
    const struct spf_term *t, struct str *name)
{
	struct str validated = STR("");
	if (++run->terms > SPF_MAX_TERMS) {
		struct str quoted = spf_run_quote(run, t->text);
		decide(run, SPF_PERMERROR, text_format(run->arena, "more than "
		    "%u terms ask DNS, the last of them %.*s", SPF_MAX_TERMS,
		    STR_ARG(quoted)));
		return false;
	}
	*name = record->domain;
	if (t->domain.n == 0)
		return true;
	/* RFC 8616 4: no name has such a local-part in it. */
	if (!is_ascii(run->who.local) &&
	    spf_macro_uses(t->domain, STR("sl")))
		return false;
	if (spf_macro_uses(t->domain, STR("p")))
		validated = validated_name(run, record->domain);
	*name = spf_macro_expand(t->domain, &run->who, record->domain,
	    validated, run->arena);
	return true;
}

bool
spf_run_matches(struct spf_run *run, const struct spf_term *t, struct str name)
{
	const struct ip *client = &run->who.client;
	switch (t->kind) {
	case SPF_A:
		return spf_address_match(term_answer(run, t,
		    spf_address_type(client), name), client, t->bits);
	case SPF_EXISTS:
		return term_answer(run, t, DNS_A, name)->count > 0;
	default:
		find_names(run);
		count_void(run, t, run->is_nameless);
		return !run->is_decided && has_name_within(run, name);
	}
}

const struct dns_answer *
spf_run_hosts(struct spf_run *run, const struct spf_term *t, struct str name)
{
	const struct dns_answer *mx = term_answer(run, t, DNS_MX, name);
	if (mx->count > SPF_MAX_MX) {
		struct str quoted = spf_run_quote(run, t->text);
		decide(run, SPF_PERMERROR, text_format(run->arena,
		    "%.*s has more than %u hosts", STR_ARG(quoted),
		    SPF_MAX_MX));
		return &nothing;
	}
	for (size_t i = 0; i < mx->count; i++)
		dns_ask(run->lookups, DNS_FOR_SPF,
		    spf_address_type(&run->who.client), mx->rr[i].mx.host);
	return mx;
}

bool
spf_run_host_matches(struct spf_run *run, const struct spf_term *t,
    struct str host)
{
	const struct ip *client = &run->who.client;
	return spf_address_match(need_answer(run, spf_address_type(client),
	    host), client, t->bits);
}

/* ---- records ---------------------------------------------------------------- */

/* Notes that a record counts: an include of one that was read before adds
 * nothing. */
static void
note_source(struct spf_run *run, const struct spf_record *r)
{
	if (str_is_empty(r->text) || run->source_count == SPF_MAX_SOURCES)
		return;
	for (size_t i = 0; i < run->source_count; i++)
		if (str_eq(run->sources[i].domain, r->domain))
			return;
	run->sources[run->source_count++] =
	    (struct spf_source) {r->domain, r->text};
}

/* Decides the check unless the record can be evaluated. */
static struct spf_node *
usable(struct spf_run *run, struct spf_node *node)
{
	const struct spf_record *r = &node->record;
	struct str domain = spf_run_quote(run, r->domain);
	struct str at = spf_run_quote(run, r->at);
	note_source(run, r);
	switch (r->status) {
	case SPF_RECORD_OK:
		return node;
	case SPF_RECORD_SEVERAL:
		decide(run, SPF_PERMERROR, text_format(run->arena,
		    "%.*s has more than one SPF record", STR_ARG(domain)));
		break;
	case SPF_RECORD_SYNTAX:
		decide(run, SPF_PERMERROR, text_format(run->arena,
		    "%.*s in the record of %.*s: %s", STR_ARG(at),
		    STR_ARG(domain), r->problem));
		break;
	case SPF_RECORD_NONE:
		decide(run, SPF_NONE, text_format(run->arena,
		    "%.*s has no SPF record", STR_ARG(domain)));
		break;
	}
	return NULL;
}

struct spf_node *
spf_run_top(struct spf_run *run)
{
	struct spf_lookahead *l = &run->ahead;
	const struct dns_answer *txt = need_answer(run, DNS_TXT, l->domain);
	if (run->is_decided)
		return NULL;
	return usable(run, spf_lookahead_node(l, txt, l->domain, &l->top));
}

/* A target that has no record, or is no name of several labels, is an error of
 * the record that names it (4.3, 5.2, 6.1). */
struct spf_node *
spf_run_target(struct spf_run *run, const struct spf_term *t, struct str name,
    struct spf_step *step)
{
	const struct dns_answer *txt = &nothing;
	if (str_find(name, '.') < name.n)
		txt = need_answer(run, DNS_TXT, name);
	if (run->is_decided)
		return NULL;
	struct spf_node *node = spf_lookahead_node(&run->ahead, txt, name,
	    &step->target);
	if (node->record.status == SPF_RECORD_NONE) {
		struct str quoted = spf_run_quote(run, t->text);
		decide(run, SPF_PERMERROR, text_format(run->arena,
		    "%.*s leads to no SPF record", STR_ARG(quoted)));
	}
	return usable(run, node);
}
