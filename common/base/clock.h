/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_CLOCK_H
#define APLOMB_BASE_CLOCK_H

/* The two clocks: one for waiting, which only runs forward, and one for dates. */

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_mono_ms(void);

/* The same instant as a timespec, for pthread_cond_clockwait. */
struct timespec clock_mono_timespec(int64_t mono_ms);

/* Seconds since the epoch, UTC. */
int64_t clock_wall(void);

#endif
