/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_hash.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/arena.h"

struct arc_hash {
	EVP_MD_CTX *ctx;
};

/* OpenSSL fails here for want of memory alone. */
static void
must(int rc)
{
	if (rc != 1)
		abort();
}

static void
free_context(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

struct arc_hash *
arc_hash_new(struct arena *a)
{
	struct arc_hash *h = ARENA_NEW(a, struct arc_hash);
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL)
		abort();
	arena_on_free(a, free_context, h->ctx);
	must(EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL));
	return h;
}

void
arc_hash_add(void *hash, const void *bytes, size_t n)
{
	struct arc_hash *h = hash;
	must(EVP_DigestUpdate(h->ctx, bytes, n));
}

void
arc_hash_copy(struct arc_hash *to, const struct arc_hash *from)
{
	must(EVP_MD_CTX_copy_ex(to->ctx, from->ctx));
}

struct str
arc_hash_end(struct arc_hash *h, struct arena *a)
{
	unsigned char *digest = arena_alloc(a, ARC_HASH_OCTETS);
	must(EVP_DigestFinal_ex(h->ctx, digest, NULL));
	/* The same algorithm again: OpenSSL looks nothing up. */
	must(EVP_DigestInit_ex(h->ctx, NULL, NULL));
	return (struct str) {(char *)digest, ARC_HASH_OCTETS};
}
