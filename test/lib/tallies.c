/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/tallies.h"

#include "report/row/tally.h"
#include "report/send/queue.h"
#include "report/store/store_import.h"
#include "test/lib/stores.h"

/* Behind every day of a test. */
#define LAST_DAY 1000000

const struct sender tallies_sender = {
	.format = REPORT_RFC7489,
	.org_name = STR_INIT("Receiver & \"Sons\""),
	.from = STR_INIT("noreply@rcv.example"),
	.domain = STR_INIT("rcv.example"),
	.email = STR_INIT("postmaster@rcv.example"),
	.contact = STR_INIT("https://rcv.example/"),
	.generator = STR_INIT("aplomb 0"),
	.bounce = STR_INIT("bounces@rcv.example"),
	.is_set = true,
};

void
tallies_add(struct store *s, const struct tallies_one *t)
{
	const struct report_policy p = {.domain = str_of(t->domain),
	    .fo = STR("0"), .pct = 100, .has_rua = t->has_rua};
	struct tally *f = tally_new();
	uint64_t remainder;
	for (unsigned i = 0; i < t->failed + t->passed; i++) {
		struct report_row r = {
			.count = 1,
			.optional = i < t->optional,
			.source_ip = STR("192.0.2.7"),
			.is_spf_aligned = i >= t->failed,
			.header_from = p.domain,
		};
		tally_add(f, t->day, &p, &r);
	}
	stores_must(s, store_begin(s));
	stores_must(s, store_add(s, f, 1000, &remainder));
	stores_must(s, store_commit(s));
	tally_free(f);
}

void
tallies_add_domain(struct store *s, const char *domain)
{
	tallies_add(s, &(struct tallies_one) {TALLY_DAY, domain, 1, 0, 0, true});
}

uint64_t
tallies_make_reports(struct store *s, int64_t now, struct arena *a)
{
	const struct queue_gates gates = {0, LAST_DAY, 1, false};
	const struct store_filter all = {.has_day = false};
	struct store_day *days;
	size_t count;
	uint64_t made;
	stores_must(s, queue_due(s, &gates, &all, 0, a, &days, &count));
	stores_must(s, queue_make(s, days, count, &tallies_sender, now, a,
	    &made));
	return made;
}
