/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SPF_MACRO_H
#define APLOMB_AUTH_SPF_MACRO_H

/* The macros of RFC 7208 7: checked when a record is read, expanded when a term
 * is evaluated. */

#include <stdbool.h>

#include "base/str.h"
#include "net/ip.h"

struct arena;

/* What the macros of a check stand for; no text of it is empty. */
struct spf_identity {
	struct ip client;
	struct str local;  /* "l" */
	struct str domain; /* "o", in the one form */
	struct str sender; /* "s": local "@" domain */
	struct str helo;   /* "h" */
};

/* NULL, or a sentence: why it is no domain-spec, no macro-string (7.1). */
const char *spf_macro_check_domain(struct str spec);
const char *spf_macro_check_string(struct str s);

/* A checked domain-spec uses one of these macro-letters (lower case). */
bool spf_macro_uses(struct str spec, struct str letters);

/* The name that a checked domain-spec of the record of `current` stands for, in
 * lower case and without a trailing dot. Of an overlong one the last labels
 * that fit are left (7.3). It may be no name at all. `validated` is "p". */
struct str spf_macro_expand(struct str spec, const struct spf_identity *who,
    struct str current, struct str validated, struct arena *a);

#endif
