/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_FIELDS_H
#define APLOMB_REPORT_FAILURE_FAILURE_FIELDS_H

/*
 * The fields of a failure report that machines read: message/feedback-report
 * (RFC 5965 3, RFC 6591 3, RFC 6692, RFC 9991 4).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/text.h"
#include "report/failure/failure_file.h"

struct redactor;

struct failure_fields {
	const struct failure_file *file;
	uint64_t incidents;    /* at least 1 */
	bool has_recipients;   /* Original-Rcpt-To */
	struct str submitter;  /* for Authentication-Results without a name */
	struct redactor *redactor;
};

/* Adds them, CRLF behind each; printable ASCII, no line above 998. */
void failure_fields_print(const struct failure_fields *f, struct text *t);

/* A field of one line or several: what is not printable ASCII is "?", blanks
 * and line ends are blanks; folded in front of a word where it would be longer
 * than 76 characters. */
void failure_fields_add(struct text *t, const char *name, struct str value);

/* The signature that a report is about; NULL: none. For DMARC one
 * whose domain could align with the author's, and which did not pass; for DKIM
 * that, or any that failed. */
const struct history_signature *failure_fields_signature(
    const struct failure_file *file, size_t *at);

/* The mechanisms without an aligned pass: "dkim", "spf", "dkim,spf", "none". */
const char *failure_fields_alignment(const struct failure_file *file);

#endif
