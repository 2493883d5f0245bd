/* SPDX-License-Identifier: BSD-2-Clause */
/* The fast reader of history lines, with history_check() as its oracle. */
#include "test/lib/check.h"

#include "base/text.h"
#include "judge/history.h"
#include "report/import/history_read.h"
#include "report/import/history_row.h"
#include "test/lib/traffic.h"

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

/* Reads a line, and holds the verdict against the oracle's. */
static enum history_read
read_line(struct str line, struct arena *a, union history_entry *out)
{
	bool is_head;
	struct str want, got = {0};
	struct str exact = check_exact(line, a);
	bool is_good = history_check(exact, a, &is_head, &want);
	enum history_read kind = history_read(exact, a, out, &got);
	bool is_read = kind == HISTORY_READ_MESSAGE || kind == HISTORY_READ_HEAD;
	if (is_read != is_good || (is_read && is_head !=
	    (kind == HISTORY_READ_HEAD)))
		fail_msg("%.*s: %.*s", STR_ARG(line), STR_ARG(want));
	return kind;
}

static struct str
message(struct arena *a)
{
	struct str line = traffic_line(1, 100, a);
	return str_sub(line, 0, line.n - 1);
}

/* The line with the first `from` replaced. */
static struct str
with(const char *from, const char *to, struct arena *a)
{
	struct str line = message(a);
	const char *at = memmem(line.p, line.n, from, strlen(from));
	assert_non_null(at);
	size_t before = (size_t)(at - line.p);
	struct text t;
	text_init(&t, a);
	text_add(&t, str_sub(line, 0, before));
	text_add(&t, str_of(to));
	text_add(&t, str_sub(line, before + strlen(from), line.n));
	return text_str(&t);
}

static void
test_values(void **state)
{
	struct arena *a = *state;
	union history_entry e;
	assert_int_equal(read_line(message(a), a, &e), HISTORY_READ_MESSAGE);
	const struct history_line *m = &e.message;
	assert_int_equal(m->time, 1795219201);
	check_str(m->queue_id, "4X0000001");
	check_str(m->source_ip, "192.0.0.1");
	check_str(m->mail_from, "bounce-1@d1.example");
	assert_int_equal(m->envelope_to_count, 1);
	check_str(m->envelope_to[0], "rcv.example");
	assert_int_equal(m->dmarc, VERDICT_PASS);
	assert_int_equal(m->spf.result, SPF_PASS);
	assert_int_equal(m->dkim_count, 1);
	check_str(m->dkim[0].selector, "s1");
	assert_int_equal(m->dkim[0].bits, 2048);
	assert_int_equal(m->author_count, 1);
	assert_int_equal(m->authors[0].aligned_count, 1);
	assert_true(m->authors[0].has_published && m->authors[0].has_policy);
	assert_int_equal(m->authors[0].policy, RECORD_REJECT);
	assert_int_equal(m->authors[0].published.sp, RECORD_QUARANTINE);
	assert_true(m->authors[0].published.has_rua);
	assert_false(m->is_report);
	assert_int_equal(m->reply, 250);
	assert_int_equal(m->draw, 1);
}

static void
test_heads(void **state)
{
	struct arena *a = *state;
	union history_entry e;
	struct str head = traffic_head(7, a);
	assert_int_equal(read_line(str_sub(head, 0, head.n - 1), a, &e),
	    HISTORY_READ_HEAD);
	check_str(e.head.uuid, "0f8fad5b-d9cb-469f-a165-000000000007");
	check_str(e.head.host, "mx1.rcv.example");
	assert_int_equal(read_line(STR("{\"version\":2,\"host\":3}"), a, &e),
	    HISTORY_READ_NEWER);
	assert_int_equal(read_line(STR("{\"version\":1,\"host\":\"a\"}"), a,
	    &e), HISTORY_READ_BAD);
}

