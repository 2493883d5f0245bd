/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/report_name.h"

#include "base/ascii.h"
#include "base/text.h"
#include "report/aggregate/report_message.h"
#include "test/lib/check.h"

#define FACTS                                                                  \
	.submitter = STR_INIT("mx.rcv.example"),                               \
	.domain = STR_INIT("acme.example"), .policy = STR_INIT("0af1"),        \
	.begin = 1795219200, .end = 1795305599

static const struct report_name_facts facts = {FACTS};

/* RFC 9990 3.5.1, 3.5.2. */
static void
names(void **state)
{
	struct arena *a = arena_new(0);
	struct report_name p;

	(void)state;
	report_name_make(&facts, a, &p);
	assert_int_equal(p.id.n, 32);
	for (size_t i = 0; i < p.id.n; i++)
		assert_true(ascii_is_alnum(p.id.p[i]));
	check_str(p.stem, text_format(a, "mx.rcv.example!acme.example!"
	    "1795219200!1795305599!%.*s", STR_ARG(p.id)).p);
	check_str(p.file, text_format(a, "%.*s.xml.gz", STR_ARG(p.stem)).p);
	check_str(p.subject, text_format(a, "Report Domain: acme.example "
	    "Submitter: mx.rcv.example Report-ID: <%.*s>", STR_ARG(p.id)).p);
	check_str(p.message_id, text_format(a, "<%.*s@mx.rcv.example>",
	    STR_ARG(p.id)).p);
	arena_free(a);
}

/* The id stays for ever: who meets it again drops the report (RFC 9990 3.1.4).
 * SHA-256 of the facts, as any other tool computes it. */
static void
fixed_id(void **state)
{
	struct arena *a = arena_new(0);
	struct report_name p;
	struct report_name_facts further = facts;

	(void)state;
	report_name_make(&facts, a, &p);
	check_str(p.id, "ab6693f85587b769fffa1b6fbbdf10cd");
	further.sequence = 12;
	report_name_make(&further, a, &p);
	check_str(p.id, "ab6693f85587b769fffa1b6fbbdf10cds12");
	arena_free(a);
}

/* No two reports have one id, whatever differs. */
static void
unique_ids(void **state)
{
	struct report_name_facts rows[] = {{FACTS}, {FACTS}, {FACTS}, {FACTS},
	    {FACTS}, {FACTS}, {FACTS}};
	enum { COUNT = sizeof rows / sizeof *rows };
	struct report_name p[COUNT];
	struct arena *a = arena_new(0);

	(void)state;
	rows[1].submitter = STR("rcv.example");
	rows[2].domain = STR("shop.example");
	rows[3].policy = STR("0af2");
	rows[4].begin++;
	rows[5].end++;
	rows[6].sequence = 1;
	for (size_t i = 0; i < COUNT; i++) {
		report_name_make(&rows[i], a, &p[i]);
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(p[i].id, p[k].id));
	}
	arena_free(a);
}

/* Nothing leaves the folder, or begins a new header field. */
static void
hostile_names(void **state)
{
	struct arena *a = arena_new(0);
	struct report_name_facts f = facts;
	struct report_name p;

	(void)state;
	f.domain = STR("../a\r\nBcc: x\0!\xff");
	report_name_make(&f, a, &p);
	check_str(str_sub(p.file, 0, 45),
	    "mx.rcv.example!.._a__Bcc__x___!1795219200!179");
	check_str(str_sub(p.subject, 0, 31),
	    "Report Domain: .._a__Bcc__x___ ");
	arena_free(a);
}

static bool
add_to_text(void *arg, struct str bytes)
{
	text_add(arg, bytes);
	return true;
}

/* A letter around `n` bytes, fed piece by piece. */
static struct str
write_letter(const struct report_name_facts *f, struct str bytes, size_t piece,
    struct arena *a)
{
	struct report_name p;
	struct text t;

	text_init(&t, a);
	report_name_make(f, a, &p);
	struct report_message_head h = {
		.from = STR("noreply@rcv.example"),
		.to = STR("rua@acme.example"),
		.date = 1795305600,
		.report_name = &p,
		.text = STR("For people.\n"),
	};
	struct report_message *l =
	    report_message_open(&h, a, (struct sink) {add_to_text, &t});
	for (size_t i = 0; i < bytes.n; i += piece)
		assert_true(sink_write(report_message_sink(l),
		    str_sub(bytes, i, piece)));
	assert_true(report_message_close(l));
	return text_str(&t);
}

/* RFC 5322 3.3, 3.6; RFC 2045 6.8; RFC 3834 5. */
static void
letter(void **state)
{
	struct arena *a = arena_new(0);
	struct str got = write_letter(&facts, STR("report"), 6, a);

	(void)state;
	check_str(got, "From: \"DMARC reports\" <noreply@rcv.example>\r\n"
	    "To: <rua@acme.example>\r\n"
	    "Subject: Report Domain: acme.example Submitter: mx.rcv.example "
	    "Report-ID:\r\n <ab6693f85587b769fffa1b6fbbdf10cd>\r\n"
	    "Date: Sun, 22 Nov 2026 00:00:00 +0000\r\n"
	    "Message-ID: <ab6693f85587b769fffa1b6fbbdf10cd@mx.rcv.example>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "Precedence: bulk\r\n"
	    "X-Auto-Response-Suppress: All\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed;\r\n"
	    " boundary=\"=_ab6693f85587b769fffa1b6fbbdf10cd\"\r\n"
	    "\r\n"
	    "--=_ab6693f85587b769fffa1b6fbbdf10cd\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "\r\n"
	    "For people.\r\n"
	    "\r\n"
	    "--=_ab6693f85587b769fffa1b6fbbdf10cd\r\n"
	    "Content-Type: application/gzip\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment;\r\n"
	    " filename=\"mx.rcv.example!acme.example!1795219200!1795305599!"
	    "ab6693f85587b769fffa1b6fbbdf10cd.xml.gz\"\r\n"
	    "\r\n"
	    "cmVwb3J0\r\n"
	    "\r\n"
	    "--=_ab6693f85587b769fffa1b6fbbdf10cd--\r\n");
	arena_free(a);
}

/* RFC 4648 4: every length around a line, in pieces of every size. */
static void
base64_lines(void **state)
{
	struct arena *a = arena_new(0);
	char bytes[200];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n < sizeof bytes; n++) {
		struct str all = {bytes, n};
		struct str want = write_letter(&facts, all, n + 1, a);
		for (size_t piece = 1; piece < 60; piece += 7)
			check_str(write_letter(&facts, all, piece, a),
			    str_cstr(want, a));
	}
	arena_free(a);
}

/* RFC 5322 2.1.1: no line is over 998 characters, however long the names. */
static void
long_lines(void **state)
{
	struct arena *a = arena_new(0);
	struct report_name_facts f = facts;
	char domain[253];

	(void)state;
	memset(domain, 'a', sizeof domain);
	f.domain = f.submitter = (struct str) {domain, sizeof domain};
	f.sequence = 4294967295u;
	struct str rest = write_letter(&f, STR("report"), 1, a);
	while (rest.n > 0)
		assert_in_range(str_cut(&rest, '\n').n, 0, 999);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(fixed_id),
		cmocka_unit_test(unique_ids),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(letter),
		cmocka_unit_test(base64_lines),
		cmocka_unit_test(long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
