/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature.h"

#include "auth/canon.h"
#include "auth/key.h"
#include "auth/sha256.h"
#include "auth/signature_choice.h"
#include "auth/signature_engine.h"
#include "auth/signature_field.h"
#include "base/arena.h"
#include "mail/header.h"
#include "net/dns.h"

/* RFC 6008 2: at least eight characters of b=, more where two signatures begin
 * alike. */
#define MIN_B 8u

const struct table_row signature_result_names[] = {
	{SIGNATURE_NONE, "none"},
	{SIGNATURE_PASS, "pass"},
	{SIGNATURE_FAIL, "fail"},
	{SIGNATURE_POLICY, "policy"},
	{SIGNATURE_NEUTRAL, "neutral"},
	{SIGNATURE_TEMPERROR, "temperror"},
	{SIGNATURE_PERMERROR, "permerror"},
	{0, NULL},
};

const struct table_row signature_fault_names[] = {
	{SIGNATURE_FAULT_NONE, "none"},
	{SIGNATURE_FAULT_SIGNATURE, "signature"},
	{SIGNATURE_FAULT_BODY, "bodyhash"},
	{SIGNATURE_FAULT_REVOKED, "revoked"},
	{0, NULL},
};

const struct table_row signature_length_names[] = {
	{SIGNATURE_LENGTH_FULL, "require-full"},
	{SIGNATURE_LENGTH_IGNORE, "ignore-signature"},
	{SIGNATURE_LENGTH_ACCEPT, "accept"},
	{0, NULL},
};

/* A hash of the canonical body up to l=. */
struct stream {
	uint64_t limit, taken;
	struct sha256 *sha256;
	struct str hash;
};

/*
 * The body in one canonical form, and who hashes it. libopendkim's own form
 * loses a CR, and in a simple body a LF, that ends no line, holds a line
 * without blanks in memory whole, and refuses a body that does not end in CRLF.
 */
struct body {
	struct canon_body canon;
	uint64_t length; /* of the whole, at its end */
	struct stream streams[SIGNATURES_MAX];
	size_t count;
};

struct item {
	struct signature_field field;
	struct lookup *key;
	const struct body *body;
	const struct stream *stream;
	struct signature result;
};

struct signatures {
	struct signature_library *lib;
	struct arena *arena;
	struct item items[SIGNATURES_MAX];
	struct signature_target targets[SIGNATURES_MAX];
	size_t count, left_out;
	struct body *simple, *relaxed; /* NULL: nobody signed it so */
};

/* ---- headers ---------------------------------------------------------------- */

void
signature_prefetch(struct str value, struct lookups *l, struct arena *a)
{
	struct arena *scratch = arena_new(0);
	struct signature_field f;
	signature_field_parse(value, scratch, &f);
	if (f.refused == SIGNATURE_NONE)
		key_ask(l, f.dkim.selector, f.dkim.domain, a);
	arena_free(scratch);
}

static void
take_bytes(void *arg, const void *bytes, size_t n)
{
	struct body *b = arg;
	for (size_t i = 0; i < b->count; i++) {
		struct stream *s = &b->streams[i];
		uint64_t room = s->limit - s->taken;
		size_t part = room < n ? (size_t)room : n;
		if (part > 0)
			sha256_add(s->sha256, bytes, part);
		s->taken += part;
	}
}

static struct body *
body_for(struct signatures *s, bool is_relaxed)
{
	struct body **b = is_relaxed ? &s->relaxed : &s->simple;
	if (*b == NULL) {
		*b = ARENA_NEW(s->arena, struct body);
		canon_body_init(&(*b)->canon, is_relaxed, take_bytes, *b);
	}
	return *b;
}

/* Signatures with the same l= share one hash. */
static struct stream *
stream_for(struct signatures *s, struct body *b, uint64_t limit)
{
	size_t i = 0;
	while (i < b->count && b->streams[i].limit != limit)
		i++;
	if (i == b->count)
		b->streams[b->count++] = (struct stream) {.limit = limit,
		    .sha256 = signature_sha256(s->lib, s->arena)};
	return &b->streams[i];
}

