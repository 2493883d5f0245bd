/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf_macro.h"

#include <string.h>

#include "auth/spf_record.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/text.h"
#include "mail/domain.h"

/* Two octets more than a name has, one of them for a trailing dot: enough to
 * see where the last labels that fit begin. What stands further left has no
 * say. */
#define TAIL_MAX (DOMAIN_MAX_OCTETS + 2)
/* More parts than any value has that makes a name (7.3: at least 127). */
#define MAX_PARTS 1000u
/* What a macro, and a literal beside its text, count for in SPF_MAX_TERM. */
#define ITEM_SIZE 4u

/* A part of a macro-string: text as it stands, or a macro. */
struct item {
	struct str literal; /* empty for a macro */
	char letter;        /* lower case; 0 for a literal */
	bool is_escaped;    /* an upper-case letter: URL escapes (7.3) */
	unsigned parts;     /* right-hand parts to keep; 0: all */
	bool is_reversed;
	struct str delimiters;
};

/* The end of a name under construction. */
struct tail {
	char p[TAIL_MAX];
	size_t n;
};

/* ---- reading ---------------------------------------------------------------- */

static bool
is_literal(int c)
{
	return ascii_is_print(c) && c != ' ' && c != '%';
}

static bool
is_delimiter(int c)
{
	return c > 0 && str_find(STR(".-+,/_="), (char)c) < 7;
}

static bool
is_letter(char c)
{
	return str_find(STR("slodiphcrtv"), c) < 11;
}

/* transformers = *DIGIT [ "r" ]; the number is not zero (7.1, 7.2). */
static void
transformers(struct cursor *c, struct item *out)
{
	struct str digits = cursor_span(c, ascii_is_digit);
	uint64_t parts = MAX_PARTS; /* a larger number keeps them all, too */
	str_to_uint(digits, MAX_PARTS, &parts);
	out->parts = digits.n > 0 ? (unsigned)parts : 0;
	if (parts == 0)
		cursor_fail(c);
	out->is_reversed = cursor_take_lit(c, "r");
}

/* macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" /
 * "%_" / "%-" (7.1), without its first octet. */
static void
macro(struct cursor *c, struct item *out)
{
	int kind = cursor_next(c);
	if (kind == '%')
		out->literal = STR("%");
	else if (kind == '_')
		out->literal = STR(" ");
	else if (kind == '-')
		out->literal = STR("%20");
	else if (kind != '{')
		cursor_fail(c);
	if (kind != '{')
		return;
	int letter = cursor_next(c);
	out->letter = ascii_lower((char)letter);
	out->is_escaped = letter >= 'A' && letter <= 'Z';
	if (letter < 0 || !is_letter(out->letter))
		cursor_fail(c);
	transformers(c, out);
	out->delimiters = cursor_span(c, is_delimiter);
	cursor_need(c, '}');
}

/* The next item; false at the end, and after an error. */
static bool
next_item(struct cursor *c, struct item *out)
{
	*out = (struct item) {.letter = 0};
	if (cursor_at_end(c))
		return false;
	if (cursor_take(c, '%')) {
		macro(c, out);
	} else {
		out->literal = cursor_span(c, is_literal);
		if (out->literal.n == 0)
			cursor_fail(c);
	}
	return !cursor_failed(c);
}

/* toplabel = ( *alphanum ALPHA *alphanum ) /
 *            ( 1*alphanum "-" *( alphanum / "-" ) alphanum ) (7.1) */
static bool
is_toplabel(struct str s)
{
	bool is_number = true;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
		is_number = is_number && ascii_is_digit(s.p[i]);
	}
	return s.n > 0 && !is_number && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* domain-end = ( "." toplabel [ "." ] ) / macro-expand: `tail` is what follows
 * the last macro. */
static bool
is_domain_end(struct str tail)
{
	if (tail.n > 0 && tail.p[tail.n - 1] == '.')
		tail.n--;
	size_t dot = str_find_last(tail, '.');
	return dot < tail.n && is_toplabel(str_sub(tail, dot + 1, tail.n));
}

static const char *
check(struct str s, bool is_domain)
{
	struct cursor c;
	struct item item;
	struct str tail = {NULL, 0};
	size_t size = 0;
	bool ends_in_macro = false;
	cursor_init(&c, s);
	for (size_t at = 0; next_item(&c, &item); at = c.at) {
		ends_in_macro = s.p[at] == '%';
		tail = item.literal;
		size += ITEM_SIZE + item.literal.n;
		/* 7.2: these stand in the text of an explanation alone. */
		if (is_domain && item.letter != 0 &&
		    str_find(STR("crt"), item.letter) < 3)
			return "the macro is for explanations alone";
	}
	if (cursor_failed(&c))
		return "a macro in it is not valid";
	if (size > SPF_MAX_TERM)
		return "it is too long";
	if (is_domain && !ends_in_macro && !is_domain_end(tail))
		return "the domain is not valid";
	return NULL;
}

