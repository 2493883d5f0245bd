/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_REPORT_SPECIMEN_H
#define APLOMB_TEST_REPORT_SPECIMEN_H

/* Rows for the tests of reports, each with a name and the policy it was judged
 * by. */

#include "report/aggregate/aggregate.h"

struct specimen {
	const char *name;
	const struct report_policy *policy;
	struct report_row row;
};

/* The last has no name. */
extern const struct specimen specimens[];

/* A head for a report of rows under this policy. */
void specimen_head(enum report_format format,
    const struct report_policy *policy, struct aggregate_head *out);

#endif
