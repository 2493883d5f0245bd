/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

void
check_str_at(struct str got, struct str want, const char *file, int line)
{
	if (str_eq(got, want))
		return;
	print_error("got  \"%.*s\"\nwant \"%.*s\"\n", STR_ARG(got),
	    STR_ARG(want));
	_fail(file, line);
}

void
check_skip(const char *reason)
{
	print_message("skipped: %s\n", reason);
	skip();
}

struct str
check_exact(struct str s, struct arena *a)
{
	char *p = malloc(s.n > 0 ? s.n : 1);
	if (p == NULL)
		abort();
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	arena_on_free(a, free, p);
	return (struct str) {p, s.n};
}
