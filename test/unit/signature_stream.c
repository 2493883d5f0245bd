/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature.h"

#include <sys/resource.h>

#include "auth/canon.h"
#include "base/text.h"
#include "mail/author.h"
#include "mail/header.h"
#include "net/dns.h"
#include "net/dns_zone.h"
#include "test/lib/arrival.h"
#include "test/lib/check.h"
#include "test/lib/signer.h"

static void
collect(void *arg, const void *bytes, size_t n)
{
	text_add(arg, (struct str) {bytes, n});
}

static struct str
canonical(struct str body, bool is_relaxed, size_t chunk, struct arena *a,
    uint64_t *length)
{
	struct canon_body b;
	struct text t;
	text_init(&t, a);
	canon_body_init(&b, is_relaxed, collect, &t);
	for (size_t at = 0; at < body.n; at += chunk) {
		struct str part = check_exact(str_sub(body, at, chunk), a);
		canon_body_add(&b, part.p, part.n);
	}
	*length = canon_body_end(&b);
	return text_str(&t);
}

/* Every body of up to seven octets of what matters, whole, in ones and in
 * twos, against the test signer's reading of RFC 6376 3.4.3 and 3.4.4. */
static void
all_short_bodies(void **state)
{
	static const char alphabet[] = "a \r\n";
	(void)state;
	for (unsigned n = 0; n <= 7; n++)
		for (unsigned code = 0; code < 1u << (2 * n); code++) {
			char bytes[8];
			for (unsigned i = 0; i < n; i++)
				bytes[i] = alphabet[code >> (2 * i) & 3];
			struct arena *a = arena_new(0);
			struct str body = {bytes, n};
			size_t chunk = code % 3 == 0 ? 8 : code % 3;
			for (unsigned relaxed = 0; relaxed < 2; relaxed++) {
				struct str want =
				    signer_body(body, relaxed, a);
				uint64_t length;
				struct str got = canonical(body, relaxed,
				    chunk, a, &length);
				if (!str_eq(got, want) || length != want.n)
					fail_msg("%u octets, code %u", n, code);
			}
			arena_free(a);
		}
}

/* Pieces around the size of the buffer. */
static void
around_the_buffer(void **state)
{
	(void)state;
	for (size_t n = CANON_BUFFER - 3;
	    n < CANON_BUFFER + 4; n++)
		for (unsigned relaxed = 0; relaxed < 2; relaxed++) {
			struct arena *a = arena_new(0);
			struct text t;
			uint64_t length;
			text_init(&t, a);
			for (size_t i = 0; i < 3 * n; i++)
				text_add_char(&t, i % n == 0 ? '\t' :
				    i % n == 1 ? ' ' : 'x');
			struct str want = signer_body(text_str(&t), relaxed, a);
			assert_true(str_eq(want, canonical(text_str(&t),
			    relaxed, n, a, &length)));
			assert_true(str_eq(want, canonical(text_str(&t),
			    relaxed, 3 * n, a, &length)));
			arena_free(a);
		}
}

/* ---- signatures over a stream ------------------------------------------------ */

struct scene {
	struct arena *arena;
	struct signature_library *lib;
	struct signer_key *key;
	struct dns *dns;
	struct lookups *lookups;
	struct header_list headers;
};

static void
scene_init(struct scene *s)
{
	size_t line;
	const char *reason = "";
	s->arena = arena_new(0);
	s->lib = signature_library_open(&reason);
	s->key = signer_key_ed25519(s->arena);
	s->dns = dns_zone_new(zone_parse(arrival_key_line("s", "example.com",
	    signer_key_record(s->key, s->arena), s->arena), s->arena, &line,
	    &reason));
	s->lookups = lookups_new(s->dns, 1000, NULL, NULL, s->arena);
	header_init(&s->headers, s->arena);
}

static void
scene_sign(struct scene *s, const char *c, struct str body, const char *more)
{
	struct header_field from = {STR("From"), STR(" a@example.com"), 1};
	struct signer_job job = {.key = s->key, .c = c, .more = more,
	    .fields = &from, .field_count = 1, .body = body};
	arrival_add(&s->headers, "DKIM-Signature",
	    signer_sign(&job, s->arena));
}

static struct signatures *
scene_start(struct scene *s)
{
	static const struct author nobody = {.status = AUTHOR_NO_FIELD};
	arrival_add(&s->headers, "From", STR(" a@example.com"));
	return signatures_start(s->lib, &s->headers, &nobody, s->lookups,
	    ARRIVAL_NOW, s->arena);
}

static void
scene_fini(struct scene *s)
{
	struct dns *dns = s->dns;
	signature_library_close(s->lib);
	arena_free(s->arena);
	dns_drop(dns);
}

