/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_redact.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "base/digest.h"

/* Stands where a field named recipients that cannot be told apart. */
#define UNREADABLE STR(" (redacted)")

struct person {
	struct str local, domain;
	char word[REDACT_WORD];
};

struct redactor {
	struct arena *arena;
	struct redact_options options;
	struct person at[REDACT_MAX];
	size_t count;
};

/* ---- fields by name ----------------------------------------------------- */

static const char *const recipient_fields[] = {"To", "Cc", "Bcc",
    "Resent-To", "Resent-Cc", "Resent-Bcc", "Apparently-To", "Delivered-To",
    "Envelope-To", "Original-Recipient", "X-Delivered-To", "X-Envelope-To",
    "X-Forwarded-For", "X-Forwarded-To", "X-Original-Recipient",
    "X-Original-To", "X-Originally-To", "X-Rcpt-To",
    "X-Real-To", NULL};
static const char *const sender_fields[] = {"From", "Sender", "Reply-To",
    "Return-Path", "Errors-To", "Resent-From", "Resent-Sender",
    "Resent-Reply-To", "Disposition-Notification-To", "Return-Receipt-To",
    "X-Envelope-From", "X-Sender", NULL};
static const char *const id_fields[] = {"Message-ID", "References",
    "In-Reply-To", "Resent-Message-ID", "X-Original-Message-ID", NULL};

struct field {
	struct str name, value; /* the name without blanks at its end */
	struct str whole;       /* with its CRLF */
};

/* Takes the next field off: a line, and those behind it that begin with a
 * blank. */
static struct field
take_field(struct str *block)
{
	struct str all = *block;
	do
		str_cut(block, '\n');
	while (block->n > 0 && ascii_is_wsp(block->p[0]));
	struct str whole = str_sub(all, 0, all.n - block->n);
	size_t colon = str_find(whole, ':'), end = whole.n;
	if (end > 0 && whole.p[end - 1] == '\n')
		end--;
	if (end > 0 && whole.p[end - 1] == '\r')
		end--;
	struct field f = {.whole = whole,
	    .name = str_trim(str_sub(whole, 0, colon))};
	if (colon < end)
		f.value = str_sub(whole, colon + 1, end - colon - 1);
	return f;
}

struct str
redact_find(struct str header, const char *name)
{
	while (header.n > 0) {
		struct field f = take_field(&header);
		if (str_ieq(f.name, str_of(name)))
			return f.value;
	}
	return (struct str) {0};
}

static bool
is_among(const struct field *f, const char *const *names)
{
	for (; *names != NULL; names++)
		if (str_ieq(f->name, str_of(*names)))
			return true;
	return false;
}

/* ---- people ------------------------------------------------------------- */

/* RFC 6590 3, RFC 4648 5. */
static void
make_word(const struct redactor *r, struct str local, char out[REDACT_WORD])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char mac[DIGEST_OCTETS];
	digest_keyed((struct str) {r->options.key, REDACT_KEY}, local, mac);
	for (unsigned i = 0; i < REDACT_WORD; i++) {
		unsigned bit = 6 * i, byte = bit / 8;
		unsigned both = (unsigned)mac[byte] << 8 | mac[byte + 1];
		out[i] = letters[both >> (10 - bit % 8) & 63];
	}
}

static struct person *
find_person(struct redactor *r, struct str local, struct str domain)
{
	for (size_t i = 0; i < r->count; i++)
		if (str_ieq(r->at[i].local, local) &&
		    str_ieq(r->at[i].domain, domain))
			return &r->at[i];
	return NULL;
}

/* The word of a private local-part; one that is new is learned, so that it is
 * found elsewhere, too. */
static struct str
word_of(struct redactor *r, struct str local, struct str domain)
{
	struct person *p = find_person(r, local, domain);
	if (p == NULL && r->count < REDACT_MAX) {
		p = &r->at[r->count++];
		p->local = local;
		p->domain = domain;
		make_word(r, local, p->word);
	}
	if (p != NULL)
		return (struct str) {p->word, REDACT_WORD};
	char word[REDACT_WORD];
	make_word(r, local, word);
	return str_copy((struct str) {word, sizeof word}, r->arena);
}

static void
split(struct str address, struct str *local, struct str *domain)
{
	size_t at = str_find_last(address, '@');
	*local = str_sub(address, 0, at);
	*domain = str_sub(address, at + 1, address.n);
}

