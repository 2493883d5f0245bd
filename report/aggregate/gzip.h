/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_GZIP_H
#define APLOMB_REPORT_AGGREGATE_GZIP_H

/* gzip (RFC 1952), streamed: the same bytes in give the same bytes out, so a
 * report that is sent once more is the same file. */

#include <stdbool.h>

#include "report/row/sink.h"

struct gzip;

struct gzip *gzip_open(struct sink to);

/* Takes the bytes to compress; good until gzip_close(). */
struct sink gzip_sink(struct gzip *z);

/* Writes what is left, and frees; false when any byte is lost. */
bool gzip_close(struct gzip *z);

#endif
