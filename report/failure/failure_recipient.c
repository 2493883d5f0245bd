/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/failure/failure_recipient.h"

#include <stdlib.h>

#include <uthash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/dns.h"
#include "report/row/sender.h"
#include "settings/settings.h"

struct page {
	struct failure_recipient places;
	struct str key; /* domain, a blank, and the method */
	UT_hash_handle hh;
};

struct failure_recipient_cache {
	struct failure_recipient_world world;
	struct arena *arena;
	struct page *pages;
	int64_t lost; /* milliseconds, to names that did not answer */
};

struct failure_recipient_cache *
failure_recipient_open(const struct failure_recipient_world *world, struct arena *a)
{
	struct failure_recipient_cache *b = ARENA_NEW(a, struct failure_recipient_cache);
	b->world = *world;
	b->arena = a;
	return b;
}

void
failure_recipient_close(struct failure_recipient_cache *b)
{
	if (b != NULL)
		HASH_CLEAR(hh, b->pages);
}

static bool
is_excluded(const struct failure_recipient_cache *b, struct str domain)
{
	return override_has_domain(&b->world.settings->report_exclude,
	    domain);
}

/* A report to ourselves would be one about itself before long. */
static void
take(const struct failure_recipient_cache *b, const struct destination *d,
    struct failure_recipient *out)
{
	switch (d->status) {
	case DESTINATION_TEMPERROR:
		out->is_unsure = true;
		return;
	case DESTINATION_REPLACED:
	case DESTINATION_REPEATED:
		return;
	case DESTINATION_OK:
		if (is_excluded(b, d->domain) ||
		    str_ieq(d->address, b->world.sender->from) ||
		    out->count == DESTINATION_MAX)
			break;
		out->addresses[out->count++] =
		    str_copy(d->address, b->arena);
		return;
	default:
		break;
	}
	out->unusable++;
}

static void
ask(struct failure_recipient_cache *b, struct str domain, enum discover_method method,
    struct failure_recipient *out)
{
	struct arena *a = arena_new(0);
	struct destinations found;
	struct discover_options o = b->world.discover;
	int64_t start = clock_mono_ms();
	unsigned patience = b->lost < FAILURE_RECIPIENT_PATIENCE_MS ?
	    b->world.settings->dns_timeout * 1000 : FAILURE_RECIPIENT_HURRY_MS;
	o.method = method;
	destinations_find(lookups_new(b->world.dns, patience, NULL, NULL, a),
	    &o, DESTINATION_RUF, domain, a, &found);
	out->is_unsure = found.status == DESTINATIONS_TEMPERROR;
	for (size_t i = 0; found.status == DESTINATIONS_FOUND &&
	    i < found.count; i++)
		take(b, &found.at[i], out);
	if (out->is_unsure)
		b->lost += clock_mono_ms() - start;
	arena_free(a);
}

const struct failure_recipient *
failure_recipient_find(struct failure_recipient_cache *b, struct str policy_domain,
    enum discover_method method)
{
	struct page *page;
	struct str key = text_format(b->arena, "%.*s %d",
	    STR_ARG(policy_domain), (int)method);
	HASH_FIND(hh, b->pages, key.p, key.n, page);
	if (page != NULL)
		return &page->places;
	page = ARENA_NEW(b->arena, struct page);
	page->key = key;
	if (!is_excluded(b, policy_domain))
		ask(b, policy_domain, method, &page->places);
	HASH_ADD_KEYPTR(hh, b->pages, page->key.p, page->key.n, page);
	return &page->places;
}
