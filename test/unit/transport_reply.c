/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_reply.h"

#include "base/text.h"
#include "test/lib/check.h"

/* Lines of a reply, the stage, and "status code flags" of the judgement. */
static const struct {
	const char *lines;
	enum transport_stage stage;
	const char *want;
} rows[] = {
	{"421 4.3.2 x\r\n", TRANSPORT_CONNECT, "deferred 421 service"},
	{"554 x\r\n", TRANSPORT_CONNECT, "deferred 554 service"},
	{"550 5.7.1 x\r\n", TRANSPORT_MAIL, "deferred 550 service"},
	{"552 5.3.4 x\r\n", TRANSPORT_MAIL, "refused 552"},
	{"452 x\r\n", TRANSPORT_MAIL, "deferred 452 service"},
	{"450 x\r\n", TRANSPORT_RCPT, "deferred 450"},
	{"550\r\n", TRANSPORT_RCPT, "refused 550 address"},
	{"550 \r\n", TRANSPORT_RCPT, "refused 550 address"},
	{"550 5.1.1 x\r\n", TRANSPORT_RCPT, "refused 550 address"},
	{"550 5.2.1\r\n", TRANSPORT_RCPT, "refused 550 address"},
	{"554 5.1.0 x", TRANSPORT_RCPT, "refused 554 address"},
	{"550 5.4.1 x\r\n", TRANSPORT_RCPT, "refused 550 address"},
	{"550 5.4.4 x\r\n", TRANSPORT_RCPT, "refused 550"},
	{"550 5.7.1 x\r\n", TRANSPORT_RCPT, "refused 550"},
	/* What looks like such a code and is none, or of another class. */
	{"550 5.1 x\r\n", TRANSPORT_RCPT, "refused 550 address"},
	{"554 5.1.1.1 x\r\n", TRANSPORT_RCPT, "refused 554"},
	{"554 5.1.1x\r\n", TRANSPORT_RCPT, "refused 554"},
	{"554 4.1.1 x\r\n", TRANSPORT_RCPT, "refused 554"},
	{"554 192.0.2.1 x\r\n", TRANSPORT_RCPT, "refused 554"},
	{"554 5.9999.1 x\r\n", TRANSPORT_RCPT, "refused 554"},
	{"501 x\r\n", TRANSPORT_RCPT, "refused 501"},
	{"530 x\r\n", TRANSPORT_RCPT, "deferred 530 service"},
	{"421 x\r\n", TRANSPORT_DATA, "deferred 421 service"},
	{"554 5.1.1 x\r\n", TRANSPORT_DATA, "refused 554"},
	{"421 x\r\n", TRANSPORT_MESSAGE, "deferred 421"},
	{"550 5.1.1 x\r\n", TRANSPORT_MESSAGE, "refused 550"},
	/* Of several lines the last has the code, the first the reason. */
	{"550-5.1.1 a\r\n|550 5.7.1 b\r\n", TRANSPORT_RCPT,
	    "refused 550 address"},
	{"250-x\r\n|550 x\r\n", TRANSPORT_RCPT, "refused 550 address"},
	/* No reply, or none that says no. */
	{"", TRANSPORT_RCPT, "deferred 0"},
	{"55 x\r\n", TRANSPORT_RCPT, "deferred 0"},
	{"5x0 x\r\n", TRANSPORT_RCPT, "deferred 0"},
	{"-50 x\r\n", TRANSPORT_RCPT, "deferred 0"},
	{"250 x\r\n", TRANSPORT_RCPT, "deferred 250"},
	{"354 x\r\n", TRANSPORT_MESSAGE, "deferred 354"},
	{"650 x\r\n", TRANSPORT_MESSAGE, "deferred 650"},
	{"999 x\r\n", TRANSPORT_MESSAGE, "deferred 999"},
};

static struct transport_reply
read_lines(struct str lines, struct arena *a)
{
	struct transport_reply r = {.code = 0};

	while (lines.n > 0)
		transport_reply_add(&r, check_exact(str_cut(&lines, '|'), a));
	return r;
}

static void
judgements(void **state)
{
	static const char *const names[] = {"sent", "deferred", "refused"};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct transport_reply r = read_lines(str_of(rows[i].lines), a);
		struct transport_result got;
		transport_reply_judge(&r, rows[i].stage, &got);
		struct str shown = text_format(a, "%s %d%s%s",
		    names[got.status], got.code,
		    got.is_address ? " address" : "",
		    got.is_service ? " service" : "");
		if (!str_eq(shown, str_of(rows[i].want)))
			fail_msg("row %zu, %s: got \"%.*s\", want \"%s\"", i,
			    rows[i].lines, STR_ARG(shown), rows[i].want);
	}
	arena_free(a);
}

static void
words(void **state)
{
	static const struct {
		const char *lines, *want;
	} table[] = {
		{"250 2.0.0 ok\r\n", "2.0.0 ok"},
		{"250-a\r\n|250-\r\n|250  b \r\n", "a  b"},
		{"250\r\n", ""}, {"250-\r\n", ""},
		{"junk\r\n|250 a\r\n", "a"},
		{"250a\n", "a"},
	};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct transport_reply r =
		    read_lines(str_of(table[i].lines), a);
		check_str(((struct str) {r.text, r.n}), table[i].want);
	}
	arena_free(a);
}

/* The start of one without end is kept, and the code of its last line. */
static void
endless(void **state)
{
	static const char line[] = "250-0123456789012345678901234567890123456";
	struct transport_reply r = {.code = 0};

	(void)state;
	for (int i = 0; i < 10000; i++)
		transport_reply_add(&r, STR(line));
	assert_int_equal(r.n, TRANSPORT_MAX_WORDS);
	transport_reply_add(&r, STR("550 no\r\n"));
	assert_int_equal(r.n, TRANSPORT_MAX_WORDS);
	assert_int_equal(r.code, 550);
}

static void
stages(void **state)
{
	static const struct {
		enum transport_stage now;
		const char *line;
		enum transport_stage want;
	} table[] = {
		{TRANSPORT_CONNECT, "EHLO x\r\n", TRANSPORT_CONNECT},
		{TRANSPORT_CONNECT, "DATA\r\n", TRANSPORT_CONNECT},
		{TRANSPORT_CONNECT, "RCPT TO:<a@b>\r\n", TRANSPORT_CONNECT},
		{TRANSPORT_CONNECT, "MAIL FROM:<>\r\n", TRANSPORT_MAIL},
		{TRANSPORT_MAIL, "RCPT TO:<a@b>\r\n", TRANSPORT_RCPT},
		{TRANSPORT_RCPT, "DATA\r\n", TRANSPORT_DATA},
		{TRANSPORT_RCPT, "DATAx", TRANSPORT_RCPT},
		{TRANSPORT_DATA, "MAIL FROM:<>\r\n", TRANSPORT_DATA},
		{TRANSPORT_MESSAGE, "DATA\r\n", TRANSPORT_MESSAGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(transport_stage_after(table[i].now,
		    str_of(table[i].line)), table[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judgements),
		cmocka_unit_test(words),
		cmocka_unit_test(endless),
		cmocka_unit_test(stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
