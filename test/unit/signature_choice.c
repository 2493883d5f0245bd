/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_choice.h"

#include "auth/signature.h"
#include "base/text.h"
#include "mail/author.h"
#include "mail/header.h"
#include "test/lib/arrival.h"
#include "test/lib/check.h"
#include "test/lib/signer.h"

static void
add(struct header_list *l, const char *d, const char *s, const char *b)
{
	arrival_add(l, "DKIM-Signature", text_format(l->arena, " v=1; "
	    "a=rsa-sha256; d=%s; s=%s; h=from; bh=AAAA; b=%s", d, s, b));
}

/* The chosen, by selector. */
static struct str
chosen(const struct header_list *l, const char *authors, struct arena *a,
    size_t *left_out)
{
	const struct header_field *out[SIGNATURES_MAX];
	struct author author = {.status = AUTHOR_OK};
	struct str rest = str_of(authors);
	struct text t;
	text_init(&t, a);
	while (rest.n > 0)
		author.domains[author.count++] = str_cut(&rest, ' ');
	size_t n = signature_choose(l, &author, out, left_out);
	assert_true(n <= SIGNATURES_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str value = out[i]->value;
		while (value.n > 0 && !str_has_prefix(value, STR("; s=")))
			value = str_sub(value, 1, value.n);
		value = str_sub(value, 4, value.n);
		struct str selector = str_cut(&value, ';');
		text_printf(&t, "%s%.*s", i > 0 ? " " : "",
		    STR_ARG(selector));
	}
	return text_str(&t);
}

/* RFC 6376 4.2, 8.4; standards/spf-dkim.md B7. "x*9" are nine of a domain. */
static void
order(void **state)
{
	(void)state;
	static const struct {
		const char *domains, *authors, *want;
		size_t left_out;
	} rows[] = {
		{"", "a.example", "", 0},
		{"x.test*3 a.example", "a.example", "0 1 2 3", 0},
		{"x.test*10", "a.example", "0 1 2 3 4 5 6 7 8 9", 0},
		{"x.test*11", "a.example", "0 1 2 3 4 5 6 7 8 9", 1},
		{"x.test*10 a.example", "a.example",
		    "0 1 2 3 4 5 6 7 8 10", 1},
		{"x.test*10 A.example.", "a.example",
		    "0 1 2 3 4 5 6 7 8 10", 1},
		/* Equal before below before foreign before unusable. */
		{"x.test*9 m.a.example x.test a.example", "a.example",
		    "0 1 2 3 4 5 6 7 9 11", 2},
		{"m.a.example*9 x.test a.example*2", "m.a.example",
		    "0 1 2 3 4 5 6 7 8 10", 2},
		{"m.a.example*10 a.example*2", "a.example",
		    "0 1 2 3 4 5 6 7 10 11", 2},
		{"x.test*10 o.a.example", "m.a.example",
		    "0 1 2 3 4 5 6 7 8 10", 1},
		{"x.test*10 xa.example", "a.example",
		    "0 1 2 3 4 5 6 7 8 9", 1},
		{"com*10 x.test", "a.example", "0 1 2 3 4 5 6 7 8 10", 1},
		{"a..example*10 x.test*2", "a.example",
		    "0 1 2 3 4 5 6 7 10 11", 2},
		{"a.example*12", "a.example", "0 1 2 3 4 5 6 7 8 9", 2},
		/* Several authors; none. */
		{"x.test*10 b.example a.example", "a.example b.example",
		    "0 1 2 3 4 5 6 7 10 11", 2},
		{"x.test*10 a.example", "", "0 1 2 3 4 5 6 7 8 9", 1},
		{"x.test*300 a.example", "a.example",
		    "0 1 2 3 4 5 6 7 8 300", 291},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct header_list l;
		struct str rest = str_of(rows[i].domains);
		unsigned s = 0;
		size_t left_out;
		header_init(&l, a);
		arrival_add(&l, "From", STR(" x"));
		while (rest.n > 0) {
			struct str times = str_cut(&rest, ' ');
			struct str d = str_cut(&times, '*');
			uint64_t n = 1;
			str_to_uint(times, 1000, &n);
			for (; n > 0; n--) {
				add(&l, str_cstr(d, a),
				    text_format(a, "%u", s++).p, "AAAA");
				arrival_add(&l, "To", STR(" x"));
			}
		}
		struct str got = chosen(&l, rows[i].authors, a, &left_out);
		if (!str_eq(got, str_of(rows[i].want)))
			fail_msg("%s: got \"%.*s\"", rows[i].domains,
			    STR_ARG(got));
		assert_int_equal(left_out, rows[i].left_out);
		arena_free(a);
	}
}

