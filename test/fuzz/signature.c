/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message with signatures of any kind, and one that is made here: whatever
 * the message holds, what the test signer has signed verifies. The input's
 * first byte chooses forms, key and pieces; the rest of the first line are names
 * for h=; then fields, each on lines of its own, an empty line, and the body.
 * Each signature whose header libopendkim hashes is hashed here as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/signature.h"
#include "auth/sha256.h"
#include "auth/signature_engine.h"
#include "auth/signature_field.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/author.h"
#include "mail/header.h"
#include "net/dns.h"
#include "net/dns_zone.h"
#include "test/lib/signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1795219201

static struct world {
	struct arena *arena;
	struct signature_library *lib;
	struct signer_key *rsa, *ed25519;
	struct dns *dns;
} world;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* The record of a key as quoted strings. */
static struct str
quoted(const struct signer_key *k, const char *before, struct arena *a)
{
	struct str record = signer_key_record(k, a);
	return text_format(a, "\"%s%.*s\" \"%.*s\"", before,
	    STR_ARG(str_sub(record, 0, 200)),
	    STR_ARG(str_sub(record, 200, record.n)));
}

static void
set_up(void)
{
	const char *reason;
	size_t line;
	struct arena *a = world.arena = arena_new(0);
	world.lib = signature_library_open(&reason);
	world.rsa = signer_key_rsa(1024, a);
	world.ed25519 = signer_key_ed25519(a);
	struct str rsa = quoted(world.rsa, "", a);
	struct str ed25519 = quoted(world.ed25519, "", a);
	struct str testing = quoted(world.rsa, "", a);
	struct zone *zone = zone_parse(text_format(a,
	    "r._domainkey.example.com TXT %.*s\n"
	    "e._domainkey.example.com TXT %.*s\n"
	    "t._domainkey.example.com TXT %.*s \"; t=y:s\"\n"
	    "x._domainkey.example.com TXT \"v=DKIM1; p=\"\n"
	    "f._domainkey.example.com TXT \"v=spf1 -all\"\n"
	    "servfail l._domainkey.example.com TXT\n", STR_ARG(rsa),
	    STR_ARG(ed25519), STR_ARG(testing)), a, &line, &reason);
	must(world.lib != NULL && zone != NULL);
	world.dns = dns_zone_new(zone);
}

/* ---- the message ------------------------------------------------------------- */

struct input {
	uint8_t choice;
	struct str names;
	struct header_field fields[100];
	size_t count;
	struct str body;
};

/* "from" and the names of the line that h= may hold; "$" is the signer's. */
static struct str
names_of(struct str line, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, STR("from"));
	for (unsigned n = 1; line.n > 0 && n < DKIM_FIELD_MAX_NAMES; n++) {
		struct str name = str_cut(&line, ':');
		bool is_fit = name.n > 0 && name.n < 50 &&
		    t.n < SIGNATURE_MAX_HLIST - 52;
		for (size_t i = 0; i < name.n; i++)
			is_fit = is_fit && name.p[i] > ' ' &&
			    name.p[i] <= '~' && name.p[i] != ';' &&
			    name.p[i] != '$';
		if (!is_fit)
			continue;
		text_add_char(&t, ':');
		text_add(&t, name);
	}
	return text_str(&t);
}

/* A field ends at a LF that no blank follows; before a blank it folds. */
static bool
next_field(struct str *in, struct arena *a, struct header_field *out)
{
	struct text t;
	text_init(&t, a);
	while (in->n > 0) {
		char c = in->p[0];
		*in = str_sub(*in, 1, in->n);
		if (c != '\n')
			text_add_char(&t, c);
		else if (in->n == 0 || !ascii_is_wsp(in->p[0]))
			break;
		else
			text_add(&t, STR("\r\n"));
	}
	struct str value = text_str(&t);
	*out = (struct header_field) {.name = str_cut(&value, ':')};
	out->value = value;
	return t.n > 0;
}

