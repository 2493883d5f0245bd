/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_LETTER_H
#define APLOMB_REPORT_AGGREGATE_LETTER_H

/*
 * A report as a message (RFC 9990 3.5.2): a text for people, and the gzip file
 * as an attachment, streamed. Lines end in CRLF, are ASCII, and none has more
 * than 998 characters.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "report/aggregate/report_name.h"
#include "report/row/sink.h"

struct arena;
struct letter;
struct text;

/* What the header needs; printable ASCII, see address_is_plain(). */
struct letter_head {
	struct str from;  /* an address */
	struct str to;    /* an address; empty: not known yet */
	int64_t date;     /* seconds UTC */
	const struct report_name *report_name;
	struct str text;  /* printable ASCII, lines ended by LF */
};

/* Writes what stands before the attachment. */
struct letter *letter_open(const struct letter_head *h, struct arena *a,
    struct sink to);

/* Takes the bytes of the gzip file; good until letter_close(). */
struct sink letter_sink(struct letter *l);

/* Writes what is left, and frees; false when any byte is lost. */
bool letter_close(struct letter *l);

#endif
