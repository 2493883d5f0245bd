/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/cursor.h"

void
cursor_init(struct cursor *c, struct str in)
{
	*c = (struct cursor) {.in = in};
}

bool
cursor_failed(const struct cursor *c)
{
	return c->failed;
}

void
cursor_fail(struct cursor *c)
{
	if (c->failed)
		return;
	c->failed = true;
	c->error_at = c->at;
}

bool
cursor_at_end(const struct cursor *c)
{
	return c->failed || c->at >= c->in.n;
}

int
cursor_peek(const struct cursor *c)
{
	return cursor_at_end(c) ? -1 : (unsigned char)c->in.p[c->at];
}

int
cursor_next(struct cursor *c)
{
	int byte = cursor_peek(c);
	if (byte < 0)
		cursor_fail(c);
	else
		c->at++;
	return byte;
}

bool
cursor_take(struct cursor *c, char byte)
{
	if (cursor_peek(c) != (unsigned char)byte)
		return false;
	c->at++;
	return true;
}

bool
cursor_take_lit(struct cursor *c, const char *literal)
{
	struct str lit = str_of(literal);
	if (c->failed || !str_has_iprefix(cursor_rest(c), lit))
		return false;
	c->at += lit.n;
	return true;
}

void
cursor_need(struct cursor *c, char byte)
{
	if (!cursor_take(c, byte))
		cursor_fail(c);
}

struct str
cursor_span(struct cursor *c, cursor_class_fn is_member)
{
	size_t from = c->at;
	while (!cursor_at_end(c) && is_member(cursor_peek(c)))
		c->at++;
	return cursor_since(c, from);
}

struct str
cursor_bytes(struct cursor *c, size_t n)
{
	size_t from = c->at;
	if (c->failed || n > c->in.n - c->at) {
		cursor_fail(c);
		return (struct str) {NULL, 0};
	}
	c->at += n;
	return cursor_since(c, from);
}

static uint32_t
big_endian(struct cursor *c, size_t bytes)
{
	struct str s = cursor_bytes(c, bytes);
	uint32_t v = 0;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

uint8_t
cursor_u8(struct cursor *c)
{
	return (uint8_t)big_endian(c, 1);
}

uint16_t
cursor_u16(struct cursor *c)
{
	return (uint16_t)big_endian(c, 2);
}

uint32_t
cursor_u32(struct cursor *c)
{
	return big_endian(c, 4);
}

struct str
cursor_rest(const struct cursor *c)
{
	return str_sub(c->in, c->at, c->in.n);
}

struct str
cursor_since(const struct cursor *c, size_t from)
{
	return str_sub(c->in, from, c->at - from);
}
