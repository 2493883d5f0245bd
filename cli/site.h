/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_SITE_H
#define APLOMB_CLI_SITE_H

/*
 * What settings say of this machine and of today, and what will stop aplombd
 * or surprise its administrator: no file can tell that of itself.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct settings;

/* More would not be read. */
#define SITE_MAX_FINDINGS 50u

struct finding {
	bool is_warning; /* else the daemon does not start */
	struct str text;
};

struct findings {
	struct finding at[SITE_MAX_FINDINGS];
	size_t count, problems; /* problems: those that are no warnings */
};

void site_check(const struct settings *s, struct arena *a,
    struct findings *out);

#endif
