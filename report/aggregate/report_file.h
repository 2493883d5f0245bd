/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_REPORT_FILE_H
#define APLOMB_REPORT_AGGREGATE_REPORT_FILE_H

/*
 * A report on its way out: its gzip file, made once from the store, and a
 * message around it for each destination. Both are files without a name, so
 * nothing of them is left behind, and memory does not depend on their size.
 */

#include <stdint.h>
#include <stdio.h>

#include "report/aggregate/aggregate_report.h"

struct arena;
struct report_file;

/* Makes the gzip file. NULL with a sentence in *reason; *status says whose
 * fault it is: AGGREGATE_REPORT_STORE the store's, AGGREGATE_REPORT_EMPTY nobody's: its rows
 * are gone; AGGREGATE_REPORT_SINK that of the directory for temporary files. */
struct report_file *report_file_open(struct store *s, const struct aggregate_report *o,
    struct arena *a, enum aggregate_report_status *status, struct str *reason);

/* The message to an address, at its start, to be closed; NULL with a sentence
 * in *reason. `date`: seconds UTC, the same at every try. */
FILE *report_file_message(struct report_file *p, struct str to, int64_t date,
    struct arena *a, struct str *reason);

void report_file_close(struct report_file *p);

#endif
