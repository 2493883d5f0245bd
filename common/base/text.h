/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_TEXT_H
#define APLOMB_BASE_TEXT_H

/*
 * Text under construction: grows in an arena, always followed by a NUL that is
 * not counted. The view that text_str() gives is good until the next addition.
 */

#include <stddef.h>

#include "base/str.h"

struct arena;

struct text {
	struct arena *arena;
	char *p;
	size_t n, cap;
};

void text_init(struct text *t, struct arena *a);
void text_add(struct text *t, struct str s);
void text_add_char(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What has been added, and the same as a C string (never NULL). */
struct str text_str(const struct text *t);
const char *text_cstr(const struct text *t);

/* A formatted string in the arena, in one call. */
struct str text_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
