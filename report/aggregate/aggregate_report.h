/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_AGGREGATE_REPORT_H
#define APLOMB_REPORT_AGGREGATE_AGGREGATE_REPORT_H

/* The aggregate report of one tally: its names, its text for people, and its
 * bytes, streamed from the store. */

#include <stdbool.h>
#include <stdint.h>

#include "report/aggregate/report_name.h"
#include "report/row/row.h"
#include "report/row/sender.h"
#include "report/row/sink.h"
#include "report/store/store.h"

struct arena;

struct aggregate_report {
	const struct sender *sender;
	struct store_day day;
	struct report_policy policy;
	int64_t begin, end; /* the first and the last second of the day */
	struct report_name report_name;
	struct str text;    /* of the letter */
};

/* Whether a tally is to be reported at all: its owner asked for it (RFC 9989
 * 4.7), and there is mail that may be the reason for a report. */
bool aggregate_report_is_due(const struct store_day *d);

/* What the report is, without its rows. False when the store fails. */
bool aggregate_report_init(struct store *s, const struct sender *sender,
    const struct store_day *d, struct arena *a, struct aggregate_report *out);

/* Writes the gzip file. AGGREGATE_REPORT_STORE: see store_reason(); AGGREGATE_REPORT_EMPTY:
 * the tally has no row. */
enum aggregate_report_status {
	AGGREGATE_REPORT_OK,
	AGGREGATE_REPORT_STORE,
	AGGREGATE_REPORT_EMPTY,
	AGGREGATE_REPORT_SINK
};
enum aggregate_report_status aggregate_report_write(struct store *s,
    const struct aggregate_report *o, struct arena *a, struct sink to);

#endif
