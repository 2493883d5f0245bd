/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/expire.h"

#include <inttypes.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cli/setup.h"
#include "report/store_intake.h"
#include "settings/settings.h"

#define DAY 86400

static int
run(const struct settings *s, struct arena *a)
{
	uint64_t tallies = 0, rows = 0;
	store_day_number before = (clock_wall() - s->retention) / DAY;
	struct store *store = setup_store(s, STORE_READ, a);

	if (store == NULL)
		return EX_UNAVAILABLE;
	bool is_good = store_expire(store, before, &tallies, &rows);
	if (!is_good)
		setup_complain(store_reason(store));
	else if (tallies == 0)
		puts("nothing to expire");
	else
		printf("expired %" PRIu64 " rows of %" PRIu64 " tallies\n",
		    rows, tallies);
	store_close(store);
	return is_good ? EX_OK : EX_TEMPFAIL;
}

int
expire(const struct command *self, const struct options *o, int argc,
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
