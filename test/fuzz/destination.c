/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where reports go: the first byte chooses kind and method, then follow, each
 * ended by a line feed, the record of a domain, and what two hosts publish
 * about it. Nothing is taken that has not agreed, or cannot be written to.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/address.h"
#include "net/dns_zone.h"
#include "net/suffix.h"
#include "report/recipient/destination.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ONE "acme.example._report._dmarc.one.example"
#define TWO "acme.example._report._dmarc.two.example"

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* A TXT record that has these bytes; none where there are none. */
static void
add_txt(struct text *zone, const char *name, struct str bytes)
{
	if (bytes.n == 0)
		return;
	text_printf(zone, "%s TXT", name);
	for (size_t i = 0; i < bytes.n; i++)
		text_printf(zone, "%s\\%03u", i % 200 > 0 ? "" :
		    i > 0 ? "\" \"" : " \"", (unsigned char)bytes.p[i]);
	text_add(zone, STR("\"\n"));
}

static struct zone *
make_zone(struct str in, bool *has_agreed, struct arena *a)
{
	struct text text;
	const char *reason;
	size_t line;

	text_init(&text, a);
	text_add(&text, STR("exists acme.example\n"));
	add_txt(&text, "_dmarc.acme.example", str_cut(&in, '\n'));
	struct str one = str_cut(&in, '\n'), two = str_cut(&in, '\n');
	add_txt(&text, ONE, one);
	add_txt(&text, TWO, two);
	has_agreed[0] = record_is_candidate(one);
	has_agreed[1] = record_is_candidate(two);
	struct zone *z = zone_parse(text_str(&text), a, &line, &reason);
	must(z != NULL);
	return z;
}

static void
check_address(const struct destination *d, const bool *has_agreed,
    struct arena *a)
{
	struct str domain;

	must(address_is_plain(d->address, a, &domain));
	must(str_eq(domain, d->domain));
	must(d->address.p[0] != '-');
	for (size_t i = 0; i < d->address.n; i++)
		must(ascii_is_print(d->address.p[i]) &&
		    d->address.p[i] != ' ');
	if (str_eq(domain, STR("one.example")))
		must(has_agreed[0]);
	else if (str_eq(domain, STR("two.example")))
		must(has_agreed[1]);
	else
		must(str_eq(domain, STR("acme.example")) ||
		    str_has_isuffix(domain, STR(".acme.example")));
}

static void
check(const struct destinations *out, const bool *has_agreed, struct arena *a)
{
	size_t taken = 0;

	must((out->status == DESTINATIONS_FOUND) == (out->count > 0));
	for (size_t i = 0; i < out->count; i++) {
		const struct destination *d = &out->at[i];
		must((d->status == DESTINATION_OK) == (d->reason.n == 0));
		must(d->status != DESTINATION_TEMPERROR);
		if (d->status != DESTINATION_OK)
			continue;
		taken++;
		check_address(d, has_agreed, a);
		for (size_t j = 0; j < i; j++)
			must(out->at[j].status != DESTINATION_OK ||
			    !str_eq(out->at[j].address, d->address));
	}
	must(taken <= DESTINATION_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* No list has "example": its rule is the implicit one. */
	static struct suffix_list *list;
	struct arena *a = arena_new(SIZE_MAX);
	struct str in = {(const char *)data, size};
	const char *reason;
	bool has_agreed[2];
	unsigned choice = size > 0 ? data[0] : 0;

	if (list == NULL)
		list = suffix_load("", &reason);
	struct discover_options o = {.suffixes = list,
	    .method = choice & 1 ? DISCOVER_PSL : DISCOVER_TREEWALK};
	struct dns *dns = dns_zone_new(make_zone(str_sub(in, 1, size),
	    has_agreed, a));
	struct lookups *l = lookups_new(dns, 1000, NULL, NULL, a);
	struct destinations out;
	destinations_find(l, &o, choice & 2 ? DESTINATION_RUF :
	    DESTINATION_RUA, STR("acme.example"), a, &out);
	check(&out, has_agreed, a);
	arena_free(a);
	dns_drop(dns);
	return 0;
}
