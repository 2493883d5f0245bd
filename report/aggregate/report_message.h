/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_REPORT_MESSAGE_H
#define APLOMB_REPORT_AGGREGATE_REPORT_MESSAGE_H

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
struct report_message;
struct text;

/* What the header needs; printable ASCII, see address_is_plain(). */
struct report_message_head {
	struct str from;  /* an address */
	struct str to;    /* an address; empty: not known yet */
	int64_t date;     /* seconds UTC */
	const struct report_name *report_name;
	struct str text;  /* printable ASCII, lines ended by LF */
};

/* Writes what stands before the attachment. */
struct report_message *report_message_open(const struct report_message_head *h, struct arena *a,
    struct sink to);

/* Takes the bytes of the gzip file; good until report_message_close(). */
struct sink report_message_sink(struct report_message *l);

/* Writes what is left, and frees; false when any byte is lost. */
bool report_message_close(struct report_message *l);

#endif
