/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDMARC's messages: one that is good, and what changes with one line. */
#include "test/lib/check.h"

#include "report/import/opendmarc.h"

static const char good[] =
    "job 4A\nreporter mx.rcv.example\nreceived 1795219201\n"
    "ipaddr 192.0.2.1\nfrom Acme.EXAMPLE\nmfrom esp.example\n"
    "dkim acme.example old 7\ndkim esp.example s1 0\nspf 2\n"
    "pdomain acme.example\npolicy 16\nrua mailto:a@acme.example\npct 50\n"
    "adkim 115\naspf 114\np 114\nsp 113\nalign_dkim 5\nalign_spf 5\narc 7\n"
    "action 0\n";

struct fixture {
	struct opendmarc *o;
	struct message_row row;
	enum message_kind kind;
	struct str reason;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	f->o = opendmarc_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	opendmarc_free(f->o);
	free(f);
	return 0;
}

/* Takes the good message; the line that begins with the key of `line` is that
 * instead, or is left out where it has no value. */
static bool
take(struct fixture *f, const char *line)
{
	struct str rest = STR(good), value = str_of(line);
	struct str key = str_cut(&value, ' ');
	opendmarc_clear(f->o);
	while (rest.n > 0) {
		struct str l = str_cut(&rest, '\n'), v = l;
		if (key.n == 0 || !str_eq(str_cut(&v, ' '), key))
			opendmarc_take(f->o, l);
		else if (value.n > 0)
			opendmarc_take(f->o, str_of(line));
	}
	return opendmarc_end(f->o, &f->kind, &f->row, &f->reason);
}

static void
test_good(void **state)
{
	struct fixture *f = *state;
	assert_true(take(f, ""));
	const struct report_policy *p = &f->row.policy;
	const struct report_row *r = &f->row.row;
	assert_int_equal(f->kind, MESSAGE_COUNTS);
	assert_int_equal(f->row.day, 20778);
	check_str(p->domain, "acme.example");
	assert_int_equal(p->method, DISCOVER_PSL);
	assert_int_equal(p->p, RECORD_REJECT);
	assert_int_equal(p->sp, RECORD_QUARANTINE);
	assert_int_equal(p->pct, 50);
	assert_true(p->is_strict_dkim && !p->is_strict_spf && p->has_rua);
	check_str(r->header_from, "acme.example");
	check_str(r->envelope_from, "esp.example");
	check_str(r->source_ip, "192.0.2.1");
	assert_int_equal(r->disposition, REPORT_REJECT);
	assert_int_equal(r->spf.result, SPF_SOFTFAIL);
	assert_false(r->is_dkim_aligned || r->is_spf_aligned);
	assert_int_equal(r->dkim_count, 2); /* one that passed comes first */
	check_str(r->dkim[0].selector, "s1");
	assert_int_equal(r->dkim[1].result, SIGNATURE_FAIL);
	assert_int_equal(r->reasons.count, 0);
}

static void
test_kinds(void **state)
{
	static const struct {
		const char *line;
		enum message_kind kind;
		enum report_disposition disposition;
		size_t reasons;
	} rows[] = {
		{"action 0", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"action 1", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"action 2", MESSAGE_COUNTS, REPORT_NONE, 1},
		{"action 3", MESSAGE_DEFERRED, 0, 0},
		{"action 4", MESSAGE_COUNTS, REPORT_QUARANTINE, 1},
		{"policy 14", MESSAGE_UNREPORTED, 0, 0},
		{"policy 18", MESSAGE_COUNTS, REPORT_REJECT, 1},
		{"spf -1", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"rua -", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"sp 0", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"pdomain", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"dkim acme.example 0", MESSAGE_COUNTS, REPORT_REJECT, 0},
		{"ipaddr 2001:db8::1", MESSAGE_COUNTS, REPORT_REJECT, 0},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool is_good = take(f, rows[i].line);
		bool is_same = is_good && f->kind == rows[i].kind &&
		    (f->kind != MESSAGE_COUNTS ||
		    (f->row.row.disposition == rows[i].disposition &&
		    f->row.row.reasons.count == rows[i].reasons));
		if (!is_same)
			fail_msg("%s", rows[i].line);
	}
	take(f, "rua -");
	assert_false(f->row.policy.has_rua);
	take(f, "sp 0");
	assert_int_equal(f->row.policy.sp, RECORD_REJECT);
	take(f, "dkim acme.example 0");
	check_str(f->row.row.dkim[0].selector, "");
	take(f, "mfrom");
	assert_int_equal(f->row.row.optional, 1);
}

static void
test_bad(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"job", "no message begins here"},
		{"received", "received is no time"},
		{"received 253402300801", "received is no time"},
		{"received -1", "received is no time"},
		{"ipaddr mx", "ipaddr is no IP address"},
		{"from", "from is missing"},
		{"policy 13", "policy is none of its numbers"},
		{"action", "action is none of its numbers"},
		{"p 0", "p is none of its numbers"},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_false(take(f, rows[i].line));
		check_str(f->reason, rows[i].want);
	}
	take(f, "");
	opendmarc_spoil(f->o, "torn");
	assert_false(opendmarc_end(f->o, &f->kind, &f->row, &f->reason));
	check_str(f->reason, "torn");
}

static void
test_many_lines(void **state)
{
	struct fixture *f = *state;
	opendmarc_take(f->o, STR("job 1"));
	for (int i = 0; i < 2000; i++)
		opendmarc_take(f->o, STR("dkim a.example s 0"));
	assert_false(opendmarc_end(f->o, &f->kind, &f->row, &f->reason));
	check_str(f->reason, "it has too many lines");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_kinds),
		TEST(test_bad),
		TEST(test_many_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
