/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/store.h"

#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "cli/setup.h"
#include "settings/settings.h"

static int
run(const struct settings *s, struct arena *a)
{
	int64_t old;
	struct store *store = setup_store(s, STORE_UPGRADE, a);

	if (store == NULL)
		return EX_UNAVAILABLE;
	int version = store_version(store, &old);
	if (old < 0)
		printf("the store is made, version %d\n", version);
	else if (old == version)
		printf("the store has version %d: nothing to do\n", version);
	else
		printf("the store is upgraded from version %" PRId64 " to %d\n",
		    old, version);
	store_close(store);
	return EX_OK;
}

int
store_upgrade(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	command_arguments(self, argc, argv, 0);
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	int code = s != NULL ? run(s, a) : EX_CONFIG;

	settings_drop(s);
	arena_free(a);
	return code;
}
