/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_ARENA_H
#define APLOMB_BASE_ARENA_H

/*
 * A region of memory that is filled piece by piece and released at once.
 *
 * A function that takes an arena returns memory that lives there; one that
 * takes none returns no memory. There is one arena per connection, per message
 * and per step of a command. An allocation returns or the process ends, so no
 * caller carries an out-of-memory branch; whoever stores bytes that an
 * outsider chose asks arena_has_room() first.
 *
 * Threads: one arena belongs to one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

struct arena;

typedef void (*arena_free_fn)(void *arg);

/* A new, empty arena that has room for `cap` bytes of outside data. */
struct arena *arena_new(size_t cap);

/* Runs the hooks, newest first, and releases every byte. NULL is fine. */
void arena_free(struct arena *a);

/* `size` bytes, uninitialised or zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zalloc(struct arena *a, size_t size);

/* A copy of `n` bytes, followed by a NUL that is not counted. */
char *arena_copy(struct arena *a, const void *bytes, size_t n);

/* Calls fn(arg) when the arena is freed: for library handles. */
void arena_on_free(struct arena *a, arena_free_fn fn, void *arg);

/* Bytes handed out so far, and whether `more` of them stay under the cap. */
size_t arena_used(const struct arena *a);
bool arena_has_room(const struct arena *a, size_t more);

/* One zeroed object, or an array of them, of a type. */
#define ARENA_NEW(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n)                                                \
	((type *)arena_zalloc((a), arena_array_size((n), sizeof(type))))

/* count × size; ends the process when that overflows. */
size_t arena_array_size(size_t count, size_t size);

#endif
