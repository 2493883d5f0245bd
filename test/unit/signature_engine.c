/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/sha256.h"
#include "auth/signature_engine.h"

#include "auth/signature_field.h"
#include "base/text.h"
#include "mail/header.h"
#include "test/lib/arrival.h"
#include "test/lib/check.h"
#include "test/lib/signer.h"

static struct signature_library *
library(void)
{
	const char *reason = "";
	struct signature_library *lib = signature_library_open(&reason);
	if (lib == NULL)
		fail_msg("%s", reason);
	return lib;
}

#define SIGNED " v=1; a=rsa-sha256; d=x.test; s=s; bh=AAAA; b=AA AA;"

/* Our header hash and libopendkim's are the same where it is asked; `by`: it
 * is. RFC 6376 3.4, 3.7, 5.4. */
static void
same_as_library(void **state)
{
	(void)state;
	static const struct {
		struct str field, header;
		bool by;
	} rows[] = {
		{STR_INIT(SIGNED " c=simple; h=from:to:subject"),
		    STR_INIT("From: a\r\nTo:b \r\n\tc\r\nsubject : x  \r\n"),
		    true},
		{STR_INIT(SIGNED " c=relaxed; h=From : TO : Subject"),
		    STR_INIT("From: a\r\nTo:b \r\n\tc\r\nsubject : x  \r\n"),
		    true},
		{STR_INIT(SIGNED " c=relaxed; h=from:to:to:to"),
		    STR_INIT("From: a\r\nTo: 1\r\nTo: 2\r\nTo:\r\n"), true},
		{STR_INIT(SIGNED " c=relaxed; h=from:from:from"),
		    STR_INIT("From:\r\n \t \xff\xc3\xbc\r\n"), true},
		{STR_INIT(" v=1; a=ed25519-sha256; d=x.test; s=s;\r\n\th=from"
			  "\r\n\t:to; bh=AAAA;\r\n b=AA\r\n\tAA"),
		    STR_INIT("From: a\r\nTo: b\r\n"), true},
		{STR_INIT(SIGNED " h=from"), STR_INIT(""), true},
		/* Every field of the message named, and more: libraries.md
		 * 2.6, O1. */
		{STR_INIT(SIGNED " c=relaxed; h=from:a:b:c:d:e:from:x:x:x:x"),
		    STR_INIT("From: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"
			     "E: 5\r\n"), true},
		/* Another signature beside it. */
		{STR_INIT(SIGNED " c=relaxed; h=from"),
		    STR_INIT("From: a\r\nDKIM-Signature: v=1; junk\r\n"), true},
		/* What it would read wrongly, or refuse. */
		{STR_INIT(" v=1; a=rsa-sha256; d=x.test; s=s; bh=AAAA; b =AA; "
			  "h=from"), STR_INIT("From: a\r\n"), false},
		{STR_INIT(SIGNED " zb=1; h=from"), STR_INIT("From: a\r\n"),
		    false},
		{STR_INIT(SIGNED " H=x; h=from"), STR_INIT("From: a\r\n"),
		    false},
		{STR_INIT(SIGNED " z=\xc3\xbc; h=from"),
		    STR_INIT("From: a\r\n"), false},
		{STR_INIT(SIGNED " h=from; z=\xc3\xbc; c=relaxed"),
		    STR_INIT("From: a\r\n"), false},
		{STR_INIT(SIGNED " z=a\rb; h=from"), STR_INIT("From: a\r\n"),
		    false},
		{STR_INIT("\n" SIGNED " h=from"), STR_INIT("From: a\r\n"),
		    false},
		{STR_INIT(SIGNED " t=1; h=from"), STR_INIT("From: a\r\n"),
		    false},
		{STR_INIT(SIGNED " t=999999999999; h=from"),
		    STR_INIT("From: a\r\n"), false},
		{STR_INIT(SIGNED " x=1; h=from"), STR_INIT("From: a\r\n"),
		    false},
		{STR_INIT(SIGNED " h=from:DKIM-signature"),
		    STR_INIT("From: a\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX: \0evil\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX : \0evil\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX: a\x0b" "b\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX: a\x0c" "b\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX: a\rb\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX: a\nb\r\n"), false},
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nX \t: evil\r\n"), false},
		/* Odd bytes that nobody signed. */
		{STR_INIT(SIGNED " c=relaxed; h=from:x"),
		    STR_INIT("From: a\r\nY: a\rb\r\n"), true},
	};
	struct signature_library *lib = library();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct arrival_fields fields;
		struct header_list l;
		struct signature_field f;
		header_init(&l, a);
		header_add(&l, STR("DKIM-Signature"), rows[i].field);
		arrival_split(rows[i].header, &fields);
		for (size_t j = 0; j < fields.count; j++)
			header_add(&l, fields.at[j].name, fields.at[j].value);
		signature_field_parse(l.at[0].value, a, &f);
		if (f.refused != SIGNATURE_NONE)
			fail_msg("row %zu: %s", i, f.reason);
		struct signature_target t = {.field = &f, .own = &l.at[0]};
		signature_engine_hash(lib, &l, &t, 1, a);
		struct sha256 *h = signature_sha256(lib, a);
		dkim_field_feed_header(&f.dkim, &l, &l.at[0], sha256_add, h);
		struct str ours = sha256_end(h);
		assert_int_equal(t.hash.n, SHA256_OCTETS);
		assert_true(str_eq(t.hash, ours));
		if (t.is_by_library != rows[i].by)
			fail_msg("row %zu: hashed by %s", i,
			    t.is_by_library ? "libopendkim" : "us");
		arena_free(a);
	}
	signature_library_close(lib);
}

