/* SPDX-License-Identifier: BSD-2-Clause */
/* How often a search for destinations waits: each wait costs a round trip, and
 * a day's reports are thousands of searches. */
#include "report/recipient/destination.h"

#include "net/dns_engine.h"
#include "net/dns_zone.h"
#include "test/lib/check.h"
#include "test/unit/dmarc_fixture.h"

#define MAX_ASKED DNS_MAX_POLICY

/* An engine over a zone that answers, when somebody waits, all that was asked
 * before. */
struct slow {
	struct dns dns;
	const struct zone *zone;
	struct arena *arena;
	struct dns_entry *entries[MAX_ASKED]; /* held, in order */
	size_t asked, settled;
	unsigned rounds;
};

static struct dns_entry *
slow_ask(struct dns *dns, enum dns_type type, struct str name)
{
	struct slow *s = (struct slow *)dns;
	struct dns_entry *e = dns_entry_new(type, name);

	assert_true(s->asked < MAX_ASKED);
	s->entries[s->asked++] = dns_entry_hold(e);
	return e;
}

static void
slow_count(struct dns *dns, struct dns_counters *out)
{
	out->sent = ((struct slow *)dns)->asked;
}

static void
slow_free(struct dns *dns)
{
	struct slow *s = (struct slow *)dns;

	for (size_t i = 0; i < s->asked; i++)
		dns_entry_drop(s->entries[i]);
}

static void
answer_all(void *arg)
{
	struct slow *s = arg;

	s->rounds++;
	for (; s->settled < s->asked; s->settled++) {
		struct dns_entry *e = s->entries[s->settled];
		struct dns_answer answer;
		zone_answer(s->zone, e->type, e->name, s->arena, &answer);
		dns_entry_settle(e, &answer);
	}
}

static const struct dns_engine slow_engine = {
	.ask = slow_ask, .count = slow_count, .free = slow_free};

static void
slow_init(struct slow *s, const char *zone, struct arena *a)
{
	size_t line;
	const char *reason;

	*s = (struct slow) {.dns.engine = &slow_engine, .arena = a,
	    .zone = zone_parse(str_of(zone), a, &line, &reason)};
	assert_non_null(s->zone);
	atomic_init(&s->dns.holders, 1);
	atomic_init(&s->dns.asked, 0);
}

static unsigned
rounds(const char *zone, enum discover_method method, size_t want_count)
{
	struct fixture f;
	struct arena *a = arena_new(SIZE_MAX), *message = arena_new(SIZE_MAX);
	struct slow *s = ARENA_NEW(a, struct slow);
	struct destinations out;

	fixture_begin(&f, zone);
	slow_init(s, zone, a);
	struct discover_options o = fixture_options(&f, method);
	destinations_find(lookups_new(&s->dns, 60000, answer_all, s, message),
	    &o, DESTINATION_RUA, STR("acme.example"), message, &out);
	assert_int_equal(out.status, DESTINATIONS_FOUND);
	assert_int_equal(out.count, want_count);
	assert_int_equal(out.at[0].status, DESTINATION_OK);
	unsigned n = s->rounds;
	arena_free(message);
	dns_drop(&s->dns);
	arena_free(a);
	fixture_end(&f);
	return n;
}

/* The record; then, together, whatever its hosts may need. */
static void
test_rounds(void **state)
{
	static const char own[] = RECORD("acme.example",
	    "p=none; rua=mailto:d@acme.example");
	static const char several[] = RECORD("acme.example", "p=none; "
	    "rua=mailto:a@one.example,mailto:b@mail.acme.example,"
	    "mailto:c@two.example,mailto:d@three.example")
	    "*._report._dmarc.one.example TXT \"v=DMARC1\"\n"
	    "*._report._dmarc.two.example TXT \"v=DMARC1; "
	    "rua=mailto:c@two.example\"\n";

	(void)state;
	assert_int_equal(rounds(own, DISCOVER_TREEWALK, 1), 1);
	assert_int_equal(rounds(own, DISCOVER_PSL, 1), 1);
	assert_int_equal(rounds(several, DISCOVER_TREEWALK, 4), 2);
	assert_int_equal(rounds(several, DISCOVER_PSL, 4), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rounds)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
