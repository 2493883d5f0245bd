/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_HASH_H
#define APLOMB_BASE_HASH_H

/*
 * A keyed hash (SipHash-2-4) for tables whose keys outsiders choose: without
 * the key nobody can choose names that collide.
 */

#include <stdint.h>

#include "base/str.h"

struct hash_key {
	uint64_t half[2];
};

/* A key from the kernel's random numbers. */
void hash_key_init(struct hash_key *out);

uint64_t hash_str(const struct hash_key *key, struct str s);

#endif
