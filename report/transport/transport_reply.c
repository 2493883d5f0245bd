/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_reply.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cursor.h"

#define CLOSING 421 /* RFC 5321 3.8: the server ends the connection */

enum transport_stage
transport_stage_after(enum transport_stage now, struct str line)
{
	static const struct {
		const char *start;
		enum transport_stage stage;
	} rows[] = {
		{"MAIL FROM:", TRANSPORT_MAIL},
		{"RCPT TO:", TRANSPORT_RCPT},
		{"DATA\r\n", TRANSPORT_DATA},
	};

	/* In order alone: the base64 of AUTH may look like any word. */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (now + 1 == rows[i].stage &&
		    str_has_prefix(line, str_of(rows[i].start)))
			return rows[i].stage;
	return now;
}

/* ---- reading ------------------------------------------------------------ */

/* Reply-line = Reply-code [ ("-" / SP) textstring ] CRLF */
static int
code(struct cursor *c)
{
	int value = 0;

	for (int i = 0; i < 3; i++) {
		int digit = cursor_next(c);
		if (!ascii_is_digit(digit))
			cursor_fail(c);
		value = value * 10 + digit - '0';
	}
	return cursor_failed(c) ? 0 : value;
}

void
transport_reply_add(struct transport_reply *r, struct str line)
{
	struct cursor c;

	cursor_init(&c, line);
	int value = code(&c);
	if (cursor_failed(&c))
		return;
	r->code = value;
	if (!cursor_take(&c, '-'))
		cursor_take(&c, ' ');
	struct str words = str_trim(cursor_rest(&c));
	if (r->n > 0 && r->n < sizeof r->text)
		r->text[r->n++] = ' ';
	words = str_sub(words, 0, sizeof r->text - r->n);
	if (words.n > 0)
		memcpy(r->text + r->n, words.p, words.n);
	r->n += words.n;
}

struct enhanced {
	unsigned class, subject, detail; /* all 0: none was given */
};

static unsigned
number(struct cursor *c)
{
	unsigned value = 0;

	for (int i = 0; i < 3 && ascii_is_digit(cursor_peek(c)); i++)
		value = value * 10 + (unsigned)(cursor_next(c) - '0');
	return value;
}

/* status-code = class "." subject "." detail (RFC 3463 2), at the start */
static struct enhanced
enhanced(struct str text)
{
	static const struct enhanced none;
	struct enhanced e;
	struct cursor c;

	cursor_init(&c, text);
	e.class = number(&c);
	cursor_need(&c, '.');
	e.subject = number(&c);
	cursor_need(&c, '.');
	e.detail = number(&c);
	if (cursor_failed(&c) || ascii_is_alnum(cursor_peek(&c)) ||
	    cursor_peek(&c) == '.')
		return none;
	return e;
}

/* ---- meaning ------------------------------------------------------------ */

/* Whether a refusal of RCPT TO is about the mailbox. X.1 is the address, X.2
 * the mailbox, and 5.4.1 what Exchange Online says of one that it has not;
 * X.7 and others are about us or the message. Without such a code, the basic
 * ones of RFC 5321 4.2.3 that speak of a mailbox. */
static bool
is_about_mailbox(const struct transport_reply *r)
{
	struct enhanced e = enhanced((struct str) {r->text, r->n});

	if (e.class == 5)
		return e.subject == 1 || e.subject == 2 ||
		    (e.subject == 4 && e.detail == 1);
	return r->code == 550 || r->code == 551 || r->code == 552 ||
	    r->code == 553;
}

/* What no message from us gets past: before MAIL FROM everything, and MAIL FROM
 * itself unless it is the size of this message (RFC 1870 6.1); later, that
 * we may send nothing before AUTH (RFC 4954 6), or that the server closes. */
static bool
is_about_service(const struct transport_reply *r, enum transport_stage stage)
{
	if (stage == TRANSPORT_CONNECT)
		return true;
	if (stage == TRANSPORT_MAIL)
		return r->code != 552;
	return stage != TRANSPORT_MESSAGE &&
	    (r->code == CLOSING || r->code == 530);
}

void
transport_reply_judge(const struct transport_reply *r,
    enum transport_stage stage, struct transport_result *out)
{
	*out = (struct transport_result) {
		.status = TRANSPORT_DEFERRED, .code = r->code,
		.is_service = is_about_service(r, stage),
	};
	if (out->is_service || r->code < 500 || r->code > 599)
		return;
	out->status = TRANSPORT_REFUSED;
	out->is_address = stage == TRANSPORT_RCPT && is_about_mailbox(r);
}
