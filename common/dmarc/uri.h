/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_URI_H
#define APLOMB_DMARC_URI_H

/* One entry of a rua= or ruf= list (RFC 9989 4.8; RFC 7489 6.2, 6.4). */

#include <stdbool.h>

#include "base/str.h"
#include "dmarc/record.h"

struct arena;

/* Reads an entry without the blanks around it. False for what is no URI (RFC
 * 3986 3), or a mailto: without one usable address in ASCII (RFC 6068 2, RFC
 * 8616 6); its header fields ("?subject=") are not looked at. *out is set only
 * with true; its uri is a view into `entry`, shorter than that by a size
 * suffix. */
bool uri_parse(struct str entry, struct arena *a, struct record_uri *out);

/* The address that a mailto: of uri_parse() names, in the arena: printable
 * ASCII, escapes taken out, header fields left away. It stands as its owner
 * wrote it: quotes, comments and any letter case are still in it. False for
 * every other URI. */
bool uri_mailbox(struct str uri, struct arena *a, struct str *out);

#endif
