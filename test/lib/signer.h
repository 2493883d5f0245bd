/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_SIGNER_H
#define APLOMB_TEST_LIB_SIGNER_H

/*
 * A DKIM signer for tests (RFC 6376, 8463), made without libopendkim and
 * without the product's own canonical forms, so that both are held against a
 * second reading of the standard. It signs whatever it is told to: nothing is
 * checked.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct header_field;
struct signer_key;

/* A new key; freed with the arena. */
struct signer_key *signer_key_rsa(unsigned bits, struct arena *a);
struct signer_key *signer_key_ed25519(struct arena *a);

/* The p= of a key record: SubjectPublicKeyInfo or, `is_bare`, RSAPublicKey;
 * the octets of an Ed25519 key. */
struct str signer_key_p(const struct signer_key *k, bool is_bare,
    struct arena *a);

/* "v=DKIM1; k=rsa; p=..." */
struct str signer_key_record(const struct signer_key *k, struct arena *a);

/* The p= of an RSA key of any modulus and exponent (big-endian octets), which
 * need not be a key that anybody has. */
struct str signer_rsa_p(struct str modulus, struct str exponent, bool is_bare,
    struct arena *a);

struct str signer_base64(struct str bytes, struct arena *a);

/* What to sign and how. NULL members take the default. */
struct signer_job {
	const struct signer_key *key;
	const char *domain;   /* d=, "example.com" */
	const char *selector; /* s=, "s" */
	const char *a;        /* the key's type with sha256 */
	const char *c;        /* "relaxed/relaxed"; "" leaves the tag out */
	const char *h;        /* "from" */
	const char *more;     /* further tags: " t=1; x=2;" */
	bool has_length;      /* l= counts `length` canonical octets */
	size_t length;
	/* The whole value instead, with $bh and $b where these belong; then
	 * only c, h and length above say what is hashed. */
	const char *field;
	const struct header_field *fields;
	size_t field_count;
	struct str body;
};

/* The value of the DKIM-Signature field, from behind the colon. */
struct str signer_sign(const struct signer_job *job, struct arena *a);

/* Canonical forms, for tests of their own. */
struct str signer_body(struct str body, bool is_relaxed, struct arena *a);
struct str signer_header(struct str name, struct str value, bool is_relaxed,
    struct arena *a);

#endif
