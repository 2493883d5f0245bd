/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_field.h"

#include "auth/dkim_tags.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/domain.h"
#include "mail/header.h"

#define MAX_LENGTH_DIGITS 76u /* RFC 6376 3.5: l= */
#define MAX_TIME_DIGITS   12u /* t= and x= */
/* Longer than any selector is, as UTF-8. */
#define MAX_SELECTOR (4u * DOMAIN_MAX_OCTETS)

void
dkim_field_init(struct dkim_field *f, struct str value)
{
	*f = (struct dkim_field) {.value = value,
	    .length = DKIM_FIELD_NO_LENGTH};
}

/* domain-name = sub-domain 1*("." sub-domain) (RFC 6376 3.5); U-labels are
 * taken (RFC 8616 5). */
bool
dkim_field_read_d(struct dkim_field *f, const struct tags *t, struct arena *a)
{
	struct str d;
	if (domain_parse(dkim_tags_value(t, "d"), a, &d) != DOMAIN_OK)
		return false;
	f->domain = d;
	return domain_labels(d) >= 2;
}

/* selector = sub-domain *( "." sub-domain ) (RFC 6376 3.1). It may be a number,
 * which is no domain name of its own. */
bool
dkim_field_read_s(struct dkim_field *f, const struct tags *t, struct arena *a)
{
	static const struct str tail = STR_INIT(".s");
	struct str s = dkim_tags_value(t, "s"), parsed;
	if (s.n > MAX_SELECTOR || domain_parse(text_format(a, "%.*s%.*s",
	    STR_ARG(s), STR_ARG(tail)), a, &parsed) != DOMAIN_OK)
		return false;
	f->selector = str_sub(parsed, 0, parsed.n - tail.n);
	return true;
}

/* sig-a-tag-alg = sig-a-tag-k "-" sig-a-tag-h (RFC 6376 3.5, RFC 8463 3).
 * rsa-sha1 is known: RFC 8301 3.1 forbids it, each owner in its own way. */
bool
dkim_field_read_a(struct dkim_field *f, const struct tags *t)
{
	struct str a = dkim_tags_value(t, "a");
	if (str_ieq(a, STR("rsa-sha256")))
		f->algorithm = DKIM_FIELD_RSA_SHA256;
	else if (str_ieq(a, STR("ed25519-sha256")))
		f->algorithm = DKIM_FIELD_ED25519;
	else if (str_ieq(a, STR("rsa-sha1")))
		f->algorithm = DKIM_FIELD_RSA_SHA1;
	return f->algorithm != DKIM_FIELD_UNKNOWN;
}

/* sig-b-tag-data = base64string (RFC 6376 3.5) */
bool
dkim_field_read_b(struct dkim_field *f, const struct tags *t, struct arena *a)
{
	const struct tag *b = dkim_tags_find(t, "b");
	if (b == NULL || !dkim_tags_base64(b->value, a, &f->signature))
		return false;
	struct str segment = str_sub(f->value, b->at, b->n);
	size_t start = str_find(segment, '=') + 1;
	f->b_at = b->at + start;
	f->b_n = b->n - start;
	return true;
}

/* sig-bh-tag-data = base64string (RFC 6376 3.5) */
bool
dkim_field_read_bh(struct dkim_field *f, const struct tags *t, struct arena *a)
{
	return dkim_tags_base64(dkim_tags_value(t, "bh"), a, &f->body_hash);
}

static bool
read_form(struct str word, bool *is_relaxed)
{
	*is_relaxed = str_ieq(word, STR("relaxed"));
	return *is_relaxed || str_ieq(word, STR("simple"));
}

/* sig-c-tag-alg ["/" sig-c-tag-alg] (RFC 6376 3.5): simple/simple by default;
 * "relaxed" alone is relaxed/simple. */
bool
dkim_field_read_c(struct dkim_field *f, const struct tags *t)
{
	struct str body = dkim_tags_value(t, "c");
	if (dkim_tags_find(t, "c") == NULL)
		return true;
	bool has_body = str_find(body, '/') < body.n;
	struct str header = str_cut(&body, '/');
	return read_form(header, &f->has_relaxed_header) &&
	    (!has_body || read_form(body, &f->has_relaxed_body));
}

