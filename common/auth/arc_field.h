/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_FIELD_H
#define APLOMB_AUTH_ARC_FIELD_H

/* The three fields of an ARC set, each read and judged by itself (RFC 8617
 * 4.1): for arc*.c alone. */

#include <stdint.h>

#include "auth/arc.h"
#include "auth/dkim_field.h"
#include "base/str.h"

struct arena;
struct header_field;

/* A longer field is not read. */
#define ARC_MAX_FIELD (32u * 1024)

enum arc_kind { ARC_RESULTS, ARC_SIGNATURE, ARC_SEAL, ARC_KINDS };

/* Names of the fields. */
extern const struct table_row arc_kind_names[];

struct arc_field {
	const struct header_field *header; /* NULL: there is none */
	unsigned instance; /* 1 to ARC_MAX_SETS; 0: it cannot be read */
	const char *error; /* why it cannot be verified, or NULL */

	struct dkim_field dkim; /* of seals and signatures */
	struct str validation;  /* of seals: cv=, as given */
};

/* Reads a field. What it returns are views into it, and copies in the arena. */
void arc_field_parse(enum arc_kind kind, const struct header_field *f,
    struct arena *a, struct arc_field *out);

/* Sets the error of one that is of the future, or past its time. */
void arc_field_check_time(struct arc_field *f, int64_t now);

#endif
