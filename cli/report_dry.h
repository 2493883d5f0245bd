/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_REPORT_DRY_H
#define APLOMB_CLI_REPORT_DRY_H

/* aplomb report send --dry-run */

#include "report/send/queue_run.h"

struct arena;

/* Prints which reports a round would make and send, and where to. DNS is asked;
 * nothing is written, and nothing sent. Returns the exit status. */
int report_dry_run(struct queue_run *r, struct arena *a);

#endif
