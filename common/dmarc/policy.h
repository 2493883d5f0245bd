/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_POLICY_H
#define APLOMB_DMARC_POLICY_H

/*
 * From an applied record to what its owner asks for: p, sp or np, then test
 * mode, then sampling (RFC 9989 4.7, 4.10.1; RFC 7489 6.3, 6.6.4).
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/table.h"
#include "dmarc/discover.h"
#include "dmarc/record.h"

struct lookups;

enum disposition {
	DISPOSITION_NONE,
	DISPOSITION_QUARANTINE,
	DISPOSITION_REJECT,
	DISPOSITION_TEMPFAIL /* only an override or an error asks for it */
};
extern const struct table_row disposition_names[];

/* Why the disposition differs from the owner's policy. RFC 9990 3.1.6, and
 * RFC 7489's sampled_out and forwarded. */
enum reason_type {
	REASON_LOCAL_POLICY,
	REASON_MAILING_LIST,
	REASON_OTHER,
	REASON_POLICY_TEST_MODE,
	REASON_TRUSTED_FORWARDER,
	REASON_SAMPLED_OUT,
	REASON_FORWARDED
};
extern const struct table_row reason_names[];

struct reason {
	enum reason_type type;
	struct str comment;
};
/* Test mode, sampling, one override, a chain, monitor mode, one local action. */
#define POLICY_MAX_REASONS 6u

struct reasons {
	struct reason at[POLICY_MAX_REASONS];
	size_t count;
};

/* Adds one; beyond POLICY_MAX_REASONS it is left out. */
void reasons_add(struct reasons *r, enum reason_type type, struct str comment);

enum policy_tag { POLICY_P, POLICY_SP, POLICY_NP };
extern const struct table_row policy_tag_names[];

struct policy {
	bool is_temperror;          /* np matters and the name's existence
				       could not be asked */
	enum policy_tag tag;        /* where the owner's word stands */
	enum record_policy owner;   /* that word, before t and pct */
	enum disposition disposition; /* what it asks for after t and pct */
	struct reasons reasons;     /* test mode, sampling */
};

struct policy_options {
	enum discover_method method; /* as the record was found by */
	bool is_pct_honoured;
	unsigned draw;              /* 0 to 99: selected if draw < pct */
};

/* Asks whether the author domain exists, only if np would matter (RFC 9989
 * App. A.4). Never blocks. */
void policy_prefetch(struct lookups *l, const struct discovery *d,
    struct str author);

/* Applies a found record; waits only where np matters. Always fills *out: with
 * is_temperror as if the author domain existed. */
void policy_apply(struct lookups *l, const struct policy_options *o,
    const struct discovery *d, struct str author, struct policy *out);

#endif
