/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/address.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/table.h"
#include "base/text.h"
#include "mail/domain.h"
#include "mail/lexeme.h"

static const struct table_row texts[] = {
	{ADDRESS_OK, "it is an address list"},
	{ADDRESS_EMPTY, "it names no address"},
	{ADDRESS_SYNTAX, "it is not an address list"},
	{ADDRESS_LONG, "it has too many addresses"},
	{0, NULL},
};

struct reader {
	struct cursor c;
	struct arena *arena;
	struct text local, domain; /* of the addr-spec that is being read */
	struct address_list *out;
	size_t capacity;
	bool is_long;
};

const char *
address_status_text(enum address_status s)
{
	return table_name(texts, (int)s);
}

static void
reader_init(struct reader *r, struct str in, struct arena *a)
{
	*r = (struct reader) {.arena = a};
	cursor_init(&r->c, in);
	text_init(&r->local, a);
	text_init(&r->domain, a);
}

/* Of a word, or the dot between words. */
static bool
is_word_start(int c)
{
	return c == '"' || c == '.' || lexeme_is_atext(c);
}

/* word = atom / quoted-string, with the CFWS behind it */
static void
word(struct cursor *c, struct text *out)
{
	if (cursor_peek(c) == '"')
		lexeme_quoted_string(c, out);
	else
		text_add(out, cursor_span(c, lexeme_is_atext));
	lexeme_cfws(c);
}

/* "." with the CFWS behind it, which the obsolete syntax allows */
static bool
dot(struct cursor *c, struct text *out)
{
	if (!cursor_take(c, '.'))
		return false;
	text_add_char(out, '.');
	lexeme_cfws(c);
	return true;
}

/* *(word / "." / CFWS): every phrase, obs-phrase and local-part is of this
 * form. Whether there was anything. */
static bool
words(struct reader *r)
{
	size_t from = r->c.at;
	r->local.n = 0;
	while (is_word_start(cursor_peek(&r->c)))
		if (!dot(&r->c, &r->local))
			word(&r->c, &r->local);
	return r->c.at > from;
}

/* local-part = dot-atom / quoted-string / obs-local-part: words, and no two of
 * them without a dot between. */
static void
local_part(struct reader *r)
{
	bool has_word = false, was_word = false;
	r->local.n = 0;
	while (is_word_start(cursor_peek(&r->c))) {
		bool is_word = !dot(&r->c, &r->local);
		if (is_word)
			word(&r->c, &r->local);
		if (is_word && was_word)
			cursor_fail(&r->c);
		has_word |= is_word;
		was_word = is_word;
	}
	if (!has_word)
		cursor_fail(&r->c);
}

static bool
is_dtext(int c)
{
	return (ascii_is_print(c) || c > 127) && c != '[' && c != ']' &&
	    c != '\\';
}

/* domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]; no name for
 * DMARC, so the obsolete forms of its inside are not worth reading. */
static void
domain_literal(struct cursor *c, struct text *out)
{
	size_t from = c->at;
	cursor_need(c, '[');
	cursor_span(c, is_dtext);
	cursor_need(c, ']');
	text_add(out, cursor_since(c, from));
}

static void
atom(struct cursor *c, struct text *out)
{
	struct str s = cursor_span(c, lexeme_is_atext);
	if (s.n == 0)
		cursor_fail(c);
	text_add(out, s);
	lexeme_cfws(c);
}

/* domain = dot-atom / domain-literal / obs-domain; one dot at the end, the
 * root's (RFC 1034 3.1), is taken too. */
static void
domain(struct reader *r)
{
	struct cursor *c = &r->c;
	r->domain.n = 0;
	lexeme_cfws(c);
	if (cursor_peek(c) == '[') {
		domain_literal(c, &r->domain);
		lexeme_cfws(c);
		return;
	}
	do
		atom(c, &r->domain);
	while (dot(c, &r->domain) && lexeme_is_atext(cursor_peek(c)));
}

static void
keep(struct reader *r)
{
	struct address_list *l = r->out;
	if (l->count == ADDRESS_MAX_MAILBOXES) {
		r->is_long = true;
		cursor_fail(&r->c);
	}
	if (cursor_failed(&r->c))
		return;
	if (l->count == r->capacity) {
		r->capacity = r->capacity > 0 ? r->capacity * 4 : 4;
		struct address *at =
		    ARENA_ARRAY(r->arena, struct address, r->capacity);
		if (l->count > 0)
			memcpy(at, l->at, l->count * sizeof *at);
		l->at = at;
	}
	l->at[l->count++] = (struct address) {
		.local = str_copy(text_str(&r->local), r->arena),
		.domain = str_copy(text_str(&r->domain), r->arena),
	};
}

/* addr-spec = local-part "@" domain */
static void
addr_spec(struct reader *r)
{
	local_part(r);
	cursor_need(&r->c, '@');
	domain(r);
}

