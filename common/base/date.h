/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_BASE_DATE_H
#define APLOMB_BASE_DATE_H

/* Days and times of UTC as people write them (ISO 8601), and as messages do. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

/* Days since 1970-01-01 of a date like 2026-11-25 that the calendar has, not
 * before 1970; false leaves *day. */
bool date_parse(struct str s, int64_t *day);

/* "2026-11-25"; this and the next print what lies before 1970 or behind 9999 as the
 * epoch. */
struct str date_print(int64_t day, struct arena *a);

/* "2026-11-25 08:30:00" of seconds since the epoch. */
struct str date_print_time(int64_t seconds, struct arena *a);

/* "Wed, 25 Nov 2026 08:30:00 +0000", the date-time of a message (RFC 5322
 * 3.3), of seconds since the epoch. */
struct str date_print_message(int64_t seconds, struct arena *a);

#endif
