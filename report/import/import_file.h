/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_IMPORT_FILE_H
#define APLOMB_REPORT_IMPORT_IMPORT_FILE_H

/* One history file, to which nobody writes any more. */

#include "report/import/history_read.h"
#include "report/import/import.h"

/* Reads the open file from where an earlier run has come to, in transactions
 * that hold rows and place in the file together. IMPORT_OK: it is in the store
 * to its end. */
enum import_status import_file(struct store *s, const struct import_options *o,
    int fd, struct arena *a, struct import_result *out, struct str *reason);

#endif
