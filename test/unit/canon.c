/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/canon.h"

#include "base/ascii.h"
#include "base/text.h"
#include "mail/header.h"
#include "test/lib/check.h"

static void
collect(void *arg, const void *bytes, size_t n)
{
	text_add(arg, (struct str) {bytes, n});
}

/* The body in pieces of `step` bytes, each in a block of its own size. */
static struct str
body_in_steps(bool is_relaxed, struct str body, size_t step, struct arena *a)
{
	struct canon_body b;
	struct text t;
	text_init(&t, a);
	canon_body_init(&b, is_relaxed, collect, &t);
	for (size_t at = 0; at < body.n; at += step) {
		struct str piece = check_exact(str_sub(body, at, step), a);
		canon_body_add(&b, piece.p, piece.n);
	}
	uint64_t n = canon_body_end(&b);
	assert_int_equal(n, t.n);
	return text_str(&t);
}

struct body_row {
	const char *body, *simple, *relaxed;
};

static void
check_bodies(const struct body_row *rows)
{
	for (; rows->body != NULL; rows++) {
		struct arena *a = arena_new(1 << 20);
		struct str body = str_of(rows->body);
		for (size_t step = 1; step <= body.n + 1; step++) {
			check_str(body_in_steps(false, body, step, a),
			    rows->simple);
			check_str(body_in_steps(true, body, step, a),
			    rows->relaxed);
		}
		arena_free(a);
	}
}

/* RFC 6376 3.4.3, 3.4.4, 3.4.5. */
static void
bodies(void **state)
{
	static const struct body_row rows[] = {
		/* 3.4.5, the example */
		{" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n",
		    " C\r\nD E\r\n"},
		/* 3.4.3: an empty body is one CRLF; 3.4.4: it is nothing. */
		{"", "\r\n", ""},
		{"\r\n", "\r\n", ""},
		{"\r\n\r\n\r\n", "\r\n", ""},
		/* 3.4.4 a: blanks at the end of a line go first. */
		{" \r\n", " \r\n", ""},
		{" \t\r\n\t\r\n", " \t\r\n\t\r\n", ""},
		{"a\r\n \r\n", "a\r\n \r\n", "a\r\n"},
		{"a\r\n\r\n \r\n\r\n", "a\r\n\r\n \r\n", "a\r\n"},
		{" ", " \r\n", ""},
		/* Both: a last line without its end gets one. */
		{"a", "a\r\n", "a\r\n"},
		{"a \t", "a \t\r\n", "a\r\n"},
		{"a\r\nb", "a\r\nb\r\n", "a\r\nb\r\n"},
		{"a\r\n ", "a\r\n \r\n", "a\r\n"},
		/* Empty lines inside count. */
		{"\r\n\r\na\r\n\r\nb\r\n", "\r\n\r\na\r\n\r\nb\r\n",
		    "\r\n\r\na\r\n\r\nb\r\n"},
		{"\t \ta\t \tb", "\t \ta\t \tb\r\n", " a b\r\n"},
		/* A CR or LF alone is text (3.4: lines end in CRLF). */
		{"a\nb\n", "a\nb\n\r\n", "a\nb\n\r\n"},
		{"a\rb\r", "a\rb\r\r\n", "a\rb\r\r\n"},
		{"a\r\r\n\r\n", "a\r\r\n", "a\r\r\n"},
		{"a \r b", "a \r b\r\n", "a \r b\r\n"},
		{"\n", "\n\r\n", "\n\r\n"},
		{"a \n b", "a \n b\r\n", "a \n b\r\n"},
		{"\r", "\r\r\n", "\r\r\n"},
		/* Other white space and bytes over 127 are text. */
		{"a\v\f\xa0 \r\n", "a\v\f\xa0 \r\n", "a\v\f\xa0\r\n"},
		{NULL, NULL, NULL},
	};
	(void)state;
	check_bodies(rows);
}

struct header_row {
	const char *name, *value, *simple, *relaxed;
};

