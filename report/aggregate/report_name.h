/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_AGGREGATE_REPORT_NAME_H
#define APLOMB_REPORT_AGGREGATE_REPORT_NAME_H

/*
 * What an aggregate report is called: its id, file, subject and Message-ID
 * (RFC 9990 3.5.1, 3.5.2). All follow from what the report is about, so every
 * host and every try finds the same.
 */

#include <stdint.h>

#include "base/str.h"

struct arena;

struct report_name_facts {
	struct str submitter; /* the domain that reports */
	struct str domain;    /* the policy domain */
	struct str policy;    /* what tells published policies apart */
	int64_t begin, end;   /* the first and the last second */
	unsigned sequence;    /* 0 for the first report of these facts */
};

/* Texts of printable ASCII. Every byte of a domain that is none of a domain's
 * becomes "_". */
struct report_name {
	struct str domain;     /* the policy domain, as the names have it */
	struct str id;         /* letters and digits; unique over all domains
				  and days, since readers drop what they have
				  seen under an id */
	struct str stem;       /* of the file's name: without ".xml.gz" */
	struct str file;
	struct str subject;    /* not folded */
	struct str message_id; /* with its brackets */
};

void report_name_make(const struct report_name_facts *f, struct arena *a,
    struct report_name *out);

#endif
