/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_set.h"

#include "base/text.h"
#include "test/unit/arc_fixture.h"

#define AAR "ARC-Authentication-Results"
#define AMS "ARC-Message-Signature"
#define AS  "ARC-Seal"

/* RFC 8617 4.2, 5.2 steps 1 to 3: which fields a chain must have. */
static void
structure(void **state)
{
	static const struct arc_row rows[] = {
		/* one of each kind, once */
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_REMOVE, AAR, .instance = 1}},
		    .want = "fail 1 " AAR " 1: there is none"},
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_REMOVE, AMS, .instance = 1}},
		    .want = "fail 1 " AMS " 1: there is none"},
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_REMOVE, AS, .instance = 1}},
		    .want = "fail 1 " AS " 1: there is none"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REMOVE, AAR, .instance = 2}},
		    .want = "fail 2 " AAR " 2: there is none"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REMOVE, AMS, .instance = 2}},
		    .want = "fail 2 " AMS " 2: there is none"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REMOVE, AS, .instance = 2}},
		    .want = "fail 2 " AS " 2: there is none"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REMOVE, AAR, .instance = 1}},
		    .want = "fail 2 " AAR " 1: there is none"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REMOVE, AMS, .instance = 1}},
		    .want = "fail 2 " AMS " 1: there is none"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_REMOVE, AS, .instance = 1}},
		    .want = "fail 2 " AS " 1: there is none"},
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_DOUBLE, AAR, .instance = 1}},
		    .want = "fail 1 " AAR " 1: there are several"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_DOUBLE, AMS, .instance = 1}},
		    .want = "fail 2 " AMS " 1: there are several"},
		{.seals = {{0}, {0}}, .count = 2,
		    .edits = {{ARC_DOUBLE, AS, .instance = 2}},
		    .want = "fail 2 " AS " 2: there are several"},
		/* no gap, and a beginning */
		{.seals = {{0}, {.instance = 3}}, .count = 2,
		    .want = "fail 3 " AAR " 2: there is none"},
		{.seals = {{.instance = 2}}, .count = 1,
		    .want = "fail 2 " AAR " 1: there is none"},
		{.seals = {{.instance = 2, .validation = "none"}}, .count = 1,
		    .want = "fail 2 " AAR " 1: there is none"},
		{.seals = {{0}, {.instance = 50}}, .count = 2,
		    .want = "fail 50 " AAR " 2: there is none"},
		/* an instance that is none, beside a chain that holds */
		{.seals = {{0}, {.instance = 51}}, .count = 2,
		    .want = "fail 1 " AS ": i= is no instance"},
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_ADD, AAR, .to = " i=0; x.example; none"}},
		    .want = "fail 1 " AAR ": i= is no instance"},
		{.seals = {{0}}, .count = 1, .edits = {{ARC_ADD, AS, .to = ""}},
		    .want = "fail 1 " AS ": the field is no tag list"},
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_ADD, "arc-seal ", .to = " i=1"}},
		    .want = "fail 1 " AS " 1: there are several"},
		/* names without regard to case; others that look alike */
		{.seals = {{0}}, .count = 1,
		    .edits = {{ARC_ADD, "ARC-Seals", .to = " i=1"},
			{ARC_ADD, "X-ARC-Seal", .to = " i=1"}},
		    .want = "pass 1 oldest=0"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 5.2 steps 2 and 3: what each sealer said of the chain it found. */
static void
validations(void **state)
{
	static const struct arc_row rows[] = {
		{.seals = {{.validation = "pass"}}, .count = 1,
		    .want = "fail 1 " AS " 1: cv= is not none"},
		{.seals = {{.validation = "fail"}}, .count = 1,
		    .want = "fail 1 " AS
		    " 1: the chain was broken already (cv=fail)"},
		{.seals = {{.validation = ""}}, .count = 1,
		    .want = "fail 1 " AS " 1: cv= is not none"},
		{.seals = {{.validation = "neutral"}}, .count = 1,
		    .want = "fail 1 " AS " 1: cv= is not none"},
		{.seals = {{.validation = "NONE"}, {.validation = "Pass"}},
		    .count = 2, .want = "pass 2 oldest=0"},
		{.seals = {{0}, {.validation = "none"}}, .count = 2,
		    .want = "fail 2 " AS " 2: cv= is not pass"},
		{.seals = {{0}, {.validation = "fail"}}, .count = 2,
		    .want = "fail 2 " AS
		    " 2: the chain was broken already (cv=fail)"},
		{.seals = {{0}, {.validation = "FAIL"}}, .count = 2,
		    .want = "fail 2 " AS
		    " 2: the chain was broken already (cv=fail)"},
		{.seals = {{.validation = "pass"}, {0}}, .count = 2,
		    .want = "fail 2 " AS " 1: cv= is not none"},
		{.seals = {{.validation = "fail"}, {0}}, .count = 2,
		    .want = "fail 2 " AS " 1: cv= is not none"},
		{.seals = {{0}, {.validation = "none"}, {0}}, .count = 3,
		    .want = "fail 3 " AS " 2: cv= is not pass"},
		{.seals = {{0}, {.validation = "fail"}, {0}}, .count = 3,
		    .want = "fail 3 " AS " 2: cv= is not pass"},
		{.seals = {{.seal = " i={i}; a={a}; d={d}; s={s}; b={b}"}},
		    .count = 1, .want = "fail 1 " AS " 1: cv= is missing"},
		/* Step 2 stops before any other question. */
		{.seals = {{0}, {.validation = "fail", .selector = "nowhere"}},
		    .count = 2, .edits = {{ARC_REMOVE, AMS, .instance = 1}},
		    .want = "fail 2 " AS
		    " 2: the chain was broken already (cv=fail)"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.1.3, RFC 6376 3.2: the tags of a seal. Each is signed as it is. */
static void
seals(void **state)
{
#define SEAL(text) {.seals = {{.seal = text}}, .count = 1, .want =
#define PASS  "pass 1 oldest=0"
#define FAIL(text) "fail 1 " AS " 1: " text
#define JUNK(text) "fail 1 " AS ": " text
	static const struct arc_row rows[] = {
		/* order, blanks, a last ";", unknown tags */
		SEAL("b={b}; cv={cv}; s={s}; d={d}; a={a}; i={i}") PASS},
		SEAL(" i={i};a={a};d={d};s={s};cv={cv};b={b};") PASS},
		SEAL(" i = {i} ;\r\n a\t= {a};d={d} ;s= {s};cv= {cv} ;"
		    "b =\r\n {b} ; ") PASS},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; w=catparty;"
		    " b={b}") PASS},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; b={b}; c=none")
		    PASS},
		/* required ones */
		SEAL(" i={i}; d={d}; s={s}; cv={cv}; b={b}")
		    FAIL("a= is no known algorithm")},
		SEAL(" i={i}; a={a}; s={s}; cv={cv}; b={b}")
		    FAIL("d= is no domain name")},
		SEAL(" i={i}; a={a}; d={d}; cv={cv}; b={b}")
		    FAIL("s= is no selector")},
		SEAL(" i={i}; a={a}; d={d}; s=; cv={cv}; b={b}")
		    FAIL("s= is no selector")},
		SEAL(" i={i}; a={a}; d=; s={s}; cv={cv}; b={b}")
		    FAIL("d= is no domain name")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}")
		    FAIL("b= is no base64")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; b=")
		    FAIL("b= is no base64")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; b={b}!")
		    FAIL("b= is no base64")},
		SEAL(" a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		/* 4.1.3: h= MUST be refused */
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; h=from; b={b}")
		    FAIL("h= does not belong there")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; h=; b={b}")
		    FAIL("h= does not belong there")},
		/* RFC 6376 3.2: no tag twice, names with regard to case */
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; cv={cv}; b={b}")
		    JUNK("the field is no tag list")},
		SEAL(" i={i}; i={i}; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("the field is no tag list")},
		SEAL(" I={i}; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i={i}; A={a}; d={d}; s={s}; cv={cv}; b={b}")
		    FAIL("a= is no known algorithm")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv};; b={b}")
		    JUNK("the field is no tag list")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; junk; b={b}")
		    JUNK("the field is no tag list")},
		SEAL(" i={i}; a={a}; d={d}; s={s}; cv={cv}; 1=2; b={b}")
		    JUNK("the field is no tag list")},
		/* 4.2.1: the instance */
		SEAL(" i=01; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=0; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=abc; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=+1; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=-1; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=1 1; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=51; a={a}; d={d}; s={s}; cv={cv}; b={b}")
		    JUNK("i= is no instance")},
		SEAL(" i=18446744073709551617; a={a}; d={d}; s={s}; cv={cv};"
		    " b={b}") JUNK("i= is no instance")},
		SEAL(" i=2; a={a}; d={d}; s={s}; cv=pass; b={b}")
		    "fail 2 " AS " 1: there is none"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.1.2, RFC 6376 3.5, 5.4: the tags of a message signature. */
