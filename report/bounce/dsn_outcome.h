/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_BOUNCE_DSN_OUTCOME_H
#define APLOMB_REPORT_BOUNCE_DSN_OUTCOME_H

/* What became of a delivery, by the content of message/delivery-status (RFC
 * 3464 2). All are views of the input, not yet fit for people. */

#include <stdbool.h>

#include "base/str.h"
#include "report/bounce/dsn.h"

struct dsn_outcome {
	enum dsn_status status; /* of the worst recipient, as what follows */
	struct str recipient;   /* without the address type */
	struct str code;
	struct str text;        /* without the diagnostic type */
	struct str envelope_id; /* set even when there is no outcome */
	bool has_success;       /* another recipient got it */
};

/* False when no group of fields says what happened. A group is one of a
 * recipient when it has an Action or a Status, even the first one. */
bool dsn_outcome_read(struct str content, struct dsn_outcome *out);

#endif
