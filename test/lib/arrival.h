/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_ARRIVAL_H
#define APLOMB_TEST_LIB_ARRIVAL_H

/*
 * A message that arrives and has its signatures verified, in one call, for the
 * tables of test/unit/signature*.c.
 */

#include <stddef.h>
#include <stdint.h>

#include "auth/signature.h"
#include "mail/header.h"

#define ARRIVAL_NOW 1795219201 /* 2026-11-20 */

/* "From: a@example.com\r\nSubject: x\r\n y\r\n" as fields. */
struct arrival_fields {
	struct header_field at[64];
	size_t count;
};
void arrival_split(struct str header, struct arrival_fields *out);

/* What arrives. */
struct arrival {
	struct header_list headers;
	struct str body;
	size_t chunk;       /* bytes of the body at a time; 0: all */
	int64_t now;        /* 0: ARRIVAL_NOW */
	enum signature_length length;
	const char *author; /* From's domain; NULL: example.com */
};

/* A zone line for a key record, in strings of at most 255 octets. */
struct str arrival_key_line(const char *selector, const char *domain,
    struct str record, struct arena *a);

/* Verifies: the signatures, complete. The zone is text. */
struct signatures *arrival_verify(struct signature_library *lib,
    struct str zone, const struct arrival *m, struct arena *a);

/* "pass; fail the body was changed": results with their reasons. */
struct str arrival_show(const struct signatures *s, struct arena *a);

void arrival_add(struct header_list *l, const char *name, struct str value);

#endif
