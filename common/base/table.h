/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_TABLE_H
#define APLOMB_BASE_TABLE_H

/*
 * A table of facts: the name of each value of an enum. Code that prints and
 * code that reads use the same rows. A table ends with a row whose name is
 * NULL.
 */

#include <stdbool.h>

#include "base/str.h"

struct table_row {
	int value;
	const char *name;
};

/* The name of a value; "?" for one that has no row. */
const char *table_name(const struct table_row *rows, int value);

/* The value of a name, without regard to case; false leaves *out. */
bool table_value(const struct table_row *rows, struct str name, int *out);

#endif
