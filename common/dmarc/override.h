/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_OVERRIDE_H
#define APLOMB_DMARC_OVERRIDE_H

/*
 * The operator's exceptions: ordered rules, the first that matches wins. Given
 * conditions must all hold; a list holds when one of its entries does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "dmarc/policy.h"
#include "dmarc/record.h"
#include "net/ip.h"
#include "net/ipset.h"

struct arena;

/* Domains as patterns: "example.com" is that name alone, "*.example.com" every
 * name below it, "*" every name. In the one form of mail/domain.h. */
struct override_patterns {
	struct str *at;
	size_t count, capacity;
};

/* Recipients: an address, a "@domain", or a pattern of domains as above, which
 * means any address there. Local-parts compare without regard to case. */

enum override_effect {
	OVERRIDE_DISPOSITION,
	OVERRIDE_TREAT_AS
};

struct override_rule {
	struct str name;
	unsigned index;                   /* 0, 1, ... in file order */
	struct override_patterns from;    /* author domain */
	struct ipset client;
	struct override_patterns recipient; /* every recipient must match one */
	struct override_patterns dkim_domain; /* authenticated */
	struct override_patterns spf_domain;  /* authenticated */
	unsigned policies;  /* bits 1 << enum record_policy; 0: any */
	enum override_effect effect;
	enum disposition disposition;     /* with OVERRIDE_DISPOSITION */
	enum record_policy treat_as;      /* with OVERRIDE_TREAT_AS */
	enum reason_type reason;          /* default local_policy */
	struct str comment;
	int64_t until;                    /* seconds; 0: for ever. The rule is
					     over at that instant */
	bool is_dry_run;                  /* logged, changes nothing; a later
					     rule may still match */
};

struct override_rules {
	struct override_rule *at;
	size_t count;
};

/* Reads one pattern of a `from`, `dkim-domain`, `spf-domain` or `recipient`
 * condition into the set. False for one that is no pattern. */
bool override_add_domain(struct override_patterns *s, struct str pattern,
    struct arena *a);
bool override_add_recipient(struct override_patterns *s, struct str pattern,
    struct arena *a);

/* What is known of a failed message when rules are asked. */
struct override_facts {
	struct str author;
	struct ip client;
	const struct str *recipients; /* addresses, without < >; domains as
					 A-labels in any case */
	size_t recipient_count;
	bool has_more_recipients;     /* than are listed: then no condition on
					 recipients holds, as with none */
	const struct str *dkim_domains; /* of passing signatures */
	size_t dkim_count;
	struct str spf_domain;   /* of a pass, else empty */
	bool has_policy;
	enum record_policy policy; /* the owner's */
	int64_t now;
};

/* The first rule in force that matches, or NULL. Dry runs that matched before
 * it are stored in `dry_run` as far as `dry_run_max` allows; *dry_run_count
 * says how many are stored. */
const struct override_rule *override_match(const struct override_rules *rules,
    const struct override_facts *facts, const struct override_rule **dry_run,
    size_t dry_run_max, size_t *dry_run_count);

#endif