static void
start_item(struct signatures *s, struct item *item, struct lookups *l)
{
	struct signature_field *f = &item->field;
	if (f->refused != SIGNATURE_NONE)
		return;
	item->key = key_ask(l, f->dkim.selector, f->dkim.domain, s->arena);
	struct body *b = body_for(s, f->dkim.has_relaxed_body);
	item->body = b;
	item->stream = stream_for(s, b, f->dkim.length);
}

struct signatures *
signatures_start(struct signature_library *lib,
    const struct header_list *headers, const struct author *author,
    struct lookups *l, int64_t now, struct arena *a)
{
	const struct header_field *chosen[SIGNATURES_MAX];
	struct signatures *s = ARENA_NEW(a, struct signatures);
	s->lib = lib;
	s->arena = a;
	s->count = signature_choose(headers, author, chosen, &s->left_out);
	for (size_t i = 0; i < s->count; i++) {
		struct item *item = &s->items[i];
		signature_field_parse(chosen[i]->value, a, &item->field);
		signature_field_check_time(&item->field, now);
		if (headers->dropped > 0)
			signature_field_refuse(&item->field, SIGNATURE_NEUTRAL,
			    "the header is too long to be hashed");
		s->targets[i] = (struct signature_target) {
			.field = &item->field, .own = chosen[i]};
		start_item(s, item, l);
	}
	signature_engine_hash(lib, headers, s->targets, s->count, a);
	return s;
}

/* ---- body ------------------------------------------------------------------- */

/* Whether a hash goes on, or it is not known yet that l= ends before the
 * body does. */
static bool
needs_more(const struct body *b)
{
	for (size_t i = 0; b != NULL && i < b->count; i++)
		if (b->canon.out.length <= b->streams[i].limit)
			return true;
	return false;
}

bool
signatures_need_body(const struct signatures *s)
{
	return needs_more(s->simple) || needs_more(s->relaxed);
}

void
signatures_body(struct signatures *s, const void *bytes, size_t n)
{
	if (needs_more(s->simple))
		canon_body_add(&s->simple->canon, bytes, n);
	if (needs_more(s->relaxed))
		canon_body_add(&s->relaxed->canon, bytes, n);
}

static void
end_body(struct body *b)
{
	if (b == NULL)
		return;
	b->length = canon_body_end(&b->canon);
	for (size_t i = 0; i < b->count; i++)
		b->streams[i].hash = sha256_end(b->streams[i].sha256);
}

void
signatures_end(struct signatures *s)
{
	end_body(s->simple);
	end_body(s->relaxed);
}

/* ---- results ---------------------------------------------------------------- */

static void
conclude(struct item *item, enum signature_result result, const char *reason)
{
	item->result.result = result;
	item->result.reason = str_of(reason);
}

static void
conclude_fault(struct item *item, enum signature_fault fault,
    const char *reason)
{
	conclude(item, SIGNATURE_FAIL, reason);
	item->result.fault = fault;
}

/* Why a signature that verified does not count because of its l=, or NULL. */
static const char *
veto(const struct item *item, enum signature_length length)
{
	uint64_t signed_length = item->field.dkim.length;
	if (signed_length == DKIM_FIELD_NO_LENGTH ||
	    length == SIGNATURE_LENGTH_ACCEPT)
		return NULL;
	if (length == SIGNATURE_LENGTH_IGNORE)
		return "signatures with l= do not count here";
	return signed_length < item->body->length ? "unsigned content" : NULL;
}

