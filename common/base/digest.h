/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_DIGEST_H
#define APLOMB_BASE_DIGEST_H

/* Names made from content: the first half of SHA-256 as 32 hex digits. Nobody
 * can make two contents with one name. */

#include "base/str.h"

#define DIGEST_TEXT 32u

struct digest;

struct digest *digest_new(void);
void digest_add(struct digest *d, struct str bytes);
/* Writes the name, and frees. */
void digest_end(struct digest *d, char out[DIGEST_TEXT]);

/* The same in one call. */
void digest_of(struct str bytes, char out[DIGEST_TEXT]);

/* HMAC-SHA-256 (RFC 2104): whole, and as bytes. */
#define DIGEST_OCTETS 32u
void digest_keyed(struct str key, struct str bytes,
    unsigned char out[DIGEST_OCTETS]);

#endif
