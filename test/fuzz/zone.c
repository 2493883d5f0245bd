/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A zone text: the input's first line is a question, "TYPE NAME", the rest the
 * zone that it is asked of, straight and through the engine.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/table.h"
#include "net/dns_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct table_row types[] = {
	{DNS_TXT, "TXT"},
	{DNS_A, "A"},
	{DNS_AAAA, "AAAA"},
	{DNS_MX, "MX"},
	{DNS_PTR, "PTR"},
	{0, NULL},
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_same(enum dns_type type, const struct dns_rr *x, const struct dns_rr *y)
{
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		return ip_eq(&x->ip, &y->ip);
	case DNS_MX:
		return x->mx.preference == y->mx.preference &&
		    str_eq(x->mx.host, y->mx.host);
	case DNS_PTR:
		return str_eq(x->name, y->name);
	case DNS_TXT:
		break;
	}
	return str_eq(x->txt, y->txt);
}

static void
check_answer(enum dns_type type, const struct dns_answer *a)
{
	must(a->status != DNS_LIMIT && a->status != DNS_BADNAME);
	must((a->status == DNS_OK) == (a->count > 0));
	for (size_t i = 0; i < a->count; i++) {
		must(type != DNS_A || a->rr[i].ip.family == IP_V4);
		must(type != DNS_AAAA || a->rr[i].ip.family == IP_V6);
	}
}

/* A name that the gate lets through gets the same answer there. */
static void
check_engine(const struct zone *z, enum dns_type type, struct str name,
    const struct dns_answer *want)
{
	struct arena *a = arena_new(0);
	struct dns *dns = dns_zone_new(z);
	struct lookups *l = lookups_new(dns, 0, NULL, NULL, a);
	const struct dns_answer *got =
	    dns_wait(dns_ask(l, DNS_FOR_SPF, type, name));
	must(got->status == DNS_BADNAME || got->status == want->status);
	if (got->status != DNS_BADNAME)
		must(got->count == want->count &&
		    got->is_alias == want->is_alias);
	for (size_t i = 0; i < got->count; i++)
		must(is_same(type, &got->rr[i], &want->rr[i]));
	arena_free(a);
	dns_drop(dns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str text = {(const char *)data, size};
	struct str name = str_cut(&text, '\n'), type_name = str_cut(&name, ' ');
	struct dns_answer answer;
	size_t line = 0;
	const char *reason = NULL;
	int type = DNS_TXT;

	table_value(types, type_name, &type);
	name = str_lower(name, a);
	const struct zone *z = zone_parse(text, a, &line, &reason);
	if (z != NULL) {
		zone_answer(z, (enum dns_type)type, name, a, &answer);
		check_answer((enum dns_type)type, &answer);
		check_engine(z, (enum dns_type)type, name, &answer);
	} else {
		must(line > 0 && reason != NULL);
	}
	arena_free(a);
	return 0;
}