/* RFC 8259, docs/FORMATS: each row changes one place of a good line. */
static void
test_changes(void **state)
{
	static const struct {
		const char *from, *to;
		bool is_good;
	} rows[] = {
		{"{", " { ", true},
		{":", " :\t", true},
		{"\"time\"", "\"t\\u0069me\"", true},
		{"\"rcv.example\"", "\"b\\u00fccher\\ud83d\\ude00\\n\"", true},
		{"\"rcv.example\"", "\"b\xc3\xbc\xf0\x9f\x98\x80\x7f\"", true},
		{"\"rcv.example\"", "\"a\\u0000\"", false},
		{"\"rcv.example\"", "\"\\ud83d\"", false},
		{"\"rcv.example\"", "\"\\ude00\"", false},
		{"\"rcv.example\"", "\"\\ud83d\\u0041\"", false},
		{"\"rcv.example\"", "\"\\x\"", false},
		{"\"rcv.example\"", "\"a\tb\"", false},
		{"\"rcv.example\"", "\"\xff\"", false},
		{"\"rcv.example\"", "\"\xed\xa0\x80\"", false},
		{"\"rcv.example\"", "\"\xc0\xaf\"", false},
		{"\"rcv.example\"", "7", false},
		{"[\"rcv.example\"]", "[]", true},
		{"[\"rcv.example\"]", "[\"a\",]", false},
		{"[\"rcv.example\"]", "{}", false},
		{"\"recipients\":1", "\"recipients\":-0", true},
		{"\"recipients\":1", "\"recipients\":-1", false},
		{"\"recipients\":1", "\"recipients\":01", false},
		{"\"recipients\":1", "\"recipients\":1.0", false},
		{"\"recipients\":1", "\"recipients\":1e0", false},
		{"\"recipients\":1", "\"recipients\":1001", false},
		{"\"recipients\":1", "\"recipients\":99999999999999999999",
		    false},
		{"\"recipients\":1", "\"recipients\":\"1\"", false},
		{"\"recipients\":1,", "", false},
		{"\"recipients\":1", "\"recipients\":1,\"recipients\":1",
		    false},
		{"\"recipients\":1", "\"recipients\":1,\"new\":[{\"a\":"
		    "[1,2.5e3,null,true,\"\\u0041\"]},-1]", true},
		{"\"recipients\":1", "\"recipients\":1,\"new\":1,\"new\":2",
		    false},
		{"\"recipients\":1", "\"recipients\":1,\"new\":nul", false},
		{"\"recipients\":1", "\"recipients\":1,\"new\":1.", false},
		{"\"recipients\":1", "\"recipients\":1,\"version\":1", true},
		{"192.0.0.1", "2001:db8::1", true},
		{"192.0.0.1", "192.0.0.256", false},
		{"192.0.0.1", "", false},
		{"\"dmarc\":\"pass\"", "\"dmarc\":\"Pass\"", false},
		{"\"dmarc\":\"pass\"", "\"dmarc\":\"none\"", false},
		{"\"aligned_dkim\":[0]", "\"aligned_dkim\":[1]", false},
		{"\"aligned_dkim\":[0]", "\"aligned_dkim\":[10]", false},
		{"\"decisive\":0", "\"decisive\":1", false},
		{"\"decisive\":0,", "", false},
		{"\"fo\":\"0\"", "\"fo\":\"\"", false},
		{"\"fo\":\"0\"", "\"fo\":\"0:1:d:s:\"", false},
		{"\"rua\":true", "\"rua\":1", false},
		{"\"rua\":true", "\"rua\":false", true},
		{"\"recipients\":1", "\"recipients\":1,\"report\":true",
		    true},
		{"\"recipients\":1", "\"recipients\":1,\"report\":false",
		    true},
		{"\"recipients\":1", "\"recipients\":1,\"report\":1", false},
		{"\"recipients\":1", "\"recipients\":1,\"report\":null",
		    false},
		{"\"recipients\":1", "\"recipients\":1,\"report\":\"\"",
		    false},
		{"\"authors\"", "\"arc\":{\"result\":\"pass\",\"sets\":1,"
		    "\"oldest_pass\":0,\"sealers\":[{\"domain\":\"a\","
		    "\"selector\":\"b\"}]},\"authors\"", true},
		{"\"authors\"", "\"arc\":{\"result\":\"pass\",\"sets\":51,"
		    "\"sealers\":[]},\"authors\"", false},
		{"\"reply\":250", "\"reply\":199", false},
		{"\"reply\":250", "\"reply\":250}", false},
	};
	struct arena *a = *state;
	union history_entry e;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str line = with(rows[i].from, rows[i].to, a);
		enum history_read kind = read_line(line, a, &e);
		if ((kind == HISTORY_READ_MESSAGE) != rows[i].is_good)
			fail_msg("%s -> %s", rows[i].from, rows[i].to);
	}
}