/* RFC 6376 3.4.1, 3.4.2, 3.4.5. */
static void
headers(void **state)
{
	static const struct header_row rows[] = {
		/* 3.4.5, the example */
		{"A", " X", "A: X", "a:X"},
		{"B ", " Y\t\r\n\tZ  ", "B : Y\t\r\n\tZ  ", "b:Y Z"},
		/* 3.4.2, rule by rule */
		{"SUBJect", " AbC", "SUBJect: AbC", "subject:AbC"},
		{"X", "a\r\n b", "X:a\r\n b", "x:a b"},
		{"X", "a \t b", "X:a \t b", "x:a b"},
		{"X", " a \r\n ", "X: a \r\n ", "x:a"},
		{"X \t", "\t a", "X \t:\t a", "x:a"},
		{"X", "", "X:", "x:"},
		{"X", " \r\n\t", "X: \r\n\t", "x:"},
		{"X", "\r\n a", "X:\r\n a", "x:a"},
		{"X", "a\r\nb", "X:a\r\nb", "x:ab"},
		/* A colon inside is text, and blanks around it count. */
		{"X", " a : b", "X: a : b", "x:a : b"},
		/* What folds nothing is text. */
		{"X", "a\nb", "X:a\nb", "x:a\nb"},
		{"X", "a\rb", "X:a\rb", "x:a\rb"},
		{"X", "a \r b\r", "X:a \r b\r", "x:a \r b\r"},
		{"X", "a\r\r\n b", "X:a\r\r\n b", "x:a\r b"},
		{"X", "\v a\xc3\xa9\f", "X:\v a\xc3\xa9\f", "x:\v a\xc3\xa9\f"},
		{NULL, NULL, NULL, NULL},
	};
	(void)state;
	for (const struct header_row *r = rows; r->name != NULL; r++) {
		struct arena *a = arena_new(1 << 20);
		struct header_field f = {check_exact(str_of(r->name), a),
		    check_exact(str_of(r->value), a), 1};
		struct text t;
		text_init(&t, a);
		canon_header(false, &f, collect, &t);
		check_str(text_str(&t), text_format(a, "%s\r\n",
		    r->simple).p);
		t.n = 0;
		canon_header(true, &f, collect, &t);
		check_str(text_str(&t), text_format(a, "%s\r\n",
		    r->relaxed).p);
		arena_free(a);
	}
}

/* RFC 6376 3.7: the own field without the value of b= and without CRLF. */
static void
own_field(void **state)
{
	static const struct {
		const char *value;
		size_t at, n;
		const char *simple, *relaxed;
	} rows[] = {
		{" b=abc; i=1", 3, 3, "D: b=; i=1", "d:b=; i=1"},
		{" b= a\r\n c ; i=1", 3, 7, "D: b=; i=1", "d:b=; i=1"},
		{" i=1; b=abc", 8, 3, "D: i=1; b=", "d:i=1; b="},
		{" i=1; b =\tabc\r\n ", 9, 7, "D: i=1; b =", "d:i=1; b ="},
		{" i=1;\r\n\tb=abc", 10, 99, "D: i=1;\r\n\tb=", "d:i=1; b="},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct header_field f = {STR("D"),
		    check_exact(str_of(rows[i].value), a), 1};
		struct text t;
		text_init(&t, a);
		canon_header_own(false, &f, rows[i].at, rows[i].n, collect,
		    &t);
		check_str(text_str(&t), rows[i].simple);
		t.n = 0;
		canon_header_own(true, &f, rows[i].at, rows[i].n, collect, &t);
		check_str(text_str(&t), rows[i].relaxed);
		arena_free(a);
	}
}

/* ---- against the rules, one after the other, on whole strings ------------ */

/* Each `from` as `to`, in one pass. */
static struct str
replace(struct str s, const char *from, const char *to, struct arena *a)
{
	struct str f = str_of(from);
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; ) {
		bool is_hit = str_has_prefix(str_sub(s, i, s.n), f);
		text_add(&t, is_hit ? str_of(to) : str_sub(s, i, 1));
		i += is_hit ? f.n : 1;
	}
	return text_str(&t);
}

/* The same until nothing is left to replace. */
static struct str
replace_all(struct str s, const char *from, const char *to, struct arena *a)
{
	struct str next = replace(s, from, to, a);
	while (next.n != s.n) {
		s = next;
		next = replace(s, from, to, a);
	}
	return next;
}