static void
signatures(void **state)
{
#undef FAIL
#undef JUNK
#define SIGNED(text) {.seals = {{.signature = text}}, .count = 1, .want =
#define FAIL(text) "fail 1 " AMS " 1: " text
#define JUNK(text) "fail 1 " AMS ": " text
	static const struct arc_row rows[] = {
		SIGNED("b={b}; bh={bh}; h={h}; s={s}; d={d}; c={c}; a={a};"
		    " i={i}") PASS},
		/* 4.1.2: v= is not of this field, and does no harm */
		SIGNED(" v=1; i={i}; a={a}; c={c}; d={d}; s={s}; h={h};"
		    " bh={bh}; b={b}") PASS},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh};"
		    " q=dns/txt; z=From:x; w=1; b={b};") PASS},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s};\r\n h = {h} ;"
		    " bh\t= {bh}\r\n\t; b={b}") PASS},
		/* required ones */
		SIGNED(" a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh}; b={b}")
		    JUNK("i= is no instance")},
		SIGNED(" i={i}; c={c}; d={d}; s={s}; h={h}; bh={bh}; b={b}")
		    FAIL("a= is no known algorithm")},
		SIGNED(" i={i}; a={a}; c={c}; s={s}; h={h}; bh={bh}; b={b}")
		    FAIL("d= is no domain name")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; h={h}; bh={bh}; b={b}")
		    FAIL("s= is no selector")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; bh={bh}; b={b}")
		    FAIL("h= is no list of field names")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; b={b}")
		    FAIL("bh= is no base64")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; bh=!;"
		    " b={b}") FAIL("bh= is no base64")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; bh=AAAA;"
		    " b={b}") FAIL("the body has been changed")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh}")
		    FAIL("b= is no base64")},
		SIGNED(" i={i}; a={a}; c={c}; d={d}; s={s}; h={h}; h={h};"
		    " bh={bh}; b={b}") JUNK("the field is no tag list")},
		/* 4.2.1: the instance is no identity */
		SIGNED(" i=@{d}; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh};"
		    " b={b}") JUNK("i= is no instance")},
		SIGNED(" i=00; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh};"
		    " b={b}") JUNK("i= is no instance")},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.1.2, RFC 6376 5.4: what h= must and must not name. */
