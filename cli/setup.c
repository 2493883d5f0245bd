/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/setup.h"

#include <stdio.h>

#include "base/arena.h"
#include "settings/settings.h"

struct settings *
setup_load(const struct options *o, struct arena *a)
{
	struct settings_problems problems = {.count = 0};
	struct settings *s =
	    settings_load(settings_file(o->file), a, &problems);

	for (size_t i = 0; s == NULL && i < problems.count; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(problems.at[i]));
	return s;
}

struct store *
setup_store(const struct settings *s, enum store_use use, struct arena *a)
{
	struct str reason;
	struct store *store = store_open(s->store, use, a, &reason);

	if (store == NULL)
		setup_complain(reason);
	return store;
}

void
setup_complain(struct str sentence)
{
	fprintf(stderr, "aplomb: %.*s\n", STR_ARG(sentence));
}
