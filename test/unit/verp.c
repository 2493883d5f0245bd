/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "report/send/queue.h"
#include "report/row/verp.h"

#define TOKEN "abcdefghij0123456789"

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

static void
prints(void **state)
{
	static const struct {
		const char *mailbox, *token, *want;
	} rows[] = {
		{"bounce@reports.example", TOKEN,
		    "bounce+" TOKEN "@reports.example"},
		{"a+b@c.example", TOKEN, "a+b+" TOKEN "@c.example"},
		{"reports.example", TOKEN, ""},
		{"", TOKEN, ""},
		{"bounce@reports.example", "", ""},
		{"bounce@reports.example", "abcdefghij012345678", ""},
		{"bounce@reports.example", "abcdefghij01234567.9", ""},
		{"bounce@reports.example", TOKEN "0", ""},
		/* A local-part of 64 octets, and of 65 (RFC 5321 4.5.3.1.1). */
		{"m123456789m123456789m123456789m123456789mmm@c.example", TOKEN,
		    "m123456789m123456789m123456789m123456789mmm+" TOKEN
		    "@c.example"},
		{"m123456789m123456789m123456789m123456789mmmm@c.example",
		    TOKEN, ""},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_str(verp_print(str_of(rows[i].mailbox),
		    str_of(rows[i].token), a), rows[i].want);
}

/* RFC 5321 4.5.3.1.3: an address of 254 octets, and of 255. What the outbox
 * draws is a token. */
static void
bounds(void **state)
{
	struct arena *a = *state;
	char mailbox[VERP_MAX_MAILBOX + 1];
	assert_int_equal(VERP_TOKEN, QUEUE_TOKEN);
	memset(mailbox, 'd', sizeof mailbox);
	memcpy(mailbox, "bounce@", 7);
	assert_int_equal(verp_print((struct str) {mailbox, VERP_MAX_MAILBOX},
	    STR(TOKEN), a).n, 254);
	assert_int_equal(verp_print((struct str) {mailbox, sizeof mailbox},
	    STR(TOKEN), a).n, 0);
}

static void
parses(void **state)
{
	static const struct {
		const char *address, *want;
	} rows[] = {
		{"bounce+" TOKEN "@reports.example", TOKEN},
		{"BOUNCE+ABCDEFGHIJ0123456789@Reports.Example", TOKEN},
		{"bounce@reports.example", ""},
		{"bounce+@reports.example", ""},
		{"bounce+abcdefghij012345678@reports.example", ""},
		{"bounce+" TOKEN "0@reports.example", ""},
		{"bounce+abcdefghij01234567_9@reports.example", ""},
		{"bounce-" TOKEN "@reports.example", ""},
		{"bounce=" TOKEN "@reports.example", ""},
		{"bouncer+" TOKEN "@reports.example", ""},
		{"bounce+" TOKEN "@reports.example.", ""},
		{"bounce+" TOKEN "@xreports.example", ""},
		{"bounce+" TOKEN "@reports.invalid", ""},
		{"<bounce+" TOKEN "@reports.example>", ""},
		{"x bounce+" TOKEN "@reports.example", ""},
		{"bounce+" TOKEN, ""},
		{"@", ""},
		{"", ""},
	};
	struct arena *a = *state;
	struct str mailbox = STR("bounce@reports.example");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_str(verp_parse(mailbox,
		    check_exact(str_of(rows[i].address), a), a), rows[i].want);
	/* The settings may write it in capitals. */
	check_str(verp_parse(STR("Bounce@REPORTS.example"),
	    STR("bounce+" TOKEN "@reports.example"), a), TOKEN);
	check_str(verp_parse(STR("reports.example"),
	    STR("reports.example+" TOKEN), a), "");
}

/* What is printed is parsed, whatever the mailbox. */
static void
returns(void **state)
{
	static const char *const mailboxes[] = {
		"bounce@reports.example", "a+b@c.example", "x@y", "+@y.example",
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof mailboxes / sizeof *mailboxes; i++) {
		struct str mailbox = str_of(mailboxes[i]);
		check_str(verp_parse(mailbox, verp_print(mailbox, STR(TOKEN),
		    a), a), TOKEN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prints, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(parses, setup, teardown),
		cmocka_unit_test_setup_teardown(returns, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