static bool
ends_in(struct str s, const char *end)
{
	size_t n = strlen(end);
	return s.n >= n && str_eq(str_sub(s, s.n - n, n), str_of(end));
}

static struct str
reference_body(bool is_relaxed, struct str s, struct arena *a)
{
	if (is_relaxed) {
		s = replace(s, "\t", " ", a);
		s = replace_all(s, "  ", " ", a);
		s = replace(s, " \r\n", "\r\n", a);
		if (ends_in(s, " "))
			s.n--;
	}
	if (s.n > 0 && !ends_in(s, "\r\n"))
		s = text_format(a, "%.*s\r\n", STR_ARG(s));
	while (ends_in(s, "\r\n\r\n"))
		s.n -= 2;
	if (str_eq(s, STR("\r\n")))
		s.n = 0;
	return s.n == 0 && !is_relaxed ? STR("\r\n") : s;
}

static struct str
reference_value(struct str s, struct arena *a)
{
	s = replace(s, "\r\n", "", a);
	s = replace(s, "\t", " ", a);
	s = replace_all(s, "  ", " ", a);
	while (ends_in(s, " "))
		s.n--;
	return s.n > 0 && s.p[0] == ' ' ? str_sub(s, 1, s.n) : s;
}

static uint32_t
draw(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static struct str
random_text(uint32_t *seed, size_t max, struct arena *a)
{
	static const char *const pieces[] = {
		"\r\n", "\r\n", "\r\n", " ", " ", "\t", "a", "bc", "\r", "\n",
		"\r\n\r\n", "long word of a line", "\xff", ".",
	};
	struct text t;
	text_init(&t, a);
	for (size_t n = draw(seed) % max; n > 0; n--)
		text_add(&t, str_of(pieces[draw(seed) %
		    (sizeof pieces / sizeof pieces[0])]));
	return text_str(&t);
}

/* RFC 6376 3.4.2 to 3.4.4, on texts that nobody thought of. */
static void
random_texts(void **state)
{
	uint32_t seed = 1;
	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct arena *a = arena_new(1 << 20);
		struct str s = random_text(&seed, 24, a);
		size_t step = 1 + draw(&seed) % 9;
		for (int relaxed = 0; relaxed < 2; relaxed++)
			check_str(body_in_steps(relaxed, s, step, a),
			    str_cstr(reference_body(relaxed, s, a), a));
		struct header_field f = {STR("A"), s, 1};
		struct text t;
		text_init(&t, a);
		canon_header(true, &f, collect, &t);
		check_str(text_str(&t), text_format(a, "a:%.*s\r\n",
		    STR_ARG(reference_value(s, a))).p);
		arena_free(a);
	}
}

/* Runs longer than the buffer, of every kind, and what stands around them. */
static void
long_runs(void **state)
{
	static const char *const units[] = {"x", " ", "\r\n", "x ", "x\r\n",
	    "\t\r\n", "\r"};
	(void)state;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		struct arena *a = arena_new(1 << 20);
		struct text t;
		text_init(&t, a);
		text_add_char(&t, '(');
		for (size_t n = 0; n < 2 * CANON_BUFFER + 3; n++)
			text_add(&t, str_of(units[i]));
		for (int tail = 0; tail < 2; tail++) {
			struct str s = text_str(&t);
			for (int relaxed = 0; relaxed < 2; relaxed++)
				check_str(body_in_steps(relaxed, s,
					CANON_BUFFER + 1, a),
				    str_cstr(reference_body(relaxed, s, a),
					a));
			text_add_char(&t, ')');
		}
		arena_free(a);
	}
}

static void
count_bytes(void *arg, const void *bytes, size_t n)
{
	(void)bytes;
	*(uint64_t *)arg += n;
}

/* NUL is a byte like others. */
static void
nul(void **state)
{
	struct canon_body b;
	uint64_t n = 0;
	(void)state;
	canon_body_init(&b, true, count_bytes, &n);
	canon_body_add(&b, "a\0 \0\r\n", 6);
	uint64_t length = canon_body_end(&b);
	assert_int_equal(length, 6);
	assert_int_equal(n, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(headers),
		cmocka_unit_test(own_field),
		cmocka_unit_test(random_texts),
		cmocka_unit_test(long_runs),
		cmocka_unit_test(nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
