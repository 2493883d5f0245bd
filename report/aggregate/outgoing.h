/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_OUTGOING_H
#define APLOMB_REPORT_AGGREGATE_OUTGOING_H

/* The aggregate report of one tally: its names, its text for people, and its
 * bytes, streamed from the store. */

#include <stdbool.h>
#include <stdint.h>

#include "report/aggregate/package.h"
#include "report/row/row.h"
#include "report/row/sender.h"
#include "report/row/sink.h"
#include "report/store/store.h"

struct arena;

struct outgoing {
	const struct sender *sender;
	struct store_day day;
	struct report_policy policy;
	int64_t begin, end; /* the first and the last second of the day */
	struct package package;
	struct str text;    /* of the letter */
};

/* Whether a tally is to be reported at all: its owner asked for it (RFC 9989
 * 4.7), and there is mail that may be the reason for a report. */
bool outgoing_is_due(const struct store_day *d);

/* What the report is, without its rows. False when the store fails. */
bool outgoing_init(struct store *s, const struct sender *sender,
    const struct store_day *d, struct arena *a, struct outgoing *out);

/* Writes the gzip file. OUTGOING_STORE: see store_reason(); OUTGOING_EMPTY:
 * the tally has no row. */
enum outgoing_status {
	OUTGOING_OK,
	OUTGOING_STORE,
	OUTGOING_EMPTY,
	OUTGOING_SINK
};
enum outgoing_status outgoing_write(struct store *s,
    const struct outgoing *o, struct arena *a, struct sink to);

#endif
