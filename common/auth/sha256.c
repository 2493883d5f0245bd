/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/arena.h"

struct sha256 {
	EVP_MD_CTX *ctx;
	unsigned char digest[SHA256_OCTETS];
};

/* OpenSSL fails here only for want of memory. */
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

struct sha256 *
sha256_new(const struct evp_md_st *algorithm, struct arena *a)
{
	struct sha256 *h = ARENA_NEW(a, struct sha256);
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL)
		abort();
	arena_on_free(a, free_context, h->ctx);
	must(EVP_DigestInit_ex2(h->ctx,
	    algorithm != NULL ? algorithm : EVP_sha256(), NULL));
	return h;
}

void
sha256_add(void *hash, const void *bytes, size_t n)
{
	struct sha256 *h = hash;
	must(EVP_DigestUpdate(h->ctx, bytes, n));
}

void
sha256_copy(struct sha256 *to, const struct sha256 *from)
{
	must(EVP_MD_CTX_copy_ex(to->ctx, from->ctx));
}

struct str
sha256_end(struct sha256 *h)
{
	must(EVP_DigestFinal_ex(h->ctx, h->digest, NULL));
	return (struct str) {(const char *)h->digest, SHA256_OCTETS};
}
