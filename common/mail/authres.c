/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/authres.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "mail/domain.h"
#include "mail/lexeme.h"

#define MAX_COLUMN 78u /* RFC 5322 2.1.1 */
/* "Authentication-Results: " */
#define NAME_COLUMNS 24u

/* token of RFC 2045 5.1 */
static bool
is_token(int c)
{
	return c > ' ' && c < 127 && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* The same with the UTF-8 of internationalized mail (RFC 8601 2.5). */
static bool
is_utf8_token(int c)
{
	return c > 127 || is_token(c);
}

/* value = token / quoted-string */
static struct str
read_value(struct cursor *c, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	if (cursor_peek(c) == '"')
		lexeme_quoted_string(c, &t);
	else
		text_add(&t, cursor_span(c, is_utf8_token));
	return text_str(&t);
}

/* [CFWS] authserv-id [ CFWS version ] [CFWS], then ";" or the end */
enum authres_status
authres_parse_id(struct str field, struct arena *a, struct str *id)
{
	struct cursor c;
	cursor_init(&c, field);
	lexeme_cfws(&c);
	struct str name = read_value(&c, a);
	size_t after = c.at;
	lexeme_cfws(&c);
	bool is_parted = c.at > after;
	struct str version = cursor_span(&c, ascii_is_digit);
	lexeme_cfws(&c);
	if (cursor_failed(&c) || name.n == 0 || (version.n > 0 && !is_parted) ||
	    (!cursor_at_end(&c) && cursor_peek(&c) != ';'))
		return AUTHRES_SYNTAX;
	*id = name;
	uint64_t number = 1;
	if (version.n > 0 && !str_to_uint(version, 1, &number))
		return AUTHRES_VERSION;
	return number == 1 ? AUTHRES_OK : AUTHRES_VERSION;
}

/* The form in which two ids are compared (RFC 8601 5): most are domains. */
static struct str
canonical(struct str id, struct arena *a)
{
	struct str trimmed = str_trim(id), out = trimmed;
	domain_parse(trimmed, a, &out);
	return out;
}

static bool
is_unprintable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_print(s.p[i]))
			return true;
	return false;
}

bool
authres_is_forged(struct str field, struct str own_id, struct arena *a)
{
	struct str id;
	if (authres_parse_id(field, a, &id) != AUTHRES_OK)
		return true;
	struct str name = canonical(id, a);
	return is_unprintable(name) || str_ieq(name, canonical(own_id, a));
}

static bool
is_all(struct str s, cursor_class_fn is_member)
{
	struct cursor c;
	cursor_init(&c, s);
	return cursor_span(&c, is_member).n == s.n;
}

/* pvalue = value / [[local-part] "@"] domain-name: what stands without quotes. */
static bool
is_bare(struct str s)
{
	size_t at = str_find(s, '@');
	struct str local = str_sub(s, 0, at), domain = str_sub(s, at + 1, s.n);
	return is_all(local, is_token) && is_all(domain, is_token) &&
	    (at < s.n ? domain.n > 0 : s.n > 0);
}

static char
printable(char c)
{
	return ascii_is_print(c) ? c : '?';
}

/* A value from outside: bounded, and quoted where it must be. */
static void
add_value(struct text *t, struct str v)
{
	v = str_sub(v, 0, AUTHRES_MAX_VALUE);
	if (is_bare(v)) {
		text_add(t, v);
		return;
	}
	text_add_char(t, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			text_add_char(t, '\\');
		text_add_char(t, printable(v.p[i]));
	}
	text_add_char(t, '"');
}

/* Adds one piece, which is never folded inside, behind a blank or a fold; each
 * line keeps room for a ";". When a piece does not fit the field is full: a
 * later, shorter one must not slip in beside the wrong result. */
static void
put(struct authres *w, struct str before, struct str piece)
{
	size_t column = w->column + before.n;
	bool is_fold = column + 1 + piece.n + 1 > MAX_COLUMN;
	struct str blank = is_fold ? STR("\n\t") : STR(" ");
	if (w->text.n + before.n + blank.n + piece.n > AUTHRES_MAX_FIELD)
		w->is_full = true;
	if (w->is_full)
		return;
	text_add(&w->text, before);
	text_add(&w->text, blank);
	text_add(&w->text, piece);
	w->column = (is_fold ? 0 : column) + 1 + piece.n;
}

void
authres_begin(struct authres *w, struct arena *a, struct str id)
{
	*w = (struct authres) {0};
	text_init(&w->text, a);
	add_value(&w->text, id);
	w->column = NAME_COLUMNS + w->text.n;
}

void
authres_result(struct authres *w, const char *method, const char *result)
{
	w->has_result = true;
	put(w, STR(";"), text_format(w->text.arena, "%s=%s", method, result));
}

/* A reader that knows no quoted-pair must not see the comment end either, so
 * nothing is escaped: what would need it is taken out. */
void
authres_comment(struct authres *w, struct str comment)
{
	struct text t;
	text_init(&t, w->text.arena);
	comment = str_sub(comment, 0, AUTHRES_MAX_VALUE);
	text_add_char(&t, '(');
	for (size_t i = 0; i < comment.n; i++) {
		char c = printable(comment.p[i]);
		text_add_char(&t, c == '(' || c == ')' || c == '\\' ? '?' : c);
	}
	text_add_char(&t, ')');
	put(w, STR(""), text_str(&t));
}

void
authres_property(struct authres *w, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	struct text t;
	text_init(&t, w->text.arena);
	text_printf(&t, "%s=", name);
	add_value(&t, value);
	put(w, STR(""), text_str(&t));
}

struct str
authres_end(struct authres *w)
{
	if (!w->has_result)
		text_add(&w->text, STR("; none"));
	return text_str(&w->text);
}
