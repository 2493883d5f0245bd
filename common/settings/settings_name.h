/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_NAME_H
#define APLOMB_SETTINGS_SETTINGS_NAME_H

/*
 * The names that a file may use, at its top level and in a block, and what to
 * say of one that it may not. For the files of settings/ alone.
 */

#include <stdbool.h>

#include "base/str.h"

struct problems;

enum settings_place { SETTINGS_TOP, SETTINGS_IN_BLOCK };
enum settings_name { SETTINGS_UNKNOWN, SETTINGS_KEY, SETTINGS_BLOCK };

/* The one kind of block. */
#define SETTINGS_OVERRIDE "override"

enum settings_name settings_name_find(enum settings_place place,
    struct str name);

/* Adds a problem: the name is unknown there, and what may be meant. */
void settings_name_refuse(enum settings_place place, struct str name,
    unsigned line, struct problems *p);

#endif
