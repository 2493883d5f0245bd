/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_ROW_ROW_H
#define APLOMB_REPORT_ROW_ROW_H

/*
 * What an aggregate report is made of: the policy that a domain published, and
 * rows, each standing for the messages of one UTC day that look alike (RFC 9990
 * 3.1.1). Plain values; who fills one says how long its views are good. Text is
 * outside text: bounded as in docs/FORMATS, valid UTF-8 without control
 * characters.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/signature.h"
#include "auth/spf.h"
#include "base/str.h"
#include "base/table.h"
#include "dmarc/discover.h"
#include "dmarc/policy.h"
#include "dmarc/record.h"

/* A row has at most this many signatures: RFC 9990 3.1.3 allows 100, a history
 * line has fewer, OpenDMARC's files may have more. */
#define REPORT_MAX_DKIM 100u

/* RFC 9990 3.1.1.9. `pass`: DMARC passed under a policy that asks for
 * something; RFC 7489 has no such word, its form says `none`. */
enum report_disposition {
	REPORT_NONE,
	REPORT_PASS,
	REPORT_QUARANTINE,
	REPORT_REJECT
};
extern const struct table_row report_disposition_names[];

struct report_spf {
	struct str domain; /* empty: there was none to check */
	struct str scope;  /* "mfrom" */
	enum spf_result result;
};

struct report_dkim {
	struct str domain, selector; /* empty where unreadable */
	enum signature_result result;
	struct str human;            /* human_result; empty with pass */
};

struct report_row {
	uint64_t count;
	uint64_t optional; /* of them: mail that alone must cause no report:
			      bounces, and reports about mail */
	struct str source_ip;
	enum report_disposition disposition;
	bool is_dkim_aligned, is_spf_aligned; /* passed and aligned */
	struct reasons reasons;
	struct str header_from;
	struct str envelope_from; /* empty for the null reverse-path */
	struct str envelope_to;   /* empty: not to be told */
	struct report_spf spf;
	/* In the order of RFC 9990 3.1.3: aligned, other pass, the others. */
	struct report_dkim dkim[REPORT_MAX_DKIM];
	size_t dkim_count;
};

struct report_policy {
	struct str domain; /* the policy domain */
	enum discover_method method;
	enum record_policy p, sp, np; /* sp and np with their defaults */
	bool is_strict_dkim, is_strict_spf;
	struct str fo;     /* as in the record: "0", "1:d:s" */
	bool is_test;      /* t=y */
	enum record_psd psd;
	unsigned pct;      /* 0 to 100 */
	bool has_rua;      /* it asked for aggregate reports */
	struct str error;  /* problems of the record, joined by "; " */
};

#endif
