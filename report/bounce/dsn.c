/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/bounce/dsn.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/table.h"
#include "mail/address.h"
#include "base/digest.h"
#include "report/bounce/dsn_code.h"
#include "report/bounce/dsn_outcome.h"
#include "report/bounce/dsn_text.h"
#include "mail/field.h"
#include "mail/mime.h"
#include "report/row/verp.h"

/* A message taken apart. */
struct parts {
	struct str header;
	struct mime mime;
	struct str text;     /* its first part, when that is plain text */
	struct str returned; /* header of the message that came back */
};

static const struct table_row statuses[] = {
	{DSN_FAILED, "failed"},
	{DSN_DELAYED, "delayed"},
	{DSN_DELIVERED, "delivered"},
	{DSN_AUTOREPLY, "auto-reply"},
	{DSN_UNREADABLE, "unreadable"},
	{0, NULL},
};

const char *
dsn_status_text(enum dsn_status s)
{
	return table_name(statuses, (int)s);
}

/* ---- parts -------------------------------------------------------------- */

/* The content of the first part that has one of these types. */
static bool
find_content(const struct mime *m, const char *const *types, struct arena *a,
    struct str *out)
{
	for (; *types != NULL; types++) {
		const struct mime_part *p = mime_find(m, *types);
		if (p == NULL)
			continue;
		*out = mime_decode(p, a);
		return true;
	}
	return false;
}

/* RFC 6522 3, RFC 6533 6 */
static struct str
find_returned(const struct mime *m, struct arena *a)
{
	static const char *const types[] = {"message/rfc822",
		"text/rfc822-headers", "message/global",
		"message/global-headers", NULL};
	struct str message = {0}, header, unused;

	find_content(m, types, a, &message);
	field_split(message, &header, &unused);
	return header;
}

static void
take_apart(struct str message, struct arena *a, struct parts *out)
{
	struct str unused;

	message = str_sub(message, 0, DSN_MAX_BYTES);
	if (str_has_prefix(message, STR("From ")))
		str_cut(&message, '\n');
	field_split(message, &out->header, &unused);
	mime_parse(message, a, &out->mime);
	out->text = (struct str) {0};
	if (out->mime.count > 0 &&
	    str_eq(out->mime.at[0].type, STR("text/plain")))
		out->text = str_trim(mime_decode(&out->mime.at[0], a));
	out->returned = find_returned(&out->mime, a);
}

/* ---- token -------------------------------------------------------------- */

static bool
is_separator(char c)
{
	return c == '\0' || strchr(" \t\r\n<>,;:()\"", c) != NULL;
}

/* The first word of a value that is an envelope address of ours. */
static struct str
token_in(struct str value, struct str mailbox, struct arena *a)
{
	for (size_t i = 0, end; i < value.n; i = end + 1) {
		for (end = i; end < value.n && !is_separator(value.p[end]);)
			end++;
		struct str token = verp_parse(mailbox,
		    str_sub(value, i, end - i), a);
		if (token.n > 0)
			return token;
	}
	return (struct str) {0};
}

static struct str
token_of_fields(struct str lines, const char *const *names,
    struct str mailbox, struct arena *a)
{
	struct str token = {0};
	struct field f;

	while (token.n == 0 && field_next(&lines, &f))
		for (size_t i = 0; names[i] != NULL && token.n == 0; i++)
			if (field_is(&f, names[i]))
				token = token_in(f.value, mailbox, a);
	return token;
}

static struct str
find_token(const struct parts *p, struct str envelope_id, struct str mailbox,
    struct arena *a)
{
	static const char *const delivered[] = {"X-Original-To",
		"Delivered-To", "Envelope-To", "X-Envelope-To", NULL};
	static const char *const to[] = {"To", NULL};
	static const char *const path[] = {"Return-Path", NULL};
	struct str token = token_of_fields(p->header, delivered, mailbox, a);

	if (token.n == 0)
		token = token_of_fields(p->header, to, mailbox, a);
	if (token.n == 0)
		token = token_in(envelope_id, mailbox, a);
	if (token.n == 0)
		token = verp_parse_token(envelope_id, a);
	if (token.n == 0)
		token = token_of_fields(p->returned, path, mailbox, a);
	return token;
}

/* ---- report id ---------------------------------------------------------- */

