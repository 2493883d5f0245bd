/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/expire.h"

#include <inttypes.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cli/setup.h"
#include "report/store/store_import.h"
#include "settings/settings.h"

#define DAY 86400

static int
run(const struct settings *s, struct store *store, struct arena *a, void *arg)
{
	uint64_t tallies = 0, rows = 0;
	store_day_number before = (clock_wall() - s->retention) / DAY;

	(void)a, (void)arg;
	if (!store_expire(store, before, &tallies, &rows))
		return setup_store_fails(store);
	if (tallies == 0)
		puts("nothing to expire");
	else
		printf("expired %" PRIu64 " rows of %" PRIu64 " tallies\n",
		    rows, tallies);
	return EX_OK;
}

int
expire(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	command_arguments(self, argc, argv, 0);
	return setup_run(o, run, NULL);
}
