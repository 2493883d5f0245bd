/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_VERP_H
#define APLOMB_REPORT_ROW_VERP_H

/*
 * The envelope address of one delivery: LOCAL+TOKEN@DOMAIN, made from the bounce
 * mailbox LOCAL@DOMAIN and the delivery's token, so that a bounce says by the
 * address that it came to which delivery it is about.
 *
 * The delimiter is "+" alone: an address comes back as it was written, and one
 * with another delimiter is of somebody else.
 */

#include "base/str.h"

struct arena;

/* Letters of lower case and digits: 103 bits, so nobody can guess one. */
#define VERP_TOKEN 20u

/* A local-part has at most 64 octets (RFC 5321 4.5.3.1.1), an address at most
 * 254 (4.5.3.1.3). */
#define VERP_MAX_LOCAL   (64u - 1 - VERP_TOKEN)
#define VERP_MAX_MAILBOX (254u - 1 - VERP_TOKEN)

/* The address; empty where the mailbox has no "@" or exceeds a bound above, or
 * the token is none. */
struct str verp_print(struct str mailbox, struct str token, struct arena *a);

/* The token in an address that verp_print() made, in lower case; empty for any
 * other. Takes the address bare; all of it without regard to case, which hosts
 * on the way may have changed. */
struct str verp_parse(struct str mailbox, struct str address, struct arena *a);

/* The same for the token alone, as an envelope id (RFC 3461 4.4) has it. */
struct str verp_parse_token(struct str s, struct arena *a);

#endif