/* A NUL hides nothing: what stands behind it is signed, or the signature does
 * not match (RFC 6376 3.4.2 takes all of a value). */
static void
nul_in_field(void **state)
{
	(void)state;
	struct signature_library *lib = library();
	struct arena *a = arena_new(0);
	struct signer_key *key = signer_key_ed25519(a);
	struct str zone = arrival_key_line("s", "example.com",
	    signer_key_record(key, a), a);
	static const struct {
		struct str sent, got;
		const char *want;
	} rows[] = {
		{STR_INIT(" a\0b"), STR_INIT(" a\0b"), "pass"},
		{STR_INIT(" a"), STR_INIT(" a\0b"),
		    "fail the signature does not match the header"},
		{STR_INIT(" a\0b"), STR_INIT(" a\0c"),
		    "fail the signature does not match the header"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct header_field fields[] = {
			{STR("From"), STR(" a@example.com"), 1},
			{STR("Subject"), rows[i].sent, 1},
		};
		struct signer_job job = {.key = key, .h = "from:subject",
		    .fields = fields, .field_count = 2};
		struct arrival m = {.chunk = 0};
		header_init(&m.headers, a);
		arrival_add(&m.headers, "DKIM-Signature",
		    signer_sign(&job, a));
		arrival_add(&m.headers, "From", fields[0].value);
		arrival_add(&m.headers, "Subject", rows[i].got);
		check_str(arrival_show(arrival_verify(lib, zone, &m, a), a),
		    rows[i].want);
	}
	/* In a signature it makes the field none. */
	struct arrival m = {.chunk = 0};
	header_init(&m.headers, a);
	arrival_add(&m.headers, "DKIM-Signature",
	    STR(SIGNED " h=from; z=\0;"));
	arrival_add(&m.headers, "From", STR(" a"));
	check_str(arrival_show(arrival_verify(lib, zone, &m, a), a),
	    "neutral the field is not a tag list");
	signature_library_close(lib);
	arena_free(a);
}

static struct str
repeated(const char *before, const char *part, unsigned times,
    struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, str_of(before));
	while (times-- > 0)
		text_add(&t, str_of(part));
	return text_str(&t);
}

/* Fields that were made to cost: each is refused before anything is hashed
 * (libraries.md 2.6, O2). */
static void
hostile_fields(void **state)
{
	(void)state;
	struct signature_library *lib = library();
	static const struct {
		const char *before, *part;
		unsigned times;
		const char *want;
	} rows[] = {
		{SIGNED " h=from", ":a", 32000, "neutral the field is too long"},
		{SIGNED " h=from", ":abcdefg", 1000, "neutral h= is too long"},
		{SIGNED " h=from", ":a", 500, "neutral h= has too many names"},
		{SIGNED " h=from;", "a=;", 5000,
		    "neutral the field is not a tag list"},
		{SIGNED " h=from; z=", "a", 60000,
		    "neutral the field is too long"},
		{SIGNED " h=from", ":a", 399, "permerror there is no key"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct arrival m = {.chunk = 0};
		header_init(&m.headers, a);
		arrival_add(&m.headers, "DKIM-Signature",
		    repeated(rows[i].before, rows[i].part, rows[i].times, a));
		arrival_add(&m.headers, "From", STR(" a"));
		size_t used = arena_used(a);
		check_str(arrival_show(arrival_verify(lib, STR(""), &m, a), a),
		    rows[i].want);
		assert_true(arena_used(a) - used < 64 * 1024);
		arena_free(a);
	}
	signature_library_close(lib);
}

/* The most that a header can be: ten signatures over all of a thousand fields,
 * and fields larger than a packet of the milter protocol. */
static void
large_header(void **state)
{
	(void)state;
	struct signature_library *lib = library();
	struct arena *a = arena_new(0);
	struct signer_key *key = signer_key_ed25519(a);
	struct str zone = arrival_key_line("s", "example.com",
	    signer_key_record(key, a), a);
	struct header_field *fields =
	    ARENA_ARRAY(a, struct header_field, 980);
	for (unsigned i = 0; i < 980; i++)
		fields[i] = (struct header_field) {STR("To"), STR(" x"), 1};
	fields[0] = (struct header_field) {STR("From"), STR(" a"), 1};
	fields[7].value = repeated(" ", "a@b.example,\r\n ", 5000, a);
	struct signer_job job = {.key = key, .fields = fields,
	    .field_count = 980, .h = repeated("from", ":to", 398, a).p};
	struct arrival m = {.chunk = 0};
	header_init(&m.headers, a);
	for (unsigned i = 0; i < 10; i++) {
		job.c = i % 2 == 0 ? "simple" : "relaxed";
		arrival_add(&m.headers, "DKIM-Signature",
		    signer_sign(&job, a));
	}
	for (unsigned i = 0; i < 980; i++)
		assert_true(header_add(&m.headers, fields[i].name,
		    fields[i].value));
	check_str(arrival_show(arrival_verify(lib, zone, &m, a), a),
	    "pass; pass; pass; pass; pass; pass; pass; pass; pass; pass");
	/* What was dropped might be signed. */
	m.headers.dropped = 1;
	struct signatures *s = arrival_verify(lib, zone, &m, a);
	assert_int_equal(signatures_at(s, 0)->result, SIGNATURE_NEUTRAL);
	check_str(signatures_at(s, 0)->reason,
	    "the header is too long to be hashed");
	signature_library_close(lib);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(same_as_library),
		cmocka_unit_test(nul_in_field),
		cmocka_unit_test(hostile_fields),
		cmocka_unit_test(large_header),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