const char *
spf_macro_check_domain(struct str spec)
{
	return spec.n > 0 ? check(spec, true) : "the domain is missing";
}

const char *
spf_macro_check_string(struct str s)
{
	return check(s, false);
}

bool
spf_macro_uses(struct str spec, struct str letters)
{
	struct cursor c;
	struct item item;
	cursor_init(&c, spec);
	while (next_item(&c, &item))
		if (item.letter != 0 &&
		    str_find(letters, item.letter) < letters.n)
			return true;
	return false;
}

/* ---- expanding -------------------------------------------------------------- */

static void
add(struct tail *t, struct str s)
{
	if (s.n > TAIL_MAX)
		s = str_sub(s, s.n - TAIL_MAX, TAIL_MAX);
	size_t surplus = t->n + s.n > TAIL_MAX ? t->n + s.n - TAIL_MAX : 0;
	memmove(t->p, t->p + surplus, t->n - surplus);
	t->n -= surplus;
	if (s.n > 0)
		memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

/* Octets that are not unreserved in RFC 3986 2.3 become "%XX". */
static void
add_escaped(struct tail *t, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char escape[] = {'%', hex[c >> 4], hex[c & 15]};
		if (ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' ||
		    c == '~')
			add(t, str_sub(s, i, 1));
		else
			add(t, (struct str) {escape, sizeof escape});
	}
}

static bool
is_delimiter_of(const struct item *item, char c)
{
	return str_find(item->delimiters, c) < item->delimiters.n;
}

/* How many parts of `s` the item leaves out on its left. */
static size_t
surplus_of(const struct item *item, struct str s)
{
	size_t parts = 1;
	for (size_t i = 0; i < s.n; i++)
		parts += is_delimiter_of(item, s.p[i]);
	return item->parts > 0 && parts > item->parts ? parts - item->parts : 0;
}

/* Takes the next part and its delimiter off *s: its first, or the last where
 * the parts are reversed. False when that was all of it. */
static bool
take_part(const struct item *item, struct str *s, struct str *part)
{
	size_t n = 0, whole = s->n;
	while (n < whole && !is_delimiter_of(item,
	    s->p[item->is_reversed ? whole - 1 - n : n]))
		n++;
	*part = str_sub(*s, item->is_reversed ? whole - n : 0, n);
	if (n == whole)
		return false;
	*s = str_sub(*s, item->is_reversed ? 0 : n + 1, whole - n - 1);
	return true;
}

/* The value split at the delimiters, maybe reversed, its right-hand parts
 * joined with dots (7.3). */
static void
add_value(struct tail *t, const struct item *item, struct str s)
{
	size_t skip = surplus_of(item, s);
	bool is_first = true, has_more = true;
	while (has_more) {
		struct str part;
		has_more = take_part(item, &s, &part);
		if (skip > 0) {
			skip--;
			continue;
		}
		if (!is_first)
			add(t, STR("."));
		is_first = false;
		if (item->is_escaped)
			add_escaped(t, part);
		else
			add(t, part);
	}
}

/* "i": dotted decimal, or the nibbles of IPv6 (7.3). */
static struct str
address_of(const struct ip *client, struct arena *a)
{
	char decimal[IP_TEXT_MAX];
	struct text t;
	if (client->family == IP_V4)
		return str_copy(str_of(ip_print(client, decimal)), a);
	text_init(&t, a);
	for (unsigned i = 0; i < 16; i++)
		text_printf(&t, "%s%x.%x", i > 0 ? "." : "",
		    client->bytes[i] >> 4, client->bytes[i] & 15u);
	return text_str(&t);
}

static struct str
value_of(char letter, const struct spf_identity *who, struct str current,
    struct str validated, struct arena *a)
{
	switch (letter) {
	case 's':
		return who->sender;
	case 'l':
		return who->local;
	case 'o':
		return who->domain;
	case 'd':
		return current;
	case 'i':
		return address_of(&who->client, a);
	case 'p':
		return validated;
	case 'v':
		return who->client.family == IP_V4 ? STR("in-addr") :
		    STR("ip6");
	default:
		return who->helo;
	}
}

struct str
spf_macro_expand(struct str spec, const struct spf_identity *who,
    struct str current, struct str validated, struct arena *a)
{
	struct tail t = {.n = 0};
	struct cursor c;
	struct item item;
	cursor_init(&c, spec);
	while (next_item(&c, &item)) {
		if (item.delimiters.n == 0)
			item.delimiters = STR(".");
		if (item.letter == 0)
			add(&t, item.literal);
		else
			add_value(&t, &item, value_of(item.letter, who,
			    current, validated, a));
	}
	struct str name = {t.p, t.n};
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	while (name.n > DOMAIN_MAX_OCTETS)
		name = domain_parent(name);
	return str_lower(name, a);
}
