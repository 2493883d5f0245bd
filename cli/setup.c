/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/setup.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "settings/settings.h"

struct settings *
setup_load(const struct options *o, struct arena *a)
{
	struct settings_problems problems = {.count = 0};
	struct settings *s =
	    settings_load(settings_file(o->file), a, &problems);

	setup_print_problems(&problems);
	return s;
}

void
setup_print_problems(const struct settings_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(problems->at[i].text));
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

int
setup_run(const struct options *o, setup_fn fn, void *arg)
{
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	int code = EX_CONFIG;

	if (s != NULL) {
		struct store *store = setup_store(s, STORE_READ, a);
		code = store != NULL ? fn(s, store, a, arg) : EX_UNAVAILABLE;
		store_close(store);
	}
	settings_drop(s);
	arena_free(a);
	return code;
}

int
setup_store_fails(const struct store *store)
{
	setup_complain(store_reason(store));
	return EX_TEMPFAIL;
}

void
setup_complain(struct str sentence)
{
	fprintf(stderr, "aplomb: %.*s\n", STR_ARG(sentence));
}
