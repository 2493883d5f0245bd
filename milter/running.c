/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/running.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auth/signature.h"
#include "base/arena.h"
#include "base/log.h"
#include "dmarc/override.h"
#include "judge/deferral.h"
#include "judge/spool.h"
#include "milter/failures.h"
#include "milter/ledger.h"
#include "net/dns.h"
#include "net/dns_ares.h"
#include "settings/settings.h"

/* A snapshot as this file sees it; `base` comes first, so that one pointer
 * serves for both. */
struct snapshot {
	struct running base;
	unsigned holds; /* under the lock */
	_Atomic uint64_t *hits; /* of each override rule */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct snapshot *current;

static void
discard(struct snapshot *s)
{
	ledger_drop(s->base.ledger);
	spool_drop(s->base.spool);
	if (s->base.dns != NULL)
		dns_drop(s->base.dns);
	settings_drop(s->base.settings);
	free(s->hits);
	free(s);
}

struct running *
running_hold(void)
{
	pthread_mutex_lock(&lock);
	struct snapshot *s = current;
	if (s != NULL)
		s->holds++;
	pthread_mutex_unlock(&lock);
	return (struct running *)s;
}

void
running_drop(struct running *l)
{
	struct snapshot *s = (struct snapshot *)l;

	if (s == NULL)
		return;
	pthread_mutex_lock(&lock);
	bool is_last = --s->holds == 0;
	pthread_mutex_unlock(&lock);
	if (is_last)
		discard(s);
}

/* ---- loading ------------------------------------------------------------ */

static bool
has_same_dns(const struct settings *a, const struct settings *b)
{
	if (a->dns_cache_size != b->dns_cache_size ||
	    a->dns_servers.count != b->dns_servers.count)
		return false;
	for (size_t i = 0; i < a->dns_servers.count; i++)
		if (!str_eq(a->dns_servers.at[i], b->dns_servers.at[i]))
			return false;
	return true;
}

static struct dns *
find_dns(const struct settings *s, const struct running *old, const char **reason)
{
	struct dns_ares_options o = {
		.servers = s->dns_servers.at,
		.server_count = s->dns_servers.count,
		.cache_bytes = s->dns_cache_size,
	};

	if (old != NULL && has_same_dns(s, old->settings))
		return dns_hold(old->dns);
	return dns_ares_new(&o, reason);
}

static struct ledger *
find_ledger(const char *path, const struct running *old)
{
	if (old != NULL && ledger_is_at(old->ledger, path))
		return ledger_hold(old->ledger);
	return ledger_open(path);
}

/* What the process has but once: the old one's, or made now. */
static bool
find_process(struct running *l, const struct running *old, const char **reason)
{
	if (old != NULL) {
		l->deferrals = old->deferrals;
		l->signatures = old->signatures;
		return true;
	}
	l->signatures = signature_library_open(reason);
	l->deferrals = deferral_new();
	return l->signatures != NULL;
}

static struct snapshot *
new_snapshot(size_t rules)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->hits = calloc(rules > 0 ? rules : 1, sizeof(*s->hits));
	if (s->hits == NULL)
		abort();
	s->holds = 1;
	return s;
}

static void
put_in_force(struct snapshot *s)
{
	pthread_mutex_lock(&lock);
	struct snapshot *old = current;
	current = s;
	pthread_mutex_unlock(&lock);
	running_drop((struct running *)old);
}

bool
running_take(struct settings *s, struct arena *a, struct str *reason,
    struct str *warning)
{
	struct running *old = running_hold();
	struct snapshot *new = new_snapshot(s->overrides.count);
	const char *path, *why = NULL;
	bool done = false;

	new->base.settings = s;
	if (!ledger_find(s, a, &path, reason))
		goto out;
	*warning = *reason;
	if (!failures_find(s, old != NULL ? old->spool : NULL, a,
		&new->base.spool, reason))
		goto out;
	if (!find_process(&new->base, old, &why))
		goto out;
	new->base.dns = find_dns(s, old, &why);
	if (new->base.dns == NULL)
		goto out;
	new->base.ledger = find_ledger(path, old);
	log_set_level((enum log_level)s->log_level);
	put_in_force(new);
	done = true;
out:
	if (why != NULL && !done)
		*reason = str_copy(str_of(why), a);
	if (!done)
		discard(new);
	running_drop(old);
	return done;
}

/* ---- counters ----------------------------------------------------------- */

void
running_count_rule(struct running *l, const struct override_rule *rule)
{
	struct snapshot *s = (struct snapshot *)l;

	atomic_fetch_add_explicit(&s->hits[rule->index], 1,
	    memory_order_relaxed);
}

void
running_print_counters(struct running *l, struct text *t)
{
	const struct override_rules *rules = &l->settings->overrides;
	struct snapshot *s = (struct snapshot *)l;
	struct dns_counters c;

	dns_count(l->dns, &c);
	text_printf(t, " dns-asked=%" PRIu64 " dns-from-cache=%" PRIu64
	    " dns-sent=%" PRIu64 " dns-failed=%" PRIu64
	    " dns-cache-bytes=%" PRIu64 " dns-cache-entries=%" PRIu64
	    " dns-evicted=%" PRIu64, c.asked, c.from_cache, c.sent, c.failed,
	    c.cache_bytes, c.cache_entries, c.evicted);
	for (size_t i = 0; i < rules->count; i++) {
		text_add(t, STR(" override:"));
		log_escape(t, rules->at[i].name, rules->at[i].name.n);
		text_printf(t, "=%" PRIu64, atomic_load(&s->hits[i]));
	}
}
