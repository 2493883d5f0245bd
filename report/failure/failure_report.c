/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/date.h"
#include "base/text.h"
#include "judge/failure.h"
#include "report/failure/failure_redact.h"

/* RFC 5322 2.1.1 has 998; one that is longer is encoded. */
#define MAX_LINE 990u
#define MAX_QUOTED 73u /* of 76, with what "=" and two digits take */
/* What is shown of the subject; more helps nobody to find the message. */
#define MAX_SUBJECT 400u

/* ---- part 3 ------------------------------------------------------------- */

/* Whether a header can go as it is: printable lines of bearable length. */
static bool
is_seven_bit(struct str s)
{
	size_t column = 0;
	for (size_t i = 0; i < s.n; i++, column++) {
		char c = s.p[i];
		if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n') {
			i++;
			column = SIZE_MAX; /* and up to 0 */
		} else if ((!ascii_is_print(c) && c != '\t') ||
		    column > MAX_LINE) {
			return false;
		}
	}
	return true;
}

/* RFC 2045 6.7; line ends stay, what is in front of one must not be a blank. */
static void
add_quoted(struct text *t, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t column = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_end = c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n';
		if (is_end) {
			text_add(t, STR("\r\n"));
			i++;
			column = 0;
			continue;
		}
		if (column >= MAX_QUOTED) {
			text_add(t, STR("=\r\n"));
			column = 0;
		}
		bool is_last = i + 1 == s.n || s.p[i + 1] == '\r';
		if (ascii_is_print(c) && c != '=' && !(c == ' ' && is_last)) {
			text_add_char(t, (char)c);
			column++;
			continue;
		}
		text_add_char(t, '=');
		text_add_char(t, digits[c >> 4]);
		text_add_char(t, digits[c & 15]);
		column += 3;
	}
}

static struct str
header_part(struct str header, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, STR("Content-Type: text/rfc822-headers\r\n"));
	if (is_seven_bit(header)) {
		text_add(&t, STR("\r\n"));
		text_add(&t, header);
	} else {
		text_add(&t, STR("Content-Transfer-Encoding: quoted-printable"
		    "\r\n\r\n"));
		add_quoted(&t, header);
	}
	return text_str(&t);
}

/* ---- part 1 ------------------------------------------------------------- */

static void
add_line(struct text *t, struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		text_add_char(t, ascii_is_print(line.p[i]) ? line.p[i] : '?');
	text_add(t, STR("\r\n"));
}

/* "A message ...": what the report is about. */
static const char *
what_happened(const struct failure_file *f)
{
	if (f->type == FAILURE_DKIM)
		return "had a DKIM signature that does not hold.";
	if (f->type == FAILURE_SPF)
		return "came from a client that SPF does not allow.";
	if (f->author->dmarc == VERDICT_FAIL)
		return "failed DMARC.";
	if (f->author->dmarc == VERDICT_PASS)
		return "passed DMARC, but not by each mechanism (fo=1).";
	return "could not be judged by DMARC (fo=1).";
}

static struct str
text_part(const struct failure_report *r, struct arena *a)
{
	const struct failure_file *f = r->fields.file;
	struct text t;
	text_init(&t, a);
	text_add(&t,
	    STR("Content-Type: text/plain; charset=us-ascii\r\n\r\n"));
	add_line(&t, text_format(a, "This is a failure report (RFC 9991) by "
	    "%.*s.", STR_ARG(r->org_name)));
	add_line(&t, text_format(a, "A message whose author is at %.*s, "
	    "received from", STR_ARG(f->author->header_from)));
	add_line(&t, text_format(a, "%.*s on %.*s, %s",
	    STR_ARG(f->line.source_ip),
	    STR_ARG(date_print_message(f->line.time, a)),
	    what_happened(f)));
	if (r->fields.incidents > 1)
		add_line(&t, text_format(a, "It stands for %" PRIu64 " messages "
		    "of the same kind; the header is that of one of them.",
		    r->fields.incidents));
	if (f->type == FAILURE_DMARC)
		text_add(&t, STR("Identity-Alignment lists the mechanisms that "
		    "did not pass with an\r\naligned domain (RFC 9991; in RFC "
		    "7489 it was those that did).\r\n"));
	text_add(&t, STR("Words of 22 letters stand for local-parts that are "
	    "private (RFC 6590):\r\nthe same word is the same "
	    "local-part.\r\n"));
	if (f->head.is_cut)
		add_line(&t, STR("The header is too long to be complete."));
	add_line(&t, text_format(a, "The DMARC record of %.*s asks for this "
	    "(ruf, fo).", STR_ARG(f->author->published.domain)));
	add_line(&t, text_format(a, "Questions: %.*s", STR_ARG(r->email)));
	return text_str(&t);
}

