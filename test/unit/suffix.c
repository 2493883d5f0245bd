/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "net/suffix.h"
#include "test/lib/check.h"

/* A list as publicsuffix.org writes it: plain rules, a wildcard with its
 * exception, and a private rule. */
static const char list[] = "// ===BEGIN ICANN DOMAINS===\n"
			   "example\n"
			   "co.example\n"
			   "bank.example\n"
			   "test\n"
			   "*.wild.test\n"
			   "!city.wild.test\n"
			   "// ===END ICANN DOMAINS===\n"
			   "// ===BEGIN PRIVATE DOMAINS===\n"
			   "pages.example\n"
			   "// ===END PRIVATE DOMAINS===\n";

/* Loads a file that holds `content`, and leaves none behind. */
static struct suffix_list *
load(const char *content, const char **reason)
{
	char path[] = "/tmp/aplomb-suffix-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	struct suffix_list *l = suffix_load(path, reason);
	unlink(path);
	return l;
}

static void
names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *registrable;
		bool is_listed;
	} rows[] = {
		/* RFC 7489 3.2 */
		{"acme.example", "acme.example", false},
		{"news.mail.acme.example", "acme.example", false},
		{"co.example", "", true},
		{"victim.co.example", "victim.co.example", false},
		{"a.victim.co.example", "victim.co.example", false},
		{"giant.bank.example", "giant.bank.example", false},
		{"example", "", true},
		{"user.pages.example", "user.pages.example", false},
		{"pages.example", "", true},
		{"x.y.wild.test", "x.y.wild.test", false},
		{"y.wild.test", "", true},
		{"city.wild.test", "city.wild.test", false},
		{"a.city.wild.test", "city.wild.test", false},
		/* libpsl lets a wildcard's parent be a suffix as well. */
		{"wild.test", "", true},
		/* The implicit rule "*". */
		{"a.b.unknown", "b.unknown", false},
		{"unknown", "", false},
		{"xn--bcher-kva.example", "xn--bcher-kva.example", false},
		{"", "", false},
	};
	const char *reason;
	struct suffix_list *l = load(list, &reason);
	assert_non_null(l);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct str d = check_exact(str_of(rows[i].name), a);
		struct str got = suffix_registrable(l, d);
		check_str(got, rows[i].registrable);
		if (got.n > 0)
			assert_ptr_equal(got.p + got.n, d.p + d.n);
		if (suffix_is_listed(l, d) != rows[i].is_listed)
			fail_msg("%s", rows[i].name);
		arena_free(a);
	}
	suffix_drop(l);
}

/* A name that no gate let through is no name here either. */
static void
long_name(void **state)
{
	(void)state;
	const char *reason;
	struct suffix_list *l = load(list, &reason);
	char name[300];
	memset(name, 'a', sizeof name);
	memcpy(name + 280, ".example", 8);
	struct str d = {name, 288};
	check_str(suffix_registrable(l, d), "");
	assert_false(suffix_is_listed(l, d));
	d = str_sub(d, 288 - 253, 253);
	assert_int_equal(suffix_registrable(l, d).n, 253);
	suffix_drop(l);
}

static void
loading(void **state)
{
	(void)state;
	const char *reason = NULL;
	assert_null(suffix_load("/nonexistent/list", &reason));
	assert_string_equal(reason, "the public suffix list cannot be read");
	reason = NULL;
	assert_null(load("// only a comment\n", &reason));
	assert_string_equal(reason,
	    "the file has no rule of a public suffix list");
	assert_null(load("", &reason));
	suffix_drop(NULL);

	/* libpsl's own, whatever its date. */
	struct suffix_list *l = suffix_load("", &reason);
	assert_non_null(l);
	check_str(suffix_registrable(l, STR("www.bbc.co.uk")), "bbc.co.uk");
	assert_true(suffix_is_listed(l, STR("co.uk")));
	assert_true(suffix_is_listed(l, STR("github.io")));
	assert_false(suffix_is_listed(l, STR("invalid")));
	suffix_drop(l);
}

/* The compiled form, where the distribution has it. */
static void
compiled(void **state)
{
	(void)state;
	const char *reason,
	    *path = "/usr/share/publicsuffix/public_suffix_list.dafsa";
	if (access(path, R_OK) != 0)
		check_skip("public_suffix_list.dafsa is missing "
		    "(package publicsuffix)");
	struct suffix_list *l = suffix_load(path, &reason);
	assert_non_null(l);
	check_str(suffix_registrable(l, STR("www.bbc.co.uk")), "bbc.co.uk");
	assert_true(suffix_is_listed(l, STR("co.uk")));
	assert_false(suffix_is_listed(l, STR("bbc.co.uk")));
	suffix_drop(l);
}

static void *
use_and_drop(void *arg)
{
	struct suffix_list *l = arg;
	for (unsigned i = 0; i < 1000; i++) {
		suffix_hold(l);
		if (!suffix_is_listed(l, STR("co.example")))
			abort();
		suffix_drop(l);
	}
	suffix_drop(l);
	return NULL;
}

/* The last holder frees, whichever thread it is: for the sanitizers. */
static void
threads(void **state)
{
	(void)state;
	const char *reason;
	struct suffix_list *l = load(list, &reason);
	pthread_t t[4];
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, use_and_drop,
		    suffix_hold(l)), 0);
	suffix_drop(l);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(long_name),
		cmocka_unit_test(loading),
		cmocka_unit_test(compiled),
		cmocka_unit_test(threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