/* The body is wanted as long as one signature may still change its mind. */
static void
need_body(void **state)
{
	(void)state;
	static const struct {
		const char *c, *more, *feed;
		bool want;
	} rows[] = {
		{"relaxed/relaxed", "", "", true},
		{"relaxed/relaxed", "", "abc\r\n", true},
		{"relaxed/simple", " l=3;", "", true},
		{"relaxed/simple", " l=3;", "abc", true},
		{"relaxed/simple", " l=3;", "abcd", false},
		/* Empty lines are no content until there is more. */
		{"relaxed/simple", " l=5;", "abc\r\n\r\n\r\n", true},
		{"relaxed/simple", " l=5;", "abc\r\n\r\nd", false},
		{"relaxed/relaxed", " l=0;", " \t\r\n", true},
		{"relaxed/relaxed", " l=0;", " \t\r\nx", false},
		/* Not verified: nothing to hash. */
		{"relaxed/relaxed", " v=1;", "", false},
		{"relaxed/relaxed", " x=1;", "", false},
		{"nothing", "", "", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scene s;
		scene_init(&s);
		scene_sign(&s, rows[i].c, STR("abc\r\n"), rows[i].more);
		struct signatures *g = scene_start(&s);
		struct str feed = str_of(rows[i].feed);
		signatures_body(g, feed.p, feed.n);
		if (signatures_need_body(g) != rows[i].want)
			fail_msg("row %zu", i);
		signatures_end(g);
		signatures_verify(g, SIGNATURE_LENGTH_FULL);
		scene_fini(&s);
	}
}

/* Two forms and three lengths at once, each on its own. */
static void
several_streams(void **state)
{
	(void)state;
	struct scene s;
	scene_init(&s);
	struct str body = STR("abc \r\n\r\ndef\r\n");
	scene_sign(&s, "simple/simple", body, "");
	scene_sign(&s, "relaxed/relaxed", body, "");
	scene_sign(&s, "relaxed/relaxed", STR("abc\r\n"), " l=5;");
	scene_sign(&s, "relaxed/relaxed", STR("abc\r\n"), " l=3;");
	scene_sign(&s, "simple/simple", body, " l=13;");
	struct signatures *g = scene_start(&s);
	signatures_body(g, body.p, body.n);
	signatures_end(g);
	signatures_verify(g, SIGNATURE_LENGTH_FULL);
	check_str(arrival_show(g, s.arena), "pass; pass; "
	    "policy unsigned content; fail the body was changed; pass");
	scene_fini(&s);
}

/* l= beyond what is handed on at once. */
static void
long_length(void **state)
{
	(void)state;
	struct scene s;
	struct text t;
	scene_init(&s);
	text_init(&t, s.arena);
	for (unsigned i = 0; i < 1000; i++)
		text_add(&t, STR("nine oct\r\n"));
	struct str all = text_str(&t);
	scene_sign(&s, "relaxed/relaxed", str_sub(all, 0, 7000), " l=7000;");
	scene_sign(&s, "simple/simple", str_sub(all, 0, 3000), " l=3000;");
	scene_sign(&s, "simple/simple", all, " l=10000;");
	struct signatures *g = scene_start(&s);
	signatures_body(g, all.p, all.n);
	signatures_end(g);
	signatures_verify(g, SIGNATURE_LENGTH_FULL);
	check_str(arrival_show(g, s.arena), "policy unsigned content; "
	    "policy unsigned content; pass");
	scene_fini(&s);
}

static long
peak_kilobytes(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

/* 50 MB of each kind that a canonical form might be tempted to keep: lines, one
 * line without a blank, blanks, empty lines. */
static void
constant_memory(void **state)
{
	static const char *const pieces[] = {"word and word\r\n", "x", " ",
	    "\r\n", "\r"};
	enum { PIECE = 60000, TIMES = 850 };
	(void)state;
	static char block[PIECE];
	struct scene s;
	scene_init(&s);
	scene_sign(&s, "simple/simple", STR(""), "");
	scene_sign(&s, "relaxed/relaxed", STR(""), "");
	scene_sign(&s, "relaxed/relaxed", STR(""), " l=40000000;");
	struct signatures *g = scene_start(&s);
	size_t used = arena_used(s.arena);
	long peak = peak_kilobytes();
	for (unsigned i = 0; i < 5; i++) {
		size_t n = strlen(pieces[i]);
		for (size_t at = 0; at < sizeof block; at++)
			block[at] = pieces[i][at % n];
		for (unsigned j = 0; j < TIMES / (i == 3 ? 10 : 1); j++)
			signatures_body(g, block, sizeof block);
	}
	signatures_end(g);
	assert_int_equal(arena_used(s.arena), used);
	assert_true(peak_kilobytes() - peak < 4096);
	signatures_verify(g, SIGNATURE_LENGTH_FULL);
	assert_int_equal(signatures_at(g, 0)->result, SIGNATURE_FAIL);
	scene_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(all_short_bodies),
		cmocka_unit_test(around_the_buffer),
		cmocka_unit_test(need_body),
		cmocka_unit_test(several_streams),
		cmocka_unit_test(long_length),
		cmocka_unit_test(constant_memory),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
