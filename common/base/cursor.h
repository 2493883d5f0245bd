/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_CURSOR_H
#define APLOMB_BASE_CURSOR_H

/*
 * The reader of untrusted bytes. It cannot leave its view, and it keeps its
 * first error: after that every call takes nothing, so a grammar rule is
 * written straight down and asks cursor_failed() once at its end. An
 * alternative saves the cursor (a plain value) and puts it back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct cursor {
	struct str in;   /* the whole input */
	size_t at;       /* the next byte */
	size_t error_at; /* where the first error was, when failed */
	bool failed;
};

typedef bool (*cursor_class_fn)(int c);

void cursor_init(struct cursor *c, struct str in);

bool cursor_failed(const struct cursor *c);
void cursor_fail(struct cursor *c);

/* No byte left, or failed. */
bool cursor_at_end(const struct cursor *c);

/* The next byte (0 to 255) without taking it, or -1. */
int cursor_peek(const struct cursor *c);

/* The next byte, taken, or -1 (at the end this is an error). */
int cursor_next(struct cursor *c);

/* Takes the byte, or the literal without regard to case, if it comes next. */
bool cursor_take(struct cursor *c, char byte);
bool cursor_take_lit(struct cursor *c, const char *literal);

/* The same, but its absence is an error. */
void cursor_need(struct cursor *c, char byte);

/* Takes the longest run (maybe empty) of bytes of a class. */
struct str cursor_span(struct cursor *c, cursor_class_fn is_member);

/* Takes n bytes; fewer left is an error and gives the empty view. */
struct str cursor_bytes(struct cursor *c, size_t n);

/* Big-endian numbers of a packet; 0 after an error. */
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);

/* What is left, and what was taken since position `from`. */
struct str cursor_rest(const struct cursor *c);
struct str cursor_since(const struct cursor *c, size_t from);

#endif
