/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_INDEX_H
#define APLOMB_AUTH_ARC_INDEX_H

/*
 * The fields of a header by their names: h= lists of ten signatures with
 * hundreds of names each, in a header of a thousand fields, cost a search and
 * not a walk per name. For arc*.c alone.
 */

#include "base/str.h"

struct arc_index;
struct arena;
struct header_field;
struct header_list;

struct arc_index *arc_index_new(const struct header_list *headers,
    struct arena *a);

/* Begins an h= list: no field is taken. */
void arc_index_restart(struct arc_index *x);

/* The last field of the name (its case ignored) that this list has not taken
 * yet (RFC 6376 5.4.2), now taken; NULL when there is none left. */
const struct header_field *arc_index_take(struct arc_index *x,
    struct str name);

#endif
