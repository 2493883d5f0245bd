/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_OVERRIDE_H
#define APLOMB_SETTINGS_SETTINGS_OVERRIDE_H

/*
 * `override` blocks: their keys as a table, and the reading and printing of a
 * rule. For the files of settings/ alone.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/text.h"
#include "dmarc/override.h"
#include "settings/settings_option.h"

struct arena;

struct override_key {
	const char *key;
	bool is_list;
	enum option_type type;         /* what its values are like */
	const struct table_row *names; /* of a choice */
	/* Takes one value, or one entry of a list; false with a reason. */
	bool (*read)(struct override_rule *r, struct str value,
	    struct arena *a, struct str *reason);
	const char *values; /* what it takes, for people */
	const char *help;
};

extern const struct override_key settings_override_keys[];
extern const size_t settings_override_key_count;

/* The rule as a block of the file. */
void settings_override_print(const struct override_rule *r, struct text *t);

#endif
