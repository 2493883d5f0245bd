/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_CASE_SIGN_H
#define APLOMB_TEST_CASE_SIGN_H

/* A "dkim" fact made true: a key, its record in the zone, and a signature that
 * verifies or does not, as the fact says. */

#include <stdbool.h>

#include "base/text.h"
#include "mail/header.h"

struct arena;
struct script_signature;
struct stage;

/* Signs the fields and body of the stage as they stand; `number` makes the
 * selector unique. False when the fact or its options make no sense. */
bool sign_fact(const struct script_signature *g, unsigned number,
    const struct stage *st, struct text *zone, struct arena *a,
    struct header_field *out);

#endif
