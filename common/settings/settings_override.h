/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_OVERRIDE_H
#define APLOMB_SETTINGS_SETTINGS_OVERRIDE_H

/*
 * `override` blocks: their keys, which are the conditions of dmarc/override.h
 * and some more, and the reading and printing of a rule. For the files of
 * settings/ alone.
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
	enum option_type type;         /* what its values are like */
	const struct table_row *names; /* of a choice */
	const char *values;            /* what it takes, for people; NULL: the
					  names */
	const char *help;
	/* Takes the value; false with a reason. NULL for a condition. */
	bool (*read)(struct override_rule *r, struct str value,
	    struct arena *a, struct str *reason);
	const struct override_condition *condition; /* NULL: it is none. A
						       condition takes a list */
};

/* The i-th key, conditions first; false behind the last. */
bool settings_override_key(size_t i, struct override_key *out);

/* Takes one value, or one entry of a list. False with a sentence that goes on
 * after "KEY cannot be VALUE: ". */
bool settings_override_read(const struct override_key *k,
    struct override_rule *r, struct str value, struct arena *a,
    struct str *reason);

/* Adds what the key takes, for people. */
void settings_override_print_range(const struct override_key *k,
    struct text *t);

/* The rule as a block of the file. */
void settings_override_print(const struct override_rule *r, struct text *t);

#endif
