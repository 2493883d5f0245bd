/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_STR_H
#define APLOMB_BASE_STR_H

/*
 * A view of bytes: pointer and length, passed by value, never NUL-terminated
 * by contract. It owns nothing: it is good as long as what it points into.
 * {NULL, 0} is the empty view. Comparison without regard to case is ASCII's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct str {
	const char *p;
	size_t n;
};

/* A view of a string literal, as an expression and as an initialiser. */
#define STR(literal) ((struct str) STR_INIT(literal))
#define STR_INIT(literal) {(literal), sizeof(literal) - 1}

/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : ""

/* A view of a C string; NULL gives the empty view. */
struct str str_of(const char *c);

bool str_is_empty(struct str s);
bool str_eq(struct str a, struct str b);
bool str_ieq(struct str a, struct str b);
bool str_has_prefix(struct str s, struct str prefix);
bool str_has_iprefix(struct str s, struct str prefix);
bool str_has_isuffix(struct str s, struct str suffix);

/* Order of bytes, as memcmp: below, at or above zero. */
int str_cmp(struct str a, struct str b);

/* The part from byte `at` on, at most `n` bytes; both are clipped. */
struct str str_sub(struct str s, size_t at, size_t n);

/* Without folding white space (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);

/* Where byte `c` is first or last, or s.n. */
size_t str_find(struct str s, char c);
size_t str_find_last(struct str s, char c);

/* Takes what stands before the first `sep` off *s and returns it; *s keeps
 * what follows. Without `sep` all of *s is taken. */
struct str str_cut(struct str *s, char sep);

/* A decimal number of digits alone, at most `max`; false leaves *out. */
bool str_to_uint(struct str s, uint64_t max, uint64_t *out);

/* Copies in the arena: bytes, bytes in lower case, a C string. The last ends
 * at the first NUL byte for whoever reads it as such. */
struct str str_copy(struct str s, struct arena *a);
struct str str_lower(struct str s, struct arena *a);
char *str_cstr(struct str s, struct arena *a);

#endif