/* A number of at most so many digits; what exceeds the maximum counts as it. */
static bool
read_digits(const struct tags *t, const char *name, size_t max_digits,
    uint64_t max, uint64_t *out)
{
	struct str s = dkim_tags_value(t, name);
	if (dkim_tags_find(t, name) == NULL)
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	if (s.n == 0 || s.n > max_digits)
		return false;
	if (!str_to_uint(s, max, out))
		*out = max;
	return true;
}

/* 1*76DIGIT (RFC 6376 3.5). What does not fit is longer than any body. */
bool
dkim_field_read_l(struct dkim_field *f, const struct tags *t)
{
	return read_digits(t, "l", MAX_LENGTH_DIGITS, DKIM_FIELD_NO_LENGTH - 1,
	    &f->length);
}

/* 1*12DIGIT (RFC 6376 3.5) */
bool
dkim_field_read_t(struct dkim_field *f, const struct tags *t)
{
	return read_digits(t, "t", MAX_TIME_DIGITS, UINT64_MAX, &f->signed_at);
}

/* 1*12DIGIT, and greater than t= (RFC 6376 3.5) */
enum dkim_field_fault
dkim_field_read_x(struct dkim_field *f, const struct tags *t)
{
	if (dkim_tags_find(t, "x") == NULL)
		return DKIM_FIELD_OK;
	if (!read_digits(t, "x", MAX_TIME_DIGITS, UINT64_MAX, &f->expires_at))
		return DKIM_FIELD_MALFORMED;
	bool is_later = dkim_tags_find(t, "t") == NULL ||
	    f->expires_at > f->signed_at;
	/* The first second of 1970 is as long past as the next. */
	if (f->expires_at == 0)
		f->expires_at = 1;
	return is_later ? DKIM_FIELD_OK : DKIM_FIELD_NOT_LATER;
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

/* hdr-name *( ":" hdr-name ) (RFC 6376 3.5), From among them (5.4). */
enum dkim_field_fault
dkim_field_read_h(struct dkim_field *f, const struct tags *t)
{
	struct str rest = dkim_tags_value(t, "h");
	size_t count = 1;
	for (size_t i = 0; i < rest.n; i++)
		count += rest.p[i] == ':';
	if (count > DKIM_FIELD_MAX_NAMES)
		return DKIM_FIELD_TOO_MANY;
	f->names = rest;
	for (; count > 0; count--)
		if (!is_field_name(str_trim(str_cut(&rest, ':'))))
			return DKIM_FIELD_MALFORMED;
	return dkim_field_covers(f, STR("From")) ? DKIM_FIELD_OK :
						   DKIM_FIELD_NO_FROM;
}

bool
dkim_field_is_of_future(const struct dkim_field *f, int64_t now)
{
	uint64_t at = now > 0 ? (uint64_t)now : 0;
	return f->signed_at > at + DKIM_FIELD_CLOCK_DRIFT;
}

bool
dkim_field_has_expired(const struct dkim_field *f, int64_t now)
{
	uint64_t at = now > 0 ? (uint64_t)now : 0;
	return f->expires_at > 0 &&
	    at > f->expires_at + DKIM_FIELD_CLOCK_DRIFT;
}

bool
dkim_field_covers(const struct dkim_field *f, struct str name)
{
	for (struct str rest = f->names; rest.n > 0; )
		if (str_ieq(str_trim(str_cut(&rest, ':')), name))
			return true;
	return false;
}

void
dkim_field_feed_header(const struct dkim_field *f,
    const struct header_list *headers, const struct header_field *own,
    canon_sink_fn sink, void *arg)
{
	struct arena *scratch = arena_new(0);
	struct header_uses uses;
	header_uses_init(&uses, headers, scratch);
	for (struct str rest = f->names; rest.n > 0; ) {
		struct str name = str_trim(str_cut(&rest, ':'));
		const struct header_field *field =
		    header_take_last(&uses, name);
		/* None signs itself by name (RFC 6376 3.5). */
		if (field == own)
			field = header_take_last(&uses, name);
		if (field != NULL)
			canon_header(f->has_relaxed_header, field, sink, arg);
	}
	canon_header_own(f->has_relaxed_header, own, f->b_at, f->b_n, sink,
	    arg);
	arena_free(scratch);
}
