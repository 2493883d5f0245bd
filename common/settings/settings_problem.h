/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_PROBLEM_H
#define APLOMB_SETTINGS_SETTINGS_PROBLEM_H

/*
 * What is wrong with a configuration, gathered by several looks at it and
 * listed in the order of its lines. For the files of settings/ alone.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "settings/settings.h"

struct arena;

struct problem {
	unsigned line; /* 0: of the file as a whole */
	struct str text;
};

struct problems {
	struct arena *arena;
	const char *name; /* of the file */
	struct problem at[SETTINGS_MAX_PROBLEMS];
	size_t count;
	bool has_more; /* than fit */
};

void problem_add(struct problems *p, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As much of a text as a line has room for, "?" for each byte that is not
 * printable ASCII. */
struct str problem_excerpt(struct problems *p, struct str s);

/* Complete lines, sorted; with a last one that says so when there are more. */
void problem_list(struct problems *p, struct settings_problems *out);

#endif
