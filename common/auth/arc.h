/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_AUTH_ARC_H
#define APLOMB_AUTH_ARC_H

/*
 * The ARC chain of one message (RFC 8617 5.2): whether those who sealed it
 * handled it in this order, and the message is as the last of them left it. A
 * pass says nothing of their honesty: anybody can seal anything (RFC 8617 9.3).
 * auth/arc_trust.h asks whom a site believes.
 *
 * Life: arc_start() at the end of headers reads the sets and asks for the keys
 * of all, then the body is streamed, arc_end() closes the hashes, and
 * arc_verify() waits for keys and fills the result.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"
#include "net/ip.h"

struct arc;
struct arena;
struct header_list;
struct lookups;

/* RFC 8617 4.2.1. */
#define ARC_MAX_SETS 50u
/* Different keys of one chain (RFC 8617 9.2): a chain that needs more fails.
 * Sealers sign both fields with one key, and chains of five are rare. */
#define ARC_MAX_KEYS 20u
/* Message signatures that are looked at, the newest first. One decides; the
 * others only tell how long the message has been as it is. */
#define ARC_MAX_SIGNATURES 10u

enum arc_status { ARC_NONE, ARC_PASS, ARC_FAIL };

/* Names of RFC 8617 4.4. */
extern const struct table_row arc_status_names[];

struct arc_sealer {
	unsigned instance;
	struct str domain, selector; /* of its ARC-Seal, in the one form */
	struct str results;          /* its ARC-Authentication-Results, whole */
};

struct arc_result {
	enum arc_status status;
	bool is_temperror;    /* FAIL, since a key could not be looked up: ARC
				 has no temporary errors (RFC 8617 5.2.1) */
	unsigned count;       /* sets; with FAIL the highest instance seen */
	bool has_oldest_pass; /* false too when it would have cost too much */
	unsigned oldest_pass; /* RFC 8617 5.2 step 5: 0 when all signatures
				 hold, else the oldest that does */
	/* Only with PASS: */
	const struct arc_sealer *sealers; /* the outermost first, `count` */
	struct str domain;    /* d= of the newest message signature */
	struct ip remote_ip;  /* smtp.remote-ip as the newest sealer saw it;
				 IP_NONE when it does not say */
	struct str reason;    /* a short sentence, with FAIL alone */
};

/* Never NULL; a message without ARC fields costs nothing more. Never blocks.
 * `now` in seconds. The headers outlive it. */
struct arc *arc_start(const struct header_list *headers, struct lookups *l,
    int64_t now, struct arena *a);

/* Some signature covers body bytes to come. */
bool arc_need_body(const struct arc *arc);
void arc_body(struct arc *arc, const void *bytes, size_t n);

void arc_end(struct arc *arc);
void arc_verify(struct arc *arc);

/* After arc_verify(); as long as the arena. */
const struct arc_result *arc_result(const struct arc *arc);

#endif