/* Every cut of a line, and every byte of it changed: never past its end, and
 * the oracle agrees. */
static void
test_cuts_and_flips(void **state)
{
	static const char bytes[] = "\"\\{}[],:0x \x00\xc3";
	struct str line = message(*state);
	union history_entry e;
	for (size_t n = 0; n < line.n; n++) {
		struct arena *a = arena_new(0);
		assert_int_equal(read_line(str_sub(line, 0, n), a, &e),
		    HISTORY_READ_BAD);
		char *copy = str_cstr(line, a);
		copy[n] = bytes[n % (sizeof bytes - 1)];
		read_line((struct str) {copy, line.n}, a, &e);
		arena_free(a);
	}
}

static void
test_too_long(void **state)
{
	struct arena *a = *state;
	union history_entry e;
	char *blanks = arena_alloc(a, HISTORY_MAX_LINE);
	memset(blanks, ' ', HISTORY_MAX_LINE);
	struct str line = message(a);
	memcpy(blanks, line.p, line.n);
	assert_int_equal(read_line((struct str) {blanks,
	    HISTORY_MAX_LINE - 1}, a, &e), HISTORY_READ_MESSAGE);
	assert_int_equal(read_line((struct str) {blanks, HISTORY_MAX_LINE}, a,
	    &e), HISTORY_READ_BAD);
}

/* ---- rows --------------------------------------------------------------- */

/* RFC 9990 3.1.1.9 and the mapping of evaluations: the line, what of it is
 * changed, and what the row says. */
static void
test_rows(void **state)
{
	static const struct {
		const char *name, *from, *to;
		enum message_kind kind;
		enum report_disposition disposition;
		size_t reasons;
	} rows[] = {
		{"pass under p=reject", "\"draw\":1", "\"draw\":1",
		    MESSAGE_COUNTS, REPORT_PASS, 0},
		{"pass under p=none", "\"policy\":\"reject\"",
		    "\"policy\":\"none\"", MESSAGE_COUNTS, REPORT_NONE, 0},
		{"pass, policy unknown", ",\"policy\":\"reject\"", "",
		    MESSAGE_COUNTS, REPORT_NONE, 0},
		{"answered 400", "\"reply\":250", "\"reply\":400",
		    MESSAGE_DEFERRED, 0, 0},
		{"answered 499", "\"reply\":250", "\"reply\":499",
		    MESSAGE_DEFERRED, 0, 0},
		{"answered 550", "\"reply\":250", "\"reply\":550",
		    MESSAGE_COUNTS, REPORT_PASS, 0},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		union history_entry e;
		struct message_row out;
		struct str line = with(rows[i].from, rows[i].to, a);
		assert_int_equal(read_line(line, a, &e), HISTORY_READ_MESSAGE);
		enum message_kind kind =
		    history_row(&e.message, false, &out);
		if (kind != rows[i].kind || (kind == MESSAGE_COUNTS &&
		    (out.row.disposition != rows[i].disposition ||
		    out.row.reasons.count != rows[i].reasons)))
			fail_msg("%s", rows[i].name);
	}
}

/* A failure whose outcome is not the owner's must say why (RFC 9990
 * 3.1.1.9). */
static void
test_explain(void **state)
{
	static const struct {
		bool is_aligned, is_temporary;
		enum report_disposition done;
		enum record_policy asked;
		int reason; /* -1: none */
	} rows[] = {
		{false, false, REPORT_REJECT, RECORD_REJECT, -1},
		{false, false, REPORT_NONE, RECORD_NONE, -1},
		{true, false, REPORT_NONE, RECORD_REJECT, -1},
		{false, false, REPORT_NONE, RECORD_REJECT,
		    REASON_LOCAL_POLICY},
		{false, false, REPORT_QUARANTINE, RECORD_REJECT,
		    REASON_LOCAL_POLICY},
		{false, true, REPORT_NONE, RECORD_REJECT, REASON_OTHER},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct report_row r = {.disposition = rows[i].done,
		    .is_spf_aligned = rows[i].is_aligned};
		history_row_explain(&r, rows[i].asked, rows[i].is_temporary);
		assert_int_equal(r.reasons.count, rows[i].reason >= 0);
		if (rows[i].reason >= 0)
			assert_int_equal(r.reasons.at[0].type, rows[i].reason);
	}
}

