/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_field.h"

#include "auth/dkim_tags.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/text.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "mail/lexeme.h"

#define MAX_LENGTH_DIGITS 76u /* RFC 6376 3.5: l= */
#define MAX_TIME_DIGITS   12u /* t= and x= */
/* Longer than any selector is, as UTF-8. */
#define MAX_SELECTOR (4u * DOMAIN_MAX_OCTETS)

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

static bool
has(const struct reader *r, const char *name)
{
	return dkim_tags_find(r->tags, name) != NULL;
}

/* The value of a tag, or the empty view. */
static struct str
value_of(const struct reader *r, const char *name)
{
	const struct tag *t = dkim_tags_find(r->tags, name);
	return t != NULL ? t->value : (struct str) {NULL, 0};
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

static void
read_domain(struct reader *r)
{
	struct str d;
	/* domain-name = sub-domain 1*("." sub-domain) (RFC 6376 3.5) */
	if (domain_parse(value_of(r, "d"), r->arena, &d) != DOMAIN_OK ||
	    domain_labels(d) < 2)
		refuse(r->f, "d= is no domain name");
	else
		r->f->domain = d;
}

/* A selector may be a number, which is no domain name of its own. */
static void
read_selector(struct reader *r)
{
	static const struct str tail = STR_INIT(".s");
	struct str s = value_of(r, "s"), parsed;
	if (s.n > MAX_SELECTOR ||
	    domain_parse(text_format(r->arena, "%.*s%.*s", STR_ARG(s),
		STR_ARG(tail)), r->arena, &parsed) != DOMAIN_OK)
		refuse(r->f, "s= is no selector");
	else
		r->f->selector = str_sub(parsed, 0, parsed.n - tail.n);
}

/* RFC 8617 4.1 has the algorithms of DKIM: RFC 8301 3.1, RFC 8463 3. */
static void
read_algorithm(struct reader *r)
{
	struct str a = value_of(r, "a");
	r->f->is_ed25519 = str_ieq(a, STR("ed25519-sha256"));
	if (str_ieq(a, STR("rsa-sha1")))
		refuse(r->f, "rsa-sha1 is not accepted");
	else if (!r->f->is_ed25519 && !str_ieq(a, STR("rsa-sha256")))
		refuse(r->f, "a= is no known algorithm");
}

static void
read_signature(struct reader *r)
{
	const struct tag *b = dkim_tags_find(r->tags, "b");
	if (!dkim_tags_base64(value_of(r, "b"), r->arena, &r->f->signature))
		refuse(r->f, "b= is no base64");
	if (b == NULL)
		return;
	struct str segment = str_sub(r->f->header->value, b->at, b->n);
	size_t behind = str_find(segment, '=') + 1;
	r->f->b_at = b->at + behind;
	r->f->b_n = b->n - behind;
}

static bool
read_digits(const struct reader *r, const char *name, size_t max_digits,
    uint64_t max, uint64_t *out)
{
	struct str s = value_of(r, name);
	if (!has(r, name))
		return true;
	if (s.n == 0 || s.n > max_digits)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	if (!str_to_uint(s, max, out))
		*out = max;
	return true;
}

static void
read_time(struct reader *r)
{
	if (!read_digits(r, "t", MAX_TIME_DIGITS, UINT64_MAX,
		&r->f->signed_at))
		refuse(r->f, "t= is no time");
}

/* What a seal and a signature have in common. */
static void
read_common(struct reader *r)
{
	r->f->instance = instance_of(value_of(r, "i"));
	if (r->f->instance == 0)
		refuse(r->f, "i= is no instance");
	read_algorithm(r);
	read_domain(r);
	read_selector(r);
	read_signature(r);
	read_time(r);
}

/* RFC 8617 4.1.3 */
static void
read_seal(struct reader *r)
{
	read_common(r);
	r->f->validation = value_of(r, "cv");
	if (!has(r, "cv"))
		refuse(r->f, "cv= is missing");
	if (has(r, "h"))
		refuse(r->f, "h= does not belong there");
}

static bool
read_canon(struct str word, bool *is_relaxed)
{
	*is_relaxed = str_ieq(word, STR("relaxed"));
	return *is_relaxed || str_ieq(word, STR("simple"));
}

/* simple/simple by default; "relaxed" alone is relaxed/simple. */
static void
read_canons(struct reader *r)
{
	struct str body = value_of(r, "c");
	if (!has(r, "c"))
		return;
	bool has_body = str_find(body, '/') < body.n;
	struct str header = str_cut(&body, '/');
	if (!read_canon(header, &r->f->has_relaxed_header) ||
	    (has_body && !read_canon(body, &r->f->has_relaxed_body)))
		refuse(r->f, "c= is no known canonicalization");
}

/* hdr-name = field-name without ";" (RFC 6376 2.10, RFC 5322 3.6.8) */
static bool
is_field_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return name.n > 0;
}

