/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_DKIM_FIELD_H
#define APLOMB_AUTH_DKIM_FIELD_H

/*
 * What DKIM-Signature, ARC-Message-Signature and ARC-Seal have in common: the
 * tags of RFC 6376 3.5 that RFC 8617 4.1 takes over, and the header fields that
 * such a field signs. Each owner asks for the tags that its field has, says in
 * its own words what is wrong, and reads what is its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/canon.h"
#include "base/str.h"

struct arena;
struct header_field;
struct header_list;
struct tags;

/* Names in h=: real fields have some dozens. */
#define DKIM_FIELD_MAX_NAMES 400u
/* Seconds by which a signer's clock may differ. */
#define DKIM_FIELD_CLOCK_DRIFT 300u

#define DKIM_FIELD_NO_LENGTH UINT64_MAX

enum dkim_algorithm {
	DKIM_FIELD_UNKNOWN,
	DKIM_FIELD_RSA_SHA1,
	DKIM_FIELD_RSA_SHA256,
	DKIM_FIELD_ED25519,
};

/* Why h= or x= cannot be used. */
enum dkim_field_fault {
	DKIM_FIELD_OK,
	DKIM_FIELD_MALFORMED,
	DKIM_FIELD_TOO_MANY,  /* h=: names */
	DKIM_FIELD_NO_FROM,   /* h=: From is not among them */
	DKIM_FIELD_NOT_LATER, /* x=: than t= */
};

struct dkim_field {
	struct str value;            /* the whole, from behind the colon */
	struct str domain, selector; /* in the one form; may be empty */
	enum dkim_algorithm algorithm;
	bool has_relaxed_header, has_relaxed_body; /* c= */
	struct str names;            /* h=, as given */
	struct str body_hash, signature; /* bh= and b=, decoded */
	size_t b_at, b_n; /* where b=, white space included, stands */
	uint64_t length;  /* l=, or DKIM_FIELD_NO_LENGTH */
	uint64_t signed_at, expires_at; /* t= and x=; 0 when absent */
};

/* A field of which nothing has been read. */
void dkim_field_init(struct dkim_field *f, struct str value);

/*
 * Each reads one tag of the list that `f->value` is; what it keeps are views
 * into it, or copies in the arena. False when the tag is malformed, or when one
 * that every such field needs (a, b, bh, d, h, s) is missing. One that may be
 * missing leaves its default.
 */
/* A single label is kept, but it is false. */
bool dkim_field_read_d(struct dkim_field *f, const struct tags *t,
    struct arena *a);
bool dkim_field_read_s(struct dkim_field *f, const struct tags *t,
    struct arena *a);
bool dkim_field_read_a(struct dkim_field *f, const struct tags *t);
bool dkim_field_read_b(struct dkim_field *f, const struct tags *t,
    struct arena *a);
bool dkim_field_read_bh(struct dkim_field *f, const struct tags *t,
    struct arena *a);
bool dkim_field_read_c(struct dkim_field *f, const struct tags *t);
bool dkim_field_read_l(struct dkim_field *f, const struct tags *t);
bool dkim_field_read_t(struct dkim_field *f, const struct tags *t);
enum dkim_field_fault dkim_field_read_h(struct dkim_field *f,
    const struct tags *t);
/* After t=. */
enum dkim_field_fault dkim_field_read_x(struct dkim_field *f,
    const struct tags *t);

/* The field was made later than `now`, in seconds, or has expired by then (RFC
 * 6376 3.5: t=, x=). */
bool dkim_field_is_of_future(const struct dkim_field *f, int64_t now);
bool dkim_field_has_expired(const struct dkim_field *f, int64_t now);

/* h= names it. */
bool dkim_field_covers(const struct dkim_field *f, struct str name);

/* What the header hash is made of (RFC 6376 3.4, 3.7, 5.4.2): the fields that
 * h= names, then the field itself with the value of b= taken out, in the form
 * of c=. `own` is a view into the list. */
void dkim_field_feed_header(const struct dkim_field *f,
    const struct header_list *headers, const struct header_field *own,
    canon_sink_fn sink, void *arg);

#endif
