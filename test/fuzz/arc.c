/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A chain: the fields and a body behind an empty line, as a message has them;
 * lines end in "\n". Two public keys are in the zone, d.example's selector r
 * (RSA) and e (Ed25519); who fuzzes cannot sign, so the hashes are reached by
 * the seeds and their like, and what is claimed is read of any field at all.
 */
#include <stdint.h>
#include <stdlib.h>

#include "auth/arc.h"
#include "auth/arc_claim.h"
#include "auth/arc_trust.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "net/dns.h"
#include "net/dns_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1500000000

static const char zone_text[] =
	"servfail f._domainkey.d.example\n"
	"r._domainkey.d.example TXT \"v=DKIM1; p="
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCwk65mNHGFrhde2bhaTUOM"
	"01WgbqDJqArlHtHlsCyAFR8ZNuDgAf8yZNw6lzZGNLtOg1j7iq1aX5AiHWHw"
	"By36i6F6xTMY5Mwl59JxiqYo/aSZcePzWXukmweq7bbt348LOaIGTFJ2mgDi"
	"JntYHM8JnC/27uzIvptkKNe68VYAUwIDAQAB"
	"\"\n"
	"e._domainkey.d.example TXT \"v=DKIM1; k=ed25519; p="
	"zcf3jBQTKZUCvXBKJb+NAX8HFiVTXu7zOhCENeh3ywI=\"\n";

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
must_print(struct str s, size_t max)
{
	must(s.n <= max);
	for (size_t i = 0; i < s.n; i++)
		must(ascii_is_print(s.p[i]));
}

static void
must_be_name(struct str d, struct arena *a)
{
	struct str again;
	must(domain_parse(d, a, &again) == DOMAIN_OK && str_eq(d, again));
}

static void
check_claim(struct str field, struct arena *a)
{
	struct arc_claim c;
	arc_claim_read(field, a, &c);
	must(c.dkim_count <= ARC_CLAIM_MAX_DKIM);
	must(c.is_readable || (!c.has_dmarc && c.dkim_count == 0));
	must(!c.is_dmarc_pass || c.has_dmarc);
	if (c.from.n > 0)
		must_be_name(c.from, a);
	if (c.spf.n > 0)
		must_be_name(c.spf, a);
	for (size_t i = 0; i < c.dkim_count; i++)
		must_be_name(c.dkim[i], a);
}

static void
check_pass(const struct arc_result *r, struct arena *a)
{
	must(r->count >= 1 && r->count <= ARC_MAX_SETS);
	must(r->oldest_pass <= r->count && r->oldest_pass != 1);
	must_be_name(r->domain, a);
	for (unsigned i = 0; i < r->count; i++) {
		must(r->sealers[i].instance == r->count - i);
		must_be_name(r->sealers[i].domain, a);
		must(r->sealers[i].selector.n > 0);
	}
}

static bool
is_trusted(const void *arg, struct str domain)
{
	(void)arg;
	return domain.n < 10;
}

static void
check_result(const struct arc_result *r, struct arena *a)
{
	struct arc_claim c;
	must((r->status == ARC_FAIL) == (r->reason.n > 0));
	must((r->status == ARC_PASS) == (r->sealers != NULL));
	must(!r->is_temperror || r->status == ARC_FAIL);
	must_print(r->reason, 200);
	must_print(arc_trust_comment(r, a), ARC_TRUST_MAX_COMMENT);
	must(arc_trust_find(r, is_trusted, NULL, a, &c) <= r->count);
	if (r->status == ARC_PASS)
		check_pass(r, a);
}

static struct str
with_line_ends(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			text_add_char(&t, '\r');
		text_add_char(&t, s.p[i]);
	}
	return text_str(&t);
}

static struct str
field(struct str *in)
{
	struct str all = *in;
	do
		str_cut(in, '\n');
	while (in->n > 0 && ascii_is_wsp(in->p[0]));
	return str_trim(str_sub(all, 0, all.n - in->n));
}

static void
read_header(struct header_list *l, struct str *in, struct arena *a)
{
	header_init(l, a);
	while (in->n > 0 && in->p[0] != '\n') {
		struct str value = field(in);
		struct str name = str_cut(&value, ':');
		header_add(l, name, with_line_ends(value, a));
	}
	str_cut(in, '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str in = {(const char *)data, size};
	struct header_list l;
	size_t line;
	const char *reason;
	struct zone *zone = zone_parse(str_of(zone_text), a, &line, &reason);
	must(zone != NULL);
	struct dns *dns = dns_zone_new(zone);
	read_header(&l, &in, a);
	struct arc *arc = arc_start(&l, lookups_new(dns, 1000, NULL, NULL, a),
	    NOW, a);
	struct str body = with_line_ends(in, a);
	for (size_t at = 0; at < body.n && arc_need_body(arc); at += 7) {
		struct str piece = str_sub(body, at, 7);
		arc_body(arc, piece.p, piece.n);
	}
	arc_end(arc);
	arc_verify(arc);
	check_result(arc_result(arc), a);
	for (size_t i = 0; i < l.count; i++)
		check_claim(l.at[i].value, a);
	arena_free(a);
	dns_drop(dns);
	return 0;
}
