/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_FAILURE_H
#define APLOMB_JUDGE_FAILURE_H

/*
 * Whether a message that was judged is to be told to its domain as a failure,
 * and which reports that makes (RFC 9991, RFC 9989 4.7). Functions of facts:
 * nothing is asked and nothing is kept here.
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/table.h"

struct message;
struct plan;
struct verdict;

/* What a report is about: a set of these, each a report of its own (RFC 6591
 * 3: one report, one failure). */
#define FAILURE_DMARC 1u
#define FAILURE_DKIM  2u
#define FAILURE_SPF   4u
/* "dmarc", "dkim" and "spf". */
extern const struct table_row failure_type_names[];

/* Why there is no report, or FAILURE_DUE. */
enum failure_answer {
	FAILURE_DUE,
	FAILURE_OFF,      /* failure-reports = no */
	FAILURE_EXEMPT,   /* the message was not judged */
	FAILURE_COMES_BACK, /* it was answered 4xx: its sender tries again */
	FAILURE_UNASKED,  /* no record with a ruf applies */
	FAILURE_SUFFIX,   /* its record is of a public suffix: psd=y (RFC 9991
			     2) */
	FAILURE_LOOP,     /* it is a report, a bounce or an automatic answer, or
			     our own */
	FAILURE_NOTHING   /* fo asks for no report of it */
};
extern const struct table_row failure_answer_names[];

/* The reports that `fo` (flags of dmarc/record.h) asks for, of a message whose
 * record applies. */
struct failure_facts {
	unsigned fo;
	bool is_fail;                /* DMARC's result */
	bool is_spf_aligned, is_dkim_aligned; /* passed and aligned */
	const struct verdict *verdict; /* what SPF and the signatures came to */
};
unsigned failure_types(const struct failure_facts *f);

/* Whether the header or the envelope say that a report could begin a loop (RFC
 * 9991 5.1, RFC 6650 6, RFC 3834 2). */
bool failure_may_loop(const struct message *m);

/* Decides; *types is set with FAILURE_DUE. It speaks of the decisive author
 * alone. */
enum failure_answer failure_decide(const struct message *m,
    const struct verdict *v, const struct plan *p, unsigned *types);

#endif
