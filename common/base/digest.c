/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/digest.h"

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static void
print(const unsigned char *hash, char out[DIGEST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < DIGEST_TEXT / 2; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
}

/* libcrypto fails for want of memory alone. */
static void
must(int is_done)
{
	if (is_done != 1)
		abort();
}

struct digest *
digest_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	must(c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
	return (struct digest *)c;
}

void
digest_add(struct digest *d, struct str bytes)
{
	must(EVP_DigestUpdate((EVP_MD_CTX *)d, bytes.p, bytes.n));
}

void
digest_end(struct digest *d, char out[DIGEST_TEXT])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	must(EVP_DigestFinal_ex((EVP_MD_CTX *)d, hash, NULL));
	EVP_MD_CTX_free((EVP_MD_CTX *)d);
	print(hash, out);
}

void
digest_of(struct str bytes, char out[DIGEST_TEXT])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)bytes.p, bytes.n, hash);
	print(hash, out);
}

void
digest_keyed(struct str key, struct str bytes,
    unsigned char out[DIGEST_OCTETS])
{
	must(HMAC(EVP_sha256(), key.p, (int)key.n,
	    (const unsigned char *)bytes.p, bytes.n, out, NULL) != NULL);
}
