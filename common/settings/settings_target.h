/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_TARGET_H
#define APLOMB_SETTINGS_SETTINGS_TARGET_H

/*
 * What a key sets, a member of the settings or of the rule of a block, and what
 * is said of values that it does not take. For the files of settings/ alone.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "settings/settings.h"
#include "settings/settings_override.h"
#include "settings/settings_token.h"

struct arena;
struct option;
struct problems;

struct target {
	const struct option *option; /* NULL: one of a block */
	struct override_key key;     /* of a block */
	struct override_rule *rule;  /* of the block */
	struct settings *settings;
	struct settings_at *at; /* where it stood first */
	struct arena *arena;    /* of the settings */
	struct arena *scratch;  /* of this reading */
	struct problems *problems;
};

/* What stands after a key. */
struct values {
	struct token *at;
	size_t count, capacity;
	bool is_list;                /* in braces */
	struct settings_at comma_at; /* after one without braces; line 0: no */
};

/* As they stand there, or nearly so. */
struct str values_join(const struct values *v, struct arena *scratch);

const char *target_name(const struct target *t);
bool target_is_list(const struct target *t);

/* What may have been meant by the values, as it is to be written. */
struct str target_correct(const struct target *t, const struct values *v);

/* Takes the values, or adds problems. */
void target_read(const struct target *t, const struct values *v);

#endif
