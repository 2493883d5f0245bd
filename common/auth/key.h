/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_KEY_H
#define APLOMB_AUTH_KEY_H

/*
 * DKIM public keys (RFC 6376 3.6, RFC 8301, RFC 8463): the record is read and
 * decoded once per cached answer and kept with it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct lookup;
struct lookups;

/* CPU of one verification is the sender's choice only inside these bounds. */
#define KEY_MIN_RSA_BITS       1024u /* RFC 8301 3.2 */
#define KEY_MAX_RSA_BITS       4096u
#define KEY_MAX_EXPONENT_BITS  32u

enum key_status {
	KEY_OK,
	KEY_TEMPFAIL, /* the question failed */
	KEY_ABSENT,   /* no record */
	KEY_MANY,     /* several records (RFC 6376 3.6.2.2) */
	KEY_SYNTAX,   /* a record, but not a key record, or undecodable */
	KEY_REVOKED,  /* p= empty */
	KEY_SERVICE,  /* s= excludes e-mail */
	KEY_TYPE,     /* k= unknown */
	KEY_SMALL,    /* RSA under KEY_MIN_RSA_BITS */
	KEY_LARGE     /* RSA over a bound above */
};

enum key_type { KEY_RSA, KEY_ED25519 };

struct key {
	enum key_status status;
	enum key_type type;
	unsigned bits;      /* of an RSA modulus; 256 for Ed25519 */
	bool is_testing;    /* t=y */
	bool is_strict;     /* t=s: i= must equal d= */
	bool has_sha256;    /* h= absent or names it */
	void *pkey;         /* EVP_PKEY with KEY_OK, else NULL */
};

/* Asks for <selector>._domainkey.<domain>. Never blocks; never NULL. */
struct lookup *key_ask(struct lookups *l, struct str selector,
    struct str domain, struct arena *a);

/* Waits for the key; never NULL, good as long as the lookups. */
const struct key *key_wait(struct lookup *q);

/* Reads one key record: for the checker, tests and fuzzing. The key is freed
 * with the arena. */
void key_parse(struct str record, struct arena *a, struct key *out);

/* Verifies a signature over a SHA-256 digest (RFC 8463 3: Ed25519 signs the
 * digest). False for any mismatch. */
bool key_verify(const struct key *k, struct str digest, struct str signature);

const char *key_status_text(enum key_status s);

#endif
