/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc.h"

#include "auth/arc_claim.h"
#include "auth/arc_set.h"
#include "auth/canon.h"
#include "auth/key.h"
#include "auth/sha256.h"
#include "base/arena.h"
#include "base/text.h"
#include "mail/header.h"
#include "net/dns.h"

const struct table_row arc_status_names[] = {
	{ARC_NONE, "none"},
	{ARC_PASS, "pass"},
	{ARC_FAIL, "fail"},
	{0, NULL},
};

/* The body in one canonical form, for all signatures that want this form. */
struct body {
	bool is_wanted;
	struct canon_body canon;
	struct sha256 *hash;
	struct str digest;
	uint64_t length;
};

enum { SIMPLE, RELAXED, FORMS };

struct question {
	struct str selector, domain;
	struct lookup *lookup;
};

struct arc {
	const struct header_list *headers;
	struct lookups *lookups;
	struct arena *arena;
	struct arc_sets sets;
	struct body bodies[FORMS];
	struct question questions[ARC_MAX_KEYS];
	unsigned question_count;
	struct arc_result result;
};

static void
fail(struct arc *arc, struct str reason)
{
	arc->result.status = ARC_FAIL;
	arc->result.reason = reason;
}

static struct arc_field *
field_of(const struct arc *arc, enum arc_kind kind, unsigned instance)
{
	return &arc->sets.at[instance - 1].fields[kind];
}

/* The oldest instance whose message signature is looked at. */
static unsigned
oldest_of_interest(const struct arc *arc)
{
	unsigned count = arc->sets.count;
	return count > ARC_MAX_SIGNATURES ? count - ARC_MAX_SIGNATURES + 1 : 1;
}

/* ---- before the body ----------------------------------------------------- */

static struct question *
find_question(struct arc *arc, const struct arc_field *f)
{
	for (unsigned i = 0; i < arc->question_count; i++) {
		struct question *q = &arc->questions[i];
		if (str_eq(q->domain, f->dkim.domain) &&
		    str_eq(q->selector, f->dkim.selector))
			return q;
	}
	return NULL;
}

/* False when the chain has more keys than we ask for. */
static bool
plan_question(struct arc *arc, const struct arc_field *f)
{
	if (f->error != NULL || find_question(arc, f) != NULL)
		return true;
	if (arc->question_count == ARC_MAX_KEYS)
		return false;
	arc->questions[arc->question_count++] = (struct question) {
		.selector = f->dkim.selector, .domain = f->dkim.domain};
	return true;
}

/* What decides first; a chain that cannot be decided asks nothing. */
static void
ask_keys(struct arc *arc)
{
	unsigned count = arc->sets.count;
	bool has_room = plan_question(arc, field_of(arc, ARC_SIGNATURE, count));
	for (unsigned i = count; i > 0; i--)
		has_room = plan_question(arc, field_of(arc, ARC_SEAL, i)) &&
		    has_room;
	if (!has_room) {
		fail(arc, STR("the chain has too many keys"));
		return;
	}
	for (unsigned i = count - 1; i >= oldest_of_interest(arc); i--)
		plan_question(arc, field_of(arc, ARC_SIGNATURE, i));
	for (unsigned i = 0; i < arc->question_count; i++) {
		struct question *q = &arc->questions[i];
		q->lookup = key_ask(arc->lookups, q->selector, q->domain,
		    arc->arena);
	}
}

static struct body *
body_of(struct arc *arc, const struct arc_field *f)
{
	return &arc->bodies[f->dkim.has_relaxed_body ? RELAXED : SIMPLE];
}

static void
want_bodies(struct arc *arc)
{
	for (unsigned i = arc->sets.count; i >= oldest_of_interest(arc); i--) {
		struct arc_field *f = field_of(arc, ARC_SIGNATURE, i);
		struct body *b = body_of(arc, f);
		if (f->error != NULL || b->is_wanted)
			continue;
		b->is_wanted = true;
		b->hash = sha256_new(NULL, arc->arena);
		canon_body_init(&b->canon, f->dkim.has_relaxed_body,
		    sha256_add, b->hash);
	}
}

struct arc *
arc_start(const struct header_list *headers, struct lookups *l, int64_t now,
    struct arena *a)
{
	struct arc *arc = ARENA_NEW(a, struct arc);
	arc->headers = headers;
	arc->lookups = l;
	arc->arena = a;
	arc_sets_collect(headers, now, a, &arc->sets);
	arc->result.count = arc->sets.count;
	if (!str_is_empty(arc->sets.error))
		fail(arc, arc->sets.error);
	else if (arc->sets.count > 0)
		ask_keys(arc);
	if (arc->result.status == ARC_NONE && arc->sets.count > 0)
		want_bodies(arc);
	return arc;
}

/* ---- the body ------------------------------------------------------------ */

bool
arc_need_body(const struct arc *arc)
{
	return arc->bodies[SIMPLE].is_wanted || arc->bodies[RELAXED].is_wanted;
}

void
arc_body(struct arc *arc, const void *bytes, size_t n)
{
	for (int i = 0; i < FORMS; i++)
		if (arc->bodies[i].is_wanted)
			canon_body_add(&arc->bodies[i].canon, bytes, n);
}

void
arc_end(struct arc *arc)
{
	for (int i = 0; i < FORMS; i++) {
		struct body *b = &arc->bodies[i];
		if (!b->is_wanted)
			continue;
		b->length = canon_body_end(&b->canon);
		b->digest = sha256_end(b->hash);
		b->is_wanted = false;
	}
}

/* ---- verification -------------------------------------------------------- */

