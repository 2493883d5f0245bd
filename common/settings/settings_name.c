/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_name.h"

#include "settings/nearest.h"
#include "settings/settings_option.h"
#include "settings/settings_override.h"
#include "settings/settings_problem.h"
#include "settings/settings_token.h"

/* The i-th name of a place, NULL behind the last. */
static const char *
name_at(enum settings_place place, size_t i)
{
	struct override_key k;
	if (place == SETTINGS_IN_BLOCK)
		return settings_override_key(i, &k) ? k.key : NULL;
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

/* ---- who comes from elsewhere ------------------------------------------- */

enum program { DMARC, DKIM, BOTH };

static const char *const program_names[] = {"OpenDMARC", "OpenDKIM",
    "OpenDMARC and OpenDKIM"};

struct foreign {
	enum program program;
	const char *key, *ours, *advice;
};

static const struct foreign foreign[] = {
#define FOREIGN(program, key, ours, advice) {program, key, ours, advice},
#include "settings/settings_foreign.def"
#undef FOREIGN
};

static const struct foreign *
find_foreign(struct str name)
{
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (str_ieq(str_of(foreign[i].key), name))
			return &foreign[i];
	return NULL;
}

static void
refuse_foreign(const struct foreign *f, struct settings_at at,
    struct str value, struct arena *scratch, struct problems *p)
{
	const char *program = program_names[f->program];
	struct text written;
	text_init(&written, scratch);
	if (value.n == 0)
		text_add(&written, STR("VALUE"));
	else if (token_is_bare(value))
		text_add(&written, value);
	else
		option_print_string(&written, value);
	if (f->ours == NULL)
		problem_add(p, at, "%s is a key of %s, and none here: %s; "
		    "remove it", f->key, program, f->advice);
	else if (f->advice != NULL)
		problem_add(p, at, "%s is a key of %s, and here it is %s: %s",
		    f->key, program, f->ours, f->advice);
	else
		problem_add(p, at, "%s is a key of %s, and here it is %s: "
		    "write %s = %.*s", f->key, program, f->ours, f->ours,
		    STR_ARG(problem_excerpt(scratch, text_str(&written))));
}

/* ------------------------------------------------------------------------- */

/* With "=", a name of ours in other letters is ours. */
static bool
is_of_ours(enum settings_place place, struct str name)
{
	const char *known;
	for (size_t i = 0; (known = name_at(place, i)) != NULL; i++)
		if (str_ieq(str_of(known), name))
			return true;
	return false;
}

void
settings_name_refuse(enum settings_place place, const struct token *key,
    bool has_sign, struct str value, struct arena *scratch,
    struct problems *p)
{
	bool is_top = place == SETTINGS_TOP;
	const struct foreign *f = find_foreign(key->word);
	struct str shown = problem_excerpt(scratch, key->word);
	struct nearest n;
	const char *known;
	if (has_name(is_top ? SETTINGS_IN_BLOCK : SETTINGS_TOP, key->word)) {
		problem_add(p, key->at, is_top ? "%.*s belongs into an "
		    "override block: move it there" : "%.*s belongs outside "
		    "of blocks: move it, or close the block before it with "
		    "\"}\"", STR_ARG(shown));
		return;
	}
	if (f != NULL && !(has_sign && is_of_ours(place, key->word))) {
		refuse_foreign(f, key->at, value, scratch, p);
		return;
	}
	nearest_init(&n, key->word);
	for (size_t i = 0; (known = name_at(place, i)) != NULL; i++)
		nearest_try(&n, str_of(known));
	if (n.name.n > 0)
		problem_add(p, key->at, "unknown key %.*s; did you mean %.*s?",
		    STR_ARG(shown), STR_ARG(n.name));
	else
		problem_add(p, key->at, "unknown key %.*s: remove it, or look "
		    "its name up in aplomb.conf(5)", STR_ARG(shown));
}
