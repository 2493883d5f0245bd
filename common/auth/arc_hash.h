/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_HASH_H
#define APLOMB_AUTH_ARC_HASH_H

/* SHA-256 of what streams by, the only hash of ARC: for arc*.c alone. */

#include <stddef.h>

#include "base/str.h"

struct arena;
struct arc_hash;

#define ARC_HASH_OCTETS 32u

/* Freed with the arena. */
struct arc_hash *arc_hash_new(struct arena *a);

/* A canon_sink_fn. */
void arc_hash_add(void *hash, const void *bytes, size_t n);

/* What was added to `from` has been added to `to`, in place of all else. */
void arc_hash_copy(struct arc_hash *to, const struct arc_hash *from);

/* The digest, in the arena; the hash is empty again. */
struct str arc_hash_end(struct arc_hash *h, struct arena *a);

#endif
