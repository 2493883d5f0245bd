/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGNATURE_ENGINE_H
#define APLOMB_AUTH_SIGNATURE_ENGINE_H

/*
 * What signature.c has of libraries: the header hashes of libopendkim, and
 * SHA-256 of OpenSSL. The process's handle (signature.h) is made here.
 */

#include <stddef.h>

#include "auth/signature.h"

struct arena;
struct header_field;
struct header_list;
struct signature_digest;
struct signature_field;

#define SIGNATURE_OCTETS 32u /* of SHA-256 */

/* A signature whose header is hashed. */
struct signature_target {
	struct signature_field *field;
	const struct header_field *own; /* in the list */
	unsigned char hash[SIGNATURE_OCTETS];
	bool is_hashed;
	bool is_by_library; /* libopendkim's hash: tests compare with ours */
};

/* Hashes the header for each target that is not refused. */
void signature_engine_hash(struct signature_library *lib,
    const struct header_list *headers, struct signature_target *targets,
    size_t count);

/* SHA-256 as it goes; freed with the arena. The sum may be asked for once. */
struct signature_digest *signature_digest_new(struct signature_library *lib,
    struct arena *a);
void signature_digest_add(struct signature_digest *d, const void *bytes,
    size_t n);
void signature_digest_end(struct signature_digest *d,
    unsigned char out[SIGNATURE_OCTETS]);

#endif
