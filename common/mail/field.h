/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_FIELD_H
#define APLOMB_MAIL_FIELD_H

/*
 * The header fields of a message that lies in memory (RFC 5322 2.2), and blocks
 * of fields of the same form (RFC 3464 2.1). Lines end in LF or CRLF. All are
 * views of the input, nothing is bounded or copied; a line that is no field is
 * passed over.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

struct field {
	struct str name;
	struct str value; /* no blanks around it; inside it may be folded */
};

/* Splits at the first empty line: what stands before it, and behind it. */
void field_split(struct str entity, struct str *lines, struct str *rest);

/* Takes the next field off *lines; false when there is none. */
bool field_next(struct str *lines, struct field *out);

/* Names compare without regard to case. */
bool field_is(const struct field *f, const char *name);

/* The value of the first field of this name; empty when there is none. */
struct str field_find(struct str lines, const char *name);

/* Outside text on one line, for people: runs of blanks and line ends are one
 * space, a byte that is not printable ASCII is "?", and at most `max` bytes are
 * kept. */
struct str field_plain(struct str s, size_t max, struct arena *a);

#endif
