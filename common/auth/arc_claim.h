/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_CLAIM_H
#define APLOMB_AUTH_ARC_CLAIM_H

/*
 * What a sealer claims in its ARC-Authentication-Results (RFC 8617 4.1.1, RFC
 * 8601 2.2). It is worth what the sealer is (auth/arc_trust.h).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "net/ip.h"

struct arena;

/* Later ones are left out. */
#define ARC_CLAIM_MAX_DKIM 10u

struct arc_claim {
	bool is_readable;    /* false: nothing else is set */
	bool has_dmarc;      /* there is a result of DMARC */
	bool is_dmarc_pass;  /* the only one, and it says pass */
	struct str from;     /* its header.from; like all names in the one form,
				or empty */
	struct str spf;      /* domain of smtp.mailfrom where spf=pass */
	struct str dkim[ARC_CLAIM_MAX_DKIM]; /* header.d where dkim=pass */
	size_t dkim_count;
	struct ip remote_ip; /* the first smtp.remote-ip, else IP_NONE */
};

/* Reads the value of a field. Always fills *out, in the arena. */
void arc_claim_read(struct str field, struct arena *a, struct arc_claim *out);

#endif
