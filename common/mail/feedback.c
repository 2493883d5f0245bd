/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/feedback.h"

#include "base/ascii.h"
#include "base/cursor.h"
#include "mail/header.h"
#include "mail/lexeme.h"

/* The value of the only field of a name; empty where there is none, or more
 * than one. */
static struct str
only_value(const struct header_list *headers, struct str name)
{
	if (header_count(headers, name) != 1)
		return (struct str) {0};
	for (size_t i = 0; i < headers->count; i++)
		if (header_is(&headers->at[i], name))
			return headers->at[i].value;
	return (struct str) {0};
}

static bool
is_word_byte(int c)
{
	return c >= 0 && !ascii_is_fws(c);
}

/* A word of the Subject, this one or with NULL any, behind 1*FWS. */
static void
word(struct cursor *c, const char *literal)
{
	if (cursor_span(c, ascii_is_fws).n == 0)
		cursor_fail(c);
	struct str got = cursor_span(c, is_word_byte);
	if (got.n == 0 || (literal != NULL && !str_ieq(got, str_of(literal))))
		cursor_fail(c);
}

/* dmarc-subject (RFC 9990 3.5.2) */
static bool
is_report_subject(struct str value)
{
	struct cursor c;

	cursor_init(&c, value);
	cursor_span(&c, ascii_is_fws);
	if (!cursor_take_lit(&c, "Report"))
		cursor_fail(&c);
	word(&c, "Domain:");
	word(&c, NULL);
	word(&c, "Submitter:");
	word(&c, NULL);
	return !cursor_failed(&c);
}

static bool
is_token_byte(int c)
{
	return ascii_is_alnum(c) || c == '-';
}

/* type "/" subtype, of tokens that are letters here (RFC 2045 5.1). */
static bool
is_report_type(struct str value)
{
	struct cursor c;

	cursor_init(&c, value);
	lexeme_cfws(&c);
	struct str type = cursor_span(&c, is_token_byte);
	lexeme_cfws(&c);
	cursor_need(&c, '/');
	lexeme_cfws(&c);
	struct str subtype = cursor_span(&c, is_token_byte);
	lexeme_cfws(&c);
	return !cursor_failed(&c) &&
	    (cursor_at_end(&c) || cursor_peek(&c) == ';') &&
	    str_ieq(type, STR("multipart")) && str_ieq(subtype, STR("report"));
}

bool
feedback_is_report(const struct header_list *headers)
{
	return is_report_subject(only_value(headers, STR("Subject"))) ||
	    is_report_type(only_value(headers, STR("Content-Type")));
}