static void
names(void **state)
{
#define NAMES(text) {.seals = {{.names = text}}, .count = 1, .want =
#define NEVER FAIL("h= names a field that is never signed")
	static const struct arc_row rows[] = {
		NAMES("from") PASS},
		NAMES("FROM : To") PASS},
		NAMES("from:x-a:x-b:from:from") PASS},
		NAMES("to:subject") FAIL("From is not signed")},
		NAMES("fromage") FAIL("From is not signed")},
		NAMES("") FAIL("h= is no list of field names")},
		NAMES("from:") FAIL("h= is no list of field names")},
		NAMES(":from") FAIL("h= is no list of field names")},
		NAMES("from::to") FAIL("h= is no list of field names")},
		NAMES("from,to") FAIL("From is not signed")},
		NAMES("from to") FAIL("h= is no list of field names")},
		NAMES("from:arc-seal") NEVER},
		NAMES("from:ARC-Message-Signature") NEVER},
		NAMES("from:authentication-results") NEVER},
		/* Drafts of the time before RFC 8617 had it there. */
		NAMES("from:arc-authentication-results") PASS},
		NAMES("from:dkim-signature") PASS},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* RFC 8617 4.1.1: the instance stands before the results. */
static void
results(void **state)
{
#undef FAIL
#define RESULTS(text) {.seals = {{.results = text}}, .count = 1, .want =
#define FAIL "fail 1 " AAR ": i= is no instance"
	static const struct arc_row rows[] = {
		RESULTS("i=1;x.example;none") PASS},
		RESULTS(" (a (b)) i (c) =\r\n\t1 (d); x.example; none") PASS},
		/* What they say is not judged here. */
		RESULTS(" i=1;") PASS},
		RESULTS(" i=1; (") PASS},
		RESULTS(" x.example; i=1; none") FAIL},
		RESULTS(" i=1 x.example; none") FAIL},
		RESULTS(" i=1") FAIL},
		RESULTS(" I=1; x.example; none") FAIL},
		RESULTS(" i=01; x.example; none") FAIL},
		RESULTS(" i=0; x.example; none") FAIL},
		RESULTS(" i=abc; x.example; none") FAIL},
		RESULTS(" i=; x.example; none") FAIL},
		RESULTS(" i=51; x.example; none") FAIL},
		RESULTS(" i=1 1; x.example; none") FAIL},
		RESULTS(" i=\"1\"; x.example; none") FAIL},
		RESULTS(" (i=1; x.example; none") FAIL},
		RESULTS("") FAIL},
		RESULTS(" i=2; x.example; none")
		    "fail 2 " AAR " 1: there is none"},
		{.want = NULL},
	};
	(void)state;
	arc_fixture_check(rows);
}

