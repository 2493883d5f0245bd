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
#include "base/table.h"
#include "dmarc/policy.h"
#include "dmarc/record.h"
#include "net/ip.h"
#include "net/ipset.h"

struct arc_result;
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

/* What a rule may be asked about: a failure, or an error that is about to send
 * the message away. */
enum override_result { OVERRIDE_FAIL, OVERRIDE_TEMPERROR };
extern const struct table_row override_result_names[];

struct override_rule {
	struct str name;
	unsigned index;                   /* 0, 1, ... in file order */
	struct override_patterns from;    /* author domain */
	struct ipset client;
	struct override_patterns helo;    /* the name that the client gave */
	struct override_patterns recipient; /* every recipient must match one */
	struct override_patterns dkim_domain; /* authenticated */
	struct override_patterns spf_domain;  /* authenticated */
	struct override_patterns arc_sealer;  /* trusted, and vouching for the
						 author domain */
	struct override_patterns list_id;     /* signed by its domain, or by
						 one above */
	unsigned policies;  /* bits 1 << enum record_policy; 0: any */
	unsigned results;   /* bits 1 << enum override_result; 0: any */
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

/* Hosts: a pattern of domains, or the text of an address literal, such as
 * "[192.0.2.1]" (RFC 5321 4.1.3). */

/* Reads one pattern, of domains, hosts or recipients, into the set. False for
 * one that is none. */
bool override_add_domain(struct override_patterns *s, struct str pattern,
    struct arena *a);
bool override_add_host(struct override_patterns *s, struct str pattern,
    struct arena *a);
bool override_add_recipient(struct override_patterns *s, struct str pattern,
    struct arena *a);

/* A pattern of the set fits the domain; an empty set fits none. */
bool override_has_domain(const struct override_patterns *s, struct str domain);

/* ---- conditions ------------------------------------------------------------ */

struct override_facts;

enum override_kind {
	OVERRIDE_DOMAINS,    /* struct override_patterns */
	OVERRIDE_HOSTS,      /* the same */
	OVERRIDE_RECIPIENTS, /* the same */
	OVERRIDE_NETWORKS,   /* struct ipset */
	OVERRIDE_WORDS       /* unsigned, bits 1 << value of a name */
};

/* All that is known of a condition. A new one is a member of the rule, a fact
 * and a row; what reads, prints, explains, matches and compares rules goes
 * through the rows. */
struct override_condition {
	const char *key;
	enum override_kind kind;       /* of the entries of its list */
	const struct table_row *names; /* of words */
	size_t member;                 /* offset in struct override_rule */
	/* Each with members that have entries. `covers`: whatever holds under
	 * `narrow` holds under `wide`. */
	bool (*holds)(const void *given, const struct override_facts *f);
	bool (*covers)(const void *wide, const void *narrow);
	const char *help; /* sentences of the manual */
};

/* In the order in which they are asked, printed and explained. */
extern const struct override_condition override_conditions[];
extern const size_t override_condition_count;

/* Reads one entry into the condition's list. False for one that it does not
 * take. */
bool override_add(const struct override_condition *c, struct override_rule *r,
    struct str value, struct arena *a);

/* The condition's member of the rule, NULL where it has no entry: then it holds
 * for every message. */
const void *override_given(const struct override_condition *c,
    const struct override_rule *r);

/* A rule without conditions matches everything. */
bool override_has_condition(const struct override_rule *r);

/* Its conditions exclude each other: an owner who asks for nothing has no error
 * that matters. */
bool override_is_impossible(const struct override_rule *r);

/* Every message that `narrow` matches is matched by `wide` too, as far as their
 * lists tell (not `until`, not dry runs). May say no where it is so. */
bool override_covers(const struct override_rule *wide,
    const struct override_rule *narrow);

/* What is known of a failed message when rules are asked. */
struct override_facts {
	struct str author;
	struct ip client;
	struct str helo;              /* as given; may be empty or nonsense */
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
	enum override_result result;
	struct str list_id;        /* RFC 2919; empty: none to be believed */
	const struct arc_result *arc; /* NULL: not looked at */
	struct arena *arena;       /* for what a look at it makes, and at the
				      HELO name */
	int64_t now;
};

/* The key of the first condition of a rule that does not hold, `until` where it
 * is over; NULL: it matches. */
const char *override_miss(const struct override_rule *r,
    const struct override_facts *facts);

/* The first rule in force that matches, or NULL. Dry runs that matched before
 * it are stored in `dry_run` as far as `dry_run_max` allows; *dry_run_count
 * says how many are stored. */
const struct override_rule *override_match(const struct override_rules *rules,
    const struct override_facts *facts, const struct override_rule **dry_run,
    size_t dry_run_max, size_t *dry_run_count);

#endif
