/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/message.h"

#include "auth/arc.h"
#include "auth/signature.h"
#include "base/arena.h"
#include "base/text.h"
#include "dmarc/align.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/tags.h"
#include "settings/settings.h"

const struct table_row message_exempt_names[] = {
	{MESSAGE_JUDGED, "no"},
	{MESSAGE_LOCAL, "local"},
	{MESSAGE_TRUSTED, "trusted"},
	{MESSAGE_AUTHENTICATED, "authenticated"},
	{0, NULL},
};

_Static_assert(DNS_MAX_KEY >= 2 * SIGNATURES_MAX + ARC_MAX_KEYS,
    "neither signatures nor a chain can take the other's keys");

/* A bounded copy of an outside word; nothing where the arena is full. */
static struct str
keep(const struct message *m, struct str s)
{
	struct str word = str_sub(s, 0, MESSAGE_MAX_WORD);
	if (!arena_has_room(m->arena, word.n))
		return (struct str) {0};
	return str_copy(word, m->arena);
}

struct message *
message_new(const struct message_world *world,
    const struct message_client *client, int64_t received, unsigned draw,
    struct arena *a)
{
	const struct settings *s = world->settings;
	struct message *m = ARENA_NEW(a, struct message);
	m->arena = a;
	m->world = *world;
	m->lookups = lookups_new(world->dns, s->dns_timeout * 1000,
	    world->before_wait, world->wait_arg, a);
	m->client = client->ip;
	m->client_name = keep(m, client->name);
	m->client_port = client->port;
	m->helo = keep(m, client->helo);
	m->mta = keep(m, client->authserv_id);
	m->authserv_id = s->authserv_id[0] != '\0' ? str_of(s->authserv_id) :
	    m->mta;
	m->received = received;
	m->draw = draw;
	header_init(&m->headers, a);
	if (client->ip.family == IP_NONE)
		m->exempt = MESSAGE_LOCAL;
	else if (ipset_has(&s->trusted_networks, &client->ip))
		m->exempt = MESSAGE_TRUSTED;
	return m;
}

struct discover_options
message_discovery(const struct message *m)
{
	const struct settings *s = m->world.settings;
	return (struct discover_options) {
		.method = s->discovery,
		.has_psl_guard = s->psl_guard,
		.suffixes = s->suffixes,
	};
}

/* A path without its angle brackets and source route (RFC 5321 4.1.2). */
static struct str
bare_path(struct str path)
{
	struct str s = str_trim(path);
	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = str_sub(s, 1, s.n - 2);
	if (s.n > 0 && s.p[0] == '@') {
		size_t colon = str_find(s, ':');
		s = str_sub(s, colon < s.n ? colon + 1 : 0, s.n);
	}
	return s;
}

void
message_mail(struct message *m, struct str path, bool is_authenticated)
{
	if (m->exempt == MESSAGE_JUDGED && is_authenticated &&
	    m->world.settings->skip_authenticated)
		m->exempt = MESSAGE_AUTHENTICATED;
	struct str bare = bare_path(path);
	m->mail_from = keep(m, bare);
	struct address address;
	/* Of a path that was cut the end is gone, and that is the domain. */
	enum address_status status = bare.n > m->mail_from.n ? ADDRESS_SYNTAX :
	    address_parse_path(m->mail_from, m->arena, &address);
	if (status == ADDRESS_OK) {
		m->mail_local = address.local;
		m->mail_domain = address.domain;
	} else if (status == ADDRESS_SYNTAX) {
		/* What an MTA has taken is checked all the same: a nonsense
		 * local-part must not turn SPF off. */
		size_t at = str_find_last(bare, '@');
		m->mail_local = keep(m, str_sub(bare, 0, at));
		m->mail_domain = keep(m, str_sub(bare, at + 1, bare.n));
	}
	m->spf = (struct spf_input) {
		.client = m->client,
		.helo = m->helo,
		.local = m->mail_local,
		.domain = m->mail_domain,
	};
}

static void
ask_spf(struct message *m)
{
	if (m->is_spf_asked || m->exempt != MESSAGE_JUDGED)
		return;
	m->is_spf_asked = true;
	spf_prefetch(&m->spf, m->lookups, m->arena);
}

/* The address with its domain in the one form, if it has one. */
static struct str
recipient_of(struct str path, struct arena *a)
{
	struct str bare = bare_path(path), domain;
	size_t at = str_find_last(bare, '@');
	if (domain_parse(str_sub(bare, at + 1, bare.n), a, &domain) !=
	    DOMAIN_OK)
		return str_copy(bare, a);
	return text_format(a, "%.*s@%.*s", STR_ARG(str_sub(bare, 0, at)),
	    STR_ARG(domain));
}

