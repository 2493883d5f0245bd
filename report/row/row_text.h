/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_ROW_TEXT_H
#define APLOMB_REPORT_ROW_ROW_TEXT_H

/*
 * Rows and policies as the texts that the store keeps: one for each column,
 * equal texts for equal values. A list is one text, its items ended by a
 * newline, the parts of an item separated by a tab; no text from outside has
 * either, since control characters become U+FFFD here.
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/text.h"
#include "report/row/row.h"

struct arena;

/* Between the columns of a value. */
#define ROW_TEXT_SEPARATOR '\x1e'

/* The columns of a row, in this order. */
enum row_column {
	ROW_SOURCE_IP,
	ROW_DISPOSITION,
	ROW_DKIM,
	ROW_SPF,
	ROW_REASONS,       /* type, comment */
	ROW_HEADER_FROM,
	ROW_ENVELOPE_FROM,
	ROW_ENVELOPE_TO,
	ROW_SPF_DOMAIN,
	ROW_SPF_RESULT,
	ROW_SIGNATURES,    /* domain, selector, result, human */
	ROW_COLUMNS
};

enum policy_column {
	POLICY_DOMAIN,
	POLICY_METHOD,
	POLICY_COLUMN_P,
	POLICY_COLUMN_SP,
	POLICY_COLUMN_NP,
	POLICY_ADKIM,
	POLICY_ASPF,
	POLICY_FO,
	POLICY_TESTING,
	POLICY_PSD,
	POLICY_PCT,
	POLICY_RUA,
	POLICY_ERROR,
	POLICY_COLUMNS
};

/* Adds the columns, each but the last followed by the separator. */
void row_print(struct text *t, const struct report_row *r);
void policy_print(struct text *t, const struct report_policy *p);

/* Takes such a text apart into its columns. */
void row_text_split(struct str text, struct str *columns, size_t count);

/* From columns, of which the values are views. False for what is none of
 * ours. Counts are left alone. */
bool row_parse(const struct str columns[ROW_COLUMNS], struct report_row *out);
bool policy_parse(const struct str columns[POLICY_COLUMNS],
    struct report_policy *out);

#endif
