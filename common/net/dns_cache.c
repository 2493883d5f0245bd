/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/hash.h"
#include "net/dns_engine.h"

/* About what a slot costs beside its entry, a derived object included. */
#define SLOT_BYTES (sizeof(struct slot) + 1024u)
#define KEY_MAX    (1u + 253)
#define NEVER      INT64_MAX

struct slot {
	struct dns_entry *entry; /* held */
	int64_t expires_ms;      /* NEVER while it is being asked */
	size_t bytes;
	char key[KEY_MAX];       /* type, name */
	size_t key_size;
	struct slot *prev, *next; /* the most recently used first */
	UT_hash_handle hh;
};

struct dns_cache {
	pthread_mutex_t lock;
	struct hash_key hash_key;
	struct slot *by_key, *by_use;
	size_t bytes, cap;
	uint64_t hits, evicted;
};

struct dns_cache *
dns_cache_new(size_t cap)
{
	struct dns_cache *c = calloc(1, sizeof *c);
	if (c == NULL)
		abort();
	pthread_mutex_init(&c->lock, NULL);
	hash_key_init(&c->hash_key);
	c->cap = cap;
	return c;
}

static void
discard(struct dns_cache *c, struct slot *s)
{
	HASH_DELETE(hh, c->by_key, s);
	DL_DELETE(c->by_use, s);
	c->bytes -= s->bytes;
	dns_entry_drop(s->entry);
	free(s);
}

void
dns_cache_free(struct dns_cache *c)
{
	while (c->by_use != NULL)
		discard(c, c->by_use);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static size_t
make_key(enum dns_type type, struct str name, char out[KEY_MAX])
{
	size_t n = name.n < KEY_MAX ? name.n : KEY_MAX - 1;
	out[0] = (char)type;
	memcpy(out + 1, name.p, n);
	return n + 1;
}

static unsigned
hash_of(const struct dns_cache *c, const char *key, size_t n)
{
	return (unsigned)hash_str(&c->hash_key, (struct str) {key, n});
}

static struct slot *
insert(struct dns_cache *c, const char *key, size_t n, unsigned hash,
    struct dns_entry *e)
{
	struct slot *s = calloc(1, sizeof *s);
	if (s == NULL)
		abort();
	memcpy(s->key, key, n);
	s->key_size = n;
	s->entry = dns_entry_hold(e);
	s->expires_ms = NEVER;
	s->bytes = SLOT_BYTES + e->bytes;
	c->bytes += s->bytes;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, c->by_key, s->key, s->key_size, hash,
	    s);
	DL_PREPEND(c->by_use, s);
	return s;
}

/* Who is being asked stays: somebody waits for it. The newest slot stays too,
 * whatever its size. */
static void
shrink(struct dns_cache *c)
{
	struct slot *s = c->by_use != NULL ? c->by_use->prev : NULL;
	while (c->bytes > c->cap && s != NULL && s != c->by_use) {
		struct slot *older = s->prev;
		if (s->expires_ms != NEVER) {
			discard(c, s);
			c->evicted++;
		}
		s = older;
	}
}

struct dns_entry *
dns_cache_get(struct dns_cache *c, enum dns_type type, struct str name,
    int64_t now_ms, bool *is_new)
{
	char key[KEY_MAX];
	size_t n = make_key(type, name, key);
	unsigned hash = hash_of(c, key, n);
	struct slot *s;
	struct dns_entry *e;
	pthread_mutex_lock(&c->lock);
	HASH_FIND_BYHASHVALUE(hh, c->by_key, key, n, hash, s);
	if (s != NULL && s->expires_ms <= now_ms) {
		discard(c, s);
		s = NULL;
	}
	*is_new = s == NULL;
	if (s == NULL) {
		e = dns_entry_new(type, name);
		insert(c, key, n, hash, e);
		shrink(c);
	} else {
		c->hits++;
		e = dns_entry_hold(s->entry);
		DL_DELETE(c->by_use, s);
		DL_PREPEND(c->by_use, s);
	}
	pthread_mutex_unlock(&c->lock);
	return e;
}

static int64_t
lifetime_ms(const struct dns_answer *answer)
{
	uint32_t ttl = dns_is_error(answer->status) ? DNS_CACHE_FAILURE_TTL :
	    answer->ttl;
	return (int64_t)ttl * 1000;
}

/* The slot of an entry, or NULL when another has its place. */
static struct slot *
slot_of(struct dns_cache *c, const struct dns_entry *e)
{
	char key[KEY_MAX];
	size_t n = make_key(e->type, e->name, key);
	unsigned hash = hash_of(c, key, n);
	struct slot *s;
	HASH_FIND_BYHASHVALUE(hh, c->by_key, key, n, hash, s);
	return s != NULL && s->entry == e ? s : NULL;
}

void
dns_cache_settled(struct dns_cache *c, struct dns_entry *e, int64_t now_ms)
{
	pthread_mutex_lock(&c->lock);
	struct slot *s = slot_of(c, e);
	if (s != NULL) {
		int64_t life = lifetime_ms(&e->answer);
		c->bytes -= s->bytes;
		s->bytes = SLOT_BYTES + e->bytes;
		c->bytes += s->bytes;
		s->expires_ms = now_ms + life;
		if (life == 0)
			discard(c, s);
		shrink(c);
	}
	pthread_mutex_unlock(&c->lock);
}

/* Under the lock nobody can come to hold an entry: dns_cache_get() is the only
 * way to it. */
bool
dns_cache_abandon(struct dns_cache *c, const struct dns_entry *e)
{
	pthread_mutex_lock(&c->lock);
	struct slot *s = slot_of(c, e);
	bool is_alone = s != NULL && s->expires_ms == NEVER &&
	    atomic_load_explicit(&e->holders, memory_order_acquire) == 2;
	if (is_alone)
		discard(c, s);
	pthread_mutex_unlock(&c->lock);
	return is_alone;
}

void
dns_cache_count(struct dns_cache *c, struct dns_counters *out)
{
	pthread_mutex_lock(&c->lock);
	out->from_cache = c->hits;
	out->cache_bytes = c->bytes;
	out->cache_entries = HASH_COUNT(c->by_key);
	out->evicted = c->evicted;
	pthread_mutex_unlock(&c->lock);
}
