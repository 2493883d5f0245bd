/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/deferral.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "mail/domain.h"

/* A pair that stays away this long after its limit is a new story. */
#define QUIET_SECONDS (24 * 60 * 60)

struct pair {
	struct ip network;
	size_t author_n;
	char author[DOMAIN_MAX_OCTETS];
	int64_t first, last; /* seconds: when it was first and last seen */
	TAILQ_ENTRY(pair) order;
};
TAILQ_HEAD(pairs, pair);

/* A balanced tree, not a hash: nobody can choose names that make it slow. */
struct deferrals {
	pthread_mutex_t lock;
	void *tree;          /* of tsearch(3) */
	struct pairs oldest; /* the same pairs, in the order they began */
	size_t count;
};

struct deferrals *
deferral_new(void)
{
	struct deferrals *d = calloc(1, sizeof *d);
	if (d == NULL)
		abort();
	pthread_mutex_init(&d->lock, NULL);
	TAILQ_INIT(&d->oldest);
	return d;
}

static int
compare(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	int c = memcmp(a->network.bytes, b->network.bytes,
	    sizeof a->network.bytes);
	if (c == 0)
		c = (int)a->network.family - (int)b->network.family;
	if (c == 0)
		c = str_cmp((struct str) {a->author, a->author_n},
		    (struct str) {b->author, b->author_n});
	return c;
}

static void
drop(struct deferrals *d, struct pair *p)
{
	tdelete(p, &d->tree, compare);
	TAILQ_REMOVE(&d->oldest, p, order);
	d->count--;
	free(p);
}

void
deferral_free(struct deferrals *d)
{
	if (d == NULL)
		return;
	while (!TAILQ_EMPTY(&d->oldest))
		drop(d, TAILQ_FIRST(&d->oldest));
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static void
make_key(struct pair *key, const struct ip *client, struct str author)
{
	struct str name = str_sub(author, 0, sizeof key->author);
	*key = (struct pair) {0};
	key->network = ip_network(client);
	key->author_n = name.n;
	if (name.n > 0)
		memcpy(key->author, name.p, name.n);
}

static struct pair *
add(struct deferrals *d, const struct pair *key)
{
	if (d->count == DEFERRAL_MAX_ENTRIES)
		drop(d, TAILQ_FIRST(&d->oldest));
	struct pair *p = malloc(sizeof *p);
	if (p == NULL)
		abort();
	*p = *key;
	if (tsearch(p, &d->tree, compare) == NULL)
		abort();
	TAILQ_INSERT_TAIL(&d->oldest, p, order);
	d->count++;
	return p;
}

static bool
is_over(const struct pair *p, int64_t now, unsigned limit)
{
	int64_t end = p->first + limit;
	return now - (p->last > end ? p->last : end) >= QUIET_SECONDS;
}

bool
deferral_allows(struct deferrals *d, const struct ip *client, struct str author,
    int64_t now, unsigned limit)
{
	struct pair key;
	make_key(&key, client, author);
	key.first = now;
	pthread_mutex_lock(&d->lock);
	struct pair *const *found = tfind(&key, &d->tree, compare);
	struct pair *p = found != NULL ? *found : NULL;
	if (p != NULL && is_over(p, now, limit)) {
		drop(d, p);
		p = NULL;
	}
	if (p == NULL)
		p = add(d, &key);
	p->last = now;
	bool is_allowed = now - p->first < (int64_t)limit;
	pthread_mutex_unlock(&d->lock);
	return is_allowed;
}
