/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_NAME_H
#define APLOMB_SETTINGS_SETTINGS_NAME_H

/*
 * The names that a file may use, at its top level and in a block, and what to
 * say of one that it may not. For the files of settings/ alone.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct problems;
struct token;

enum settings_place { SETTINGS_TOP, SETTINGS_IN_BLOCK };

/* The one kind of block. */
#define SETTINGS_OVERRIDE "override"

/* Adds a problem: the name is unknown there, and what may be meant. The value
 * is what stands behind it; has_sign: with "=" between the two. */
void settings_name_refuse(enum settings_place place, const struct token *key,
    bool has_sign, struct str value, struct arena *scratch,
    struct problems *p);

#endif
