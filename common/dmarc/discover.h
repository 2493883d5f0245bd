/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_DMARC_DISCOVER_H
#define APLOMB_DMARC_DISCOVER_H

/*
 * Which record applies to an author domain, and which organizational domain a
 * name has: by DNS tree walk (RFC 9989 4.10) or by public suffix list (RFC 7489
 * 3.2, 6.6.3). The two are never mixed.
 */

#include <stdbool.h>

#include "base/str.h"
#include "base/table.h"
#include "dmarc/record.h"

struct arena;
struct lookups;
struct suffix_list;

/* RFC 9989 4.10. */
#define DISCOVER_MAX_QUERIES 8u

enum discover_method { DISCOVER_TREEWALK, DISCOVER_PSL };
extern const struct table_row discover_method_names[];

struct discover_options {
	enum discover_method method;
	bool has_psl_guard; /* tree walk: a record at a listed suffix that is
			       not the walk's start counts as psd=y */
	const struct suffix_list *suffixes;
};

enum discover_status {
	DISCOVER_FOUND,
	DISCOVER_ABSENT,   /* no record applies: DMARC does not (RFC 9989
			      4.10.1); `reason` says why */
	DISCOVER_TEMPERROR /* a question on the way failed */
};

/* Whose record it is, seen from the author domain. */
enum discover_source { DISCOVER_OWN, DISCOVER_ORG, DISCOVER_PSD };

struct discovery {
	enum discover_status status;
	enum discover_source source;
	struct str policy_domain;    /* without "_dmarc."; with FOUND */
	const struct record *record; /* with FOUND; as good as the lookups */
	struct str org_domain;       /* of the author domain; empty when a
					needed question failed. A public suffix
					in PSL mode: itself */
	bool is_suffix;              /* PSL mode: the author domain is a public
					suffix, with which nothing but itself
					aligns (RFC 7489 3.1.1) */
	bool is_guarded;             /* the PSL guard took effect */
	struct str reason;           /* for people; empty with FOUND */
};

/* Asks every name that discover_policy() or discover_org() could need for `d`:
 * they are known at once, so a walk costs one round trip. Never blocks. */
void discover_prefetch(struct lookups *l, const struct discover_options *o,
    struct str d, struct arena *a);

/* Finds the record for an author domain; waits for DNS. Fills *out. Views and
 * records in it are as good as `l` and `a`. */
void discover_policy(struct lookups *l, const struct discover_options *o,
    struct str d, struct arena *a, struct discovery *out);

/* The organizational domain of any name (RFC 9989 4.10.2; RFC 7489 3.2), as a
 * view into d. False when a question that matters failed. Empty *org, with true:
 * a public suffix, which in PSL mode has none. */
bool discover_org(struct lookups *l, const struct discover_options *o,
    struct str d, struct arena *a, struct str *org);

/* Whether the other method would have found another policy domain, or another
 * organizational domain, for `d`, of which discover_policy() said `found`. Asks
 * nothing: it looks at answers to the questions of that call alone, and says no
 * where they do not tell. After a tree walk they nearly always do; after PSL
 * mode only where a record with psd= at the author domain ends the walk. */
bool discover_differs(struct lookups *l, const struct discover_options *o,
    struct str d, const struct discovery *found, struct arena *a);

#endif
