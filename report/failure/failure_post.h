/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_POST_H
#define APLOMB_REPORT_FAILURE_FAILURE_POST_H

/* One failure report on its way to an address: for failure_run.c alone. */

#include <stdint.h>

#include "base/str.h"
#include "report/failure/failure_run.h"

struct failure_file;

struct failure_post {
	const struct failure_run *run;
	const struct failure_file *file; /* the first of its kind */
	uint64_t incidents;
	struct str name;     /* of its spool file */
	const char *key;     /* REDACT_KEY bytes */
	struct str reason;   /* after SERVICE or LOCAL */
};

enum failure_post_status {
	FAILURE_POST_SENT,
	FAILURE_POST_DEFERRED,
	FAILURE_POST_REFUSED,
	FAILURE_POST_SERVICE, /* mail cannot be handed over at all */
	FAILURE_POST_LOCAL    /* this machine has no room for the message */
};

/* Writes the report to an address, and hands it over; a dry run says so. */
enum failure_post_status failure_post_send(struct failure_post *p,
    struct str address, struct arena *a);

#endif
