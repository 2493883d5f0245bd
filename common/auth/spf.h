/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SPF_H
#define APLOMB_AUTH_SPF_H

/*
 * SPF, RFC 7208: check_host() by libspf2, whose faults are mended here and
 * nowhere else. Every DNS question goes through net/dns.h.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/table.h"
#include "net/ip.h"

struct arena;
struct lookups;

/* RFC 7208 4.6.4. Void lookups are counted by terms. */
#define SPF_MAX_TERMS 10u
#define SPF_MAX_VOID  2u
#define SPF_MAX_MX    10u
#define SPF_MAX_PTR   10u
/* A longer record is a permerror: real ones stay under 2 KB. */
#define SPF_MAX_RECORD 4096u

/* Records that one evaluation reads: its own, and one for each term. */
#define SPF_MAX_SOURCES (SPF_MAX_TERMS + 1)

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};

/* Names of RFC 8601 2.7.2. */
extern const struct table_row spf_result_names[];

struct spf_input {
	struct ip client;
	struct str helo;      /* as given; may be empty or nonsense */
	struct str local;     /* local-part of the reverse-path */
	struct str domain;    /* its domain as given; empty for "<>" */
};

/* A record that an evaluation read, its own or that of an include or redirect. */
struct spf_source {
	struct str domain; /* whose it is, in the one form */
	struct str text;   /* as published: any bytes */
};

struct spf_check {
	enum spf_result result;
	bool is_helo;       /* null reverse-path: postmaster@HELO was checked,
			       as the MAIL FROM identity (RFC 7208 2.4) */
	struct str domain;  /* checked, in the one form; empty when there is
			       none that could be */
	struct str reason;  /* a short sentence: which term, or what is wrong */
	const struct spf_source *sources; /* in the order of reading, one a
					     domain; as good as the lookups */
	size_t source_count; /* at most SPF_MAX_SOURCES */
};

/* Asks for what the check surely needs, and for what the answers that are here
 * call for: called again, it goes on from there. Never blocks. */
void spf_prefetch(const struct spf_input *in, struct lookups *l,
    struct arena *a);

/* Evaluates the MAIL FROM identity; waits for DNS. Always fills *out. */
void spf_evaluate(const struct spf_input *in, struct lookups *l,
    struct arena *a, struct spf_check *out);

#endif