void
message_recipient(struct message *m, struct str path)
{
	ask_spf(m);
	if (m->recipient_count == MESSAGE_MAX_RECIPIENTS ||
	    path.n > MESSAGE_MAX_WORD ||
	    !arena_has_room(m->arena, 2 * path.n)) {
		m->has_more_recipients = true;
		return;
	}
	if (m->recipients == NULL)
		m->recipients = ARENA_ARRAY(m->arena, struct str,
		    MESSAGE_MAX_RECIPIENTS);
	m->recipients[m->recipient_count++] = recipient_of(path, m->arena);
}

void
message_queue_id(struct message *m, struct str id)
{
	if (str_is_empty(m->queue_id))
		m->queue_id = keep(m, id);
}

/* The walks of a From field's domains. Whether it counts is decided by the
 * whole header; asking too much does no harm but to the message's budget. */
static void
ask_authors(struct message *m, const struct header_field *from)
{
	struct header_list alone;
	struct author author;
	struct discover_options options = message_discovery(m);
	header_init(&alone, m->arena);
	header_add(&alone, from->name, from->value);
	author_find(&alone, m->arena, &author);
	for (size_t i = 0; i < author.count; i++)
		discover_prefetch(m->lookups, &options, author.domains[i],
		    m->arena);
}

void
message_header(struct message *m, struct str name, struct str value)
{
	if (!header_add(&m->headers, name, value) ||
	    m->exempt != MESSAGE_JUDGED)
		return;
	const struct header_field *f = &m->headers.at[m->headers.count - 1];
	if (f->instance == 1 && header_is(f, STR("From")))
		ask_authors(m, f);
	else if (f->instance <= SIGNATURES_MAX &&
	    header_is(f, STR("DKIM-Signature")))
		signature_prefetch(f->value, m->lookups, m->arena);
}

/* Asks for the walk of an identifier that could align with an author. The
 * author's own walk is not waited for: shared labels decide (dmarc/align.h). */
static bool
ask_identifier(struct message *m, struct str identifier)
{
	static const struct discovery unknown;
	struct discover_options options = message_discovery(m);
	for (size_t i = 0; i < m->author.count; i++) {
		if (!align_is_possible(&unknown, m->author.domains[i],
			identifier, false))
			continue;
		discover_prefetch(m->lookups, &options, identifier, m->arena);
		return true;
	}
	return false;
}

static void
ask_spf_identifier(struct message *m)
{
	struct str domain;
	/* RFC 7208 2.4: a null reverse-path is checked as postmaster@HELO. */
	struct str checked =
	    str_is_empty(m->mail_domain) ? m->helo : m->mail_domain;
	if (domain_parse(checked, m->arena, &domain) == DOMAIN_OK)
		m->is_spf_decisive = ask_identifier(m, domain);
}

static void
ask_signature_identifiers(struct message *m)
{
	size_t asked = 0;
	for (size_t i = 0; i < m->headers.count && asked < SIGNATURES_MAX;
	    i++) {
		const struct header_field *f = &m->headers.at[i];
		struct tags tags;
		struct str domain;
		if (!header_is(f, STR("DKIM-Signature")) ||
		    f->value.n > SIGNATURE_MAX_FIELD ||
		    !arena_has_room(m->arena, f->value.n))
			continue;
		tags_parse(f->value, m->arena, &tags);
		const struct tag *d = tags_find(&tags, "d");
		if (d != NULL &&
		    domain_parse(d->value, m->arena, &domain) == DOMAIN_OK &&
		    ask_identifier(m, domain))
			asked++;
	}
}

void
message_end_of_headers(struct message *m)
{
	if (m->has_all_headers)
		return;
	m->has_all_headers = true;
	author_find(&m->headers, m->arena, &m->author);
	if (m->exempt != MESSAGE_JUDGED)
		return;
	/* The look-ahead goes on from what has come since. */
	m->is_spf_asked = false;
	ask_spf(m);
	m->signatures = signatures_start(m->world.signatures, &m->headers,
	    &m->author, m->lookups, m->received, m->arena);
	if (m->world.settings->arc)
		m->arc = arc_start(&m->headers, m->lookups, m->received,
		    m->arena);
	ask_spf_identifier(m);
	ask_signature_identifiers(m);
}

void
message_body(struct message *m, const void *bytes, size_t n)
{
	m->body_bytes += n;
	if (m->signatures != NULL && signatures_need_body(m->signatures))
		signatures_body(m->signatures, bytes, n);
	if (m->arc != NULL && arc_need_body(m->arc))
		arc_body(m->arc, bytes, n);
}