/* A field, an h= list, a header of more than is read. */
static void
bounds(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sealed m;
	struct text t;
	(void)state;
	text_init(&t, a);
	text_add(&t, STR("from"));
	for (unsigned n = 1; n < DKIM_FIELD_MAX_NAMES; n++)
		text_add(&t, STR(":x"));
	arc_fixture_make(&(struct arc_row) {.count = 1, .seals = {{.names =
	    text_cstr(&t)}}}, a, &m);
	check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a), a),
	    PASS);
	text_add(&t, STR(":x"));
	arc_fixture_make(&(struct arc_row) {.count = 1, .seals = {{.names =
	    text_cstr(&t)}}}, a, &m);
	check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a), a),
	    "fail 1 " AMS " 1: h= has too many names");

	char *long_one = arena_alloc(a, ARC_MAX_FIELD + 2);
	memset(long_one, ' ', ARC_MAX_FIELD + 1);
	long_one[ARC_MAX_FIELD + 1] = '\0';
	memcpy(long_one, "i=1;", 4);
	long_one[ARC_MAX_FIELD] = '\0';
	arc_fixture_make(&(struct arc_row) {.count = 1, .seals = {{.results =
	    long_one}}}, a, &m);
	check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a), a),
	    PASS);
	long_one[ARC_MAX_FIELD] = ' ';
	arc_fixture_make(&(struct arc_row) {.count = 1, .seals = {{.results =
	    long_one}}}, a, &m);
	check_str(arc_fixture_show(arc_fixture_verify(&m, "", 50, a), a),
	    "fail 1 " AAR ": the field is too long");
	arena_free(a);
}

/* A field that the list had no room for may belong to the chain, or be one that
 * a signature denies (RFC 6376 8.15). */
static void
dropped(void **state)
{
	static const char *const last[] = {"ARC-Seal", "X", "Subject"};
	(void)state;
	for (size_t n = 0; n < sizeof last / sizeof last[0]; n++) {
		struct arena *a = arena_new(1 << 20);
		struct header_list l;
		struct arc_sets sets;
		header_init(&l, a);
		header_add(&l, STR("ARC-Seal"), STR(" i=1"));
		for (size_t i = 1; i < HEADER_MAX_FIELDS; i++)
			header_add(&l, STR("X"), STR("y"));
		arc_sets_collect(&l, ARC_FIXTURE_NOW, a, &sets);
		check_str(sets.error, AAR " 1: there is none");
		assert_false(header_add(&l, str_of(last[n]), STR(" i=2")));
		arc_sets_collect(&l, ARC_FIXTURE_NOW, a, &sets);
		check_str(sets.error,
		    "the message has more header fields than are read");
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure),
		cmocka_unit_test(validations),
		cmocka_unit_test(seals),
		cmocka_unit_test(signatures),
		cmocka_unit_test(names),
		cmocka_unit_test(results),
		cmocka_unit_test(bounds),
		cmocka_unit_test(dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
