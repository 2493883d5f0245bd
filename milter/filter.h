/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_FILTER_H
#define APLOMB_MILTER_FILTER_H

/*
 * The callbacks that libmilter calls. They translate, and nothing else: what
 * the MTA says goes to judge/message.h, what judge/plan.h has decided comes
 * back through milter/action.h.
 */

#include <stdbool.h>

/* Registers them, and opens the address. False when libmilter refuses. */
bool filter_open(const char *address);

/* Serves until libmilter stops; false when it failed. */
bool filter_run(void);

#endif
