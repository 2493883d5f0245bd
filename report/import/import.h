/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_IMPORT_H
#define APLOMB_REPORT_IMPORT_IMPORT_H

/*
 * From history files to the store: each message is counted once, whatever ends
 * this process at any moment. Bad lines go to PATH.bad and stop nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "report/store/store_import.h"

struct arena;

enum import_format {
	IMPORT_APLOMB,
	IMPORT_OPENDMARC
};

struct import_options {
	const char *path; /* of the history */
	enum import_format format;
	uint64_t max_rows; /* report-max-rows */
	bool has_envelope_to;
};

struct import_result {
	struct store_counts counts;
	unsigned files;   /* that were taken away */
	bool is_known;    /* one of them had been imported before */
	bool has_no_uuid; /* one of them was emptied in place once */
};

enum import_status {
	IMPORT_OK,
	IMPORT_BUSY,    /* another import is running */
	IMPORT_NEWER,   /* the file has a version above ours */
	IMPORT_FAILED   /* what was read is safe; it is to be run again */
};

/* Imports what is left over, and the file at the path. Not IMPORT_OK: a
 * sentence in *reason; *out still says what was done. */
enum import_status import_run(struct store *s, const struct import_options *o,
    struct arena *a, struct import_result *out, struct str *reason);

#endif