/* The id that s begins with, as report_name_make() makes it. */
static struct str
report_id_at(struct str s)
{
	size_t n = 0;

	while (n < s.n && (ascii_is_digit(s.p[n]) ||
	    (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	if (n != DIGEST_TEXT)
		return (struct str) {0};
	if (n < s.n && s.p[n] == 's')
		for (n++; n < s.n && ascii_is_digit(s.p[n]);)
			n++;
	bool has_end = n < s.n && (s.p[n] == '@' || s.p[n] == '>');
	bool is_longer = n > DIGEST_TEXT + 11; /* "s", ten digits */
	return has_end && !is_longer ? str_sub(s, 0, n) : (struct str) {0};
}

/* "Report-ID:" FWS "<" id ">" (RFC 9990 3.5.2) */
static struct str
report_id_of_subject(struct str subject)
{
	while (subject.n > 0 &&
	    !str_has_iprefix(subject, STR("Report-ID:")))
		subject = str_sub(subject, 1, subject.n);
	str_cut(&subject, '<');
	return report_id_at(subject);
}

static struct str
find_report_id(const struct parts *p)
{
	struct str id = field_find(p->returned, "Message-ID");

	str_cut(&id, '<');
	id = report_id_at(id);
	if (id.n == 0)
		id = report_id_of_subject(field_find(p->returned, "Subject"));
	if (id.n == 0)
		id = report_id_of_subject(field_find(p->header, "Subject"));
	return id;
}

/* ---- what it is --------------------------------------------------------- */

/* Exim gives no Diagnostic-Code for what it found out by itself. */
static void
add_text(struct str text, struct dsn_outcome *o)
{
	if (o->text.n > 0)
		return;
	o->text = dsn_text_about(text, o->recipient);
	o->code = dsn_code_refine(o->code, o->text);
}

/* Where a message has several forms, the strictest counts. Hosts call their
 * bounces auto-replied, so an auto-reply is what none of them is. */
static bool
read_outcome(struct parts *p, bool *has_status, struct arena *a,
    struct dsn_outcome *out)
{
	static const char *const types[] = {"message/delivery-status",
		"message/global-delivery-status", NULL};
	struct str content, original = {0}, unused;

	*out = (struct dsn_outcome) {.status = DSN_UNREADABLE};
	*has_status = find_content(&p->mime, types, a, &content);
	if (*has_status && dsn_outcome_read(content, out)) {
		add_text(p->text, out);
		return true;
	}
	bool is_read = dsn_text_read_qmail(p->text, out, &original) ||
	    dsn_text_read_exim(field_find(p->header, "X-Failed-Recipients"),
	    p->text, out, &original);
	if (original.n > 0 && p->returned.n == 0)
		field_split(original, &p->returned, &unused);
	return is_read;
}

static bool
is_report(const struct parts *p)
{
	return str_has_iprefix(field_find(p->header, "Content-Type"),
	    STR("multipart/report"));
}

/* RFC 3834 5, and what programs that do not know it write; read receipts (RFC
 * 8098) say nothing of delivery either. Any other report is none: what it
 * reports could not be read. */
static bool
is_autoreply(const struct parts *p)
{
	static const struct str precedences[] = {STR_INIT("auto_reply"),
		STR_INIT("auto-reply"), STR_INIT("bulk"), STR_INIT("junk")};
	struct str precedence = field_find(p->header, "Precedence");

	if (is_report(p))
		return mime_find(&p->mime,
		    "message/disposition-notification") != NULL;
	for (size_t i = 0; i < sizeof precedences / sizeof *precedences; i++)
		if (str_ieq(precedence, precedences[i]))
			return true;
	return str_has_iprefix(field_find(p->header, "Auto-Submitted"),
	    STR("auto-")) ||
	    field_find(p->header, "X-Autoreply").n > 0 ||
	    field_find(p->header, "X-Autorespond").n > 0;
}

static const char *
why_unreadable(const struct parts *p, bool has_status)
{
	if (p->header.n == 0)
		return "it has no header";
	if (has_status)
		return "its delivery status names no recipient with an Action "
		    "or a Status";
	if (mime_find(&p->mime, "message/feedback-report") != NULL)
		return "it is a complaint about a message (RFC 5965), not a "
		    "bounce";
	if (is_report(p))
		return "it is a report without a delivery status (RFC 3464); "
		    "it may have been cut off";
	return "it has no delivery status (RFC 3464), and is none of the "
	    "bounces of qmail and Exim";
}

static struct str
plain_address(struct str s, struct arena *a)
{
	struct str unused;

	if (str_has_prefix(s, STR("<")) && str_has_isuffix(s, STR(">")))
		s = str_sub(s, 1, s.n - 2);
	return address_is_plain(s, a, &unused) ? str_copy(s, a) :
	    (struct str) {0};
}

static void
fill(const struct dsn_outcome *o, struct arena *a, struct dsn *out)
{
	out->status = o->status;
	out->recipient = plain_address(o->recipient, a);
	out->code = str_copy(o->code, a);
	out->is_address = o->status == DSN_FAILED && !o->has_success &&
	    dsn_code_is_address(o->code);
	out->text = field_plain(o->text, DSN_MAX_TEXT, a);
}

void
dsn_parse(struct str message, struct str mailbox, struct arena *a,
    struct dsn *out)
{
	struct parts *p = ARENA_NEW(a, struct parts);
	struct dsn_outcome outcome;
	bool has_status;

	*out = (struct dsn) {.status = DSN_UNREADABLE};
	take_apart(message, a, p);
	if (read_outcome(p, &has_status, a, &outcome))
		fill(&outcome, a, out);
	else if (!has_status && is_autoreply(p))
		out->status = DSN_AUTOREPLY;
	else
		out->reason = str_of(why_unreadable(p, has_status));
	out->token = find_token(p, outcome.envelope_id, mailbox, a);
	out->report_id = str_copy(find_report_id(p), a);
}
