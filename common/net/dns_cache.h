/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_CACHE_H
#define APLOMB_NET_DNS_CACHE_H

/*
 * The cache of an engine: entries by question, positive and negative, and those
 * that are still being asked, so that nobody asks the same twice at once. The
 * least recently used leave first when the bytes exceed the cap.
 *
 * Threads: any; it locks itself. Hits need one short lock and nothing else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "net/dns.h"

struct dns_cache;
struct dns_entry;

/* Seconds for which a failure is remembered: long enough for the other
 * messages of a burst, short enough to notice recovery. */
#define DNS_CACHE_FAILURE_TTL 5u

struct dns_cache *dns_cache_new(size_t cap);
void dns_cache_free(struct dns_cache *c);

/* The entry of a question, held for the caller: one that is fresh or being
 * asked, else a new one, and then *is_new: the caller must see it asked. */
struct dns_entry *dns_cache_get(struct dns_cache *c, enum dns_type type,
    struct str name, int64_t now_ms, bool *is_new);

/* An entry that dns_cache_get() gave as new has its answer: it stays as long as
 * the TTL says, counted from now; with a TTL of 0 it leaves at once, and if that
 * is before dns_entry_publish(), none but who is waiting sees it. */
void dns_cache_settled(struct dns_cache *c, struct dns_entry *e,
    int64_t now_ms);

/* Takes out a question that has no answer yet, if nobody waits for it: the cache
 * and the caller alone hold it. Whether it did; nobody can come to hold it
 * then. */
bool dns_cache_abandon(struct dns_cache *c, const struct dns_entry *e);

void dns_cache_count(struct dns_cache *c, struct dns_counters *out);

#endif
