/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_SEND_H
#define APLOMB_REPORT_FAILURE_FAILURE_SEND_H

/* One failure report on its way to an address: for failure_run.c alone. */

#include <stdint.h>

#include "base/str.h"
#include "report/failure/failure_run.h"

struct failure_file;

struct failure_send {
	const struct failure_run *run;
	const struct failure_file *file; /* the first of its kind */
	uint64_t incidents;
	struct str name;     /* of its spool file */
	const char *key;     /* REDACT_KEY bytes */
	struct str reason;   /* after SERVICE or LOCAL */
};

enum failure_send_status {
	FAILURE_SEND_SENT,
	FAILURE_SEND_DEFERRED,
	FAILURE_SEND_REFUSED,
	FAILURE_SEND_SERVICE, /* mail cannot be handed over at all */
	FAILURE_SEND_LOCAL    /* this machine has no room for the message */
};

/* Writes the report to an address, and hands it over; a dry run says so. */
enum failure_send_status failure_send(struct failure_send *p,
    struct str address, struct arena *a);

#endif
