/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_field.h"

#include "auth/dkim_tags.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/domain.h"

/* One field while it is read; the first refusal stands. */
struct reader {
	const struct tags *tags;
	struct arena *arena;
	struct signature_field *f;
};

static void
refuse(struct signature_field *f, enum signature_result result,
    const char *reason)
{
	if (f->refused != SIGNATURE_NONE)
		return;
	f->refused = result;
	f->reason = reason;
}

void
signature_field_refuse(struct signature_field *f, enum signature_result result,
    const char *reason)
{
	refuse(f, result, reason);
}

/* RFC 6376 6.1.1: without one of these there is no signature. */
static void
required(struct reader *r)
{
	static const struct {
		const char *name, *reason;
	} rows[] = {
		{"v", "v= is missing"},
		{"a", "a= is missing"},
		{"b", "b= is missing"},
		{"bh", "bh= is missing"},
		{"d", "d= is missing"},
		{"h", "h= is missing"},
		{"s", "s= is missing"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (dkim_tags_find(r->tags, rows[i].name) == NULL)
			refuse(r->f, SIGNATURE_PERMERROR, rows[i].reason);
}

static void
read_names(struct reader *r)
{
	struct signature_field *f = r->f;
	if (dkim_tags_value(r->tags, "h").n > SIGNATURE_MAX_HLIST) {
		refuse(f, SIGNATURE_NEUTRAL, "h= is too long");
		return;
	}
	enum dkim_field_fault fault = dkim_field_read_h(&f->dkim, r->tags);
	if (fault == DKIM_FIELD_TOO_MANY)
		refuse(f, SIGNATURE_NEUTRAL, "h= has too many names");
	else if (fault == DKIM_FIELD_MALFORMED)
		refuse(f, SIGNATURE_NEUTRAL,
		    "h= is not a list of field names");
	if (!dkim_field_covers(&f->dkim, STR("From"))) /* RFC 6376 5.4 */
		refuse(f, SIGNATURE_PERMERROR, "From is not signed");
}

static struct str
start_of_b(struct str b, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < b.n && t.n < SIGNATURE_MAX_B; i++)
		if (!ascii_is_fws(b.p[i]))
			text_add_char(&t, b.p[i]);
	return text_str(&t);
}

static int
hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* dkim-quoted-printable (RFC 6376 2.11) */
static struct str
unquote(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++) {
		struct str pair = str_sub(s, i + 1, 2);
		if (ascii_is_fws(s.p[i]))
			continue;
		if (s.p[i] == '=' && pair.n == 2 && hex(pair.p[0]) >= 0 &&
		    hex(pair.p[1]) >= 0) {
			text_add_char(&t, (char)(hex(pair.p[0]) * 16 +
			    hex(pair.p[1])));
			i += 2;
		} else {
			text_add_char(&t, s.p[i]);
		}
	}
	return text_str(&t);
}

/* i= [local-part] "@" domain-name, equal to or below d= */
static void
read_identity(struct reader *r)
{
	struct str i = dkim_tags_value(r->tags, "i"), domain;
	if (dkim_tags_find(r->tags, "i") == NULL)
		return;
	r->f->identity = str_sub(i, 0, SIGNATURE_MAX_IDENTITY);
	i = unquote(i, r->arena);
	size_t at = str_find_last(i, '@');
	if (at == i.n || domain_parse(str_sub(i, at + 1, i.n), r->arena,
	    &domain) != DOMAIN_OK) {
		refuse(r->f, SIGNATURE_NEUTRAL, "i= is not an identity");
		return;
	}
	r->f->is_subdomain = !str_eq(domain, r->f->dkim.domain);
	if (!domain_is_within(domain, r->f->dkim.domain))
		refuse(r->f, SIGNATURE_PERMERROR, "i= is outside d=");
}

static void
read_query(struct reader *r)
{
	if (dkim_tags_find(r->tags, "q") != NULL &&
	    !dkim_tags_has_word(dkim_tags_value(r->tags, "q"), STR("dns/txt")))
		refuse(r->f, SIGNATURE_NEUTRAL, "q= is an unknown method");
}

/* libopendkim refuses bytes over 127, takes names of tags without regard to
 * case, leaves the value of "b =" in its hash, and takes that of every tag
 * whose name ends in "b" out of it. */
