/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made of bounces. Samples are the seeds of test/fuzz/dsn. */
#include "test/lib/check.h"

#include <stdio.h>

#include "base/text.h"
#include "report/bounce/dsn.h"
#include "report/bounce/dsn_code.h"
#include "mail/field.h"
#include "mail/mime.h"

#define MAILBOX STR("bounce@reports.example")
#define TOKEN "t0k3nt0k3nt0k3nt0k3n"
#define ID "0123456789abcdef0123456789abcdef"

static int
setup(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

struct sample {
	const char *name;
	enum dsn_status status;
	const char *token, *recipient, *code;
	bool is_address;
	const char *text, *report_id, *reason; /* `reason`: a part of it */
};

static const struct sample samples[] = {
	{"postfix", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.1.1", true,
	    "550 5.1.1 <dmarc@acme.example>: Recipient address rejected: "
	    "nobody of that name here", ID, ""},
	{"sendmail", DSN_FAILED, TOKEN, "dmarc@gone.example", "5.1.2", true,
	    "550 Host unknown", ID, ""},
	{"exim", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.2.1", true,
	    "550-5.2.1 The mailbox is closed 550 5.2.1 for good", ID, ""},
	{"exim-text", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.7.1", false,
	    "after RCPT TO:<dmarc@acme.example>: host mx.acme.example "
	    "[5.1.1.7]: 550 5.7.1 Not from you", ID, ""},
	{"exim-local", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.2.1", true,
	    "closed (#5.2.1) for ever", "", ""},
	{"microsoft", DSN_FAILED, TOKEN, "dmarc@tenant.example", "5.4.1", true,
	    "550 5.4.1 Recipient address rejected: Access denied. "
	    "[DB01.tenant.example]", ID, ""},
	{"google", DSN_FAILED, TOKEN, "reports@small.example", "5.2.2", false,
	    "552-5.2.2 The recipient's inbox is out of storage 552 5.2.2 space",
	    ID, ""},
	{"google-empty", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.7.509",
	    false, "550 5.7.509 not by our rules", "", ""},
	{"qmail", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.1.1", true,
	    "192.0.2.9 does not take it. (#5.1.1) It said: 550 nobody here",
	    ID, ""},
	{"delayed", DSN_DELAYED, TOKEN, "dmarc@slow.example", "4.4.1", false,
	    "connect to mx.slow.example[192.0.2.3]:25: timed out", ID, ""},
	{"relayed", DSN_DELIVERED, TOKEN, "dmarc@acme.example", "2.0.0", false,
	    "", "", ""},
	/* The address of one member is bad, not that of the list. */
	{"several", DSN_FAILED, TOKEN, "two@acme.example", "5.1.1", false,
	    "550 no two", "", ""},
	{"expired", DSN_FAILED, TOKEN, "dmarc@slow.example", "4.4.7", false,
	    "", "", ""},
	{"no-action", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.1.10", true,
	    "550 no mail is taken; none at all", "", ""},
	{"no-outcome", DSN_UNREADABLE, TOKEN, "", "", false, "", "",
	    "no recipient with an Action"},
	{"envelope-id", DSN_FAILED, TOKEN, "", "5.6.7", false,
	    "550 5.6.7 b??ro ?[31m <x>", "", ""},
	{"returned-only", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.7.26",
	    false, "", ID "s12", ""},
	{"vacation", DSN_AUTOREPLY, TOKEN, "", "", false, "", ID "s2", ""},
	{"vacation-bulk", DSN_AUTOREPLY, TOKEN, "", "", false, "", "", ""},
	{"receipt", DSN_AUTOREPLY, TOKEN, "", "", false, "", "", ""},
	{"complaint", DSN_UNREADABLE, TOKEN, "", "", false, "", "",
	    "a complaint about a message"},
	{"letter", DSN_UNREADABLE, "", "", "", false, "", "",
	    "no delivery status"},
	/* Cut off within the first part, and within the status. */
	{"truncated", DSN_UNREADABLE, TOKEN, "", "", false, "", "",
	    "cut off"},
	{"truncated-status", DSN_FAILED, TOKEN, "dmarc@acme.example", "5.1.1",
	    true, "", "", ""},
	{"deep", DSN_UNREADABLE, TOKEN, "", "", false, "", "",
	    "no delivery status"},
	{"nul", DSN_UNREADABLE, TOKEN, "", "", false, "", "",
	    "no delivery status"},
	{"empty", DSN_UNREADABLE, "", "", "", false, "", "", "no header"},
};

#define SAMPLES (sizeof samples / sizeof *samples)

static struct str
read_sample(const char *name, struct arena *a)
{
	static char bytes[8192];
	const char *folder = getenv("srcdir");
	struct str path = text_format(a, "%s/test/fuzz/dsn.in/%s.eml",
	    folder != NULL ? folder : "../..", name);
	FILE *f = fopen(path.p, "rb");
	if (f == NULL)
		fail_msg("%s is missing", path.p);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_true(n < sizeof bytes);
	return str_copy((struct str) {bytes, n}, a);
}

static void
check_sample(struct str message, const struct sample *want, struct arena *a)
{
	struct dsn got;
	dsn_parse(check_exact(message, a), MAILBOX, a, &got);
	assert_string_equal(dsn_status_text(got.status),
	    dsn_status_text(want->status));
	check_str(got.token, want->token);
	check_str(got.recipient, want->recipient);
	check_str(got.code, want->code);
	assert_int_equal(got.is_address, want->is_address);
	check_str(got.text, want->text);
	check_str(got.report_id, want->report_id);
	assert_int_equal(got.reason.n > 0, want->status == DSN_UNREADABLE);
	if (got.reason.n > 0 && strstr(got.reason.p, want->reason) == NULL)
		fail_msg("reason \"%s\"", got.reason.p);
}

static struct str
with_line_ends(struct str s, const char *end, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			text_add(&t, str_of(end));
		else if (s.p[i] != '\r')
			text_add_char(&t, s.p[i]);
	return text_str(&t);
}

static struct str
prefixed(const char *first, struct str s, struct arena *a)
{
	return text_format(a, "%s%.*s", first, STR_ARG(s));
}

/* As the file is, with either line end, and as an mbox has it. */
static void
reads_samples(void **state)
{
	struct arena *a = *state;
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &samples[i];
		struct str message = read_sample(s->name, a);
		print_message("%s\n", s->name);
		check_sample(message, s, a);
		check_sample(with_line_ends(message, "\n", a), s, a);
		check_sample(with_line_ends(message, "\r\n", a), s, a);
		if (str_has_prefix(message, STR("To:")) &&
		    str_find(message, '\0') == message.n)
			check_sample(prefixed("From  Tue Nov 24 2026\n",
			    message, a), s, a);
	}
}

