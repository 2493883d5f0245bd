/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_KEY_DECODE_H
#define APLOMB_AUTH_KEY_DECODE_H

/* From the bytes of a p= tag to a key of OpenSSL: for key.c alone. */

#include "auth/key.h"

/* An RSA key: the RSAPublicKey that RFC 6376 3.6.1 names, or the
 * SubjectPublicKeyInfo that everybody publishes. Fills status, bits, pkey. */
void key_decode_rsa(struct str der, struct key *out);

/* An Ed25519 key: its 32 octets (RFC 8463 4.2). */
void key_decode_ed25519(struct str raw, struct key *out);

void key_decode_free(void *pkey);

#endif
