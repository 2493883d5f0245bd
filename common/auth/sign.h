/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGN_H
#define APLOMB_AUTH_SIGN_H

/*
 * DKIM signatures of our own, for mail that we write (RFC 6376, 8301):
 * rsa-sha256, relaxed/relaxed, made by libopendkim. They cover From, To,
 * Subject, Date, Message-ID, MIME-Version, Content-Type and Auto-Submitted, and
 * deny that there is a second From.
 *
 * Threads: a key belongs to one thread, and outlives what it signs.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct sign;
struct sign_key;

/* RFC 8301 3.2: what verifiers need not take is not used. */
#define SIGN_MIN_BITS 1024u

/* A private RSA key in PEM, without a passphrase; d= and s= of its signatures.
 * NULL with words in *reason that say what is wrong with it. Ed25519 (RFC 8463)
 * is left out: libopendkim loses memory with every such signature, and a
 * message that has no other is unsigned for most who receive it. */
struct sign_key *sign_key_open(struct str pem, struct str domain,
    struct str selector, struct arena *a, struct str *reason);
void sign_key_close(struct sign_key *k);

/* Begins a message: its header, lines ended by CRLF, without the empty line.
 * Then the body comes, in any pieces. */
struct sign *sign_start(struct sign_key *k, struct str header);
void sign_body(struct sign *s, struct str bytes);

/* Ends, and frees. *field is "DKIM-Signature: ...", folded, with its CRLF, to
 * be put in front. A body whose last line has no end is signed as if it had.
 * False: this cannot be signed, for example since it has no From. */
bool sign_end(struct sign *s, struct arena *a, struct str *field);

#endif
