/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_JUDGE_VERDICT_H
#define APLOMB_JUDGE_VERDICT_H

/*
 * The verdict on one message: a function of what is known of it and of DNS
 * answers. It logs nothing and changes nothing. RFC 9989 5.3, 5.4; RFC 7489
 * 6.6.
 */

#include <stdbool.h>
#include <stddef.h>

#include "auth/arc.h"
#include "auth/signature.h"
#include "auth/spf.h"
#include "base/str.h"
#include "base/table.h"
#include "dmarc/discover.h"
#include "dmarc/override.h"
#include "dmarc/policy.h"

struct message;

#define VERDICT_MAX_DRY_RUNS 8u

/* RFC 9989 9.2. */
enum verdict_result {
	VERDICT_NONE,
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_TEMPERROR,
	VERDICT_PERMERROR
};
extern const struct table_row verdict_result_names[];

/* What DMARC says of one author domain. */
struct judgement {
	struct str author;
	enum verdict_result result;
	struct discovery discovery;
	bool is_spf_aligned, is_dkim_aligned;
	unsigned dkim_aligned;  /* bits 1 << i: verdict.dkim[i] passed and is
				   aligned */
	struct policy policy;   /* filled where has_policy; what it asks for is
				   nothing with PASS */
	bool has_policy;        /* discovery found a record */
	bool is_temperror_due;  /* no verdict, and temperror-action counts: the
				   lookup of the policy failed, or it asks for
				   quarantine or reject */
	struct str reason;      /* for people: why this result */
	bool differs;           /* the other discovery method would have chosen
				   another policy domain or organizational
				   domain, as far as answers at hand tell */

	/* What policy and overrides ask for, where it failed or an override
	 * decided an error. */
	enum disposition disposition;
	struct reasons reasons;
	const struct override_rule *override; /* that decided, or NULL */
	struct str sealer;      /* the trusted sealer whose word lets it in;
				   empty: none */
};

struct verdict {
	enum verdict_result result; /* of the decisive judgement */
	struct str reason;
	struct spf_check spf;
	const struct signature *dkim[SIGNATURES_MAX]; /* in field order */
	size_t dkim_count;
	const struct arc_result *arc; /* NULL: not looked at */
	/* One per author domain; none without a usable From. */
	struct judgement *judgements;
	size_t judgement_count;
	/* Whose policy counts (RFC 9989 11.5): the first with the strictest
	 * disposition that a failure or an override gives, else the first due
	 * error under a known policy, other due error, failure, other error,
	 * author without a record, or pass. NULL without a usable From. */
	const struct judgement *decisive;

	/* The decisive judgement's, before the operator's actions
	 * (judge/plan.h). */
	enum disposition disposition;
	struct reasons reasons;
	bool is_bad_from;           /* no usable From: bad-from-action */
	bool is_temperror_due;
	const struct override_rule *override;
	const struct override_rule *dry_runs[VERDICT_MAX_DRY_RUNS];
	size_t dry_run_count;
};

/* Waits for DNS, at most the settings' dns-timeout, and fills *out, which lives
 * as long as the message. An exempt message gets VERDICT_NONE at once. */
void verdict_reach(struct message *m, struct verdict *out);

/* What override_miss() says of each override rule, in their order, in a
 * judgement of the verdict; NULL when none was asked. In the message's arena. */
const char *const *verdict_misses(const struct message *m,
    const struct verdict *v, const struct judgement *j);

#endif
