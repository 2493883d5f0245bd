/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/uri.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "mail/address.h"
#include "mail/domain.h"

static bool
is_one_of(int c, const char *set)
{
	return c > 0 && memchr(set, c, strlen(set)) != NULL;
}

/* RFC 3986 3.1 */
static bool
is_scheme_char(int c)
{
	return ascii_is_alnum(c) || is_one_of(c, "+-.");
}

/* RFC 3986 2, without "," and "!", which separate here (RFC 9989 4.8). */
static bool
is_uri_char(int c)
{
	return ascii_is_alnum(c) || is_one_of(c, "-._~%:/?#[]@$&'()*+;=");
}

static int
hex_value(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	int lower = ascii_lower((char)c);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte of a "%41" whose "%" was taken. */
static int
escaped(struct cursor *c)
{
	int high = hex_value(cursor_next(c));
	int low = hex_value(cursor_next(c));
	if (high < 0 || low < 0)
		cursor_fail(c);
	return high * 16 + low;
}

/* Takes the escapes out. Empty when one is malformed, or stands for a byte
 * that no address has. */
static struct str
unescape(struct str s, struct arena *a)
{
	struct cursor c;
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	cursor_init(&c, s);
	while (!cursor_at_end(&c)) {
		int byte = cursor_next(&c);
		if (byte == '%')
			byte = escaped(&c);
		if (!ascii_is_print(byte))
			cursor_fail(&c);
		p[n++] = (char)byte;
	}
	return cursor_failed(&c) ? STR("") : (struct str) {p, n};
}

/* RFC 6068 2: what follows "mailto:", up to its header fields, is an address
 * in which only "@" and ":" of the general delimiters stand unescaped. */
static bool
read_mailto_path(struct str path, struct arena *a, struct str *out)
{
	struct address address;
	struct str domain;

	path = str_sub(path, 0, str_find(path, '?'));
	for (size_t i = 0; i < path.n; i++)
		if (is_one_of(path.p[i], "/#[]"))
			return false;
	*out = unescape(path, a);
	/* The reader of paths would take a source route and brackets. */
	if (str_is_empty(*out) || is_one_of(out->p[0], "@<"))
		return false;
	return address_parse_path(*out, a, &address) == ADDRESS_OK &&
	    !str_is_empty(address.local) &&
	    domain_parse(address.domain, a, &domain) == DOMAIN_OK;
}

/* 1*DIGIT [ "k" / "m" / "g" / "t" ], in powers of 1024 (RFC 7489 6.4). */
static bool
parse_size(struct str suffix, uint64_t *out)
{
	static const char units[] = "kmgt";
	unsigned shift = 0;

	for (unsigned i = 0; suffix.n > 0 && units[i] != '\0'; i++)
		if (ascii_lower(suffix.p[suffix.n - 1]) == units[i])
			shift = 10 * (i + 1);
	if (shift > 0)
		suffix.n--;
	if (!str_to_uint(suffix, UINT64_MAX >> shift, out))
		return false;
	*out <<= shift;
	return true;
}

static bool
is_uri(struct str uri, struct str *scheme, struct str *rest)
{
	struct cursor c;

	cursor_init(&c, uri);
	*scheme = cursor_span(&c, is_scheme_char);
	cursor_need(&c, ':');
	*rest = cursor_span(&c, is_uri_char);
	return !cursor_failed(&c) && cursor_at_end(&c) && rest->n > 0 &&
	    scheme->n > 0 && ascii_is_alpha(scheme->p[0]);
}

static bool
is_mailto(struct str scheme)
{
	return str_ieq(scheme, STR("mailto"));
}

bool
uri_parse(struct str entry, struct arena *a, struct record_uri *out)
{
	struct record_uri u = {.uri = entry};
	struct str scheme, rest, address;

	size_t mark = str_find(entry, '!');
	if (mark < entry.n) {
		struct str suffix = str_sub(entry, mark + 1, entry.n);
		if (!parse_size(suffix, &u.max_bytes))
			return false;
		u.uri = str_sub(entry, 0, mark);
	}
	if (!is_uri(u.uri, &scheme, &rest))
		return false;
	u.is_mailto = is_mailto(scheme);
	if (u.is_mailto && !read_mailto_path(rest, a, &address))
		return false;
	*out = u;
	return true;
}

bool
uri_mailbox(struct str uri, struct arena *a, struct str *out)
{
	struct str scheme, rest;

	return is_uri(uri, &scheme, &rest) && is_mailto(scheme) &&
	    read_mailto_path(rest, a, out);
}
