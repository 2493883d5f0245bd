/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_READ_H
#define APLOMB_SETTINGS_SETTINGS_READ_H

/* From a text to the members of struct settings. For the files of settings/
 * alone. */

#include "base/str.h"

struct arena;
struct problems;
struct settings;

/* Sets every member but `file`, in the arena. What it has set is of use only
 * when no problem was added. */
void settings_read(struct str text, struct settings *s, struct arena *a,
    struct problems *p);

#endif