static void
judge_hashes(struct item *item, const struct signature_target *t,
    const struct key *k, enum signature_length length)
{
	const struct signature_field *f = &item->field;
	if (f->dkim.length != DKIM_FIELD_NO_LENGTH &&
	    f->dkim.length > item->body->length)
		conclude_fault(item, SIGNATURE_FAULT_BODY,
		    "the body is shorter than l=");
	else if (!str_eq(f->dkim.body_hash, item->stream->hash))
		conclude_fault(item, SIGNATURE_FAULT_BODY,
		    "the body was changed");
	else if (!key_verify(k, t->hash, f->dkim.signature))
		conclude_fault(item, SIGNATURE_FAULT_SIGNATURE,
		    "the signature does not match the header");
	else if (veto(item, length) != NULL)
		conclude(item, SIGNATURE_POLICY, veto(item, length));
	else
		conclude(item, SIGNATURE_PASS, NULL);
}

static void
judge_key_status(struct item *item, const struct key *k)
{
	const char *text = key_status_text(k->status);
	if (k->status == KEY_REVOKED)
		item->result.fault = SIGNATURE_FAULT_REVOKED;
	if (k->status == KEY_TEMPFAIL)
		conclude(item, SIGNATURE_TEMPERROR, text);
	else if (k->status == KEY_SMALL || k->status == KEY_LARGE)
		conclude(item, SIGNATURE_POLICY, text);
	else
		conclude(item, SIGNATURE_PERMERROR, text);
}

/* The key, then what it says of the signature, then the signature. */
static void
judge_with_key(struct item *item, const struct signature_target *t,
    enum signature_length length)
{
	const struct signature_field *f = &item->field;
	const struct key *k = key_wait(item->key);
	item->result.key_bits = k->bits;
	item->result.is_testing = k->is_testing;
	if (k->status != KEY_OK)
		judge_key_status(item, k);
	else if ((k->type == KEY_ED25519) !=
	    (f->dkim.algorithm == DKIM_FIELD_ED25519))
		conclude(item, SIGNATURE_PERMERROR,
		    "the key is of another type than a=");
	else if (!k->has_sha256)
		conclude(item, SIGNATURE_PERMERROR,
		    "the key does not allow SHA-256");
	else if (k->is_strict && f->is_subdomain)
		conclude(item, SIGNATURE_PERMERROR,
		    "the key does not allow i= below d=");
	else
		judge_hashes(item, t, k, length);
	/* RFC 6376 3.6.1: as if it were not there. One that passes counts. */
	if (k->is_testing && item->result.result == SIGNATURE_FAIL)
		conclude(item, SIGNATURE_NONE, "the key is being tested");
}

static size_t
common_prefix(struct str a, struct str b)
{
	size_t n = 0;
	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static struct str
unique_b(const struct signatures *s, size_t at)
{
	struct str b = s->items[at].field.b_text;
	size_t n = MIN_B;
	for (size_t i = 0; i < s->count; i++) {
		struct str other = s->items[i].field.b_text;
		size_t same = common_prefix(b, other);
		if (i != at && !str_eq(b, other) && same >= n)
			n = same + 1;
	}
	return str_sub(b, 0, n);
}

static void
describe(const struct signatures *s, size_t at, struct signature *out)
{
	const struct signature_field *f = &s->items[at].field;
	*out = (struct signature) {
		.domain = f->dkim.domain,
		.selector = f->dkim.selector,
		.identity = f->identity,
		.algorithm = f->algorithm,
		.b = unique_b(s, at),
	};
}

void
signatures_verify(struct signatures *s, enum signature_length length)
{
	for (size_t i = 0; i < s->count; i++) {
		struct item *item = &s->items[i];
		describe(s, i, &item->result);
		if (item->field.refused != SIGNATURE_NONE)
			conclude(item, item->field.refused,
			    item->field.reason);
		else
			judge_with_key(item, &s->targets[i], length);
	}
}

size_t
signatures_count(const struct signatures *s)
{
	return s->count;
}

const struct signature *
signatures_at(const struct signatures *s, size_t i)
{
	return &s->items[i].result;
}

size_t
signatures_left_out(const struct signatures *s)
{
	return s->left_out;
}
