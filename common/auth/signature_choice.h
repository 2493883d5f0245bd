/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGNATURE_CHOICE_H
#define APLOMB_AUTH_SIGNATURE_CHOICE_H

/* Which DKIM-Signature fields of a message are verified: for signature.c. */

#include <stddef.h>

struct arena;
struct author;
struct header_field;
struct header_list;

/* At most SIGNATURES_MAX fields in their order, views into the list; returns
 * how many. Those come first that could align with an author domain: equal to
 * it, then below its last two labels; then from the top down, and what cannot
 * be verified last. *left_out counts the others, dropped ones included. */
size_t signature_choose(const struct header_list *headers,
    const struct author *author, const struct header_field **out,
    size_t *left_out);

#endif
