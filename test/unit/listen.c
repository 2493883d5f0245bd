/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/listen.h"

#include "base/text.h"
#include "test/lib/check.h"

static void
forms(void **state)
{
	static const struct {
		const char *address;
		bool want;
	} rows[] = {
		{"inet:8893@127.0.0.1", true}, {"inet:1", true},
		{"inet:65535@", true}, {"inet6:8893@[::1]", true},
		{"inet6:8893@::1", true}, {"inet:smtp@localhost", true},
		{"unix:/run/x", true}, {"local:/run/x@y:z", true},
		{"inet:1@*", true}, {"inet:1@0", true},
		{"inet6:1@fe80::1%eth0", true}, {"inet6:1@[::]", true},
		/* More than a host. */
		{"inet:1@127.0.0.1:25", false}, {"inet:1@mx.test:25", false},
		{"inet:1@127.0.0.0/8", false}, {"inet:1@::1", false},
		{"inet6:1@[::1]:25", false}, {"inet6:1@mx.test:25", false},
		/* What libmilter would make another number of. */
		{"inet:0@127.0.0.1", false}, {"inet:65536@127.0.0.1", false},
		{"inet:80000@127.0.0.1", false}, {"inet:-1@127.0.0.1", false},
		{"inet:88x@127.0.0.1", false}, {"inet:+1@127.0.0.1", false},
		{"inet: 1@127.0.0.1", false}, {"inet:4294967297@", false},
		/* Postfix's order. */
		{"inet:127.0.0.1:8893", false}, {"inet:mx.test:8893", false},
		{"inet:@127.0.0.1", false}, {"inet:", false}, {"inet", false},
		{"unix:", false}, {"local", false}, {"", false},
		{"/run/x", false}, {"tcp:25", false}, {"INET:25", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if ((listen_problem(str_of(rows[i].address)) == NULL) !=
		    rows[i].want)
			fail_msg("\"%s\"", rows[i].address);
}

/* The limit of struct sockaddr_un. */
static void
path_length(void **state)
{
	struct arena *a = arena_new(0);
	struct text t;
	(void)state;
	text_init(&t, a);
	text_add(&t, STR("unix:/"));
	while (t.n < 5 + 107)
		text_add_char(&t, 'x');
	assert_null(listen_problem(text_str(&t)));
	text_add_char(&t, 'x');
	assert_non_null(listen_problem(text_str(&t)));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(path_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
