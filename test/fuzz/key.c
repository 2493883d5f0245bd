/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key record; or, where the input begins with "!", the octets of a p= tag,
 * which the fuzzer would not find through base64. What we read as an RSA key
 * is what OpenSSL reads.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "test/lib/signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_key(const struct key *k)
{
	static const char digest[32], signature[256];
	must((k->pkey != NULL) == (k->status == KEY_OK));
	if (k->status != KEY_OK)
		return;
	must(k->type == KEY_ED25519 ? k->bits == 256 :
	    k->bits >= KEY_MIN_RSA_BITS && k->bits <= KEY_MAX_RSA_BITS);
	must(k->type == KEY_ED25519 ||
	    (unsigned)EVP_PKEY_get_bits(k->pkey) == k->bits);
	must(!key_verify(k, (struct str) {digest, sizeof digest},
	    (struct str) {signature, sizeof signature}));
}

static void
compare(const struct key *k, const uint8_t *der, size_t n)
{
	const unsigned char *p = der;
	EVP_PKEY *theirs = d2i_PUBKEY(NULL, &p, (long)n);
	if (theirs == NULL) {
		p = der;
		theirs = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)n);
	}
	if (theirs != NULL && EVP_PKEY_is_a(theirs, "RSA") &&
	    k->status == KEY_OK)
		must(EVP_PKEY_eq(theirs, k->pkey) == 1);
	EVP_PKEY_free(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str in = {(const char *)data, size};
	struct key k;
	if (size > 0 && data[0] == '!') {
		struct str p = signer_base64(str_sub(in, 1, size), a);
		key_parse(text_format(a, "p=%.*s", STR_ARG(p)), a, &k);
		compare(&k, data + 1, size - 1);
	} else {
		key_parse(in, a, &k);
	}
	check_key(&k);
	arena_free(a);
	return 0;
}