/* RFC 8617 4.1.2: no ARC field and no Authentication-Results is signed. Drafts
 * of it had ARC-Authentication-Results there, and sealers of that time sign
 * it: it is let pass. */
static bool
is_forbidden(struct str name)
{
	return str_ieq(name, STR("ARC-Seal")) ||
	    str_ieq(name, STR("ARC-Message-Signature")) ||
	    str_ieq(name, STR("Authentication-Results"));
}

static void
read_names(struct reader *r)
{
	struct str rest = value_of(r, "h");
	bool has_from = false, has_more = true;
	r->f->names = rest;
	for (size_t count = 0; has_more; count++) {
		if (count == ARC_MAX_NAMES) {
			refuse(r->f, "h= has too many names");
			return;
		}
		has_more = str_find(rest, ':') < rest.n;
		struct str name = str_trim(str_cut(&rest, ':'));
		if (!is_field_name(name))
			refuse(r->f, "h= is no list of field names");
		if (is_forbidden(name))
			refuse(r->f, "h= names a field that is never signed");
		has_from = has_from || str_ieq(name, STR("From"));
	}
	if (!has_from) /* RFC 6376 5.4 */
		refuse(r->f, "From is not signed");
}

static void
read_expiry(struct reader *r)
{
	struct arc_field *f = r->f;
	if (!read_digits(r, "x", MAX_TIME_DIGITS, UINT64_MAX, &f->expires_at))
		refuse(f, "x= is no time");
	else if (has(r, "x") && has(r, "t") && f->expires_at <= f->signed_at)
		refuse(f, "x= is not later than t=");
	/* The first second of 1970 is as long past as the next. */
	if (has(r, "x") && f->expires_at == 0)
		f->expires_at = 1;
}

/* RFC 8617 4.1.2: a DKIM-Signature whose i= is the instance, without v=. */
static void
read_message_signature(struct reader *r)
{
	read_common(r);
	read_canons(r);
	read_names(r);
	read_expiry(r);
	if (!dkim_tags_base64(value_of(r, "bh"), r->arena, &r->f->body_hash))
		refuse(r->f, "bh= is no base64");
	/* What is more than the maximum is longer than any body. */
	if (!read_digits(r, "l", MAX_LENGTH_DIGITS, ARC_NO_LENGTH - 1,
		&r->f->length))
		refuse(r->f, "l= is no number");
}

void
arc_field_parse(enum arc_kind kind, const struct header_field *f,
    struct arena *a, struct arc_field *out)
{
	struct tags tags;
	*out = (struct arc_field) {.header = f, .length = ARC_NO_LENGTH};
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
	uint64_t at = now > 0 ? (uint64_t)now : 0;
	if (f->expires_at > 0 && at > f->expires_at + ARC_CLOCK_DRIFT)
		refuse(f, "it has expired");
	if (f->signed_at > at + ARC_CLOCK_DRIFT)
		refuse(f, "it is of the future");
}
