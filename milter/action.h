/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_ACTION_H
#define APLOMB_MILTER_ACTION_H

/* Performs a plan through libmilter, at end of message. */

#include <stdbool.h>

#include <libmilter/mfapi.h>

struct arena;
struct plan;

/* Makes the edits, sets the reply, and gives in *out what the callback has to
 * return. `is_exact`: values carry their leading blank (SMFIP_HDR_LEADSPC).
 * False when libmilter or the MTA refused a part: then *out asks the sender to
 * come back, so that nothing is accepted half done. */
bool action_perform(SMFICTX *ctx, const struct plan *p, bool is_exact,
    struct arena *a, sfsistat *out);

/* The reply to a message that came while the daemon stops. */
sfsistat action_come_back(SMFICTX *ctx);

#endif
