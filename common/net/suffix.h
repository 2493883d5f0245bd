/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_SUFFIX_H
#define APLOMB_NET_SUFFIX_H

/*
 * The public suffix list (libpsl): immutable once loaded, shared by counting,
 * safe from any thread. Names are in the one form of mail/domain.h.
 */

#include <stdbool.h>

#include "base/str.h"

struct suffix_list;

/* Loads a list: the file at `path`, or libpsl's newest when path is empty.
 * NULL when it cannot be read or is no list; *reason (a static text) says
 * which. The caller holds the result once. */
struct suffix_list *suffix_load(const char *path, const char **reason);

struct suffix_list *suffix_hold(struct suffix_list *l);
void suffix_drop(struct suffix_list *l);

/* The organizational domain of RFC 7489 3.2: longest matching suffix plus one
 * label, the implicit "*" rule included; a view into d. Empty when d is itself
 * a public suffix. */
struct str suffix_registrable(const struct suffix_list *l, struct str d);

/* d is a public suffix by an explicit rule (ICANN or private section): the
 * implicit "*" rule does not count. */
bool suffix_is_listed(const struct suffix_list *l, struct str d);

#endif
