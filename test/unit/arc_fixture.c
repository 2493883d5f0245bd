/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/arc_fixture.h"

#include "base/text.h"
#include "net/dns.h"
#include "net/dns_zone.h"

static void
edit(struct sealed *m, const struct arc_edit *e)
{
	switch (e->verb) {
	case ARC_AS_IT_IS:
		break;
	case ARC_REPLACE:
		sealed_replace(m, e->name, e->instance, e->from, e->to);
		break;
	case ARC_REMOVE:
		sealed_remove(m, e->name, e->instance);
		break;
	case ARC_DOUBLE:
		sealed_double(m, e->name, e->instance);
		break;
	case ARC_ADD:
		sealed_add(m, e->name, str_of(e->to));
		break;
	case ARC_BODY:
		m->body = str_of(e->to);
		break;
	}
}

void
arc_fixture_make(const struct arc_row *row, struct arena *a,
    struct sealed *out)
{
	sealed_init(out, a);
	for (unsigned i = 0; i < row->count; i++)
		sealed_seal(out, &row->seals[i]);
	for (size_t i = 0; i < sizeof row->edits / sizeof row->edits[0]; i++)
		edit(out, &row->edits[i]);
}

/* A record in strings of at most 255 octets (RFC 1035 3.3.14). */
static void
add_record(struct text *zone, const char *selector, unsigned domain,
    struct str record)
{
	text_printf(zone, "%s._domainkey.d%u.example TXT", selector, domain);
	for (; record.n > 0; record = str_sub(record, 250, record.n))
		text_printf(zone, " \"%.*s\"", STR_ARG(str_sub(record, 0,
		    250)));
	text_add_char(zone, '\n');
}

static struct dns *
world(const char *zone_text, struct arena *a)
{
	static const char *const selectors[SEALER_KEYS] = {
		"s", "big", "tiny", "ed", "other"};
	struct text t;
	size_t line = 0;
	const char *reason = "";
	text_init(&t, a);
	text_add(&t, str_of(zone_text));
	for (unsigned domain = 1; domain <= 4; domain++)
		for (int key = 0; key < SEALER_KEYS; key++)
			add_record(&t, selectors[key], domain, sealer_record(
			    (enum sealer_key)key, a));
	struct zone *zone = zone_parse(text_str(&t), a, &line, &reason);
	if (zone == NULL)
		fail_msg("zone, line %zu: %s", line, reason);
	return dns_zone_new(zone);
}

static void
drop(void *dns)
{
	dns_drop(dns);
}

struct lookups *
arc_fixture_lookups(const char *zone, struct arena *a)
{
	struct dns *dns = world(zone, a);
	arena_on_free(a, drop, dns);
	return lookups_new(dns, 1000, NULL, NULL, a);
}

const struct arc_result *
arc_fixture_ask(const struct sealed *m, struct lookups *lookups, size_t step,
    struct arena *a)
{
	struct header_list *l = ARENA_NEW(a, struct header_list);
	header_init(l, a);
	for (size_t i = 0; i < m->count; i++)
		header_add(l, m->fields[i].name, m->fields[i].value);
	struct arc *arc = arc_start(l, lookups, ARC_FIXTURE_NOW, a);
	for (size_t at = 0; at < m->body.n; at += step) {
		struct str piece =
		    check_exact(str_sub(m->body, at, step), a);
		if (arc_need_body(arc))
			arc_body(arc, piece.p, piece.n);
	}
	arc_end(arc);
	arc_verify(arc);
	return arc_result(arc);
}

const struct arc_result *
arc_fixture_verify(const struct sealed *m, const char *zone, size_t step,
    struct arena *a)
{
	return arc_fixture_ask(m, arc_fixture_lookups(zone, a), step, a);
}

/* What must hold of any result. */
static void
check_contract(const struct arc_result *r)
{
	bool is_pass = r->status == ARC_PASS;
	assert_int_equal(is_pass, r->sealers != NULL);
	assert_int_equal(is_pass, r->domain.n > 0);
	assert_int_equal(r->status == ARC_FAIL, r->reason.n > 0);
	assert_true(is_pass || !r->has_oldest_pass);
	assert_true(r->status == ARC_FAIL || !r->is_temperror);
}

struct str
arc_fixture_show(const struct arc_result *r, struct arena *a)
{
	check_contract(r);
	const char *status = table_name(arc_status_names, (int)r->status);
	if (r->status == ARC_NONE)
		return str_of(status);
	if (r->status == ARC_FAIL)
		return text_format(a, "%s %u %s%.*s", status, r->count,
		    r->is_temperror ? "temperror " : "", STR_ARG(r->reason));
	if (!r->has_oldest_pass)
		return text_format(a, "%s %u oldest=?", status, r->count);
	return text_format(a, "%s %u oldest=%u", status, r->count,
	    r->oldest_pass);
}

void
arc_fixture_check(const struct arc_row *rows)
{
	for (; rows->want != NULL; rows++) {
		struct arena *a = arena_new(1 << 20);
		struct sealed m;
		arc_fixture_make(rows, a, &m);
		for (size_t step = 1; step < 100; step += 98)
			check_str(arc_fixture_show(arc_fixture_verify(&m, "",
			    step, a), a), rows->want);
		arena_free(a);
	}
}
