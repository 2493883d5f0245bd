/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_AUTHOR_H
#define APLOMB_MAIL_AUTHOR_H

/*
 * The Author Domain: the domain of the address in RFC5322.From, or the reason
 * why there is none (RFC 9989 3.2.2, 5.3.1; RFC 7489 6.6.1).
 */

#include <stddef.h>

#include "base/str.h"

struct arena;
struct header_list;

/* Several domains are each judged; a field with more is not evaluable, so that
 * nobody can buy work with it (RFC 9989 11.5). */
#define AUTHOR_MAX_DOMAINS 8u

enum author_status {
	AUTHOR_OK,
	AUTHOR_NO_FIELD,    /* no From field */
	AUTHOR_MANY_FIELDS, /* more than one From field */
	AUTHOR_NO_MAILBOX,  /* a group without members, or an empty value */
	AUTHOR_SYNTAX,      /* the value is not an address list */
	AUTHOR_DOMAIN,      /* an address whose domain cannot be one */
	AUTHOR_MANY_DOMAINS /* more than AUTHOR_MAX_DOMAINS domains */
};

struct author {
	enum author_status status;
	struct str domains[AUTHOR_MAX_DOMAINS]; /* distinct, in field order */
	size_t count;     /* at least 1 with AUTHOR_OK, else 0 */
	struct str reason; /* why there is no domain; empty with AUTHOR_OK */
};

/* Finds the author domains of a message. Always fills *out. */
void author_find(const struct header_list *headers, struct arena *a,
    struct author *out);

/* A short fixed text for each status, fit for an SMTP reply. */
const char *author_status_text(enum author_status s);

#endif
