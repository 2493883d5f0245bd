/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/feedback.h"

#include "mail/header.h"
#include "test/lib/check.h"

static void
check_field(const char *name, const char *value, size_t n, bool want)
{
	struct arena *a = arena_new(1u << 16);
	struct header_list l;
	struct str bytes = {value, n};

	header_init(&l, a);
	header_add(&l, STR("From"), STR(" a@acme.example"));
	header_add(&l, str_of(name), bytes);
	if (feedback_is_report(&l) != want)
		fail_msg("%s:%s", name, value);
	arena_free(a);
}

/* RFC 9990 3.5.2, RFC 7489 7.2.1.1. */
static void
subjects(void **state)
{
#define SUBJECT(value, want) {" " value, sizeof " " value - 1, want}
	static const struct {
		const char *value;
		size_t n;
		bool want;
	} rows[] = {
		SUBJECT("Report Domain: acme.example Submitter: rcv.example "
		    "Report-ID: k3v9", true),
		SUBJECT("Report Domain: acme.example Submitter: rcv.example "
		    "Report-ID: <k3v9@rcv.example>", true),
		/* The id is optional in RFC 9990. */
		SUBJECT("Report Domain: acme.example Submitter: rcv.example",
		    true),
		SUBJECT("Report Domain: acme.example\r\n Submitter: "
		    "rcv.example\r\n Report-ID: k3v9", true),
		SUBJECT("Report\r\n\tDomain:\r\n acme.example\r\n Submitter:"
		    "\n rcv.example\r\n", true),
		SUBJECT("\r\n Report  Domain:\tacme.example  Submitter:  "
		    "rcv.example", true),
		/* As they are seen. */
		SUBJECT("Report domain: acme.example Submitter: google.example "
		    "Report-ID: 6134567890123456789", true),
		SUBJECT("Report Domain: acme.example; Submitter: Mail.Example; "
		    "Report-ID: 1", true),
		SUBJECT("Report Domain: acme.example Submitter: Receiver Inc. "
		    "Report-ID: 1", true),
		/* Somebody's answer, and other mail. */
		SUBJECT("Re: Report Domain: acme.example Submitter: "
		    "rcv.example", false),
		SUBJECT("Report Domain: acme.example", false),
		SUBJECT("Report Domain: acme.example Submitter:", false),
		SUBJECT("Report Domain: acme.example Submitter: ", false),
		SUBJECT("Report Domain: Submitter: rcv.example", false),
		SUBJECT("Report Domain:acme.example Submitter: rcv.example",
		    false),
		SUBJECT("ReportDomain: acme.example Submitter: rcv.example",
		    false),
		SUBJECT("Report Domain acme.example Submitter rcv.example",
		    false),
		SUBJECT("Report Domain: acme.example of Submitter: "
		    "rcv.example", false),
		SUBJECT("Reports Domain: acme.example Submitter: rcv.example",
		    false),
		SUBJECT("Report Domain: acme.example Submitters: rcv.example",
		    false),
		SUBJECT("Report\0 Domain: acme.example Submitter: rcv.example",
		    false),
		SUBJECT("Your invoice", false),
		SUBJECT("", false),
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_field("Subject", rows[i].value, rows[i].n, rows[i].want);
		check_field("sUBJECT ", rows[i].value, rows[i].n,
		    rows[i].want);
		check_field("X-Subject", rows[i].value, rows[i].n, false);
	}
}

/* RFC 6522 3, RFC 2045 5.1. */
static void
types(void **state)
{
	static const struct {
		const char *value;
		bool want;
	} rows[] = {
		{" multipart/report; report-type=feedback-report;"
		    " boundary=x", true},
		{"multipart/report", true},
		{" Multipart/REPORT;\r\n\treport-type=delivery-status", true},
		{" (a) multipart (b) / (c) report (d) ; x=y", true},
		{" multipart/mixed; report", false},
		{" multipart/report-x", false},
		{" multipart/reports; x=y", false},
		{" multipart/report x", false},
		{" x-multipart/report", false},
		{" multipart report", false},
		{" message/feedback-report", false},
		{" multipart/mixed; boundary=\"multipart/report\"", false},
		{" text/report", false},
		{" (multipart/report", false},
		{"", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_field("Content-Type", rows[i].value,
		    strlen(rows[i].value), rows[i].want);
}

/* RFC 5322 3.6: of two readers may take either. */
static void
fields(void **state)
{
	static const struct str subject =
	    STR_INIT(" Report Domain: a.example Submitter: b.example");
	static const struct str type = STR_INIT(" multipart/report");
	struct arena *a = arena_new(1u << 16);
	struct header_list l;

	(void)state;
	header_init(&l, a);
	assert_false(feedback_is_report(&l));
	header_add(&l, STR("Subject"), subject);
	header_add(&l, STR("Content-Type"), STR(" multipart/mixed"));
	assert_true(feedback_is_report(&l));
	header_add(&l, STR("Subject"), STR(" Your invoice"));
	assert_false(feedback_is_report(&l));
	header_init(&l, a);
	header_add(&l, STR("Subject"), STR(" Undelivered mail"));
	header_add(&l, STR("Content-Type"), type);
	assert_true(feedback_is_report(&l));
	header_add(&l, STR("Content-Type"), type);
	assert_false(feedback_is_report(&l));
	/* One that the list had no room for counts too. */
	header_init(&l, a);
	header_add(&l, STR("Subject"), (struct str) {
	    arena_alloc(a, HEADER_MAX_BYTES), HEADER_MAX_BYTES});
	header_add(&l, STR("Subject"), subject);
	assert_false(feedback_is_report(&l));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects),
		cmocka_unit_test(types),
		cmocka_unit_test(fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
