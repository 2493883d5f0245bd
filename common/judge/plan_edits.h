/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_PLAN_EDITS_H
#define APLOMB_JUDGE_PLAN_EDITS_H

/* The header edits of a plan: forged fields out, ours in. For plan.c alone. */

#include <stdbool.h>

struct message;
struct plan;
struct verdict;

/* Fills in the edits that fit the plan's reply; a message that is not let in
 * gets none. False, and there are none, when more than PLAN_MAX_DELETIONS would
 * be needed. */
bool plan_edits_make(const struct message *m, const struct verdict *v,
    struct plan *p);

#endif
