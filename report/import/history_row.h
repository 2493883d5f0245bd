/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_HISTORY_ROW_H
#define APLOMB_REPORT_IMPORT_HISTORY_ROW_H

/* From a message of the history to the row of a report that it counts in
 * (RFC 9990 3.1.1). */

#include <stdbool.h>
#include <stdint.h>

#include "judge/history_line.h"
#include "report/row/row.h"

enum message_kind {
	MESSAGE_COUNTS,
	MESSAGE_DEFERRED,  /* answered 4xx: the client comes again */
	MESSAGE_UNREPORTED /* no policy is published for it, or none applies */
};

/* Where a message goes, whatever the file it came from. */
struct message_row {
	int64_t day; /* since 1970-01-01 UTC */
	struct report_policy policy;
	struct report_row row;
};

/* Fills *out with views into the line for MESSAGE_COUNTS. A message of several
 * authors counts for the decisive one. */
enum message_kind history_row(const struct history_line *m,
    bool has_envelope_to, struct message_row *out);

/* If DMARC failed and what was done is not what the owner asks for, there must
 * be a reason (RFC 9990 3.1.1.9): adds one where none is known. */
void history_row_explain(struct report_row *r, enum record_policy asked,
    bool is_temporary);

#endif
