/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_SELECTION_H
#define APLOMB_CLI_SELECTION_H

/* Which days and domains a command is about: --day and --domain. What is none
 * ends the process with EX_USAGE. */

#include <stdint.h>

#include "report/store/store.h"

struct arena;

/* A date like 2026-11-25, today or yesterday; now: seconds UTC. */
void selection_read_day(const char *written, int64_t now,
    struct store_filter *out);
void selection_read_domain(const char *written, struct arena *a,
    struct store_filter *out);

#endif
