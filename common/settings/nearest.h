/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_NEAREST_H
#define APLOMB_SETTINGS_NEAREST_H

/* "Did you mean": of the names that there are, the one closest to what was
 * written. */

#include "base/str.h"

struct nearest {
	struct str written;
	struct str name;   /* the closest so far, empty if none is close */
	unsigned distance; /* that it must stay below */
};

void nearest_init(struct nearest *n, struct str written);

/* Offers one name, in lower case; it must outlive *n. */
void nearest_try(struct nearest *n, struct str name);

#endif
