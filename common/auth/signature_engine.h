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
struct sha256;
struct signature_field;

/* A signature whose header is hashed. */
struct signature_target {
	struct signature_field *field;
	const struct header_field *own; /* in the list */
	struct str hash;    /* SHA-256; empty: it is refused */
	bool is_by_library; /* libopendkim's hash: tests compare with ours */
};

/* Hashes the header, in the arena, for each target that is not refused. */
void signature_engine_hash(struct signature_library *lib,
    const struct header_list *headers, struct signature_target *targets,
    size_t count, struct arena *a);

/* sha256_new() without a look-up by OpenSSL. */
struct sha256 *signature_sha256(const struct signature_library *lib,
    struct arena *a);

#endif
