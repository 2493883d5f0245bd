/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_H
#define APLOMB_NET_DNS_H

/*
 * DNS questions, asked early and awaited late.
 *
 * An engine (`struct dns`: dns_ares.h asks servers, dns_zone.h reads a zone
 * text) is shared by all threads and holds the cache. A `struct lookups` holds
 * the questions of one message: every answer it has seen stays valid, and the
 * same, until it ends, whatever the TTL. Asking returns at once; only
 * dns_wait() blocks, and the first wait of a message starts its one deadline.
 *
 * Names are in the one form of mail/domain.h; anything else is answered
 * DNS_BADNAME without a question (RFC 9989 4.5, RFC 7208 4.3).
 *
 * Threads: an engine serves any thread; a lookups belongs to one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "net/ip.h"

struct arena;
struct dns;
struct lookups;
struct lookup;

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28
};

/* Kept apart to the end: absence and failure are never mixed. */
enum dns_status {
	DNS_OK,        /* at least one record of the type */
	DNS_NODATA,    /* the name exists, not this type */
	DNS_NXDOMAIN,  /* the name does not exist */
	DNS_SERVFAIL,  /* any RCODE but NOERROR and NXDOMAIN */
	DNS_TIMEOUT,   /* no answer in time, or no server reachable */
	DNS_MALFORMED, /* an answer that cannot be read, or a CNAME loop */
	DNS_LIMIT,     /* the message asked more than it may */
	DNS_BADNAME    /* not a name: never asked */
};

struct dns_rr {
	union {
		struct ip ip;    /* A, AAAA */
		struct str name; /* PTR: the target, lower case */
		struct {
			struct str host; /* lower case; "" for the root */
			uint16_t preference;
		} mx;
		struct str txt; /* the character-strings joined, any byte */
	};
};

struct dns_answer {
	enum dns_status status;
	bool is_alias;   /* the name asked itself owns a CNAME: it exists, even
			    where the status is NXDOMAIN (RFC 8020 2) */
	uint32_t ttl;    /* seconds; the least of the chain, clamped */
	size_t count;    /* records; 0 unless DNS_OK */
	const struct dns_rr *rr;
};

/* What a question is for; each has its own budget per message. */
enum dns_purpose {
	DNS_FOR_SPF,
	DNS_FOR_KEY,
	DNS_FOR_POLICY,
	DNS_PURPOSES
};

/* Questions of one message: SPF's own limits allow about 120 (RFC 7208 4.6.4);
 * ten keys are asked for as signatures arrive, the ten signatures that are
 * chosen may be others, and a chain of sealers has twenty; eight authors, and
 * eleven identifiers that could align, walk at most eight names each, and some
 * are tested for existence. */
#define DNS_MAX_SPF    150u
#define DNS_MAX_KEY    40u
#define DNS_MAX_POLICY 192u

/* Called by dns_wait() before it blocks, and every 50 ms while it does. */
typedef void (*dns_wait_fn)(void *arg);

/* Starts the questions of a message, ended with the arena. `timeout_ms` is the
 * longest that all its waits together last. `before_wait` may be NULL. */
struct lookups *lookups_new(struct dns *dns, unsigned timeout_ms,
    dns_wait_fn before_wait, void *arg, struct arena *a);

/* Asks, unless this message has asked the same before. Never NULL, never
 * blocks; good as long as `l`. */
struct lookup *dns_ask(struct lookups *l, enum dns_purpose purpose,
    enum dns_type type, struct str name);

/* The answer, awaited until the message's deadline (then DNS_TIMEOUT). Never
 * NULL, good as long as the lookups it was asked in. */
const struct dns_answer *dns_wait(struct lookup *q);

/* The answer if it is here, else NULL; never blocks. */
const struct dns_answer *dns_peek(struct lookup *q);

/* SERVFAIL, TIMEOUT, MALFORMED or LIMIT: nothing is known of the name. */
bool dns_is_error(enum dns_status s);
const char *dns_status_text(enum dns_status s);

/* Different questions asked so far for a purpose, cached or not. */
unsigned lookups_asked(const struct lookups *l, enum dns_purpose purpose);

/*
 * An object made from an answer once, which lives as long as the cache does:
 * a decoded key, a parsed record. `make` gets an arena of the object's own and
 * may be called by several threads at once (one result wins); it may return
 * NULL. Two different `make` for one answer are both kept.
 */
typedef void *(*dns_make_fn)(const struct dns_answer *answer, struct arena *a);
const void *dns_derived(struct lookup *q, dns_make_fn make);

/* Counters of an engine since its start, for the log. */
struct dns_counters {
	uint64_t asked;     /* by messages */
	uint64_t from_cache;
	uint64_t sent;      /* questions to servers, repeats not counted */
	uint64_t failed;    /* of those: SERVFAIL, timeout, malformed */
	uint64_t cache_bytes, cache_entries, evicted;
};
void dns_count(struct dns *dns, struct dns_counters *out);

/* Engines are counted: a reload makes a new one, and messages in flight hold
 * the old. The last drop stops its thread and frees it. */
struct dns *dns_hold(struct dns *dns);
void dns_drop(struct dns *dns);

#endif
