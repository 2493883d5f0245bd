/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_RECIPIENT_EXTERNAL_H
#define APLOMB_REPORT_RECIPIENT_EXTERNAL_H

/*
 * Whether a host takes reports about a domain: one of the same organization
 * does; another says so by records at "<policy domain>._report._dmarc.<host>"
 * (RFC 9990 4, RFC 7489 7.1). RFC 9991 5 has the same for failure reports.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "dmarc/discover.h"
#include "dmarc/record.h"

struct arena;
struct lookup;
struct lookups;

enum external_status {
	EXTERNAL_VERIFIED,
	EXTERNAL_ABSENT,    /* nothing of the kind is published */
	EXTERNAL_LONG_NAME, /* no such name can be: so nothing is published */
	EXTERNAL_FOREIGN,   /* it names addresses, and none at the host: reports
			      go neither there nor to the first address */
	EXTERNAL_TEMPERROR  /* nothing is known: never a yes */
};

/* What is asked about one host, under way. */
struct external_question {
	struct lookups *lookups;
	const struct discover_options *options;
	struct str policy_domain, host;
	struct str name;       /* of the consent; empty: it needs none */
	struct lookup *lookup; /* NULL: not asked */
};

struct external {
	enum external_status status;
	struct str reason; /* a sentence for people; empty with GIVEN */
	/* With GIVEN: the addresses at the host that stand for those which the
	 * policy domain named; none: it is these that are meant. */
	const struct record_uri *overrides;
	size_t override_count;
};

/* Asks all that could be needed; never blocks. Names are in the one form of
 * mail/domain.h, and views of them are kept. */
void external_ask(struct lookups *l, const struct discover_options *o,
    struct str policy_domain, struct str host, struct arena *a,
    struct external_question *out);

/* The answer, awaited: of rua, or of ruf. Views are as good as `a` and the
 * lookups of the question. */
void external_find(const struct external_question *q, bool is_ruf,
    struct arena *a, struct external *out);

#endif
