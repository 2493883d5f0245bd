/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/record_reader.h"

void
record_reader_note(struct record_reader *r, enum record_finding_id id, size_t at, size_t n)
{
	if (r->finding_count < RECORD_MAX_FINDINGS)
		r->findings[r->finding_count++] =
		    (struct record_finding) {id, at, n};
}

void
record_reader_note_segment(struct record_reader *r, enum record_finding_id id,
    const struct tag *t)
{
	struct str segment = str_trim(str_sub(r->out->text, t->at, t->n));
	if (segment.n > 0)
		record_reader_note(r, id, (size_t)(segment.p - r->out->text.p),
		    segment.n);
	else
		record_reader_note(r, id, t->at, t->n);
}

void
record_reader_note_value(struct record_reader *r, enum record_finding_id id,
    const struct tag *t)
{
	if (t->value.n > 0)
		record_reader_note(r, id, t->value_at, t->value.n);
	else
		record_reader_note_segment(r, id, t);
}