/* Fields that the header list dropped are left out too. */
static void
dropped(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct header_list l;
	size_t left_out;
	header_init(&l, a);
	for (unsigned i = 0; i < HEADER_MAX_FIELDS + 5; i++)
		add(&l, "x.test", text_format(a, "%u", i).p, "AAAA");
	check_str(chosen(&l, "a.example", a, &left_out),
	    "0 1 2 3 4 5 6 7 8 9");
	assert_int_equal(left_out, HEADER_MAX_FIELDS + 5 - SIGNATURES_MAX);
	arena_free(a);
}

static struct signature_library *
library(void)
{
	const char *reason = "";
	struct signature_library *lib = signature_library_open(&reason);
	if (lib == NULL)
		fail_msg("%s", reason);
	return lib;
}

/* RFC 6008 2, 3: as much of b= as tells signatures apart. */
static void
beginning_of_b(void **state)
{
	(void)state;
	static const char *const rows[][4] = {
		{"AAAAAAAAAAAA", NULL},
		{"AAAAAAAA", NULL},
		{"AAAAAAAABBBB", "CCCCCCCCCCCC", NULL},
		{"AAAAAAAABBBB", "AAAAAAAACCCC", NULL},
		{"AAAAAAAABBBB", "AAAAAAAABBBC", "AAAAAAAAAAAA", NULL},
		{"AAAA", "AAAAAAAABBBC", NULL},
		{"AAAAAAAABBBC", "AAAAAAAABBBC", NULL},
		{"AAAA AAAA\r\n\tBBBB", "AAAAAAAACCCC", NULL},
		{"*", "AAAA", NULL},
	};
	static const char *const wants[] = {
		"AAAAAAAA", "AAAAAAAA", "AAAAAAAA CCCCCCCC",
		"AAAAAAAAB AAAAAAAAC",
		"AAAAAAAABBBB AAAAAAAABBBC AAAAAAAAA",
		"AAAA AAAAAAAA", "AAAAAAAA AAAAAAAA",
		"AAAAAAAAB AAAAAAAAC", " AAAA",
	};
	struct signature_library *lib = library();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct arrival m = {.chunk = 0};
		struct text t;
		text_init(&t, a);
		header_init(&m.headers, a);
		for (size_t j = 0; rows[i][j] != NULL; j++)
			add(&m.headers, "x.test", "s", rows[i][j]);
		struct signatures *s =
		    arrival_verify(lib, STR(""), &m, a);
		for (size_t j = 0; j < signatures_count(s); j++)
			text_printf(&t, "%s%.*s", j > 0 ? " " : "",
			    STR_ARG(signatures_at(s, j)->b));
		check_str(text_str(&t), wants[i]);
		arena_free(a);
	}
	signature_library_close(lib);
}

/* What is printed of a signature, whatever it holds. */
static void
bounds(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct signature_library *lib = library();
	struct text t;
	struct arrival m = {.chunk = 0};
	text_init(&t, a);
	text_add(&t, STR(" v=1; d=x.test; s=s; h=from; bh=AAAA; b=AAAA; a="));
	for (unsigned i = 0; i < 3000; i++)
		text_add_char(&t, 'a');
	text_add(&t, STR("; i="));
	for (unsigned i = 0; i < 3000; i++)
		text_add_char(&t, 'i');
	header_init(&m.headers, a);
	arrival_add(&m.headers, "DKIM-Signature", text_str(&t));
	struct signatures *s = arrival_verify(lib, STR(""), &m, a);
	const struct signature *g = signatures_at(s, 0);
	assert_int_equal(g->result, SIGNATURE_NEUTRAL);
	assert_true(g->algorithm.n <= 64);
	assert_true(g->identity.n <= 512);
	check_str(g->domain, "x.test");
	check_str(g->selector, "s");
	signature_library_close(lib);
	arena_free(a);
}

/* Ten foreign signatures whose keys are asked for as they come, then as many
 * of the author's: the aligned ones are verified. */
static void
last_is_aligned(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct signature_library *lib = library();
	struct signer_key *key = signer_key_ed25519(a);
	struct header_field from = {STR("From"), STR(" a@example.com"), 1};
	struct signer_job job = {.key = key, .fields = &from, .field_count = 1};
	struct arrival m = {.chunk = 0};
	header_init(&m.headers, a);
	for (unsigned i = 0; i < 10; i++)
		add(&m.headers, "x.test", text_format(a, "%u", i).p, "AAAA");
	arrival_add(&m.headers, "DKIM-Signature", signer_sign(&job, a));
	arrival_add(&m.headers, "From", from.value);
	struct signatures *s = arrival_verify(lib, arrival_key_line("s",
	    "example.com", signer_key_record(key, a), a), &m, a);
	assert_int_equal(signatures_count(s), 10);
	assert_int_equal(signatures_left_out(s), 1);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(signatures_at(s, i)->result,
		    SIGNATURE_PERMERROR);
	assert_int_equal(signatures_at(s, 9)->result, SIGNATURE_PASS);
	check_str(signatures_at(s, 9)->domain, "example.com");
	signature_library_close(lib);
	arena_free(a);
}

