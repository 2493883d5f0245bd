/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/lexeme.h"

#include <string.h>

#include "base/ascii.h"

bool
lexeme_is_atext(int c)
{
	return ascii_is_alnum(c) || c > 127 ||
	    (c > 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* FWS = ([*WSP CRLF] 1*WSP) / obs-FWS. A milter gives CRLF as LF; a line end
 * may also be the end of the value. */
static void
line_end(struct cursor *c)
{
	cursor_take(c, '\r');
	cursor_need(c, '\n');
	if (!cursor_at_end(c) && !ascii_is_wsp(cursor_peek(c)))
		cursor_fail(c);
}

static void
fws(struct cursor *c)
{
	while (ascii_is_fws(cursor_peek(c))) {
		if (ascii_is_wsp(cursor_peek(c)))
			cursor_next(c);
		else
			line_end(c);
	}
}

/* ctext or qtext, with their obsolete controls (RFC 5322 4.1). */
static int
plain(struct cursor *c)
{
	int byte = cursor_next(c);
	if (byte == 0)
		cursor_fail(c);
	return byte;
}

/* quoted-pair = "\" (VCHAR / WSP) / obs-qp, behind its backslash. */
static int
quoted_pair(struct cursor *c)
{
	int byte = cursor_next(c);
	if (byte == 0 || byte == '\r' || byte == '\n')
		cursor_fail(c);
	return byte;
}

/* comment = "(" *([FWS] ccontent) [FWS] ")", its nesting counted. */
static void
comment(struct cursor *c)
{
	unsigned depth = 0;
	do {
		if (ascii_is_fws(cursor_peek(c)))
			fws(c);
		else if (cursor_take(c, '('))
			depth++;
		else if (cursor_take(c, ')'))
			depth--;
		else if (cursor_take(c, '\\'))
			quoted_pair(c);
		else
			plain(c);
		if (depth > LEXEME_MAX_NESTING)
			cursor_fail(c);
	} while (depth > 0 && !cursor_failed(c));
}

/* CFWS = (1*([FWS] comment) [FWS]) / FWS */
void
lexeme_cfws(struct cursor *c)
{
	fws(c);
	while (cursor_peek(c) == '(') {
		comment(c);
		fws(c);
	}
}

static void
add(struct cursor *c, struct text *out, int byte)
{
	if (!cursor_failed(c))
		text_add_char(out, (char)byte);
}

/* quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE */
void
lexeme_quoted_string(struct cursor *c, struct text *out)
{
	cursor_need(c, '"');
	while (!cursor_failed(c) && !cursor_take(c, '"')) {
		int byte = cursor_peek(c);
		if (byte == '\r' || byte == '\n')
			line_end(c);
		else if (cursor_take(c, '\\'))
			add(c, out, quoted_pair(c));
		else
			add(c, out, plain(c));
	}
}
