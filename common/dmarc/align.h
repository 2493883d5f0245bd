/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_ALIGN_H
#define APLOMB_DMARC_ALIGN_H

/*
 * Identifier alignment (RFC 9989 4.4, 4.10.2; RFC 7489 3.1): does a domain that
 * authenticated stand for the author domain?
 */

#include <stdbool.h>

#include "base/str.h"
#include "dmarc/discover.h"

struct arena;
struct lookups;

enum align_status {
	ALIGN_NO,
	ALIGN_YES,
	ALIGN_TEMPERROR /* it could align, but a question on the way failed */
};

/* Whether the identifier could align at all: equal, or (relaxed) within the
 * author's organizational domain. A DNS error of one that could not never
 * counts (RFC 9989 5.3.6). No questions. An unknown organizational domain
 * makes every identifier that shares the author's last two labels possible. */
bool align_is_possible(const struct discovery *d, struct str author,
    struct str identifier, bool is_strict);

/* Compares; relaxed comparison may walk, and wait, for the identifier. */
enum align_status align_check(struct lookups *l,
    const struct discover_options *o, const struct discovery *d,
    struct str author, struct str identifier, bool is_strict, struct arena *a);

#endif
