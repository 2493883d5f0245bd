/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_PREVIEW_H
#define APLOMB_REPORT_AGGREGATE_PREVIEW_H

/* A report as files to look at: the package under its own name, and the message
 * that would carry it. Nothing is asked of DNS, and nothing is sent. */

#include <stdbool.h>

#include "report/aggregate/aggregate_report.h"

struct arena;

/* Makes the folder unless it is there. False with a sentence in *reason, as
 * below. */
bool preview_folder(const char *path, struct arena *a, struct str *reason);

/* Writes STEM.xml.gz and STEM.eml into the folder, whole or not at all; a name
 * that no file can have is the id alone. *stem is what was taken. */
bool preview_write(struct store *s, const struct aggregate_report *o,
    const char *folder, int64_t now, struct arena *a, struct str *stem,
    struct str *reason);

#endif
