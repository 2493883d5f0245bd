/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_field.h"

#include "auth/dkim_tags.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "mail/header.h"
#include "mail/lexeme.h"

const struct table_row arc_kind_names[] = {
	{ARC_RESULTS, "ARC-Authentication-Results"},
	{ARC_SIGNATURE, "ARC-Message-Signature"},
	{ARC_SEAL, "ARC-Seal"},
	{0, NULL},
};

/* A seal or a signature while it is read. */
struct reader {
	const struct tags *tags;
	struct arena *arena;
	struct arc_field *f;
};

/* The first error stands. */
static void
refuse(struct arc_field *f, const char *error)
{
	if (f->error == NULL)
		f->error = error;
}

/* instance = 1*2DIGIT, 1 to 50 (RFC 8617 4.2.1); none begins with a zero. */
static unsigned
instance_of(struct str s)
{
	uint64_t n;
	if (str_has_prefix(s, STR("0")) || !str_to_uint(s, ARC_MAX_SETS, &n))
		return 0;
	return (unsigned)n;
}

/* "i" [CFWS] "=" [CFWS] instance [CFWS] ";" before the results (RFC 8617
 * 4.1.1). */
static void
read_results(struct arc_field *f, struct str value)
{
	struct cursor c;
	cursor_init(&c, value);
	lexeme_cfws(&c);
	cursor_need(&c, 'i');
	lexeme_cfws(&c);
	cursor_need(&c, '=');
	lexeme_cfws(&c);
	struct str digits = cursor_span(&c, ascii_is_digit);
	lexeme_cfws(&c);
	cursor_need(&c, ';');
	if (!cursor_failed(&c))
		f->instance = instance_of(digits);
	if (f->instance == 0)
		refuse(f, "i= is no instance");
}

/* What a seal and a signature have in common. RFC 8617 4.1 has the algorithms
 * of DKIM: RFC 8301 3.1, RFC 8463 3. */
static void
read_common(struct reader *r)
{
	struct arc_field *f = r->f;
	f->instance = instance_of(dkim_tags_value(r->tags, "i"));
	if (f->instance == 0)
		refuse(f, "i= is no instance");
	if (!dkim_field_read_a(&f->dkim, r->tags))
		refuse(f, "a= is no known algorithm");
	if (f->dkim.algorithm == DKIM_FIELD_RSA_SHA1)
		refuse(f, "rsa-sha1 is not accepted");
	if (!dkim_field_read_d(&f->dkim, r->tags, r->arena))
		refuse(f, "d= is no domain name");
	if (!dkim_field_read_s(&f->dkim, r->tags, r->arena))
		refuse(f, "s= is no selector");
	if (!dkim_field_read_b(&f->dkim, r->tags, r->arena))
		refuse(f, "b= is no base64");
	if (!dkim_field_read_t(&f->dkim, r->tags))
		refuse(f, "t= is no time");
}

/* RFC 8617 4.1.3 */
static void
read_seal(struct reader *r)
{
	read_common(r);
	r->f->validation = dkim_tags_value(r->tags, "cv");
	if (dkim_tags_find(r->tags, "cv") == NULL)
		refuse(r->f, "cv= is missing");
	if (dkim_tags_find(r->tags, "h") != NULL)
		refuse(r->f, "h= does not belong there");
}

/* RFC 8617 4.1.2: no ARC field and no Authentication-Results is signed. Drafts
 * of it had ARC-Authentication-Results there, and sealers of that time sign
 * it: it is let pass. */
static bool
covers_forbidden(const struct dkim_field *f)
{
	return dkim_field_covers(f, STR("ARC-Seal")) ||
	    dkim_field_covers(f, STR("ARC-Message-Signature")) ||
	    dkim_field_covers(f, STR("Authentication-Results"));
}

static void
read_names(struct reader *r)
{
	struct arc_field *f = r->f;
	enum dkim_field_fault fault = dkim_field_read_h(&f->dkim, r->tags);
	if (fault == DKIM_FIELD_TOO_MANY)
		refuse(f, "h= has too many names");
	else if (fault == DKIM_FIELD_MALFORMED)
		refuse(f, "h= is no list of field names");
	else if (covers_forbidden(&f->dkim))
		refuse(f, "h= names a field that is never signed");
	else if (fault == DKIM_FIELD_NO_FROM) /* RFC 6376 5.4 */
		refuse(f, "From is not signed");
}

/* RFC 8617 4.1.2: a DKIM-Signature whose i= is the instance, without v=. */
static void
read_message_signature(struct reader *r)
{
	struct arc_field *f = r->f;
	read_common(r);
	if (!dkim_field_read_c(&f->dkim, r->tags))
		refuse(f, "c= is no known canonicalization");
	read_names(r);
	enum dkim_field_fault fault = dkim_field_read_x(&f->dkim, r->tags);
	if (fault == DKIM_FIELD_MALFORMED)
		refuse(f, "x= is no time");
	else if (fault != DKIM_FIELD_OK)
		refuse(f, "x= is not later than t=");
	if (!dkim_field_read_bh(&f->dkim, r->tags, r->arena))
		refuse(f, "bh= is no base64");
	if (!dkim_field_read_l(&f->dkim, r->tags))
		refuse(f, "l= is no number");
}

void
arc_field_parse(enum arc_kind kind, const struct header_field *f,
    struct arena *a, struct arc_field *out)
{
	struct tags tags;
	*out = (struct arc_field) {.header = f};
	dkim_field_init(&out->dkim, f->value);
	if (f->value.n > ARC_MAX_FIELD) {
		refuse(out, "the field is too long");
		return;
	}
	if (kind == ARC_RESULTS) {
		read_results(out, f->value);
		return;
	}
	struct arena *scratch = arena_new(0);
	struct reader r = {&tags, a, out};
	if (!dkim_tags_parse(f->value, scratch, &tags))
		refuse(out, "the field is no tag list");
	else if (kind == ARC_SEAL)
		read_seal(&r);
	else
		read_message_signature(&r);
	arena_free(scratch);
}

void
arc_field_check_time(struct arc_field *f, int64_t now)
{
	if (dkim_field_has_expired(&f->dkim, now))
		refuse(f, "it has expired");
	if (dkim_field_is_of_future(&f->dkim, now))
		refuse(f, "it is of the future");
}
