/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_SET_H
#define APLOMB_AUTH_ARC_SET_H

/* The sets of a message, collected and in order (RFC 8617 4.2, 5.2 steps 1 to
 * 3): for arc*.c alone. */

#include <stdint.h>

#include "auth/arc_field.h"

struct arena;
struct header_list;

struct arc_set {
	struct arc_field fields[ARC_KINDS];
};

struct arc_sets {
	unsigned count;     /* the highest instance; 0: none can be read */
	struct arc_set *at; /* at[i - 1] is instance i */
	struct str error;   /* why the chain fails as it stands, or empty */
};

/* Always fills *out, in the arena. Without an error every set is complete, all
 * seals can be verified, and the newest message signature. */
void arc_sets_collect(const struct header_list *headers, int64_t now,
    struct arena *a, struct arc_sets *out);

/* "ARC-Seal 3: " and what is wrong, in the arena. */
struct str arc_set_error(enum arc_kind kind, unsigned instance,
    const char *what, struct arena *a);

#endif
