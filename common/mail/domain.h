/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_DOMAIN_H
#define APLOMB_MAIL_DOMAIN_H

/*
 * Domain names. Everything behind this gate is in one form: A-labels, lower
 * case, no trailing dot, each label 1 to 63 and the name at most 253 octets,
 * letters, digits, hyphen and underscore only. Only such names are compared,
 * looked up or printed (RFC 5890 2.3, RFC 8616, RFC 9989 5.3.1).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

#define DOMAIN_MAX_OCTETS 253u
#define DOMAIN_MAX_LABEL  63u

enum domain_status {
	DOMAIN_OK,
	DOMAIN_EMPTY,     /* no name at all */
	DOMAIN_LITERAL,   /* an address: [192.0.2.1], 192.0.2.1 */
	DOMAIN_LABEL,     /* an empty label, or one over 63 octets */
	DOMAIN_LONG,      /* over 253 octets */
	DOMAIN_CHARACTER, /* a character that no host name has */
	DOMAIN_IDN        /* a U-label that IDNA 2008 refuses */
};

/* Brings a name from outside into the one form, in the arena. Takes U-labels
 * (UTF-8) or A-labels, and strips one trailing dot. *out is set only for
 * DOMAIN_OK. */
enum domain_status domain_parse(struct str name, struct arena *a,
    struct str *out);

/* A sentence for people: what is wrong with the name. */
const char *domain_status_text(enum domain_status s);

/* The number of labels; 0 for the empty name. */
unsigned domain_labels(struct str d);

/* The last `labels` labels of d (all of d when it has fewer): a view into d. */
struct str domain_tail(struct str d, unsigned labels);

/* d without its first label; empty for a single label. */
struct str domain_parent(struct str d);

/* d equals `ancestor`, or is a name below it. Both in the one form. */
bool domain_is_within(struct str d, struct str ancestor);

#endif
