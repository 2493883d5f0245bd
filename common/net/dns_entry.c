/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

/* Room for one derived object: a record, or a decoded key. */
#define DERIVED_CAP (64u * 1024)

struct dns_derivation {
	struct dns_derivation *next;
	dns_make_fn make;
	const void *object;
	struct arena *arena;
};

struct dns_entry *
dns_entry_new(enum dns_type type, struct str name)
{
	struct dns_entry *e = calloc(1, sizeof *e);
	char *copy = malloc(name.n + 1);
	if (e == NULL || copy == NULL)
		abort();
	memcpy(copy, name.p, name.n);
	copy[name.n] = '\0';
	atomic_init(&e->holders, 1);
	e->type = type;
	e->name = (struct str) {copy, name.n};
	e->bytes = sizeof *e + name.n;
	pthread_mutex_init(&e->lock, NULL);
	pthread_cond_init(&e->settled, NULL);
	return e;
}

struct dns_entry *
dns_entry_hold(struct dns_entry *e)
{
	atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
	return e;
}

void
dns_entry_drop(struct dns_entry *e)
{
	if (atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) > 1)
		return;
	struct dns_derivation *d = atomic_load(&e->derived);
	while (d != NULL) {
		struct dns_derivation *next = d->next;
		arena_free(d->arena); /* d itself lives there */
		d = next;
	}
	pthread_mutex_destroy(&e->lock);
	pthread_cond_destroy(&e->settled);
	free(e->answer_block);
	free((char *)e->name.p);
	free(e);
}

/* The text of a record, if it has one. */
static struct str *
text_of(enum dns_type type, struct dns_rr *rr)
{
	switch (type) {
	case DNS_TXT:
		return &rr->txt;
	case DNS_PTR:
		return &rr->name;
	case DNS_MX:
		return &rr->mx.host;
	default:
		return NULL;
	}
}

/* An answer lives in one block of its size: records, then their texts. */
void
dns_entry_take(struct dns_entry *e, const struct dns_answer *answer)
{
	size_t size = arena_array_size(answer->count, sizeof(struct dns_rr));
	size_t texts = size;
	for (size_t i = 0; i < answer->count; i++) {
		struct dns_rr rr = answer->rr[i];
		struct str *t = text_of(e->type, &rr);
		size += t != NULL ? t->n : 0;
	}
	e->answer = *answer;
	e->answer.rr = NULL;
	e->bytes += size;
	if (size == 0)
		return;
	char *block = malloc(size);
	if (block == NULL)
		abort();
	struct dns_rr *rr = (struct dns_rr *)(void *)block;
	char *p = block + texts;
	memcpy(rr, answer->rr, texts);
	for (size_t i = 0; i < answer->count; i++) {
		struct str *t = text_of(e->type, &rr[i]);
		if (t == NULL || t->n == 0)
			continue;
		memcpy(p, t->p, t->n);
		t->p = p;
		p += t->n;
	}
	e->answer.rr = rr;
	e->answer_block = block;
}

void
dns_entry_publish(struct dns_entry *e)
{
	pthread_mutex_lock(&e->lock);
	atomic_store_explicit(&e->is_settled, true, memory_order_release);
	pthread_cond_broadcast(&e->settled);
	pthread_mutex_unlock(&e->lock);
}

void
dns_entry_settle(struct dns_entry *e, const struct dns_answer *answer)
{
	dns_entry_take(e, answer);
	dns_entry_publish(e);
}

bool
dns_entry_wait(struct dns_entry *e, int64_t until_ms)
{
	struct timespec until = clock_mono_timespec(until_ms);
	int failure = 0;
	pthread_mutex_lock(&e->lock);
	while (!atomic_load_explicit(&e->is_settled, memory_order_acquire) &&
	    failure == 0)
		failure = pthread_cond_clockwait(&e->settled, &e->lock,
		    CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&e->lock);
	return atomic_load_explicit(&e->is_settled, memory_order_acquire);
}

static const struct dns_derivation *
find(const struct dns_derivation *d, dns_make_fn make)
{
	while (d != NULL && d->make != make)
		d = d->next;
	return d;
}

const void *
dns_entry_derived(struct dns_entry *e, dns_make_fn make)
{
	struct dns_derivation *head = atomic_load(&e->derived);
	const struct dns_derivation *known = find(head, make);
	if (known != NULL)
		return known->object;
	struct arena *a = arena_new(DERIVED_CAP);
	struct dns_derivation *mine = ARENA_NEW(a, struct dns_derivation);
	*mine = (struct dns_derivation) {.make = make, .arena = a,
	    .object = make(&e->answer, a)};
	do {
		known = find(head, make);
		if (known != NULL) { /* another thread was faster */
			arena_free(a);
			return known->object;
		}
		mine->next = head;
	} while (!atomic_compare_exchange_weak(&e->derived, &head, mine));
	return mine->object;
}