/* ---- the message -------------------------------------------------------- */

/* RFC 5965 2(f): the original's, behind a prefix. */
static void
add_subject(const struct failure_report *r, struct text *t, struct str header)
{
	struct str subject = str_trim(redact_find(header, "Subject"));
	struct str domain = r->fields.file->author->header_from;
	/* Not within an encoded-word. */
	if (subject.n > MAX_SUBJECT)
		subject = str_sub(subject, 0, str_find_last(
		    str_sub(subject, 0, MAX_SUBJECT), ' '));
	if (subject.n == 0)
		subject = text_format(t->arena, "(a message from %.*s)",
		    STR_ARG(domain));
	failure_fields_add(t, "Subject", text_format(t->arena, "FW: %.*s",
	    STR_ARG(subject)));
}

static void
add_head(const struct failure_report *r, struct text *t, struct str header,
    struct str boundary)
{
	struct str domain = str_sub(r->from,
	    str_find_last(r->from, '@') + 1, r->from.n);
	text_printf(t, "From: \"DMARC reports\" <%.*s>\r\nTo: <%.*s>\r\n",
	    STR_ARG(r->from), STR_ARG(r->to));
	add_subject(r, t, header);
	text_printf(t, "Date: %.*s\r\nMessage-ID: <f.%.*s@%.*s>\r\n",
	    STR_ARG(date_print_message(r->date, t->arena)), STR_ARG(r->id),
	    STR_ARG(domain));
	/* RFC 3834 5; the other for what does not know it. */
	text_add(t, STR("Auto-Submitted: auto-generated\r\n"
	    "X-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n"));
	text_printf(t, "Content-Type: multipart/report;\r\n"
	    " report-type=feedback-report;\r\n boundary=\"%.*s\"\r\n\r\n",
	    STR_ARG(boundary));
}

/* RFC 2046 5.1.1: one that stands in none of the parts. */
static struct str
make_boundary(const struct failure_report *r, const struct str parts[3],
    struct arena *a)
{
	for (unsigned i = 0;; i++) {
		bool is_free = true;
		struct str b = text_format(a, "=_%.*s.%u",
		    STR_ARG(str_sub(r->id, 0, 50)), i);
		for (unsigned j = 0; j < 3; j++)
			is_free = is_free && memmem(parts[j].p, parts[j].n,
			    b.p, b.n) == NULL;
		if (is_free)
			return b;
	}
}

struct str
failure_report_print(const struct failure_report *r, struct arena *a)
{
	struct text t, fields;
	text_init(&fields, a);
	text_add(&fields, STR("Content-Type: message/feedback-report\r\n\r\n"));
	failure_fields_print(&r->fields, &fields);
	struct str header = redact_header(r->fields.redactor,
	    r->fields.file->header);
	const struct str parts[3] = {text_part(r, a), text_str(&fields),
	    header_part(header, a)};
	struct str boundary = make_boundary(r, parts, a);
	text_init(&t, a);
	add_head(r, &t, header, boundary);
	for (unsigned i = 0; i < 3; i++) {
		text_printf(&t, "--%.*s\r\n", STR_ARG(boundary));
		text_add(&t, parts[i]);
		text_add(&t, STR("\r\n"));
	}
	text_printf(&t, "--%.*s--\r\n", STR_ARG(boundary));
	return text_str(&t);
}
