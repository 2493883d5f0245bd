/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_RECORD_READER_H
#define APLOMB_DMARC_RECORD_READER_H

/* The reading of one record, which record.c and kind.c share: what is read so
 * far, and what was found. */

#include <stdbool.h>
#include <stddef.h>

#include "dmarc/record.h"
#include "mail/tags.h"

struct arena;

struct record_reader {
	struct arena *arena;   /* of the result */
	struct arena *scratch; /* of what only the reading needs */
	struct record *out;
	struct tags tags;
	bool is_rfc7489;
	bool has_p;           /* a valid one */
	bool is_policy_wrong; /* sp or np has no valid value */
	struct record_finding findings[RECORD_MAX_FINDINGS];
	size_t finding_count;
};

/* Notes a finding: at bytes of the record, at a segment without the blanks
 * around it, at a value (at the segment where the value is empty). */
void record_reader_note(struct record_reader *r, enum record_finding_id id, size_t at,
    size_t n);
void record_reader_note_segment(struct record_reader *r, enum record_finding_id id,
    const struct tag *t);
void record_reader_note_value(struct record_reader *r, enum record_finding_id id,
    const struct tag *t);

#endif