/* obs-route = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain]) ":" */
static void
obs_route(struct reader *r)
{
	while (cursor_peek(&r->c) == '@' || cursor_peek(&r->c) == ',') {
		if (cursor_take(&r->c, '@'))
			domain(r);
		else
			cursor_next(&r->c);
		lexeme_cfws(&r->c);
	}
	cursor_need(&r->c, ':');
	lexeme_cfws(&r->c);
}

/* angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS] */
static void
angle_addr(struct reader *r)
{
	cursor_need(&r->c, '<');
	lexeme_cfws(&r->c);
	if (cursor_peek(&r->c) == '@' || cursor_peek(&r->c) == ',')
		obs_route(r);
	addr_spec(r);
	cursor_need(&r->c, '>');
	lexeme_cfws(&r->c);
}

/* mailbox = name-addr / addr-spec; what follows the words tells whether they
 * are a display name or a local-part. */
static void
mailbox(struct reader *r)
{
	struct cursor start = r->c;
	words(r);
	if (cursor_peek(&r->c) == '<') {
		angle_addr(r);
	} else if (!cursor_failed(&r->c)) {
		r->c = start;
		addr_spec(r);
	}
	keep(r);
}

/* group-list, with the empty members of obs-group-list, and the ";" behind it */
static void
group_list(struct reader *r)
{
	lexeme_cfws(&r->c);
	while (!cursor_failed(&r->c) && !cursor_take(&r->c, ';')) {
		if (cursor_peek(&r->c) != ',')
			mailbox(r);
		if (cursor_peek(&r->c) != ';')
			cursor_need(&r->c, ',');
		lexeme_cfws(&r->c);
	}
	lexeme_cfws(&r->c);
}

/* address = mailbox / group, group = display-name ":" [group-list] ";" */
static void
address(struct reader *r)
{
	struct cursor start = r->c;
	if (words(r) && cursor_take(&r->c, ':')) {
		group_list(r);
	} else if (!cursor_failed(&r->c)) {
		r->c = start;
		mailbox(r);
	}
}

/* address-list / obs-addr-list, whose members may be empty */
static void
address_list(struct reader *r)
{
	lexeme_cfws(&r->c);
	while (!cursor_at_end(&r->c)) {
		if (cursor_peek(&r->c) != ',')
			address(r);
		if (!cursor_at_end(&r->c))
			cursor_need(&r->c, ',');
		lexeme_cfws(&r->c);
	}
}

enum address_status
address_parse_list(struct str value, struct arena *a, struct address_list *out)
{
	struct reader r;
	reader_init(&r, value, a);
	*out = (struct address_list) {0};
	r.out = out;
	address_list(&r);
	if (r.is_long)
		return ADDRESS_LONG;
	out->error_at = r.c.error_at;
	if (cursor_failed(&r.c))
		return ADDRESS_SYNTAX;
	return out->count > 0 ? ADDRESS_OK : ADDRESS_EMPTY;
}

/* [A-d-l ":"] Mailbox, or a local-part alone as in <Postmaster> */
static void
path_mailbox(struct reader *r)
{
	if (cursor_peek(&r->c) == '@')
		obs_route(r);
	r->domain.n = 0;
	local_part(r);
	if (cursor_take(&r->c, '@'))
		domain(r);
}

enum address_status
address_parse_path(struct str path, struct arena *a, struct address *out)
{
	struct reader r;
	reader_init(&r, path, a);
	*out = (struct address) {0};
	lexeme_cfws(&r.c);
	bool is_angled = cursor_take(&r.c, '<');
	lexeme_cfws(&r.c);
	bool is_null = cursor_at_end(&r.c) || cursor_peek(&r.c) == '>';
	if (!is_null)
		path_mailbox(&r);
	if (is_angled)
		cursor_need(&r.c, '>');
	lexeme_cfws(&r.c);
	if (cursor_failed(&r.c) || !cursor_at_end(&r.c))
		return ADDRESS_SYNTAX;
	if (is_null)
		return ADDRESS_EMPTY;
	out->local = str_copy(text_str(&r.local), a);
	out->domain = str_copy(text_str(&r.domain), a);
	return ADDRESS_OK;
}

/* ---- addresses to write to --------------------------------------------- */

/* A local-part that is a dot-atom (RFC 5322 3.2.3). */
static bool
is_dot_atom(struct str s)
{
	static const char specials[] = "()<>[]:;@\\,\"";

	if (s.n == 0 || s.p[0] == '.' || s.p[s.n - 1] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_print(s.p[i]) || s.p[i] == ' ' ||
		    memchr(specials, s.p[i], sizeof specials - 1) != NULL ||
		    (s.p[i] == '.' && s.p[i + 1] == '.'))
			return false;
	return true;
}

bool
address_is_plain(struct str address, struct arena *a, struct str *domain)
{
	size_t at = str_find_last(address, '@');

	if (address.n > ADDRESS_MAX_PLAIN || at == address.n ||
	    !is_dot_atom(str_sub(address, 0, at)))
		return false;
	struct str written = str_sub(address, at + 1, address.n);
	return domain_parse(written, a, domain) == DOMAIN_OK &&
	    str_ieq(written, *domain);
}
