/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_NET_DNS_ENGINE_H
#define APLOMB_NET_DNS_ENGINE_H

/*
 * What an engine of net/dns.h is made of: for engines and dns.c alone.
 *
 * An entry is one question and, once it is settled, its answer. It is counted:
 * the cache, the engine's thread and every message that asked hold it.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/dns.h"

struct dns_derivation;

struct dns_entry {
	atomic_uint holders;
	enum dns_type type;
	struct str name;          /* owned, lower case */
	atomic_bool is_settled;
	struct dns_answer answer; /* of one block that the entry owns */
	void *answer_block;
	size_t bytes;             /* of name and answer, about */
	_Atomic(struct dns_derivation *) derived;
	pthread_mutex_t lock;     /* for the wait alone */
	pthread_cond_t settled;
};

struct dns_engine {
	/* The entry of a question, held for the caller, settled or not. */
	struct dns_entry *(*ask)(struct dns *dns, enum dns_type type,
	    struct str name);
	void (*count)(struct dns *dns, struct dns_counters *out);
	void (*free)(struct dns *dns);
};

/* The head of every engine's own struct. */
struct dns {
	const struct dns_engine *engine;
	atomic_uint holders;
	atomic_uint_fast64_t asked;
};

/* An unsettled entry, held once. */
struct dns_entry *dns_entry_new(enum dns_type type, struct str name);
struct dns_entry *dns_entry_hold(struct dns_entry *e);
void dns_entry_drop(struct dns_entry *e);

/* Settles the entry, once only: copies the answer into it, then shows it and
 * wakes whoever waits. Between the two a cache may look at it. */
void dns_entry_take(struct dns_entry *e, const struct dns_answer *answer);
void dns_entry_publish(struct dns_entry *e);
void dns_entry_settle(struct dns_entry *e, const struct dns_answer *answer);

/* Waits until the entry is settled, at most until `until_ms` of the monotonic
 * clock; whether it is. */
bool dns_entry_wait(struct dns_entry *e, int64_t until_ms);

/* The object of `make` for the entry, made now if nobody has. */
const void *dns_entry_derived(struct dns_entry *e, dns_make_fn make);

#endif
