/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_SEALER_H
#define APLOMB_TEST_LIB_SEALER_H

/*
 * Makes ARC chains for tests (RFC 8617 5.1), honest ones and others. It shares
 * no code with common/auth/arc*.c: whole strings, no bounds, no hurry.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "mail/header.h"

struct arena;

#define SEALER_MAX_FIELDS 400u
#define SEALER_MAX_SETS   60u

/* Made once a process. */
enum sealer_key {
	SEALER_RSA, /* 1024 bits, for speed */
	SEALER_RSA_2048,
	SEALER_RSA_512,
	SEALER_ED25519,
	SEALER_OTHER_RSA,
	SEALER_KEYS
};

/* The key record to publish. */
struct str sealer_record(enum sealer_key key, struct arena *a);

/* A message on its way: fields from the top down, and what was sealed. */
struct sealed {
	struct arena *arena;
	struct header_field fields[SEALER_MAX_FIELDS];
	size_t count;
	struct str body;
	unsigned set_count;
	struct header_field sets[SEALER_MAX_SETS][3]; /* as sealed */
};

/* A message of jqd@d1.example with the usual fields and three lines. */
void sealed_init(struct sealed *m, struct arena *a);

/* Adds a field at the top, as a relay does. */
void sealed_add(struct sealed *m, const char *name, struct str value);

/* How one set is made; everything 0 is the usual set. The templates hold {i},
 * {d}, {s}, {a}, {c}, {h}, {bh}, {cv}, {l} and {b}. */
struct seal {
	unsigned instance;      /* 0: the next */
	const char *domain;     /* NULL: d1.example */
	const char *selector;   /* NULL: s */
	const char *validation; /* NULL: none for the first, else pass */
	const char *payload;    /* results behind "i=N; " */
	const char *names;      /* h= */
	const char *results, *signature, *seal; /* templates */
	enum sealer_key key;
	const char *algorithm;  /* NULL: that of the key */
	bool is_simple_header, is_simple_body;
	size_t length;          /* bh= of so many canonical bytes; 0: of all */
	bool without_results, without_signature, without_seal;
	const char *body;       /* the body is this from now on */
};

/* Adds a set at the top. */
void sealed_seal(struct sealed *m, const struct seal *how);

/* The field of this name whose value holds "i=N;"; fails the process when there
 * is none. */
struct header_field *sealed_find(struct sealed *m, const char *name,
    unsigned instance);

/* Changes, removes, or doubles one. */
void sealed_replace(struct sealed *m, const char *name, unsigned instance,
    const char *from, const char *to);
void sealed_remove(struct sealed *m, const char *name, unsigned instance);
void sealed_double(struct sealed *m, const char *name, unsigned instance);

/* The message as text, lines ending in CRLF. */
struct str sealed_text(const struct sealed *m);

#endif
