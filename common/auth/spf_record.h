/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SPF_RECORD_H
#define APLOMB_AUTH_SPF_RECORD_H

/*
 * The record grammar of RFC 7208, read strictly, for one client address. A
 * record comes out as what has to be evaluated: the terms that ask DNS, in the
 * order in which they count, and what they end in. ip4, ip6 and all are settled
 * here, since they need no DNS: the first that matches is the end, and what
 * follows it has been checked and is gone (4.6.2). So are modifiers without an
 * effect, and a redirect that an "all" makes void (6.1).
 *
 * Views are into the record's text.
 */

#include <stdbool.h>
#include <stddef.h>

#include "auth/spf.h"
#include "base/str.h"
#include "net/dns.h"
#include "net/ip.h"

/* One more than may be evaluated: whoever reaches the last is over the limit,
 * so nothing behind it can count (RFC 7208 4.6.4). */
#define SPF_RECORD_TERMS (SPF_MAX_TERMS + 1)
/* A longer term is a permerror: with four bytes a macro and four and its length
 * a literal, it has a hundred macros. Real ones stay under 100. */
#define SPF_MAX_TERM 400u

enum spf_term_kind {
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_EXISTS,
	SPF_INCLUDE,
	SPF_REDIRECT,
	SPF_IP4,
	SPF_IP6,
	SPF_ALL
};

struct spf_term {
	enum spf_term_kind kind;
	enum spf_result qualifier; /* what a match means */
	struct str text;           /* as it stands in the record: printable */
	struct str domain;         /* domain-spec; empty: the record's domain */
	unsigned bits;             /* a, mx: prefix for the client's family */
};

enum spf_record_status {
	SPF_RECORD_OK,
	SPF_RECORD_NONE,    /* no TXT record of the name is an SPF record */
	SPF_RECORD_SEVERAL, /* more than one is (4.5) */
	SPF_RECORD_SYNTAX   /* it breaks the grammar somewhere (4.6) */
};

struct spf_record {
	enum spf_record_status status;
	struct str domain;   /* whose record this is */
	struct str text;     /* as published; empty: there is not one */
	const char *problem; /* SPF_RECORD_SYNTAX: a sentence */
	struct str at;       /* the term that has it, any bytes */
	size_t count;
	struct spf_term terms[SPF_RECORD_TERMS]; /* a redirect is the last */
	bool has_end;
	struct spf_term end; /* the ip4, ip6 or all that matches after them */
};

/* Selects the SPF record among the TXT records of `domain` (4.5) and reads it
 * (4.6, 5, 6, 7.1). Always fills *out. */
void spf_record_read(const struct dns_answer *txt, struct str domain,
    const struct ip *client, struct spf_record *out);

#endif
