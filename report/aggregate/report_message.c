/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/report_message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/date.h"
#include "base/text.h"
#include "mail/domain.h"

#define MAX_LINE 76u     /* lines are folded where they can be */
#define LINE_BYTES 57u   /* 76 characters of base64 (RFC 2045 6.8) */

struct report_message {
	struct sink to;
	bool has_failed;
	char boundary[72];           /* RFC 2046 5.1.1: at most 70 */
	unsigned char line[LINE_BYTES];
	size_t n;                    /* bytes in `line` */
};

static void
put(struct report_message *l, struct str bytes)
{
	if (!l->has_failed)
		l->has_failed = !sink_write(l->to, bytes);
}

/* ---- header ------------------------------------------------------------- */

/* The subject's tokens are separated by FWS, so a long one may be folded in
 * front of its names (RFC 9990 3.5.2). */
static void
add_subject(struct text *t, struct str subject)
{
	size_t column = sizeof "Subject:" - 1;

	text_add(t, STR("Subject:"));
	while (subject.n > 0) {
		struct str token = str_cut(&subject, ' ');
		if (column + 1 + token.n > MAX_LINE && column > 9) {
			text_add(t, STR("\r\n"));
			column = 0;
		}
		text_printf(t, " %.*s", STR_ARG(token));
		column += 1 + token.n;
	}
	text_add(t, STR("\r\n"));
}

static void
add_fields(struct text *t, const struct report_message_head *h)
{
	text_printf(t, "From: \"DMARC reports\" <%.*s>\r\n", STR_ARG(h->from));
	if (str_is_empty(h->to))
		text_add(t, STR("To: undisclosed-recipients:;\r\n"));
	else
		text_printf(t, "To: <%.*s>\r\n", STR_ARG(h->to));
	add_subject(t, h->report_name->subject);
	text_printf(t, "Date: %.*s\r\n",
	    STR_ARG(date_print_message(h->date, t->arena)));
	text_printf(t, "Message-ID: %.*s\r\n",
	    STR_ARG(h->report_name->message_id));
	/* RFC 3834 5; the others for what does not know it. */
	text_add(t, STR("Auto-Submitted: auto-generated\r\n"
	    "Precedence: bulk\r\n"
	    "X-Auto-Response-Suppress: All\r\n"
	    "MIME-Version: 1.0\r\n"));
}

/* The lines of a text, with CRLF. */
static void
add_lines(struct text *t, struct str lines)
{
	while (lines.n > 0) {
		text_add(t, str_cut(&lines, '\n'));
		text_add(t, STR("\r\n"));
	}
}

static struct str
make_head(const struct report_message *l, const struct report_message_head *h, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	add_fields(&t, h);
	text_printf(&t, "Content-Type: multipart/mixed;\r\n"
	    " boundary=\"%s\"\r\n\r\n", l->boundary);
	text_printf(&t, "--%s\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n", l->boundary);
	add_lines(&t, h->text);
	/* RFC 6713. */
	text_printf(&t, "\r\n--%s\r\n"
	    "Content-Type: application/gzip\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment;\r\n filename=\"%.*s\"\r\n\r\n",
	    l->boundary, STR_ARG(h->report_name->file));
	return text_str(&t);
}

struct report_message *
report_message_open(const struct report_message_head *h, struct arena *a, struct sink to)
{
	struct report_message *l = calloc(1, sizeof *l);

	if (l == NULL)
		abort();
	l->to = to;
	/* "=_" stands in no base64, and starts no line of the text. */
	struct str boundary = text_format(a, "=_%.*s",
	    STR_ARG(str_sub(h->report_name->id, 0, sizeof l->boundary - 3)));
	memcpy(l->boundary, boundary.p, boundary.n);
	put(l, make_head(l, h, a));
	return l;
}

/* ---- the attachment ----------------------------------------------------- */

/* RFC 4648 4: three bytes, or what is left, as four characters. */
static void
encode(const unsigned char *p, size_t n, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = (unsigned)p[0] << 16;

	bits |= n > 1 ? (unsigned)p[1] << 8 : 0;
	bits |= n > 2 ? p[2] : 0;
	out[0] = letters[bits >> 18];
	out[1] = letters[bits >> 12 & 63];
	out[2] = n > 1 ? letters[bits >> 6 & 63] : '=';
	out[3] = n > 2 ? letters[bits & 63] : '=';
}

static void
put_line(struct report_message *l)
{
	char out[LINE_BYTES / 3 * 4 + 2];
	size_t n = 0;

	for (size_t i = 0; i < l->n; i += 3, n += 4)
		encode(l->line + i, l->n - i, out + n);
	memcpy(out + n, "\r\n", 2);
	put(l, (struct str) {out, n + 2});
	l->n = 0;
}

static bool
take(void *arg, struct str bytes)
{
	struct report_message *l = arg;

	while (bytes.n > 0) {
		struct str piece = str_sub(bytes, 0, LINE_BYTES - l->n);
		memcpy(l->line + l->n, piece.p, piece.n);
		l->n += piece.n;
		bytes = str_sub(bytes, piece.n, bytes.n);
		if (l->n == LINE_BYTES)
			put_line(l);
	}
	return !l->has_failed;
}

struct sink
report_message_sink(struct report_message *l)
{
	return (struct sink) {take, l};
}

bool
report_message_close(struct report_message *l)
{
	if (l->n > 0)
		put_line(l);
	put(l, STR("\r\n--"));
	put(l, str_of(l->boundary));
	put(l, STR("--\r\n"));
	bool is_whole = !l->has_failed;
	free(l);
	return is_whole;
}