/* Cut anywhere, nothing is read behind its end, no token is made up, and what
 * tells of no delivery does not begin to. */
static void
survives_cuts(void **state)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct str all = read_sample(samples[i].name, *state);
		for (size_t n = 0; n < all.n; n++) {
			struct arena *a = arena_new(0);
			struct dsn got;
			struct str cut = check_exact(str_sub(all, 0, n), a);
			dsn_parse(cut, MAILBOX, a, &got);
			if (samples[i].status >= DSN_AUTOREPLY)
				assert_true(got.status >= DSN_AUTOREPLY);
			assert_true(got.token.n == 0 ||
			    str_eq(got.token, STR(TOKEN)));
			arena_free(a);
		}
	}
}

/* The places of a token, one above the other; "" where none is left. */
static void
orders_places(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"x-original-to: bounce+aaaaaaaaaaaaaaaaaaaa@reports.example\n",
		    "aaaaaaaaaaaaaaaaaaaa"},
		{"Delivered-To: bounce+bbbbbbbbbbbbbbbbbbbb@reports.example\n",
		    "bbbbbbbbbbbbbbbbbbbb"},
		{"Delivered-To: bounce+cccccccccccccccccccc@reports.example\n",
		    "cccccccccccccccccccc"},
		{"Delivered-To: bounce@reports.example\n", NULL},
		{"Subject: bounce+ssssssssssssssssssss@reports.example\n", NULL},
		{"To: X <x@y.example>,\n"
		    " \"bounce\" <bounce+dddddddddddddddddddd@reports.example>\n",
		    "dddddddddddddddddddd"},
		{"Content-Type: multipart/report; boundary=b\n\n--b\n"
		    "Content-Type: message/delivery-status\n\n"
		    "Original-Envelope-Id: "
		    "bounce+eeeeeeeeeeeeeeeeeeee@reports.example\n",
		    "eeeeeeeeeeeeeeeeeeee"},
		{"Content-Type: multipart/report; boundary=b\n\n--b\n"
		    "Content-Type: message/delivery-status\n\n"
		    "Original-Envelope-Id: ffffffffffffffffffff\n",
		    "ffffffffffffffffffff"},
		{"Content-Type: multipart/report; boundary=b\n\n--b\n"
		    "Content-Type: text/rfc822-headers\n\n"
		    "Return-Path: <bounce+gggggggggggggggggggg@reports.example>\n",
		    "gggggggggggggggggggg"},
		{"Content-Type: multipart/report; boundary=b\n\n--b\n"
		    "Content-Type: text/rfc822-headers\n\n"
		    "To: <bounce+hhhhhhhhhhhhhhhhhhhh@reports.example>\n", ""},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text t;
		struct dsn got;
		const char *want = NULL;
		text_init(&t, a);
		for (size_t j = i; j < sizeof rows / sizeof *rows; j++) {
			bool is_body = strstr(rows[j].line, "\n\n") != NULL;
			if (is_body && j > i && j > 6)
				break;
			text_add(&t, str_of(rows[j].line));
			if (want == NULL)
				want = rows[j].want;
		}
		dsn_parse(text_str(&t), MAILBOX, a, &got);
		check_str(got.token, want);
	}
}

