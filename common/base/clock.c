/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"

int64_t
clock_mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct timespec
clock_mono_timespec(int64_t mono_ms)
{
	return (struct timespec) {
		.tv_sec = (time_t)(mono_ms / 1000),
		.tv_nsec = (long)(mono_ms % 1000) * 1000000,
	};
}

int64_t
clock_wall(void)
{
	return (int64_t)time(NULL);
}
