/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_name.h"

#include "settings/nearest.h"
#include "settings/settings_option.h"
#include "settings/settings_override.h"
#include "settings/settings_problem.h"

/* The i-th name of a place, NULL behind the last. */
static const char *
name_at(enum settings_place place, size_t i)
{
	if (place == SETTINGS_IN_BLOCK)
		return i < settings_override_key_count ?
		    settings_override_keys[i].key : NULL;
	if (i < settings_option_count)
		return settings_options[i].key;
	return i == settings_option_count ? SETTINGS_OVERRIDE : NULL;
}

static bool
has_name(enum settings_place place, struct str name)
{
	const char *known;
	for (size_t i = 0; (known = name_at(place, i)) != NULL; i++)
		if (str_eq(str_of(known), name))
			return true;
	return false;
}

enum settings_name
settings_name_find(enum settings_place place, struct str name)
{
	if (str_eq(name, STR(SETTINGS_OVERRIDE)))
		return SETTINGS_BLOCK;
	return has_name(place, name) ? SETTINGS_KEY : SETTINGS_UNKNOWN;
}

void
settings_name_refuse(enum settings_place place, struct str name, unsigned line,
    struct problems *p)
{
	bool is_top = place == SETTINGS_TOP;
	struct str shown = problem_excerpt(p, name);
	if (has_name(is_top ? SETTINGS_IN_BLOCK : SETTINGS_TOP, name)) {
		problem_add(p, line, is_top ? "%.*s belongs into an override "
		    "block: move it there" : "%.*s belongs outside of blocks: "
		    "move it, or close the block before it with \"}\"",
		    STR_ARG(shown));
		return;
	}
	struct nearest n;
	const char *known;
	nearest_init(&n, name);
	for (size_t i = 0; (known = name_at(place, i)) != NULL; i++)
		nearest_try(&n, str_of(known));
	if (n.name.n > 0)
		problem_add(p, line, "unknown key %.*s; did you mean %.*s?",
		    STR_ARG(shown), STR_ARG(n.name));
	else
		problem_add(p, line, "unknown key %.*s: remove it, or look "
		    "its name up in aplomb.conf(5)", STR_ARG(shown));
}