static void
finds_codes(void **state)
{
	static const struct {
		const char *text;
		char class;
		const char *want;
	} rows[] = {
		{"550 5.1.1 no", 0, "5.1.1"}, {"(#5.1.1)", 0, "5.1.1"},
		{"550-5.7.26 no", '5', "5.7.26"}, {"is 5.7.1.", 0, "5.7.1"},
		{"4.4.1 then 5.1.1", 0, "4.4.1"},
		{"4.4.1 then 5.1.1", '5', "5.1.1"},
		{"5.1.1", '4', ""}, {"5.1.1.7", 0, ""}, {"15.1.1", 0, ""},
		{"192.5.1.1", 0, ""}, {"5.1", 0, ""}, {"5.1.", 0, ""},
		{"5..1", 0, ""}, {"5.1.1234", 0, ""}, {"5.1234.1", 0, ""},
		{"3.1.1", 0, ""}, {"5.1.1x", 0, ""}, {"v5.1.1", 0, ""},
		{"", 0, ""}, {"5", 0, ""}, {"5.123.123", 0, "5.123.123"},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_str(dsn_code_find(check_exact(str_of(rows[i].text), a),
		    rows[i].class), rows[i].want);
}

/* RFC 3463 3.2: 5.1.7 and 5.1.8 are about the sender's address. */
static void
knows_bad_addresses(void **state)
{
	static const char *const bad[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.4",
		"5.1.6", "5.1.10", "5.2.1", "5.4.1", "5.4.4"};
	static const char *const other[] = {"", "5.0.0", "5.1.0", "5.1.5",
		"5.1.7", "5.1.8", "5.1.9", "5.1.11", "5.2.2", "5.7.1", "4.1.1",
		"4.4.1"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_true(dsn_code_is_address(str_of(bad[i])));
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		assert_false(dsn_code_is_address(str_of(other[i])));
}

/* What report_name_make() makes, where a subject has it, and nothing else. */
static void
knows_report_ids(void **state)
{
	static const struct {
		const char *subject, *want;
	} rows[] = {
		{"Re: Report Domain: a Report-ID: <" ID ">", ID},
		{"report-id:\r\n <" ID "s1>", ID "s1"},
		{"Report-ID: <" ID "s1234567890>", ID "s1234567890"},
		{"Report-ID: <" ID "s12345678901>", ""},
		{"Report-ID: <" ID "a>", ""},
		{"Report-ID: <" ID "x>", ""},
		{"Report-ID: <" ID, ""},
		{"Report-ID: <0123456789ABCDEF0123456789abcdef>", ""},
		{"Report-ID: <" ID "@x>", ID},
		{"Report-ID: " ID, ""},
		{"<" ID ">", ""},
		{"Report-ID:", ""},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dsn got;
		struct str message = text_format(a, "Subject: %s",
		    rows[i].subject);
		dsn_parse(check_exact(message, a), MAILBOX, a, &got);
		check_str(got.report_id, rows[i].want);
	}
}

/* RFC 2045 6, and what is not of it. */
static void
decodes(void **state)
{
	static const struct {
		const char *encoding, *body, *want;
	} rows[] = {
		{"base64", "YWJj", "abc"}, {"BASE64", "YW\r\nJj\n", "abc"},
		{"base64", "YWI=", "ab"}, {"base64", "YQ==YWJj", "a"},
		{"base64", "Y", ""}, {"base64", "*Y!W-J_j", "abc"},
		{"base64", "", ""}, {"base64", "/+8=", "\xff\xef"},
		{"quoted-printable", "a=3Db=\nc=\r\nd", "a=bcd"},
		{"quoted-printable", "=c3=BC", "\xc3\xbc"},
		{"quoted-printable", "=", "="}, {"quoted-printable", "=4", "=4"},
		{"quoted-printable", "=4g=", "=4g="},
		{"7bit", "a=3D", "a=3D"}, {"", "YWJj", "YWJj"},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mime_part p = {
			.header = text_format(a, "Content-Transfer-Encoding: "
			    "%s\n", rows[i].encoding),
			.body = check_exact(str_of(rows[i].body), a),
		};
		check_str(mime_decode(&p, a), rows[i].want);
	}
}

/* Boundaries as they are written; the second part is the one that counts. */
static void
splits_parts(void **state)
{
	static const struct {
		const char *message;
		size_t parts;
		const char *body; /* of the last part */
	} rows[] = {
		{"Content-Type: multipart/x; boundary=b\n\n--b\n\n1\n--b\n\n2\n"
		    "--b--\n\n3", 2, "2"},
		{"Content-Type: multipart/x; boundary=\"b\"\r\n\r\n--b\r\n\r\n1"
		    "\r\n--b\r\n\r\n2\r\n--b--\r\n", 2, "2"},
		{"content-type:MULTIPART/x (a \"b\") ; a=\";\";\n BOUNDARY=\n"
		    " \"b\\\"c\"\n\n--b\"c \t\n\n1", 1, "1"},
		{"Content-Type: multipart/x; boundary==_b/1\n\n--=_b/1\n\n1\n"
		    "--=_b/10\n2\n--=_b/1--", 1, "1\n--=_b/10\n2"},
		{"Content-Type: multipart/x; boundary=b; boundary=c\n\n--b\n\n1"
		    "\n--c\n\n2", 1, "1\n--c\n\n2"},
		{"Content-Type: multipart/x\n\n--b\n\n1", 1, "--b\n\n1"},
		{"Content-Type: multipart/x; boundary=\"b\n\n--b\n\n1", 1,
		    "--b\n\n1"},
		{"Content-Type: multipart/x; boundary=b\n\nnothing", 0, NULL},
		{"Content-Type: multipart/x; boundary=b\n\n--b", 1, ""},
		{"Subject: x\n\nall", 1, "all"},
		{"\nall", 1, "all"}, {"no header", 1, ""}, {"", 1, ""},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mime m;
		mime_parse(check_exact(str_of(rows[i].message), a), a, &m);
		assert_int_equal(m.count, rows[i].parts);
		if (m.count > 0)
			check_str(m.at[m.count - 1].body, rows[i].body);
	}
}

/* `parts` parts, of which the last one alone has the type a/b. */
static const struct mime_part *
last_of(unsigned parts, struct arena *a)
{
	struct text t;
	struct mime m;
	text_init(&t, a);
	text_add(&t, STR("Content-Type: multipart/x; boundary=b\n\n"));
	for (unsigned i = 1; i < parts; i++)
		text_add(&t, STR("--b\n\n"));
	text_add(&t, STR("--b\nContent-Type: A/b\n\n"));
	mime_parse(text_str(&t), a, &m);
	return mime_find(&m, "a/b");
}

/* The multipart itself is one of MIME_MAX_PARTS. */
static void
bounds_parts(void **state)
{
	assert_non_null(last_of(1, *state));
	assert_non_null(last_of(MIME_MAX_PARTS - 1, *state));
	assert_null(last_of(MIME_MAX_PARTS, *state));
	assert_null(last_of(3 * MIME_MAX_PARTS, *state));
}

static void
reads_fields(void **state)
{
	struct str lines = STR("A: 1\r\nno field\n folded\nB : 2\n\t3\n: 4\n"
	    "C C: 5\nD:\nE: 6");
	static const char *const want[] = {"A", "1", "B", "2\n\t3", "D", "",
		"E", "6"};
	struct arena *a = *state;
	struct field f;
	size_t i = 0;
	lines = check_exact(lines, a);
	for (; field_next(&lines, &f); i += 2) {
		assert_true(i < sizeof want / sizeof *want);
		check_str(f.name, want[i]);
		check_str(f.value, want[i + 1]);
	}
	assert_int_equal(i, sizeof want / sizeof *want);
	check_str(field_plain(STR("  a \r\n\t b\x80\x1b[0m  "), 80, a),
	    "a b??[0m");
	check_str(field_plain(STR("abcdef"), 3, a), "abc");
	check_str(field_plain(STR("ab cd"), 3, a), "ab");
}

/* DSN_MAX_BYTES of one piece again and again behind a start. */
static struct str
flood(const char *start, const char *piece, size_t bytes, struct arena *a)
{
	char *p = arena_alloc(a, bytes);
	size_t head = strlen(start), n = strlen(piece);
	for (size_t i = 0; i < bytes; i++)
		p[i] = i < head ? start[i] : piece[(i - head) % n];
	return (struct str) {p, bytes};
}

/* A token that ends with the last byte that is looked at, and one behind it. */
static void
bounds_message(void **state)
{
	struct arena *a = *state;
	static const char to[] = "\nTo: bounce+" TOKEN "@reports.example";
	for (size_t beyond = 0; beyond < 2; beyond++) {
		struct dsn got;
		struct str filler = flood("X: ", "x", DSN_MAX_BYTES -
		    (sizeof to - 1) + beyond, a);
		dsn_parse(text_format(a, "%.*s%s", STR_ARG(filler), to),
		    MAILBOX, a, &got);
		check_str(got.token, beyond ? "" : TOKEN);
	}
}

/* What anybody may send costs no more than a few times its size. */
static void
bounds_cost(void **state)
{
	static const struct {
		const char *start, *piece;
	} rows[] = {
		{"Content-Type: multipart/mixed; boundary=a\n\n", "--a\n\n"},
		{"", "Content-Type: multipart/mixed; boundary=a\n\n--a\n"},
		{"", "Content-Type: message/rfc822\n\n"},
		{"Content-Type: multipart/x", "; boundary=\"\""},
		{"Content-Type: multipart/x; boundary=\"", "\\a"},
		{"Content-Type: ", "("},
		{"", "To: bounce+t0k3nt0k3nt0k3nt0k3n@reports.exampl\n"},
		{"To: ", "bounce+,"},
		{"Subject: ", "Report-ID:"},
		{"", "\n"}, {"", "a"}, {"", "a:\n"}, {"a:", "\n "},
		{"Content-Type: message/delivery-status\n\n", "Action: failed\n\n"},
		{"Content-Type: message/delivery-status\n\nStatus: 5.0.0\n"
		    "Diagnostic-Code: ", "5.5.5.5"},
		{"Content-Type: message/delivery-status\n"
		    "Content-Transfer-Encoding: base64\n\n", "QWN0"},
		{"X: y\n\nHi. This is the\n\n", "<a@b>:\n4.4.\n\n"},
		{"X-Failed-Recipients: aaaaaaaaaaaaaaaab\n\n", "a"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct dsn got;
		/* What is beyond the bound is not looked at. */
		struct str message = check_exact(flood(rows[i].start,
		    rows[i].piece, DSN_MAX_BYTES + 4096, *state), a);
		size_t before = arena_used(a);
		dsn_parse(message, MAILBOX, a, &got);
		if (arena_used(a) - before > 4 * DSN_MAX_BYTES)
			fail_msg("row %zu takes %zu bytes", i,
			    arena_used(a) - before);
		assert_true(got.text.n <= DSN_MAX_TEXT);
		assert_int_equal(got.token.n, 0);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_cuts, setup, teardown),
		cmocka_unit_test_setup_teardown(orders_places, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_codes, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_bad_addresses, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(knows_report_ids, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(decodes, setup, teardown),
		cmocka_unit_test_setup_teardown(splits_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_message, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(bounds_cost, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
