/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/str.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/ascii.h"

struct str
str_of(const char *c)
{
	return (struct str) {c, c != NULL ? strlen(c) : 0};
}

bool
str_is_empty(struct str s)
{
	return s.n == 0;
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_ieq(struct str a, struct str b)
{
	return a.n == b.n && str_has_iprefix(a, b);
}

bool
str_has_prefix(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool
str_has_iprefix(struct str s, struct str prefix)
{
	if (s.n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (ascii_lower(s.p[i]) != ascii_lower(prefix.p[i]))
			return false;
	return true;
}

bool
str_has_isuffix(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	    str_ieq(str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

struct str
str_sub(struct str s, size_t at, size_t n)
{
	if (at >= s.n)
		return (struct str) {NULL, 0};
	return (struct str) {s.p + at, n < s.n - at ? n : s.n - at};
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && ascii_is_fws(s.p[0]))
		s.p++, s.n--;
	while (s.n > 0 && ascii_is_fws(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t
str_find(struct str s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
	return at != NULL ? (size_t)(at - s.p) : s.n;
}

size_t
str_find_last(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return s.n;
}

struct str
str_cut(struct str *s, char sep)
{
	size_t at = str_find(*s, sep);
	struct str head = str_sub(*s, 0, at);
	*s = str_sub(*s, at + 1, s->n);
	return head;
}

bool
str_to_uint(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]) ||
		    __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (s.n == 0 || v > max)
		return false;
	*out = v;
	return true;
}

struct str
str_copy(struct str s, struct arena *a)
{
	return (struct str) {arena_copy(a, s.p, s.n), s.n};
}

struct str
str_lower(struct str s, struct arena *a)
{
	char *p = arena_copy(a, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct str) {p, s.n};
}

char *
str_cstr(struct str s, struct arena *a)
{
	return arena_copy(a, s.p, s.n);
}
