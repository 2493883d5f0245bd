/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define FIRST_CAPACITY 64u

void
text_init(struct text *t, struct arena *a)
{
	*t = (struct text) {.arena = a};
}

/* Room for `more` bytes and the NUL behind them. */
static void
reserve(struct text *t, size_t more)
{
	if (t->p != NULL && more < t->cap - t->n)
		return;
	size_t cap = t->cap > 0 ? t->cap : FIRST_CAPACITY;
	while (cap - t->n <= more)
		cap = arena_array_size(cap, 2);
	char *p = arena_alloc(t->arena, cap);
	if (t->n > 0)
		memcpy(p, t->p, t->n);
	p[t->n] = '\0';
	t->p = p;
	t->cap = cap;
}

void
text_add(struct text *t, struct str s)
{
	reserve(t, s.n);
	if (s.n > 0)
		memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
	t->p[t->n] = '\0';
}

void
text_add_char(struct text *t, char c)
{
	text_add(t, (struct str) {&c, 1});
}

static void __attribute__((format(printf, 2, 0), nonnull(2)))
add_formatted(struct text *t, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	if (n < 0)
		abort();
	reserve(t, (size_t)n);
	vsnprintf(t->p + t->n, (size_t)n + 1, format, again);
	t->n += (size_t)n;
	va_end(again);
}

void
text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_formatted(t, format, args);
	va_end(args);
}

struct str
text_str(const struct text *t)
{
	return (struct str) {t->p, t->n};
}

const char *
text_cstr(const struct text *t)
{
	return t->p != NULL ? t->p : "";
}

struct str
text_format(struct arena *a, const char *format, ...)
{
	struct text t;
	text_init(&t, a);
	va_list args;
	va_start(args, format);
	add_formatted(&t, format, args);
	va_end(args);
	return text_str(&t);
}
