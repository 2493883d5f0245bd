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

/* Whoever has so many has not written a configuration. */
#define PROBLEMS_ENOUGH 1000u

struct problem {
	struct settings_at at; /* line 0: the file as a whole */
	struct settings_problem said;
};

struct problems {
	struct arena *arena;
	const char *name; /* of the file */
	struct problem at[SETTINGS_MAX_PROBLEMS];
	size_t count, errors; /* errors: those that are no warnings */
	size_t more;          /* than fit */
};

/* `name` is the file's; "" for the defaults. */
void problems_init(struct problems *p, const char *name, struct arena *a);

void problem_add(struct problems *p, struct settings_at at, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
void problem_warn(struct problems *p, struct settings_at at,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* So many that the rest of the file is not worth a look. */
bool problems_are_enough(const struct problems *p);

/* As much of a text as a line has room for, "?" for each byte that is not
 * printable ASCII. */
struct str problem_excerpt(struct arena *a, struct str s);

/* Complete lines, sorted, the first ones if they are too many; then a last
 * line says how many more there are. */
void problems_list(struct problems *p, struct settings_problems *out);

#endif
