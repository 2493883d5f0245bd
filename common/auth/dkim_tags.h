/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_DKIM_TAGS_H
#define APLOMB_AUTH_DKIM_TAGS_H

/*
 * Tag lists as DKIM reads them (RFC 6376 3.2), in signatures and in key
 * records: names are case-sensitive, and a list that repeats one, holds a
 * segment without "=" or a control character is invalid as a whole.
 */

#include <stdbool.h>

#include "base/str.h"
#include "mail/tags.h"

struct arena;

/* Reads a list into the arena; false when it is none. White space is taken
 * wherever it stands, folded or not, and so are bytes over 127 (RFC 8616 5). */
bool dkim_tags_parse(struct str list, struct arena *a, struct tags *out);

/* The tag of exactly this name, or NULL. */
const struct tag *dkim_tags_find(const struct tags *t, const char *name);

/* Its value; the empty view when there is no such tag. */
struct str dkim_tags_value(const struct tags *t, const char *name);

/* A list of words between ":" has this one, without regard to case. */
bool dkim_tags_has_word(struct str list, struct str word);

/* The bytes of a base64string (RFC 6376 2.10): white space may stand anywhere,
 * padding may be missing. False for anything else, and for no byte at all. */
bool dkim_tags_base64(struct str text, struct arena *a, struct str *out);

#endif
