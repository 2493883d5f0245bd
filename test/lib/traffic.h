/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_TRAFFIC_H
#define APLOMB_TEST_LIB_TRAFFIC_H

/* History lines as a day of mail makes them, the same for the same number. */

#include "base/str.h"

struct arena;

/* The first line of a file with the n-th UUID, with its newline. */
struct str traffic_head(unsigned n, struct arena *a);

/* The n-th message, with its newline. A fiftieth of the messages is answered
 * 451 (n % 50 == 7), a fiftieth has no published policy (n % 50 == 13); of the
 * rest, messages with the same n % kinds make one row. */
struct str traffic_line(unsigned n, unsigned kinds, struct arena *a);

#endif
