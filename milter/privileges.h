/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_PRIVILEGES_H
#define APLOMB_MILTER_PRIVILEGES_H

/* Who the daemon becomes after start, and the group of its socket. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

struct arena;

struct privileges {
	const char *user; /* its name; NULL: identity is kept */
	uid_t uid;        /* -1 when it is kept */
	gid_t gid;
};

/* Looks up "USER" or "USER:GROUP"; an empty text keeps the identity. False with
 * a sentence in *reason. */
bool privileges_find(const char *text, struct arena *a,
    struct privileges *out, struct str *reason);

/* Looks up a group; an empty name gives -1. */
bool privileges_find_group(const char *name, struct arena *a, gid_t *out,
    struct str *reason);

/* Becomes that user for good, with its groups. Without root's rights this
 * succeeds only for who the process is already. */
bool privileges_drop(const struct privileges *p, struct arena *a,
    struct str *reason);

#endif
