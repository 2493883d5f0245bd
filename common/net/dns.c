/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/table.h"
#include "net/dns_engine.h"

/* How often a blocked wait calls its hook. */
#define WAIT_SLICE_MS 50
/* Chains of a message's questions: it has a dozen, at most a few hundred. */
#define BUCKETS 64u
#define MAX_NAME  253u
#define MAX_LABEL 63u

struct lookup {
	struct lookup *next;
	struct lookups *owner;
	struct dns_entry *entry;         /* NULL: `answer` was known at once */
	const struct dns_answer *answer; /* once seen, for good */
	enum dns_type type;
	struct str name;
};

struct lookups {
	struct dns *dns;
	struct arena *arena;
	unsigned timeout_ms;
	int64_t deadline; /* of the monotonic clock; 0: nothing waited yet */
	dns_wait_fn before_wait;
	void *wait_arg;
	unsigned asked[DNS_PURPOSES];
	struct lookup *buckets[BUCKETS];
};

static const unsigned budgets[DNS_PURPOSES] = {
	[DNS_FOR_SPF] = DNS_MAX_SPF,
	[DNS_FOR_KEY] = DNS_MAX_KEY,
	[DNS_FOR_POLICY] = DNS_MAX_POLICY,
};

static const struct dns_answer bad_name = {.status = DNS_BADNAME};
static const struct dns_answer over_limit = {.status = DNS_LIMIT};
static const struct dns_answer too_late = {.status = DNS_TIMEOUT};

static const struct table_row status_texts[] = {
	{DNS_OK, "answered"},
	{DNS_NODATA, "no record of this type"},
	{DNS_NXDOMAIN, "no such name"},
	{DNS_SERVFAIL, "the name servers failed"},
	{DNS_TIMEOUT, "no answer in time"},
	{DNS_MALFORMED, "an answer that cannot be read"},
	{DNS_LIMIT, "too many questions for one message"},
	{DNS_BADNAME, "not a domain name"},
	{0, NULL},
};

/* ---- one message ---------------------------------------------------------- */

static void
end_lookups(void *arg)
{
	struct lookups *l = arg;
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct lookup *q = l->buckets[i]; q != NULL; q = q->next)
			if (q->entry != NULL)
				dns_entry_drop(q->entry);
	dns_drop(l->dns);
}

struct lookups *
lookups_new(struct dns *dns, unsigned timeout_ms, dns_wait_fn before_wait,
    void *arg, struct arena *a)
{
	struct lookups *l = ARENA_NEW(a, struct lookups);
	l->dns = dns_hold(dns);
	l->arena = a;
	l->timeout_ms = timeout_ms;
	l->before_wait = before_wait;
	l->wait_arg = arg;
	arena_on_free(a, end_lookups, l);
	return l;
}

/* Labels of 1 to 63 printable octets, 253 in all; what SPF's macros may put
 * into a name passes, what c-ares would read as an escape does not. */
static bool
is_askable(struct str name)
{
	size_t label = 0;
	if (name.n == 0 || name.n > MAX_NAME)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!ascii_is_print(c) || c == '\\' ||
		    ++label > MAX_LABEL)
			return false;
	}
	return label > 0;
}

/* Few keys, none of them kept beyond the message: no keyed hash is needed. */
static unsigned
bucket_of(enum dns_type type, struct str name)
{
	unsigned h = (unsigned)type;
	for (size_t i = 0; i < name.n; i++)
		h = h * 31 + (unsigned char)name.p[i];
	return h % BUCKETS;
}

static struct lookup *
find(struct lookup *q, enum dns_type type, struct str name)
{
	while (q != NULL && (q->type != type || !str_eq(q->name, name)))
		q = q->next;
	return q;
}

struct lookup *
dns_ask(struct lookups *l, enum dns_purpose purpose, enum dns_type type,
    struct str name)
{
	bool is_name = is_askable(name);
	name = str_lower(str_sub(name, 0, MAX_NAME + 1), l->arena);
	unsigned bucket = bucket_of(type, name);
	struct lookup *q = find(l->buckets[bucket], type, name);
	if (q != NULL)
		return q;
	q = ARENA_NEW(l->arena, struct lookup);
	*q = (struct lookup) {.owner = l, .type = type, .name = name,
	    .next = l->buckets[bucket]};
	if (!is_name) {
		q->answer = &bad_name;
	} else if (l->asked[purpose] >= budgets[purpose]) {
		/* Not remembered: another purpose may still ask it. */
		q->answer = &over_limit;
		return q;
	} else {
		l->asked[purpose]++;
		atomic_fetch_add_explicit(&l->dns->asked, 1,
		    memory_order_relaxed);
		q->entry = l->dns->engine->ask(l->dns, type, name);
	}
	l->buckets[bucket] = q;
	return q;
}

const struct dns_answer *
dns_peek(struct lookup *q)
{
	if (q->answer == NULL &&
	    atomic_load_explicit(&q->entry->is_settled, memory_order_acquire))
		q->answer = &q->entry->answer;
	return q->answer;
}

const struct dns_answer *
dns_wait(struct lookup *q)
{
	struct lookups *l = q->owner;
	if (dns_peek(q) != NULL)
		return q->answer;
	if (l->deadline == 0)
		l->deadline = clock_mono_ms() + l->timeout_ms;
	for (;;) {
		int64_t now = clock_mono_ms();
		if (now >= l->deadline)
			break;
		if (l->before_wait != NULL)
			l->before_wait(l->wait_arg);
		int64_t slice = now + WAIT_SLICE_MS;
		if (dns_entry_wait(q->entry,
			slice < l->deadline ? slice : l->deadline))
			return dns_peek(q);
	}
	/* What comes later fills the cache, but not this message. */
	if (dns_peek(q) == NULL)
		q->answer = &too_late;
	return q->answer;
}

const void *
dns_derived(struct lookup *q, dns_make_fn make)
{
	const struct dns_answer *answer = dns_wait(q);
	if (q->entry != NULL && answer == &q->entry->answer)
		return dns_entry_derived(q->entry, make);
	return make(answer, q->owner->arena);
}

unsigned
lookups_asked(const struct lookups *l, enum dns_purpose purpose)
{
	return l->asked[purpose];
}

/* ---- statuses and engines --------------------------------------------------- */

bool
dns_is_error(enum dns_status s)
{
	return s == DNS_SERVFAIL || s == DNS_TIMEOUT || s == DNS_MALFORMED ||
	    s == DNS_LIMIT;
}

const char *
dns_status_text(enum dns_status s)
{
	return table_name(status_texts, (int)s);
}

void
dns_count(struct dns *dns, struct dns_counters *out)
{
	*out = (struct dns_counters) {0};
	dns->engine->count(dns, out);
	out->asked = atomic_load(&dns->asked);
}

struct dns *
dns_hold(struct dns *dns)
{
	atomic_fetch_add_explicit(&dns->holders, 1, memory_order_relaxed);
	return dns;
}

void
dns_drop(struct dns *dns)
{
	if (dns != NULL && atomic_fetch_sub_explicit(&dns->holders, 1,
	    memory_order_acq_rel) == 1)
		dns->engine->free(dns);
}
