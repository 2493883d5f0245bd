/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An evaluation of SPF. The input's first four lines are the client, the HELO
 * name, the reverse-path, and the policy of example.com, of any bytes; what
 * follows is a zone text, of which the lines up to the first bad one count.
 */
#include <stdint.h>
#include <stdlib.h>

#include "auth/spf.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/domain.h"
#include "net/dns_zone.h"

/* Questions of one evaluation: RFC 7208 4.6.4 and the look-ahead. */
#define MOST_ASKED 142u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check(const struct spf_check *c, struct arena *a)
{
	struct str again;
	must(c->result <= SPF_PERMERROR);
	must(c->domain.n > 0 || c->result == SPF_NONE);
	if (c->domain.n > 0)
		must(domain_parse(c->domain, a, &again) == DOMAIN_OK &&
		    str_eq(c->domain, again) && domain_labels(again) > 1);
	must(c->reason.n > 0 && c->reason.n < 512);
	for (size_t i = 0; i < c->reason.n; i++)
		must(ascii_is_print(c->reason.p[i]));
}

/* The policy as a line of a zone. */
static void
add_policy(struct text *t, struct str policy)
{
	text_add(t, STR("example.com TXT \""));
	for (size_t i = 0; i < policy.n; i++)
		text_printf(t, "\\%03u", (unsigned char)policy.p[i]);
	text_add(t, STR("\"\n"));
}

static struct zone *
read_zone(struct str text, struct arena *a)
{
	for (;;) {
		size_t line = 0;
		const char *reason;
		struct zone *z = zone_parse(text, a, &line, &reason);
		if (z != NULL)
			return z;
		struct str rest = text;
		while (line-- > 1)
			str_cut(&rest, '\n');
		text.n -= rest.n;
	}
}

static void
evaluate(const struct spf_input *in, const struct zone *z, bool is_prefetched,
    struct spf_check *out, struct arena *a)
{
	struct arena *own = arena_new(1 << 20);
	struct dns *dns = dns_zone_new(z);
	struct lookups *l = lookups_new(dns, 1000, NULL, NULL, own);
	if (is_prefetched) {
		spf_prefetch(in, l, own);
		must(lookups_asked(l, DNS_FOR_SPF) <= 21);
	}
	spf_evaluate(in, l, own, out);
	must(lookups_asked(l, DNS_FOR_SPF) <= MOST_ASKED);
	check(out, own);
	out->reason = str_copy(out->reason, a);
	out->domain = str_copy(out->domain, a);
	arena_free(own);
	dns_drop(dns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str rest = {(const char *)data, size};
	struct spf_input in = {.client.family = IP_NONE};
	struct spf_check plain, prefetched;
	struct text zone;
	if (!ip_parse(str_cut(&rest, '\n'), &in.client))
		ip_parse(STR("192.0.2.1"), &in.client);
	in.helo = str_cut(&rest, '\n');
	struct str path = str_cut(&rest, '\n');
	size_t at = str_find_last(path, '@');
	in.local = str_sub(path, 0, at);
	in.domain = str_sub(path, at + 1, path.n);
	text_init(&zone, a);
	add_policy(&zone, str_cut(&rest, '\n'));
	text_add(&zone, rest);
	const struct zone *z = read_zone(text_str(&zone), a);
	evaluate(&in, z, false, &plain, a);
	evaluate(&in, z, true, &prefetched, a);
	must(plain.result == prefetched.result);
	must(str_eq(plain.reason, prefetched.reason));
	arena_free(a);
	return 0;
}
