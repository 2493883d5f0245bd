/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_RESPONDER_H
#define APLOMB_TEST_LIB_RESPONDER_H

/*
 * A DNS server for tests, on 127.0.0.1, UDP and TCP at one port that the kernel
 * chose: it answers from a zone as a recursive server would, aliases included.
 * Names that the zone lacks get NXDOMAIN, never REFUSED; what it calls a
 * timeout gets no answer, and a malformed one garbage.
 */

#include <stdbool.h>
#include <stdint.h>

struct responder;
struct zone;

struct responder_options {
	unsigned delay_ms; /* before every answer */
	uint32_t ttl;      /* of every record; 0: 300 */
	bool has_zero_ttl; /* TTL 0 in earnest */
	unsigned servfail_first; /* so many questions get SERVFAIL first */
};

/* Starts it; `zone` outlives it. NULL options: none. Ends the process when no
 * socket can be had. */
struct responder *responder_start(const struct zone *zone,
    const struct responder_options *options);
void responder_stop(struct responder *r);

unsigned responder_port(const struct responder *r);

/* Keeps every answer over UDP back, or sends those that it has kept and keeps
 * none any more. */
void responder_hold(struct responder *r, bool is_held);

/* Questions received so far: all, those that differ in name or type, those over
 * TCP, and for names that begin with "_dmarc.". Who asks repeats what is not
 * answered soon, so that a slow machine has more of all, but never more that
 * differ. */
unsigned responder_questions(struct responder *r);
unsigned responder_distinct(struct responder *r);
unsigned responder_tcp_questions(struct responder *r);
unsigned responder_policy_questions(struct responder *r);

#endif