static void
read_input(const uint8_t *data, size_t size, struct arena *a,
    struct input *in)
{
	struct str rest = {(const char *)data, size};
	*in = (struct input) {.choice = data[0]};
	rest = str_sub(rest, 1, rest.n);
	in->names = names_of(str_cut(&rest, '\n'), a);
	while (in->count < 100 && next_field(&rest, a, &in->fields[in->count]))
		in->count++;
	in->body = rest;
}

/* ---- what must hold ---------------------------------------------------------- */

static void
compare_hashes(const struct header_list *l, struct arena *a)
{
	for (size_t i = 0; i < l->count; i++) {
		struct signature_field f;
		if (!header_is(&l->at[i], STR("DKIM-Signature")))
			continue;
		signature_field_parse(l->at[i].value, a, &f);
		struct signature_target t = {.field = &f, .own = &l->at[i]};
		signature_engine_hash(world.lib, l, &t, 1, a);
		must((t.hash.n == SHA256_OCTETS) ==
		    (f.refused == SIGNATURE_NONE));
		if (t.hash.n == 0)
			continue;
		struct sha256 *h = signature_sha256(world.lib, a);
		dkim_field_feed_header(&f.dkim, l, &l->at[i], sha256_add, h);
		must(str_eq(t.hash, sha256_end(h)));
	}
}

static void
check_results(const struct signatures *s)
{
	must(signatures_count(s) > 0 && signatures_count(s) <= SIGNATURES_MAX);
	for (size_t i = 0; i < signatures_count(s); i++) {
		const struct signature *g = signatures_at(s, i);
		must((g->result == SIGNATURE_PASS) == (g->reason.n == 0));
		must(g->reason.n < 100 && g->b.n <= 64);
		must(g->domain.n <= 253 && g->selector.n <= 253);
		must(g->algorithm.n <= 64 && g->identity.n <= 512);
		must(g->result != SIGNATURE_NONE || g->is_testing);
		for (size_t j = 0; j < g->reason.n; j++)
			must(ascii_is_print(g->reason.p[j]));
	}
	must(signatures_at(s, 0)->result == SIGNATURE_PASS);
}

static void
verify(const struct input *in, const struct header_list *l, struct arena *a)
{
	static const struct author author = {.status = AUTHOR_OK, .count = 1,
	    .domains = {STR_INIT("example.com")}};
	struct lookups *q = lookups_new(world.dns, 1000, NULL, NULL, a);
	struct signatures *s =
	    signatures_start(world.lib, l, &author, q, NOW, a);
	size_t step = in->choice >> 3;
	if (step == 0)
		step = in->body.n + 1;
	for (size_t at = 0; at < in->body.n; at += step) {
		struct str part = str_sub(in->body, at, step);
		if (signatures_need_body(s))
			signatures_body(s, part.p, part.n);
	}
	signatures_end(s);
	signatures_verify(s, SIGNATURE_LENGTH_FULL);
	check_results(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const forms[] = {"simple/simple", "simple/relaxed",
	    "relaxed/simple", "relaxed/relaxed"};
	if (world.lib == NULL)
		set_up();
	if (size == 0)
		return 0;
	struct arena *a = arena_new(0);
	struct header_list l;
	struct input in;
	read_input(data, size, a, &in);
	bool is_rsa = (in.choice & 4) != 0;
	struct signer_job job = {.key = is_rsa ? world.rsa : world.ed25519,
	    .selector = is_rsa ? "r" : "e", .c = forms[in.choice & 3],
	    .h = str_cstr(in.names, a), .fields = in.fields,
	    .field_count = in.count, .body = in.body};
	header_init(&l, a);
	header_add(&l, STR("DKIM-Signature"), signer_sign(&job, a));
	for (size_t i = 0; i < in.count; i++)
		header_add(&l, in.fields[i].name, in.fields[i].value);
	compare_hashes(&l, a);
	if (l.dropped == 0)
		verify(&in, &l, a);
	arena_free(a);
	return 0;
}
