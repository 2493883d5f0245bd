/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_MIME_H
#define APLOMB_MAIL_MIME_H

/*
 * The parts of a message that anybody may have sent (RFC 2045, RFC 2046). What
 * it takes grows with the message and with nothing else: all but decoded bodies
 * are views of it, and what exceeds a bound is not looked at. A part that is a
 * message is not opened.
 */

#include <stddef.h>

#include "base/str.h"

struct arena;

/* Entities looked at, multiparts included, and how deep multiparts nest; those
 * of bounces are three or four, and one deep. */
#define MIME_MAX_PARTS 64u
#define MIME_MAX_DEPTH 8u

struct mime_part {
	struct str type;   /* such as "text/plain", in lower case */
	struct str header; /* its fields, see common/mail/field.h */
	struct str body;   /* as sent; mime_decode() gives its content */
};

struct mime {
	struct mime_part at[MIME_MAX_PARTS]; /* those that hold no others */
	size_t count;
	size_t seen;
};

/* Always fills *out: a message without MIME is one part. One that is cut off
 * gives what is there. */
void mime_parse(struct str message, struct arena *a, struct mime *out);

/* The first part of this type, or NULL. */
const struct mime_part *mime_find(const struct mime *m, const char *type);

/* The content: base64 and quoted-printable undone (RFC 2045 6), with what is
 * not of either passed over; a body of another encoding as it is. */
struct str mime_decode(const struct mime_part *p, struct arena *a);

#endif