static bool
is_reported(const struct redactor *r, struct str domain)
{
	struct str name;
	return domain_parse(domain, r->arena, &name) == DOMAIN_OK &&
	    domain_is_within(name, r->options.reported);
}

static void
learn(struct redactor *r, struct str address)
{
	struct str local, domain;
	split(address, &local, &domain);
	if (local.n > 0)
		word_of(r, local, domain);
}

static void
learn_list(struct redactor *r, struct str value, bool is_sender)
{
	struct address_list list = {.count = 0};
	address_parse_list(value, r->arena, &list);
	for (size_t i = 0; i < list.count; i++)
		if (list.at[i].local.n > 0 &&
		    (!is_sender || is_reported(r, list.at[i].domain)))
			word_of(r, list.at[i].local, list.at[i].domain);
}

/* ---- "for" in Received (RFC 5321 4.4) ----------------------------------- */

static bool
is_boundary(struct str s, size_t at)
{
	return at >= s.n || ascii_is_fws(s.p[at]);
}

/* The next path behind a word "for" from *at on, without its brackets; *at is
 * where it begins. */
static bool
find_for(struct str value, size_t *at, struct str *path)
{
	for (size_t i = *at; i + 3 < value.n; i++) {
		if (!str_ieq(str_sub(value, i, 3), STR("for")) ||
		    (i > 0 && !is_boundary(value, i - 1)) ||
		    !is_boundary(value, i + 3))
			continue;
		size_t from = i + 3;
		while (from < value.n && (ascii_is_fws(value.p[from]) ||
		    value.p[from] == '<'))
			from++;
		size_t to = from;
		while (to < value.n && !ascii_is_fws(value.p[to]) &&
		    value.p[to] != '>' && value.p[to] != ';')
			to++;
		if (to == from)
			continue;
		*at = from;
		*path = str_sub(value, from, to - from);
		return true;
	}
	return false;
}

static void
learn_field(struct redactor *r, const struct field *f)
{
	struct str path;
	if (is_among(f, recipient_fields))
		learn_list(r, f->value, false);
	else if (r->options.is_sender_hidden && is_among(f, sender_fields))
		learn_list(r, f->value, true);
	else if (str_ieq(f->name, STR("Received")))
		for (size_t at = 0; find_for(f->value, &at, &path);
		    at += path.n)
			learn(r, path);
}

struct redactor *
redact_new(const struct redact_options *o, struct str header,
    struct str mail_from, struct arena *a)
{
	struct redactor *r = ARENA_NEW(a, struct redactor);
	struct str local, domain;
	r->arena = a;
	r->options = *o;
	for (size_t i = 0; i < o->recipient_count; i++)
		learn(r, o->recipients[i]);
	split(mail_from, &local, &domain);
	if (o->is_sender_hidden && local.n > 0 && is_reported(r, domain))
		word_of(r, local, domain);
	while (header.n > 0) {
		struct field f = take_field(&header);
		learn_field(r, &f);
	}
	return r;
}

/* ---- any text ----------------------------------------------------------- */

/* Signs between local-part and domain: of an address, of one within another's
 * return-path, of a link, of quoted-printable. */
static size_t
separator_at(struct str s, size_t at)
{
	if (s.p[at] == '@')
		return 1;
	if (s.p[at] != '=' && s.p[at] != '%')
		return 0;
	if (str_eq(str_sub(s, at + 1, 2), STR("40")))
		return 3;
	return s.p[at] == '=' ? 1 : 0;
}

/* Where a local-part that ends before `end` begins: at a byte of another word.
 * False: it is another one. */
static bool
ends_with(struct str text, size_t end, struct str local, size_t *start)
{
	if (local.n == 0 || end < local.n ||
	    !str_ieq(str_sub(text, end - local.n, local.n), local))
		return false;
	*start = end - local.n;
	return *start == 0 || !ascii_is_alnum(text.p[*start - 1]);
}

/* The private person that the text names around a separator: the one with the
 * longest local-part. */
static const struct person *
person_at(const struct redactor *r, struct str text, size_t at,
    size_t separator, size_t *start)
{
	const struct person *best = NULL;
	bool is_quoted = at > 0 && text.p[at - 1] == '"';
	for (size_t i = 0; i < r->count; i++) {
		const struct person *p = &r->at[i];
		size_t from;
		if (p->domain.n == 0 ||
		    !ends_with(text, at - is_quoted, p->local, &from) ||
		    !str_has_iprefix(str_sub(text, at + separator, text.n),
			p->domain) ||
		    (best != NULL && best->local.n >= p->local.n))
			continue;
		best = p;
		*start = from > 0 && is_quoted && text.p[from - 1] == '"' ?
		    from - 1 : from;
	}
	return best;
}

