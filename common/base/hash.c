/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void
hash_key_init(struct hash_key *out)
{
	if (getrandom(out, sizeof *out, 0) != (ssize_t)sizeof *out)
		abort();
}

static uint64_t
rotate(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

static void
mix(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

/* Up to eight bytes, the first one lowest. */
static uint64_t
little_endian(const char *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = n; i > 0; i--)
		v = v << 8 | (unsigned char)p[i - 1];
	return v;
}

static void
absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v);
	mix(v);
	v[0] ^= word;
}

uint64_t
hash_str(const struct hash_key *key, struct str s)
{
	/* The four constants spell the algorithm's initial state. */
	uint64_t v[4] = {
		key->half[0] ^ 0x736f6d6570736575u,
		key->half[1] ^ 0x646f72616e646f6du,
		key->half[0] ^ 0x6c7967656e657261u,
		key->half[1] ^ 0x7465646279746573u,
	};
	size_t whole = s.n / 8 * 8;
	for (size_t i = 0; i < whole; i += 8)
		absorb(v, little_endian(s.p + i, 8));
	uint64_t last = (uint64_t)s.n << 56;
	if (s.n > whole)
		last |= little_endian(s.p + whole, s.n - whole);
	absorb(v, last);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
