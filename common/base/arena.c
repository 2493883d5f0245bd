/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16u
/* The first block, for what is small and lives long, and the largest. */
#define FIRST_BLOCK 1024u
#define BLOCK_SIZE  8192u

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

struct hook {
	struct hook *next;
	arena_free_fn fn;
	void *arg;
};

struct arena {
	struct block *blocks;
	struct hook *hooks;
	size_t used, cap;
};

static void *
must_alloc(size_t size)
{
	void *p = malloc(size);
	if (p == NULL)
		abort();
	return p;
}

static struct block *
block_new(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct block))
		abort();
	struct block *b = must_alloc(sizeof *b + size);
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

struct arena *
arena_new(size_t cap)
{
	struct arena *a = must_alloc(sizeof *a);
	*a = (struct arena) { .cap = cap };
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->hooks != NULL) {
		struct hook *h = a->hooks;
		a->hooks = h->next;
		h->fn(h->arg);
	}
	while (a->blocks != NULL) {
		struct block *b = a->blocks;
		a->blocks = b->next;
		free(b);
	}
	free(a);
}

/* A block with room for `size` bytes; a large one goes behind the newest, so
 * that what is left of that one stays in use. */
static struct block *
block_for(struct arena *a, size_t size)
{
	struct block *top = a->blocks;
	if (top != NULL && top->size - top->used >= size)
		return top;
	size_t usual = top == NULL ? FIRST_BLOCK : top->size * 2;
	if (usual > BLOCK_SIZE)
		usual = BLOCK_SIZE;
	struct block *b = block_new(size > usual / 2 ? size : usual);
	if (top != NULL && size > usual / 2) {
		b->next = top->next;
		top->next = b;
	} else {
		b->next = top;
		a->blocks = b;
	}
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX - ALIGNMENT)
		abort();
	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct block *b = block_for(a, size);
	void *p = b->bytes + b->used;
	b->used += size;
	a->used += size;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

char *
arena_copy(struct arena *a, const void *bytes, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	if (n > 0)
		memcpy(p, bytes, n);
	p[n] = '\0';
	return p;
}

void
arena_on_free(struct arena *a, arena_free_fn fn, void *arg)
{
	struct hook *h = arena_alloc(a, sizeof *h);
	*h = (struct hook) { .next = a->hooks, .fn = fn, .arg = arg };
	a->hooks = h;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

bool
arena_has_room(const struct arena *a, size_t more)
{
	return a->used <= a->cap && more <= a->cap - a->used;
}

size_t
arena_array_size(size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		abort();
	return bytes;
}
