/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_SIGNATURE_H
#define APLOMB_AUTH_SIGNATURE_H

/*
 * The DKIM signatures of one message (RFC 6376, 8301, 8463, 8616). libopendkim
 * reads, canonicalises and hashes; keys and verification are ours (auth/key.h).
 * What it gets wrong is mended here and nowhere else.
 *
 * Life: signatures_start() at the end of headers chooses and feeds, then the
 * body is streamed, signatures_end() closes the hashes without waiting, and
 * signatures_verify() waits for keys and fills the results.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"

struct arena;
struct author;
struct header_list;
struct lookups;
struct signature_library;
struct signatures;

/* Verified at most; those whose d= could align come first. */
#define SIGNATURES_MAX 10u
/* A longer DKIM-Signature value, or h= list, is not verified. */
#define SIGNATURE_MAX_FIELD (16u * 1024)
#define SIGNATURE_MAX_HLIST 4000u

enum signature_result {
	SIGNATURE_NONE,
	SIGNATURE_PASS,
	SIGNATURE_FAIL,
	SIGNATURE_POLICY,
	SIGNATURE_NEUTRAL,
	SIGNATURE_TEMPERROR,
	SIGNATURE_PERMERROR
};

/* Names of RFC 8601 2.7.1. */
extern const struct table_row signature_result_names[];

/* Values of the setting dkim-l-tag. */
extern const struct table_row signature_length_names[];

/* What counts where l= is used: what is added behind it looks as if it were
 * signed (RFC 6376 8.2). */
enum signature_length {
	SIGNATURE_LENGTH_FULL,   /* l= must cover the whole body */
	SIGNATURE_LENGTH_IGNORE, /* a signature with l= never counts */
	SIGNATURE_LENGTH_ACCEPT
};

/* What of a signature failed, for reports (RFC 6591 3.3). */
enum signature_fault {
	SIGNATURE_FAULT_NONE, /* nothing that could be told so */
	SIGNATURE_FAULT_SIGNATURE,
	SIGNATURE_FAULT_BODY,
	SIGNATURE_FAULT_REVOKED
};
/* "none", then names of RFC 6591 3.3. */
extern const struct table_row signature_fault_names[];

struct signature {
	enum signature_result result;
	struct str domain;    /* d= in the one form; empty when unreadable */
	struct str selector;  /* s= in the one form; may be empty */
	struct str identity;  /* i= as given; empty when absent */
	struct str algorithm; /* a= as given, bounded */
	struct str b;         /* start of b=, unique in this message (RFC 6008) */
	unsigned key_bits;    /* 0 when no key was found */
	bool is_testing;      /* the key says t=y */
	struct str reason;    /* a short sentence; empty with PASS */
	enum signature_fault fault; /* with FAIL and PERMERROR */
};

/* One libopendkim handle for the process, shared by all threads. NULL with a
 * static *reason. */
struct signature_library *signature_library_open(const char **reason);
void signature_library_close(struct signature_library *lib);

/* Asks for the key that a DKIM-Signature value names, if it names one. */
void signature_prefetch(struct str value, struct lookups *l, struct arena *a);

/* Chooses among the DKIM-Signature fields (RFC 6376 4.2), asks for the keys of
 * the chosen and feeds the headers. Never NULL. `now` in seconds. `id` names
 * the message in the library's diagnostics. */
struct signatures *signatures_start(struct signature_library *lib,
    const struct header_list *headers, const struct author *author,
    struct lookups *l, int64_t now, struct arena *a);

/* Some signature still covers body bytes to come. */
bool signatures_need_body(const struct signatures *s);
void signatures_body(struct signatures *s, const void *bytes, size_t n);

void signatures_end(struct signatures *s);
void signatures_verify(struct signatures *s, enum signature_length length);

/* The results, after signatures_verify(): in field order, chosen ones only. */
size_t signatures_count(const struct signatures *s);
const struct signature *signatures_at(const struct signatures *s, size_t i);

/* DKIM-Signature fields that were left out because of SIGNATURES_MAX. */
size_t signatures_left_out(const struct signatures *s);

#endif
