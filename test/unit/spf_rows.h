/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_UNIT_SPF_ROWS_H
#define APLOMB_TEST_UNIT_SPF_ROWS_H

/*
 * Rows for the tables of SPF. Each is evaluated three times: over a zone that
 * answers at once, so after a prefetch, and over a slow one, whose answers come
 * only when the evaluation blocks (all that have been asked come then). The
 * result must be the same.
 */

#include <stdatomic.h>

#include "auth/spf.h"
#include "base/ascii.h"
#include "base/text.h"
#include "net/dns_engine.h"
#include "net/dns_zone.h"
#include "test/lib/check.h"

struct row {
	const char *section; /* of RFC 7208 unless it says otherwise */
	const char *policy;  /* TXT of example.com; NULL: none */
	const char *zone;    /* lines, with ' for " */
	const char *client;
	const char *want;
	const char *from; /* NULL: user@example.com */
	const char *helo; /* NULL: mx.example.net */
};

#define ROW(section, policy, zone, client, want)                               \
	{section, policy, zone, client, want, NULL, NULL}
#define END {NULL, NULL, NULL, NULL, NULL, NULL, NULL}

enum how { AT_ONCE, PREFETCHED, SLOWLY, HOWS };

/* What an evaluation came to, and what it cost. */
struct played {
	struct spf_check check;
	unsigned ahead;  /* questions of the prefetch */
	unsigned asked;  /* questions in all */
	unsigned rounds; /* times it blocked, of a slow zone */
};

/* ---- a slow engine ---------------------------------------------------------- */

#define SLOW_MAX 512u

struct slow {
	struct dns dns;
	const struct zone *zone;
	struct dns_entry *pending[SLOW_MAX];
	size_t count;
	unsigned rounds;
};

static inline struct dns_entry *
slow_ask(struct dns *dns, enum dns_type type, struct str name)
{
	struct slow *s = (struct slow *)dns;
	struct dns_entry *e = dns_entry_new(type, name);
	assert_true(s->count < SLOW_MAX);
	s->pending[s->count++] = dns_entry_hold(e);
	return e;
}

/* A round trip: every answer comes. */
static inline void
slow_arrive(void *arg)
{
	struct slow *s = arg;
	if (s->count > 0)
		s->rounds++;
	for (size_t i = 0; i < s->count; i++) {
		struct arena *a = arena_new(0);
		struct dns_answer answer;
		zone_answer(s->zone, s->pending[i]->type, s->pending[i]->name,
		    a, &answer);
		dns_entry_settle(s->pending[i], &answer);
		dns_entry_drop(s->pending[i]);
		arena_free(a);
	}
	s->count = 0;
}

static inline void
slow_free(struct dns *dns)
{
	slow_arrive(dns);
}

static inline void
slow_init(struct slow *s, const struct zone *z)
{
	static const struct dns_engine engine = {.ask = slow_ask,
	    .free = slow_free};
	*s = (struct slow) {.dns.engine = &engine, .zone = z};
	atomic_init(&s->dns.holders, 1);
}

/* ---- rows ------------------------------------------------------------------- */

/* A zone text of the row: the policy with every odd byte escaped. */
static inline struct str
row_zone(const struct row *r, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (const char *p = r->policy; p != NULL && *p != '\0'; p++) {
		if (p == r->policy)
			text_add(&t, STR("example.com TXT \""));
		if (!ascii_is_print(*p) || *p == '"' || *p == '\\')
			text_printf(&t, "\\%03u", (unsigned char)*p);
		else
			text_add_char(&t, *p);
	}
	if (r->policy != NULL)
		text_add(&t, STR("\"\n"));
	for (const char *p = r->zone; *p != '\0'; p++)
		text_add_char(&t, *p == '\'' ? '"' : *p);
	return text_str(&t);
}

static inline struct spf_input
row_input(const struct row *r, struct arena *a)
{
	struct spf_input in = {.client.family = IP_NONE};
	struct str from = str_of(r->from != NULL ? r->from :
	    "user@example.com");
	size_t at = str_find_last(from, '@');
	if (!ip_parse(str_of(r->client), &in.client))
		assert_string_equal(r->client, "-");
	in.helo = check_exact(str_of(r->helo != NULL ? r->helo :
	    "mx.example.net"), a);
	in.local = check_exact(str_sub(from, 0, at), a);
	in.domain = check_exact(str_sub(from, at + 1, from.n), a);
	return in;
}

static inline void
row_play(const struct row *r, enum how how, struct arena *a,
    struct played *out)
{
	size_t line = 0;
	const char *reason = NULL;
	struct zone *z = zone_parse(row_zone(r, a), a, &line, &reason);
	if (z == NULL)
		fail_msg("%s: line %zu: %s", r->zone, line, reason);
	struct slow slow;
	slow_init(&slow, z);
	struct dns *dns = how == SLOWLY ? &slow.dns : dns_zone_new(z);
	struct arena *own = arena_new(1 << 20);
	struct lookups *l = lookups_new(dns, 5000, slow_arrive, &slow, own);
	struct spf_input in = row_input(r, own);
	*out = (struct played) {.ahead = 0};
	if (how != AT_ONCE)
		spf_prefetch(&in, l, own);
	out->ahead = lookups_asked(l, DNS_FOR_SPF);
	assert_int_equal(slow.rounds, 0);
	spf_evaluate(&in, l, own, &out->check);
	out->asked = lookups_asked(l, DNS_FOR_SPF);
	out->rounds = slow.rounds;
	out->check.reason = str_copy(out->check.reason, a);
	out->check.domain = str_copy(out->check.domain, a);
	struct spf_source *sources =
	    ARENA_ARRAY(a, struct spf_source, out->check.source_count);
	for (size_t i = 0; i < out->check.source_count; i++)
		sources[i] = (struct spf_source) {
		    str_copy(out->check.sources[i].domain, a),
		    str_copy(out->check.sources[i].text, a)};
	out->check.sources = sources;
	assert_int_equal(lookups_asked(l, DNS_FOR_KEY), 0);
	arena_free(own);
	dns_drop(dns);
}

/* Every reason is a bounded, printable sentence. */
static inline void
row_check_reason(const struct row *r, struct str reason)
{
	if (reason.n == 0 || reason.n > 512)
		fail_msg("%s: a reason of %zu bytes", r->section, reason.n);
	for (size_t i = 0; i < reason.n; i++)
		if (!ascii_is_print(reason.p[i]))
			fail_msg("%s: an odd byte in the reason", r->section);
}

static inline void
check_rows(const struct row *rows)
{
	for (const struct row *r = rows; r->section != NULL; r++) {
		for (int how = AT_ONCE; how < HOWS; how++) {
			struct arena *a = arena_new(1 << 20);
			struct played p;
			row_play(r, (enum how)how, a, &p);
			const char *got = table_name(spf_result_names,
			    (int)p.check.result);
			if (strcmp(got, r->want) != 0)
				fail_msg("%s: \"%s\" for %s (way %d): got %s, "
				    "want %s: %.*s", r->section,
				    r->policy != NULL ? r->policy : "",
				    r->client, how, got, r->want,
				    STR_ARG(p.check.reason));
			row_check_reason(r, p.check.reason);
			arena_free(a);
		}
	}
}

#endif
