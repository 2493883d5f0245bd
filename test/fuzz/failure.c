/* SPDX-License-Identifier: BSD-2-Clause */
/* A spool file that anybody may have written: what can be read makes a report
 * of ASCII lines of bearable length, with three parts and no way out of them. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "report/failure/failure_redact.h"
#include "report/failure/failure_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_lines(struct str s)
{
	size_t column = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r') {
			must(i + 1 < s.n && s.p[i + 1] == '\n');
			must(column <= 998);
			i++;
			column = 0;
			continue;
		}
		must(ascii_is_print(s.p[i]) || s.p[i] == '\t');
		column++;
	}
	must(column == 0);
}

static void
check_parts(struct str s)
{
	struct str mark = STR("\r\n boundary=\"");
	const char *at = memmem(s.p, s.n, mark.p, mark.n);
	must(at != NULL);
	struct str boundary = str_sub(s, (size_t)(at - s.p) + mark.n, s.n);
	boundary = str_sub(boundary, 0, str_find(boundary, '"'));
	size_t count = 0;
	for (at = s.p; (at = memmem(at, (size_t)(s.p + s.n - at), boundary.p,
	    boundary.n)) != NULL; at += boundary.n)
		count++;
	must(count == 5); /* its declaration, three parts, the end */
	/* The first empty line ends the head: no field was smuggled in. */
	struct str empty = STR("\r\n\r\n");
	at = memmem(s.p, s.n, empty.p, empty.n);
	must(at != NULL && memmem(s.p, (size_t)(at - s.p), mark.p, mark.n) !=
	    NULL);
}

static void
report(const struct failure_file *f, bool is_hidden, struct arena *a)
{
	const struct redact_options o = {
		.key = "0123456789abcdef0123456789abcdef",
		.recipients = f->head.recipients,
		.recipient_count = f->head.recipient_count,
		.reported = f->author->org_domain,
		.is_sender_hidden = is_hidden,
		.is_message_id_hidden = is_hidden,
	};
	struct failure_report r = {
		.fields = {
			.file = f,
			.incidents = is_hidden ? 7 : 1,
			.has_recipients = is_hidden,
			.submitter = STR("rcv.example"),
			.redactor = redact_new(&o, f->header,
			    f->line.mail_from, a),
		},
		.from = STR("noreply@rcv.example"),
		.to = STR("r@acme.example"),
		.org_name = STR("Receiver"),
		.email = STR("people@rcv.example"),
		.date = 1795219300,
		.id = STR("0123456789abcdef0123456789abcdef"),
	};
	struct str letter = failure_report_print(&r, a);
	check_lines(letter);
	check_parts(letter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct failure_file *f = ARENA_NEW(a, struct failure_file);
	struct str bytes = {(const char *)data, size}, reason = {NULL, 0};
	if (failure_file_parse(bytes, a, f, &reason)) {
		report(f, false, a);
		report(f, true, a);
	} else {
		must(reason.n > 0);
	}
	arena_free(a);
	return 0;
}