/* RFC 6376 6.1, RFC 8463 6: each signature for itself, in field order. */
static void
independent(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct signature_library *lib = library();
	struct signer_key *rsa = signer_key_rsa(1024, a);
	struct signer_key *ed25519 = signer_key_ed25519(a);
	struct header_field from = {STR("From"), STR(" a@example.com"), 1};
	struct arrival m = {.body = STR("Text\r\n")};
	header_init(&m.headers, a);
	static const struct {
		const char *c, *selector, *body;
	} jobs[] = {
		{"simple/simple", "r", "Text\r\n"},
		{"relaxed/relaxed", "e", "Text\r\n"},
		{"relaxed/simple", "r", "Other\r\n"},
		{"simple/relaxed", "fails", "Text\r\n"},
		{"relaxed/relaxed", "none", "Text\r\n"},
		{"simple/relaxed", "r", "Text  \r\n\r\n"},
	};
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		struct signer_job job = {
			.key = jobs[i].selector[0] == 'e' ? ed25519 : rsa,
			.c = jobs[i].c, .selector = jobs[i].selector,
			.fields = &from, .field_count = 1,
			.body = str_of(jobs[i].body)};
		arrival_add(&m.headers, "DKIM-Signature",
		    signer_sign(&job, a));
	}
	arrival_add(&m.headers, "From", from.value);
	struct str r = arrival_key_line("r", "example.com",
	    signer_key_record(rsa, a), a);
	struct str e = arrival_key_line("e", "example.com",
	    signer_key_record(ed25519, a), a);
	struct signatures *s = arrival_verify(lib, text_format(a,
	    "%.*s%.*sservfail fails._domainkey.example.com TXT\n", STR_ARG(r),
	    STR_ARG(e)), &m, a);
	check_str(arrival_show(s, a), "pass; pass; fail the body was changed; "
	    "temperror the key could not be looked up; "
	    "permerror there is no key; pass");
	signature_library_close(lib);
	arena_free(a);
}

/* No signature: nothing to say, nothing to hash. */
static void
unsigned_message(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct signature_library *lib = library();
	struct arrival m = {.body = STR("Text\r\n")};
	header_init(&m.headers, a);
	arrival_add(&m.headers, "From", STR(" a@example.com"));
	struct signatures *s = arrival_verify(lib, STR(""), &m, a);
	assert_int_equal(signatures_count(s), 0);
	assert_int_equal(signatures_left_out(s), 0);
	assert_false(signatures_need_body(s));
	signature_library_close(lib);
	arena_free(a);
}

/* RFC 8616 5: names of internationalized mail. */
static void
internationalized(void **state)
{
	(void)state;
	static const struct {
		const char *domain, *selector, *more;
	} rows[] = {
		{"b\xc3\xbc" "cher.example", "s", ""},
		{"B\xc3\x9c" "CHER.example", "s", " i=@b\xc3\xbc"
		    "cher.example;"},
		{"xn--bcher-kva.example", "s", " i=\xc3\xbc@mail.b\xc3\xbc"
		    "cher.example;"},
		{"xn--bcher-kva.example", "gr\xc3\xbcn", ""},
	};
	struct signature_library *lib = library();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct signer_key *key = signer_key_ed25519(a);
		struct header_field from = {STR("From"), STR(" a@b"), 1};
		struct signer_job job = {.key = key, .domain = rows[i].domain,
		    .selector = rows[i].selector, .more = rows[i].more,
		    .fields = &from, .field_count = 1};
		struct arrival m = {.chunk = 0};
		header_init(&m.headers, a);
		arrival_add(&m.headers, "DKIM-Signature",
		    signer_sign(&job, a));
		arrival_add(&m.headers, "From", from.value);
		bool is_idn = rows[i].selector[0] == 'g';
		struct signatures *s = arrival_verify(lib,
		    arrival_key_line(is_idn ? "xn--grn-ioa" : "s",
			"xn--bcher-kva.example", signer_key_record(key, a), a),
		    &m, a);
		if (signatures_at(s, 0)->result != SIGNATURE_PASS)
			fail_msg("row %zu: %.*s", i,
			    STR_ARG(arrival_show(s, a)));
		check_str(signatures_at(s, 0)->domain,
		    "xn--bcher-kva.example");
		check_str(signatures_at(s, 0)->selector,
		    is_idn ? "xn--grn-ioa" : "s");
		arena_free(a);
	}
	signature_library_close(lib);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(dropped),
		cmocka_unit_test(beginning_of_b),
		cmocka_unit_test(bounds),
		cmocka_unit_test(last_is_aligned),
		cmocka_unit_test(independent),
		cmocka_unit_test(unsigned_message),
		cmocka_unit_test(internationalized),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