struct str
redact_text(struct redactor *r, struct str text)
{
	struct text t;
	size_t done = 0, start = 0;
	text_init(&t, r->arena);
	for (size_t i = 0; i < text.n; i++) {
		size_t n = separator_at(text, i);
		const struct person *p =
		    n > 0 ? person_at(r, text, i, n, &start) : NULL;
		if (p == NULL || start < done)
			continue;
		text_add(&t, str_sub(text, done, start - done));
		text_add(&t, (struct str) {p->word, REDACT_WORD});
		done = i;
	}
	if (done == 0)
		return text;
	text_add(&t, str_sub(text, done, text.n));
	return text_str(&t);
}

/* ---- fields ------------------------------------------------------------- */

/* A domain as it may stand in a field whatever it was. */
static void
add_domain(struct text *t, struct str domain)
{
	for (size_t i = 0; i < domain.n && i < DOMAIN_MAX_OCTETS; i++) {
		char c = domain.p[i];
		text_add_char(t, ascii_is_alnum(c) || c == '-' || c == '.' ?
		    c : '_');
	}
}

static void
add_address(struct redactor *r, struct text *t, struct str local,
    struct str domain)
{
	text_add(t, word_of(r, local, domain));
	if (domain.n == 0)
		return;
	text_add_char(t, '@');
	add_domain(t, domain);
}

struct str
redact_address(struct redactor *r, struct str address)
{
	struct text t;
	struct str local, domain;
	text_init(&t, r->arena);
	split(address, &local, &domain);
	add_address(r, &t, local, domain);
	return text_str(&t);
}

/* The addresses of a field alone, without their names. */
static void
add_list(struct redactor *r, struct text *t, struct str value)
{
	struct address_list list = {.count = 0};
	enum address_status status =
	    address_parse_list(value, r->arena, &list);
	for (size_t i = 0; i < list.count; i++) {
		text_add(t, i > 0 ? STR(",\r\n ") : STR(" "));
		add_address(r, t, list.at[i].local, list.at[i].domain);
	}
	if (status == ADDRESS_SYNTAX || status == ADDRESS_LONG)
		text_add(t, UNREADABLE);
}

static void
add_received(struct redactor *r, struct text *t, struct str value)
{
	struct str path, local, domain;
	size_t done = 0;
	for (size_t at = 0; find_for(value, &at, &path); at += path.n) {
		text_add(t, redact_text(r, str_sub(value, done, at - done)));
		split(path, &local, &domain);
		add_address(r, t, local, domain);
		done = at + path.n;
	}
	text_add(t, redact_text(r, str_sub(value, done, value.n)));
}

/* A field with an address of the reported domain loses all names, of addresses
 * and of people: a name beside the wrong address may be the right one's. */
static void
add_senders(struct redactor *r, struct text *t, struct str value)
{
	struct address_list list = {.count = 0};
	bool has_reported = false;
	address_parse_list(value, r->arena, &list);
	for (size_t i = 0; i < list.count; i++)
		has_reported |= is_reported(r, list.at[i].domain);
	if (has_reported)
		add_list(r, t, value);
	else
		text_add(t, redact_text(r, value));
}

static void
add_field(struct redactor *r, struct text *t, const struct field *f)
{
	if (r->options.is_message_id_hidden && is_among(f, id_fields))
		return;
	text_add(t, f->name);
	text_add_char(t, ':');
	if (is_among(f, recipient_fields))
		add_list(r, t, f->value);
	else if (r->options.is_sender_hidden && is_among(f, sender_fields))
		add_senders(r, t, f->value);
	else if (str_ieq(f->name, STR("Received")))
		add_received(r, t, f->value);
	else
		text_add(t, redact_text(r, f->value));
	text_add(t, STR("\r\n"));
}

struct str
redact_header(struct redactor *r, struct str header)
{
	struct text t;
	text_init(&t, r->arena);
	while (header.n > 0) {
		struct field f = take_field(&header);
		add_field(r, &t, &f);
	}
	return text_str(&t);
}
