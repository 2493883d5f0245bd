/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_SINK_H
#define APLOMB_REPORT_ROW_SINK_H

/*
 * Where the bytes of a report go. Reports are streamed: what makes bytes hands
 * them to a sink piece by piece, and no report lies whole in memory.
 */

#include <stdbool.h>

#include "base/str.h"

/* False: they could not be taken, and nothing that follows will be. */
typedef bool (*sink_fn)(void *arg, struct str bytes);

struct sink {
	sink_fn write;
	void *arg;
};

static inline bool
sink_write(struct sink s, struct str bytes)
{
	return s.write(s.arg, bytes);
}

#endif
