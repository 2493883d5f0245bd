/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGNATURE_FIELD_H
#define APLOMB_AUTH_SIGNATURE_FIELD_H

/*
 * One DKIM-Signature field, read and judged (RFC 6376 3.5, 6.1.1): for
 * signature*.c alone. A field that is refused here is neither verified nor
 * shown to libopendkim.
 */

#include <stdbool.h>
#include <stdint.h>

#include "auth/dkim_field.h"
#include "auth/signature.h"
#include "base/str.h"

struct arena;

/* Bounds of what is kept to be printed. */
#define SIGNATURE_MAX_IDENTITY  512u
#define SIGNATURE_MAX_ALGORITHM 32u
#define SIGNATURE_MAX_B         64u

struct signature_field {
	struct dkim_field dkim;
	enum signature_result refused; /* NONE: it can be verified */
	const char *reason;        /* with a refusal */

	struct str identity, algorithm; /* as given, bounded */
	struct str b_text;         /* the start of b=, without white space */
	bool is_subdomain;         /* i= is below d= */

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

#endif
