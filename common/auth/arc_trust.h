/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_TRUST_H
#define APLOMB_AUTH_ARC_TRUST_H

/*
 * Whom a site believes (RFC 8617 7.2.1). Without a list of the administrator's
 * own a chain changes nothing: anybody can seal anything.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct arc_claim;
struct arc_result;

/* A longer chain is not believed: nobody trusts so many. */
#define ARC_TRUST_MAX_SETS 10u
/* RFC 9990 sets no bound for a report's comment. */
#define ARC_TRUST_MAX_COMMENT 1000u

/* The administrator's list has this domain, which is in the one form. */
typedef bool (*arc_trust_fn)(const void *arg, struct str domain);

/* The lowest instance such that trusted domains sealed it and all above it; 0
 * when there is none, or the chain has not passed. *out is what that sealer
 * claims: those below were strangers, and a trusted sealer has judged what it
 * got from them. */
unsigned arc_trust_find(const struct arc_result *r, arc_trust_fn is_trusted,
    const void *arg, struct arena *a, struct arc_claim *out);

/* The claim is dmarc=pass for this author domain. */
bool arc_trust_covers(const struct arc_claim *c, struct str author);

/* "arc=pass as[2].d=... as[2].s=... as[1].d=... remote-ip[1]=...", for a report
 * row that the chain has changed (RFC 8617 7.2.2); printable ASCII. */
struct str arc_trust_comment(const struct arc_result *r, struct arena *a);

#endif
