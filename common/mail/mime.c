/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/mime.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/text.h"
#include "mail/lexeme.h"
#include "mail/field.h"

/* ---- Content-Type ------------------------------------------------------- */

/* Wider than RFC 2045's token: boundaries that should have been quoted, and the
 * "/" of a type, are taken too. */
static bool
is_word(int c)
{
	return c > ' ' && c != ';' && c != '"' && c != '(' && c != 127;
}

static bool
is_name(int c)
{
	return is_word(c) && c != '=';
}

/* value := token / quoted-string */
static struct str
parameter_value(struct cursor *c, struct arena *a)
{
	struct text t;

	if (cursor_peek(c) != '"')
		return cursor_span(c, is_word);
	text_init(&t, a);
	lexeme_quoted_string(c, &t);
	return cursor_failed(c) ? (struct str) {0} : text_str(&t);
}

/* *(";" attribute "=" value); the first boundary counts. */
static struct str
find_boundary(struct cursor *c, struct arena *a)
{
	for (;;) {
		lexeme_cfws(c);
		if (!cursor_take(c, ';'))
			return (struct str) {0};
		lexeme_cfws(c);
		struct str name = cursor_span(c, is_name);
		lexeme_cfws(c);
		if (!cursor_take(c, '='))
			continue;
		lexeme_cfws(c);
		struct str value = parameter_value(c, a);
		if (str_ieq(name, STR("boundary")))
			return value;
	}
}

/* content := type "/" subtype, and its boundary; text/plain where there is none
 * (RFC 2045 5.2). */
static struct str
parse_type(struct str value, struct arena *a, struct str *boundary)
{
	struct cursor c;

	cursor_init(&c, value);
	lexeme_cfws(&c);
	struct str type = cursor_span(&c, is_word);
	*boundary = (struct str) {0};
	if (type.n == 0)
		return STR("text/plain");
	type = str_lower(type, a);
	if (str_has_prefix(type, STR("multipart/")))
		*boundary = find_boundary(&c, a);
	return type;
}

/* ---- multiparts --------------------------------------------------------- */

/* A line between two parts: from `at` to before `end`. */
struct delimiter {
	size_t at, end;
	bool is_last;
};

/* "--" boundary ["--"] transport-padding (RFC 2046 5.1.1) */
static bool
is_delimiter(struct str line, struct str boundary, bool *is_last)
{
	if (!str_has_prefix(line, STR("--")) ||
	    !str_has_prefix(str_sub(line, 2, line.n), boundary))
		return false;
	struct str rest = str_sub(line, 2 + boundary.n, line.n);
	*is_last = str_has_prefix(rest, STR("--"));
	return str_trim(str_sub(rest, *is_last ? 2 : 0, rest.n)).n == 0;
}

/* The next delimiter from `at` on; the end of the body stands for the one that
 * a cut took off. */
static struct delimiter
next_delimiter(struct str body, size_t at, struct str boundary)
{
	bool is_last;

	while (at < body.n) {
		struct str rest = str_sub(body, at, body.n);
		struct str line = str_cut(&rest, '\n');
		size_t end = body.n - rest.n;
		if (is_delimiter(line, boundary, &is_last))
			return (struct delimiter) {at, end, is_last};
		at = end;
	}
	return (struct delimiter) {body.n, body.n, true};
}

/* The line end in front of a delimiter is the delimiter's. */
static struct str
without_line_end(struct str s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static void walk(struct str entity, unsigned depth, struct arena *a,
    struct mime *out);

static void
walk_parts(struct str body, struct str boundary, unsigned depth,
    struct arena *a, struct mime *out)
{
	struct delimiter d = next_delimiter(body, 0, boundary);

	while (!d.is_last && out->seen < MIME_MAX_PARTS) {
		struct delimiter next = next_delimiter(body, d.end, boundary);
		struct str part = str_sub(body, d.end, next.at - d.end);
		walk(without_line_end(part), depth + 1, a, out);
		d = next;
	}
}

static void
walk(struct str entity, unsigned depth, struct arena *a, struct mime *out)
{
	struct mime_part p;
	struct str boundary;

	out->seen++;
	field_split(entity, &p.header, &p.body);
	p.type = parse_type(field_find(p.header, "Content-Type"), a, &boundary);
	if (boundary.n > 0 && depth < MIME_MAX_DEPTH)
		walk_parts(p.body, boundary, depth, a, out);
	else
		out->at[out->count++] = p;
}

void
mime_parse(struct str message, struct arena *a, struct mime *out)
{
	out->count = 0;
	out->seen = 0;
	walk(message, 0, a, out);
}

const struct mime_part *
mime_find(const struct mime *m, const char *type)
{
	for (size_t i = 0; i < m->count; i++)
		if (str_eq(m->at[i].type, str_of(type)))
			return &m->at[i];
	return NULL;
}

/* ---- transfer encodings ------------------------------------------------- */

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 2045 6.8: bytes of no digit are passed over, "=" ends it. */
static struct str
decode_base64(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		int v = base64_value(s.p[i]);
		if (v < 0)
			continue;
		bits = (bits << 6 | (unsigned)v) & 0xfff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		out[n++] = (char)(bits >> held & 0xff);
	}
	return (struct str) {out, n};
}

static int
hex_value(char c)
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What "=" stands for at s (RFC 2045 6.7): the bytes that it takes, and in *out
 * the byte, or -1 for a soft line break. 1 and "=" where it is none of these. */
static size_t
decode_escape(struct str s, int *out)
{
	*out = -1;
	if (str_has_prefix(s, STR("=\n")))
		return 2;
	if (str_has_prefix(s, STR("=\r\n")))
		return 3;
	int high = s.n > 2 ? hex_value(s.p[1]) : -1;
	int low = s.n > 2 ? hex_value(s.p[2]) : -1;
	*out = high >= 0 && low >= 0 ? high * 16 + low : '=';
	return high >= 0 && low >= 0 ? 3 : 1;
}

static struct str
decode_quoted_printable(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n;) {
		int byte = (unsigned char)s.p[i];
		i += byte != '=' ? 1 :
		    decode_escape(str_sub(s, i, 3), &byte);
		if (byte >= 0)
			out[n++] = (char)byte;
	}
	return (struct str) {out, n};
}

struct str
mime_decode(const struct mime_part *p, struct arena *a)
{
	struct str how = field_find(p->header, "Content-Transfer-Encoding");

	if (str_ieq(how, STR("base64")))
		return decode_base64(p->body, a);
	if (str_ieq(how, STR("quoted-printable")))
		return decode_quoted_printable(p->body, a);
	return p->body;
}
