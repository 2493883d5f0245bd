/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SHA256_H
#define APLOMB_AUTH_SHA256_H

/* SHA-256 of what streams by, the only hash of signatures and of ARC. */

#include <stddef.h>

#include "base/str.h"

struct arena;
struct evp_md_st;
struct sha256;

#define SHA256_OCTETS 32u

/* Freed with the arena. `algorithm` is OpenSSL's, where it is kept fetched;
 * NULL has it looked up. */
struct sha256 *sha256_new(const struct evp_md_st *algorithm, struct arena *a);

/* A canon_sink_fn. */
void sha256_add(void *hash, const void *bytes, size_t n);

/* What was added to `from` has been added to `to`, in place of all else. */
void sha256_copy(struct sha256 *to, const struct sha256 *from);

/* The digest, a view into the hash. Nothing may be added after it, but
 * sha256_copy() begins anew. */
struct str sha256_end(struct sha256 *h);

#endif
