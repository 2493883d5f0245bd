/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/key_decode.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>

#include "base/cursor.h"

/* DER (X.690 8.1): the few types of a public key. OpenSSL's own decoders read
 * every kind of key that a stranger likes to publish, and take ten times as
 * long; these see RSA alone. */
#define DER_INTEGER    0x02
#define DER_BIT_STRING 0x03
#define DER_NULL       0x05
#define DER_OBJECT     0x06
#define DER_SEQUENCE   0x30

#define ED25519_OCTETS 32u
#define ED25519_BITS   256u

/* rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 appendix C) */
static const struct str rsa_encryption =
    STR_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");

/* The content of the next element, which must be of this type. Lengths have at
 * most two octets: larger ones are no key. */
static struct str
element(struct cursor *c, char type)
{
	cursor_need(c, type);
	size_t n = cursor_u8(c);
	if (n == 0x81)
		n = cursor_u8(c);
	else if (n == 0x82)
		n = cursor_u16(c);
	else if (n >= 0x80)
		cursor_fail(c);
	return cursor_bytes(c, n);
}

/* A positive INTEGER without its leading zeros. */
static struct str
number(struct cursor *c)
{
	struct str s = element(c, DER_INTEGER);
	if (s.n == 0 || ((unsigned char)s.p[0] & 0x80) != 0)
		cursor_fail(c);
	while (s.n > 0 && s.p[0] == '\0')
		s = str_sub(s, 1, s.n);
	return s;
}

static size_t
bits_of(struct str number)
{
	size_t bits = number.n * 8;
	if (number.n == 0)
		return 0;
	for (unsigned char top = (unsigned char)number.p[0];
	    (top & 0x80) == 0; top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static bool
rsa_public_key(struct str content, struct str *n, struct str *e)
{
	struct cursor c;
	cursor_init(&c, content);
	*n = number(&c);
	*e = number(&c);
	return !cursor_failed(&c) && cursor_at_end(&c) && n->n > 0 && e->n > 0;
}

/* SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL },
 * BIT STRING of an RSAPublicKey } (RFC 8017 appendix A.1) */
static bool
subject_public_key(struct str content, struct str *n, struct str *e)
{
	struct cursor c, algorithm, key;
	cursor_init(&c, content);
	cursor_init(&algorithm, element(&c, DER_SEQUENCE));
	bool is_rsa =
	    str_eq(element(&algorithm, DER_OBJECT), rsa_encryption);
	cursor_init(&key, element(&c, DER_BIT_STRING));
	cursor_need(&key, '\0'); /* unused bits */
	struct str inner = element(&key, DER_SEQUENCE);
	return is_rsa && !cursor_failed(&c) && cursor_at_end(&c) &&
	    !cursor_failed(&key) && cursor_at_end(&key) &&
	    rsa_public_key(inner, n, e);
}

static bool
read_rsa(struct str der, struct str *n, struct str *e)
{
	struct cursor c;
	cursor_init(&c, der);
	struct str content = element(&c, DER_SEQUENCE);
	if (cursor_failed(&c) || !cursor_at_end(&c))
		return false;
	if (content.n > 0 && content.p[0] == DER_SEQUENCE)
		return subject_public_key(content, n, e);
	return rsa_public_key(content, n, e);
}

static BIGNUM *
bignum(struct str s)
{
	BIGNUM *b = BN_bin2bn((const unsigned char *)s.p, (int)s.n, NULL);
	if (b == NULL)
		abort();
	return b;
}

static EVP_PKEY *
make_rsa(struct str n, struct str e)
{
	BIGNUM *modulus = bignum(n), *exponent = bignum(e);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (build == NULL ||
	    !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) ||
	    !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
		abort();
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (params == NULL || ctx == NULL)
		abort();
	EVP_PKEY *pkey = NULL;
	if (EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		ERR_clear_error();
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(exponent);
	BN_free(modulus);
	return pkey;
}

void
key_decode_rsa(struct str der, struct key *out)
{
	struct str n, e;
	out->status = KEY_SYNTAX;
	if (!read_rsa(der, &n, &e))
		return;
	out->bits = (unsigned)bits_of(n);
	if (out->bits < KEY_MIN_RSA_BITS) {
		out->status = KEY_SMALL;
	} else if (out->bits > KEY_MAX_RSA_BITS ||
	    bits_of(e) > KEY_MAX_EXPONENT_BITS) {
		out->status = KEY_LARGE;
	} else {
		out->pkey = make_rsa(n, e);
		out->status = out->pkey != NULL ? KEY_OK : KEY_SYNTAX;
	}
}

void
key_decode_ed25519(struct str raw, struct key *out)
{
	out->status = KEY_SYNTAX;
	if (raw.n != ED25519_OCTETS)
		return;
	out->bits = ED25519_BITS;
	out->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    (const unsigned char *)raw.p, raw.n);
	if (out->pkey != NULL)
		out->status = KEY_OK;
	else
		ERR_clear_error();
}

void
key_decode_free(void *pkey)
{
	EVP_PKEY_free(pkey);
}