/* Mail that alone is no reason for a report: bounces, and reports whose author
 * DMARC knows. A forger's header counts for nothing. */
static void
test_optional(void **state)
{
	static const struct {
		bool is_report, has_sender;
		enum verdict_result dmarc;
		uint64_t want;
	} rows[] = {
		{false, true, VERDICT_PASS, 0},
		{true, true, VERDICT_PASS, 1},
		{true, true, VERDICT_FAIL, 0},
		{true, true, VERDICT_NONE, 0},
		{true, true, VERDICT_TEMPERROR, 0},
		{true, true, VERDICT_PERMERROR, 0},
		{false, false, VERDICT_PASS, 1},
		{false, false, VERDICT_FAIL, 1},
		{true, false, VERDICT_PASS, 1},
		{true, false, VERDICT_FAIL, 1},
	};
	struct arena *a = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		union history_entry e;
		struct message_row out;
		read_line(with("\"recipients\":1", rows[i].is_report
		    ? "\"recipients\":1,\"report\":true"
		    : "\"recipients\":1,\"report\":false", a), a, &e);
		assert_int_equal(e.message.is_report, rows[i].is_report);
		e.message.dmarc = (int)rows[i].dmarc;
		e.message.authors[0].dmarc = (int)rows[i].dmarc;
		if (!rows[i].has_sender)
			e.message.envelope_from = STR("");
		assert_int_equal(history_row(&e.message, false, &out),
		    MESSAGE_COUNTS);
		assert_int_equal(out.row.count, 1);
		assert_int_equal(out.row.optional, rows[i].want);
	}
}

/* The best signatures first (RFC 9990 3.1.3); the recipient's domain only where
 * it is wanted and one. */
static void
test_signatures_and_recipients(void **state)
{
	struct arena *a = *state;
	union history_entry e;
	struct message_row out;
	struct str line = with("\"dkim\":[", "\"dkim\":["
	    "{\"domain\":\"x\",\"selector\":\"f\",\"result\":\"fail\","
	    "\"reason\":\"bad\"},"
	    "{\"domain\":\"y\",\"selector\":\"p\",\"result\":\"pass\"},", a);
	read_line(line, a, &e);
	e.message.authors[0].aligned[0] = 2;
	assert_int_equal(history_row(&e.message, true, &out), MESSAGE_COUNTS);
	assert_int_equal(out.row.dkim_count, 3);
	check_str(out.row.dkim[0].selector, "s1");
	check_str(out.row.dkim[1].selector, "p");
	check_str(out.row.dkim[2].selector, "f");
	check_str(out.row.dkim[2].human, "bad");
	check_str(out.row.envelope_to, "rcv.example");
	assert_int_equal(out.day, 20778);
	assert_int_equal(out.row.optional, 0);
	e.message.envelope_to_count = 2;
	e.message.envelope_from = STR("");
	history_row(&e.message, true, &out);
	check_str(out.row.envelope_to, "");
	assert_int_equal(out.row.optional, 1);
	e.message.disposition = DISPOSITION_TEMPFAIL;
	assert_int_equal(history_row(&e.message, true, &out),
	    MESSAGE_DEFERRED);
	e.message.disposition = DISPOSITION_NONE;
	e.message.has_decisive = false;
	assert_int_equal(history_row(&e.message, true, &out),
	    MESSAGE_UNREPORTED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_heads),
		TEST(test_changes),
		TEST(test_cuts_and_flips),
		TEST(test_too_long),
		TEST(test_rows),
		TEST(test_explain),
		TEST(test_optional),
		TEST(test_signatures_and_recipients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
