/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/arrival.h"

#include "base/ascii.h"
#include "base/text.h"
#include "mail/author.h"
#include "net/dns.h"
#include "net/dns_zone.h"
#include "test/lib/check.h"

void
arrival_split(struct str header, struct arrival_fields *out)
{
	out->count = 0;
	while (header.n > 0) {
		size_t n = 0;
		while (n + 2 < header.n && !(header.p[n] == '\r' &&
		    header.p[n + 1] == '\n' && !ascii_is_wsp(header.p[n + 2])))
			n++;
		if (n + 2 >= header.n)
			n = header.n - 2;
		struct str value = str_sub(header, 0, n);
		struct str name = str_cut(&value, ':');
		assert_true(out->count < 64);
		out->at[out->count++] = (struct header_field) {name, value, 1};
		header = str_sub(header, n + 2, header.n);
	}
}

struct str
arrival_key_line(const char *selector, const char *domain, struct str record,
    struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_printf(&t, "%s._domainkey.%s TXT", selector, domain);
	for (size_t at = 0; at < record.n; at += 255)
		text_printf(&t, " \"%.*s\"", STR_ARG(str_sub(record, at, 255)));
	text_add_char(&t, '\n');
	return text_str(&t);
}

static void
drop(void *dns)
{
	dns_drop(dns);
}

static void
feed_body(struct signatures *s, const struct arrival *m)
{
	size_t step = m->chunk > 0 ? m->chunk : m->body.n;
	for (size_t at = 0; at < m->body.n; at += step) {
		struct arena *a = arena_new(0);
		struct str part =
		    check_exact(str_sub(m->body, at, step), a);
		signatures_body(s, part.p, part.n);
		arena_free(a);
	}
}

struct signatures *
arrival_verify(struct signature_library *lib, struct str zone_text,
    const struct arrival *m, struct arena *a)
{
	size_t line = 0;
	const char *reason = "";
	struct zone *zone = zone_parse(zone_text, a, &line, &reason);
	if (zone == NULL)
		fail_msg("zone line %zu: %s", line, reason);
	struct dns *dns = dns_zone_new(zone);
	arena_on_free(a, drop, dns);
	struct lookups *l = lookups_new(dns, 1000, NULL, NULL, a);
	struct author author = {.status = AUTHOR_OK, .count = 1,
	    .domains = {str_of(m->author != NULL ? m->author : "example.com")}};
	for (size_t i = 0; i < m->headers.count; i++)
		if (header_is(&m->headers.at[i], STR("DKIM-Signature")) &&
		    m->headers.at[i].instance <= SIGNATURES_MAX)
			signature_prefetch(m->headers.at[i].value, l, a);
	struct signatures *s = signatures_start(lib, &m->headers, &author, l,
	    m->now != 0 ? m->now : ARRIVAL_NOW, a);
	feed_body(s, m);
	signatures_end(s);
	signatures_verify(s, m->length);
	return s;
}

struct str
arrival_show(const struct signatures *s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < signatures_count(s); i++) {
		const struct signature *g = signatures_at(s, i);
		text_printf(&t, "%s%s", i > 0 ? "; " : "",
		    table_name(signature_result_names, (int)g->result));
		assert_true(g->reason.n < 100 &&
		    (g->reason.n == 0) == (g->result == SIGNATURE_PASS));
		assert_true((g->result == SIGNATURE_FAIL) ==
		    (g->fault == SIGNATURE_FAULT_BODY ||
			g->fault == SIGNATURE_FAULT_SIGNATURE) ||
		    g->is_testing);
		assert_true((g->fault == SIGNATURE_FAULT_REVOKED) ==
		    str_eq(g->reason, STR("the key is revoked")));
		assert_true((g->fault == SIGNATURE_FAULT_BODY) ==
		    str_has_prefix(g->reason, STR("the body ")) ||
		    g->is_testing);
		if (g->reason.n > 0)
			text_printf(&t, " %.*s", STR_ARG(g->reason));
	}
	return text_str(&t);
}

void
arrival_add(struct header_list *l, const char *name, struct str value)
{
	header_add(l, str_of(name), value);
}
