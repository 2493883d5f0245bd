/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/table.h"

#include <stddef.h>

const char *
table_name(const struct table_row *rows, int value)
{
	for (; rows->name != NULL; rows++)
		if (rows->value == value)
			return rows->name;
	return "?";
}

bool
table_value(const struct table_row *rows, struct str name, int *out)
{
	for (; rows->name != NULL; rows++) {
		if (str_ieq(str_of(rows->name), name)) {
			*out = rows->value;
			return true;
		}
	}
	return false;
}