static bool
is_plain(const struct reader *r)
{
	struct str v = r->f->dkim.value;
	for (size_t i = 0; i < v.n; i++) {
		char next = i + 1 < v.n ? v.p[i + 1] : '\0';
		if ((unsigned char)v.p[i] > 0x7e ||
		    (v.p[i] == '\r') != (next == '\n'))
			return false;
	}
	for (size_t i = 0; i < r->tags->count; i++) {
		const struct tag *t = &r->tags->at[i];
		struct str segment = str_sub(v, t->at, t->n);
		size_t equals = str_find(segment, '=');
		bool ends_in_b = equals > 0 && segment.p[equals - 1] == 'b';
		if (t->is_repeated || ends_in_b != str_eq(t->name, STR("b")))
			return false;
	}
	return v.n == 0 || v.p[0] != '\n';
}

/* What is wrong first, in this order, is what the result says. */
static void
read_tags(struct reader *r)
{
	struct signature_field *f = r->f;
	required(r);
	if (!str_eq(dkim_tags_value(r->tags, "v"), STR("1")))
		refuse(f, SIGNATURE_NEUTRAL, "v= is not 1");
	if (!dkim_field_read_d(&f->dkim, r->tags, r->arena))
		refuse(f, SIGNATURE_NEUTRAL, f->dkim.domain.n > 0 ?
		    "d= has a single label" : "d= is not a domain name");
	if (!dkim_field_read_s(&f->dkim, r->tags, r->arena))
		refuse(f, SIGNATURE_NEUTRAL, "s= is not a selector");
	f->algorithm = str_sub(dkim_tags_value(r->tags, "a"), 0,
	    SIGNATURE_MAX_ALGORITHM);
	if (!dkim_field_read_a(&f->dkim, r->tags))
		refuse(f, SIGNATURE_NEUTRAL, "a= is an unknown algorithm");
	if (!dkim_field_read_c(&f->dkim, r->tags))
		refuse(f, SIGNATURE_NEUTRAL,
		    "c= is an unknown canonicalization");
	read_names(r);
	if (!dkim_field_read_bh(&f->dkim, r->tags, r->arena))
		refuse(f, SIGNATURE_NEUTRAL, "bh= is not base64");
	if (dkim_field_read_b(&f->dkim, r->tags, r->arena))
		f->b_text = start_of_b(dkim_tags_value(r->tags, "b"),
		    r->arena);
	else
		refuse(f, SIGNATURE_NEUTRAL, "b= is not base64");
	read_identity(r);
	read_query(r);
	if (!dkim_field_read_l(&f->dkim, r->tags))
		refuse(f, SIGNATURE_NEUTRAL, "l= is not a number");
	bool has_time = dkim_field_read_t(&f->dkim, r->tags);
	enum dkim_field_fault expiry = dkim_field_read_x(&f->dkim, r->tags);
	if (!has_time || expiry == DKIM_FIELD_MALFORMED)
		refuse(f, SIGNATURE_NEUTRAL, "t= or x= is not a time");
	else if (expiry != DKIM_FIELD_OK)
		refuse(f, SIGNATURE_NEUTRAL, "x= is not later than t=");
	/* RFC 8301 3.1 */
	if (f->dkim.algorithm == DKIM_FIELD_RSA_SHA1)
		refuse(f, SIGNATURE_POLICY, "rsa-sha1 is not accepted");
	f->is_plain = is_plain(r) &&
	    !dkim_field_covers(&f->dkim, STR("DKIM-Signature"));
}

void
signature_field_parse(struct str value, struct arena *a,
    struct signature_field *out)
{
	*out = (struct signature_field) {.refused = SIGNATURE_NONE};
	dkim_field_init(&out->dkim, value);
	if (value.n > SIGNATURE_MAX_FIELD) {
		refuse(out, SIGNATURE_NEUTRAL, "the field is too long");
		return;
	}
	struct tags tags;
	struct arena *scratch = arena_new(0);
	if (dkim_tags_parse(value, scratch, &tags))
		read_tags(&(struct reader) {&tags, a, out});
	else
		refuse(out, SIGNATURE_NEUTRAL, "the field is not a tag list");
	arena_free(scratch);
}

void
signature_field_check_time(struct signature_field *f, int64_t now)
{
	if (dkim_field_has_expired(&f->dkim, now))
		refuse(f, SIGNATURE_PERMERROR, "the signature has expired");
	if (dkim_field_is_of_future(&f->dkim, now))
		refuse(f, SIGNATURE_PERMERROR,
		    "the signature is of the future");
}