/* Waits for the key of a field; the reason why it cannot be used, or NULL. */
static const char *
find_key(struct arc *arc, const struct arc_field *f, const struct key **out,
    bool *is_temperror)
{
	struct lookup *q = find_question(arc, f)->lookup;
	const struct key *k = key_wait(q);
	*out = k;
	*is_temperror = k->status == KEY_TEMPFAIL &&
	    dns_wait(q)->status != DNS_LIMIT;
	if (k->status != KEY_OK)
		return key_status_text(k->status);
	if ((k->type == KEY_ED25519) !=
	    (f->dkim.algorithm == DKIM_FIELD_ED25519))
		return "the key is of another type than a=";
	return k->has_sha256 ? NULL : "the key is not for SHA-256";
}

static const char *
verify(struct arc *arc, const struct arc_field *f, struct str digest,
    bool *is_temperror)
{
	const struct key *key;
	const char *error = find_key(arc, f, &key, is_temperror);
	if (error == NULL && !key_verify(key, digest, f->dkim.signature))
		error = "the signature does not match";
	return error;
}

/* l= that leaves out a part of the body would let anybody add to it (RFC 6376
 * 8.2). */
static const char *
check_body(struct arc *arc, const struct arc_field *f)
{
	const struct body *b = body_of(arc, f);
	if (f->dkim.length != DKIM_FIELD_NO_LENGTH &&
	    f->dkim.length > b->length)
		return "l= is longer than the body";
	if (f->dkim.length < b->length)
		return "l= leaves a part of the body unsigned";
	if (!str_eq(f->dkim.body_hash, b->digest))
		return "the body has been changed";
	return NULL;
}

/* RFC 6376 3.7 */
static struct str
hash_signed(struct arc *arc, const struct arc_field *f)
{
	struct sha256 *h = sha256_new(NULL, arc->arena);
	dkim_field_feed_header(&f->dkim, arc->headers, f->header, sha256_add,
	    h);
	return sha256_end(h);
}

static const char *
verify_message(struct arc *arc, unsigned instance, bool *is_temperror)
{
	const struct arc_field *f = field_of(arc, ARC_SIGNATURE, instance);
	const char *error = f->error;
	if (error == NULL)
		error = check_body(arc, f);
	if (error != NULL)
		return error;
	if (find_question(arc, f) == NULL) {
		*is_temperror = true;
		return "its key was not asked for";
	}
	return verify(arc, f, hash_signed(arc, f), is_temperror);
}

/* RFC 8617 5.1.1: each seal covers the sets up to its own, so one hash runs
 * through all of them, and a copy ends at each seal. */
static void
verify_seals(struct arc *arc)
{
	struct sha256 *all = sha256_new(NULL, arc->arena);
	struct sha256 *one = sha256_new(NULL, arc->arena);
	for (unsigned i = 1; i <= arc->sets.count; i++) {
		const struct arc_field *seal = field_of(arc, ARC_SEAL, i);
		canon_header(true, field_of(arc, ARC_RESULTS, i)->header,
		    sha256_add, all);
		canon_header(true, field_of(arc, ARC_SIGNATURE, i)->header,
		    sha256_add, all);
		sha256_copy(one, all);
		canon_header_own(true, seal->header, seal->dkim.b_at,
		    seal->dkim.b_n, sha256_add, one);
		const char *error = verify(arc, seal, sha256_end(one),
		    &arc->result.is_temperror);
		if (error != NULL) {
			fail(arc, arc_set_error(ARC_SEAL, i, error,
			    arc->arena));
			return;
		}
		canon_header(true, seal->header, sha256_add, all);
	}
}

/* RFC 8617 5.2 step 5. A key that cannot be had leaves it unknown. */
static void
find_oldest_pass(struct arc *arc)
{
	unsigned i = arc->sets.count;
	bool is_unknown = false;
	while (i > oldest_of_interest(arc) &&
	    verify_message(arc, i - 1, &is_unknown) == NULL)
		i--;
	bool is_cut = i == oldest_of_interest(arc) && i > 1;
	arc->result.has_oldest_pass = !is_unknown && !is_cut;
	arc->result.oldest_pass = is_unknown || is_cut || i == 1 ? 0 : i;
}

static void
pass(struct arc *arc)
{
	struct arc_result *r = &arc->result;
	struct arc_sealer *sealers =
	    ARENA_ARRAY(arc->arena, struct arc_sealer, r->count);
	for (unsigned i = r->count; i > 0; i--) {
		const struct arc_field *seal = field_of(arc, ARC_SEAL, i);
		sealers[r->count - i] = (struct arc_sealer) {
			.instance = i,
			.domain = seal->dkim.domain,
			.selector = seal->dkim.selector,
			.results = field_of(arc, ARC_RESULTS, i)->header->value,
		};
	}
	struct arc_claim claim;
	arc_claim_read(sealers[0].results, arc->arena, &claim);
	r->status = ARC_PASS;
	r->sealers = sealers;
	r->domain = field_of(arc, ARC_SIGNATURE, r->count)->dkim.domain;
	r->remote_ip = claim.remote_ip;
}

void
arc_verify(struct arc *arc)
{
	if (arc->sets.count == 0 || arc->result.status != ARC_NONE)
		return;
	const char *error = verify_message(arc, arc->sets.count,
	    &arc->result.is_temperror);
	if (error != NULL)
		fail(arc, arc_set_error(ARC_SIGNATURE, arc->sets.count, error,
		    arc->arena));
	else
		verify_seals(arc);
	if (arc->result.status != ARC_NONE)
		return;
	find_oldest_pass(arc);
	pass(arc);
}

const struct arc_result *
arc_result(const struct arc *arc)
{
	return &arc->result;
}
