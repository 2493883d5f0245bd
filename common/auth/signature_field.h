/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGNATURE_FIELD_H
#define APLOMB_AUTH_SIGNATURE_FIELD_H

/*
 * One DKIM-Signature field, read and judged (RFC 6376 3.5, 6.1.1): for
 * signature*.c alone. A field that is refused here is neither verified nor
 * shown to libopendkim.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signature.h"
#include "base/str.h"

struct arena;

/* Names in h=: the cost of finding them in the header is their product with
 * its fields, and real signatures have some dozens. */
#define SIGNATURE_MAX_NAMES 400u

/* Bounds of what is kept to be printed. */
#define SIGNATURE_MAX_IDENTITY  512u
#define SIGNATURE_MAX_ALGORITHM 32u
#define SIGNATURE_MAX_B         64u

#define SIGNATURE_NO_LENGTH UINT64_MAX

struct signature_field {
	struct str value;          /* the whole field, from behind the colon */
	enum signature_result refused; /* NONE: it can be verified */
	const char *reason;        /* with a refusal */

	struct str domain, selector; /* in the one form; may be empty */
	struct str identity, algorithm; /* as given, bounded */
	struct str b_text;         /* the start of b=, without white space */

	bool is_ed25519;
	bool has_relaxed_header, has_relaxed_body; /* c= */
	bool is_subdomain;         /* i= is below d= */
	struct str *names;         /* of h=, in its order */
	size_t name_count;
	struct str body_hash, signature; /* bh= and b=, decoded */
	size_t b_at, b_n;          /* where b=, white space included, stands */
	uint64_t length;           /* l=, or SIGNATURE_NO_LENGTH */
	uint64_t signed_at, expires_at; /* t= and x=; 0 when absent */

	/* libopendkim reads it as we do, and finds the value of b=. */
	bool is_plain;
};

/* Reads a value. What it returns are views into it, and copies in the arena. */
void signature_field_parse(struct str value, struct arena *a,
    struct signature_field *out);

/* Refuses a field, unless it is refused already; `reason` is static. */
void signature_field_refuse(struct signature_field *f,
    enum signature_result result, const char *reason);

/* Refuses a field for the time at which the message came (RFC 6376 3.5). */
void signature_field_check_time(struct signature_field *f, int64_t now);

/* h= names it. */
bool signature_field_covers(const struct signature_field *f, struct str name);

#endif
