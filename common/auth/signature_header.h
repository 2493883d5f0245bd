/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGNATURE_HEADER_H
#define APLOMB_AUTH_SIGNATURE_HEADER_H

/*
 * The signed header fields in canonical form (RFC 6376 3.4, 3.7, 5.4.2), for
 * the signatures whose header libopendkim does not hash, or hashes wrongly:
 * for signature*.c alone.
 */

#include <stdbool.h>

#include "auth/canon.h"

struct header_field;
struct header_list;
struct signature_field;

/* Gives the fields that h= names, then the signature's own field with the
 * value of b= taken out. `own` is a view into the list. */
void signature_header_feed(const struct signature_field *f,
    const struct header_list *headers, const struct header_field *own,
    canon_sink_fn sink, void *arg);

/* The field holds bytes that libopendkim does not take for what they are: NUL,
 * other blanks than space and tab, a CR or LF alone; or a tab before the colon,
 * for which it leaves the field out. */
bool signature_header_is_odd(const struct header_field *f);

#endif
