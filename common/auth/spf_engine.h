/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SPF_ENGINE_H
#define APLOMB_AUTH_SPF_ENGINE_H

/*
 * libspf2, which walks through the terms of a record and of those that it
 * includes. Nothing that an outsider wrote reaches it: records are rewritten
 * with numbers for names. Its reader drops terms and takes what is no record,
 * its expansion of macros has been overrun (CVE-2021-20314, CVE-2023-42118), it
 * cannot say "/0", and it counts by record; so that is done before it. It has
 * no resolver, keeps nothing between two evaluations and prints nothing.
 */

#include "auth/spf_record.h"
#include "auth/spf_run.h"

struct spf_outcome {
	enum spf_result result;
	const struct spf_record *record; /* whose term decided */
	const struct spf_term *term;     /* NULL: none matched */
};

/* Evaluates a usable record. When that decided the run, *out is empty. */
void spf_engine_evaluate(struct spf_run *run, struct spf_node *top,
    struct spf_outcome *out);

#endif
