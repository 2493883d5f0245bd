/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_DEFERRAL_H
#define APLOMB_JUDGE_DEFERRAL_H

/*
 * How long which client networks have been asked to come back for which author
 * domains: bounded, so that DNS trouble delays mail for a while and never for
 * ever (temperror-limit). One table a process; oldest entries leave first.
 *
 * Threads: any; it locks itself.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "net/ip.h"

struct deferrals;

#define DEFERRAL_MAX_ENTRIES 65536u

struct deferrals *deferral_new(void);
void deferral_free(struct deferrals *d);

/* Whether a message of this network (/24, /64) and author domain may be asked
 * to come back now: the first time was less than `limit` seconds ago, or there
 * was none. Records the first time. A pair that was not seen for a day past
 * its limit starts anew. */
bool deferral_allows(struct deferrals *d, const struct ip *client,
    struct str author, int64_t now, unsigned limit);

#endif
