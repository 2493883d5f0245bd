/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_AGGREGATE_H
#define APLOMB_REPORT_AGGREGATE_AGGREGATE_H

/*
 * An aggregate report as XML: that of RFC 9990 (Appendix A), or that of RFC
 * 7489 (Appendix C, without a namespace, as everybody sends it). Rows are
 * pushed one by one; memory does not depend on their number.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "report/row/row.h"
#include "report/row/sink.h"
#include "settings/settings.h"

/* Of domains, selectors, addresses and the like, in bytes, as in docs/FORMATS;
 * of comments and errors. */
#define AGGREGATE_MAX_WORD 255u
#define AGGREGATE_MAX_SENTENCE 1000u

struct aggregate;

struct aggregate_head {
	enum report_format format;
	struct str org_name;
	struct str email;   /* for people who ask about the report */
	struct str contact; /* extra_contact_info; empty: none */
	struct str generator; /* name and version of the software */
	struct str id;      /* as in struct report_name */
	int64_t begin, end; /* the first and the last second */
	struct str error;   /* what the report lacks; empty: nothing. Problems
			       of the record are in the policy */
	const struct report_policy *policy;
};

/* Writes what stands before the rows. */
struct aggregate *aggregate_open(const struct aggregate_head *h,
    struct sink to);

/* Writes one row; false once the sink has failed. */
bool aggregate_add(struct aggregate *a, const struct report_row *r);

/* Writes what is left, and frees. False when bytes are lost, or when there was
 * no row: a report must have one (RFC 9990 3.1.1.2). */
bool aggregate_close(struct aggregate *a);

#endif
