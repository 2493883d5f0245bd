/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_LIST_ID_H
#define APLOMB_MAIL_LIST_ID_H

/* The identifier of a mailing list (RFC 2919). */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct header_list;

/* A longer identifier is none (RFC 2919 3). */
#define LIST_ID_MAX 255u

/* What stands in angle brackets in the message's only List-Id field, in lower
 * case, in the arena. False when there is no such field, or several, or it
 * cannot be read; then *out is empty. */
bool list_id_find(const struct header_list *headers, struct arena *a,
    struct str *out);

#endif
