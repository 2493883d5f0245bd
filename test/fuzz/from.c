/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The author domain of a header, and a path. The input's first line is the
 * path; each further line that does not begin with a blank begins a field.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "mail/address.h"
#include "mail/author.h"
#include "mail/domain.h"
#include "mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* A name is behind the gate: parsing it again changes nothing. */
static void
check_domain(struct str d, struct arena *a)
{
	struct str again;
	must(domain_parse(d, a, &again) == DOMAIN_OK && str_eq(d, again));
	must(d.n <= DOMAIN_MAX_OCTETS && domain_labels(d) > 0);
	must(domain_is_within(d, domain_tail(d, 1)));
}

static void
check_author(const struct author *author, struct arena *a)
{
	must((author->status == AUTHOR_OK) == (author->count > 0));
	must((author->status == AUTHOR_OK) == (author->reason.n == 0));
	must(author->count <= AUTHOR_MAX_DOMAINS);
	for (size_t i = 0; i < author->count; i++) {
		check_domain(author->domains[i], a);
		for (size_t j = 0; j < i; j++)
			must(!str_eq(author->domains[i], author->domains[j]));
	}
	must(author->reason.n < 300);
	for (size_t i = 0; i < author->reason.n; i++)
		must(ascii_is_print(author->reason.p[i]));
}

static struct str
field(struct str *in)
{
	struct str all = *in;
	do
		str_cut(in, '\n');
	while (in->n > 0 && ascii_is_wsp(in->p[0]));
	return str_sub(all, 0, all.n - in->n);
}

static void
read_path(struct str path, struct arena *a)
{
	struct address out;
	enum address_status st = address_parse_path(path, a, &out);
	if (st != ADDRESS_OK)
		must(out.local.n == 0 && out.domain.n == 0);
	must(str_find(out.domain, '\0') == out.domain.n);
	/* dtext (RFC 5322 3.4.1) has an "@"; a name has none. */
	if (!str_has_prefix(out.domain, STR("[")))
		must(str_find(out.domain, '@') == out.domain.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str in = {(const char *)data, size};
	struct header_list l;
	struct author author;
	read_path(str_cut(&in, '\n'), a);
	header_init(&l, a);
	while (in.n > 0) {
		struct str value = field(&in);
		struct str name = str_cut(&value, ':');
		header_add(&l, name, value);
	}
	author_find(&l, a, &author);
	check_author(&author, a);
	arena_free(a);
	return 0;
}
