/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/transactions.h"

#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"

/* How often the landed are counted. */
#define STEP_MS 10
/* libmilter writes an answer when the callback that ended the flight has
 * returned, and tells nobody: it gets this long for it. */
#define ANSWER_MS 250

static atomic_uint in_flight;
static atomic_bool is_closed;

bool
transactions_begin(void)
{
	atomic_fetch_add(&in_flight, 1);
	if (!atomic_load(&is_closed))
		return true;
	transactions_end();
	return false;
}

void
transactions_end(void)
{
	atomic_fetch_sub(&in_flight, 1);
}

void
transactions_close(void)
{
	atomic_store(&is_closed, true);
}

bool
transactions_is_closed(void)
{
	return atomic_load(&is_closed);
}

static void
nap(long ms)
{
	nanosleep(&(struct timespec) {.tv_nsec = ms * 1000000}, NULL);
}

unsigned
transactions_wait(unsigned timeout_ms)
{
	int64_t deadline = clock_mono_ms() + timeout_ms;

	while (atomic_load(&in_flight) > 0 && clock_mono_ms() < deadline)
		nap(STEP_MS);
	/* Also where none is in flight: one may just have landed. */
	nap(ANSWER_MS);
	return atomic_load(&in_flight);
}
