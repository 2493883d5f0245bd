/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_SEND_QUEUE_RUN_H
#define APLOMB_REPORT_SEND_QUEUE_RUN_H

/*
 * One round of sending: reports are made of the days that are over, and every
 * report that waits is worked on, until nothing is left that can be done now.
 * Rounds of several processes and hosts share the work.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "report/send/delivery.h"

/* Days further back are reported only when they are named. */
#define QUEUE_RUN_DAYS 7

/* Called with each report before it is worked on: how many were before. */
typedef void (*queue_run_progress_fn)(void *arg, const struct queue_report *r,
    uint64_t before);

struct queue_run {
	struct delivery dispatch;
	const struct sender *sender;
	struct store_filter filter;
	queue_run_progress_fn progress;          /* may be NULL */
	void *arg;
	const volatile sig_atomic_t *is_over; /* set: end after this message */
	uint64_t made;     /* reports */
	uint64_t excluded; /* tallies that report-exclude keeps back */
};

/* The gates of a round that begins at `now` (seconds UTC). */
void queue_run_gates(const struct settings *s, const struct store_filter *f,
    int64_t now, struct queue_gates *out);

/* Anything but DELIVERY_OK: it ended before its end, as dispatch.reason says. */
enum delivery_status queue_run_start(struct queue_run *r);

#endif
