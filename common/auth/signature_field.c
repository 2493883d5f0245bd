/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_field.h"

#include "auth/dkim_tags.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/domain.h"

#define MAX_LENGTH_DIGITS 76u /* RFC 6376 3.5: l= */
#define MAX_TIME_DIGITS   12u /* t= and x= */

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

/* The value of a tag, or the empty view. */
static struct str
value_of(const struct reader *r, const char *name)
{
	const struct tag *t = dkim_tags_find(r->tags, name);
	return t != NULL ? t->value : (struct str) {NULL, 0};
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
read_version(struct reader *r)
{
	if (!str_eq(value_of(r, "v"), STR("1")))
		refuse(r->f, SIGNATURE_NEUTRAL, "v= is not 1");
}

static void
read_domain(struct reader *r)
{
	struct str d;
	if (domain_parse(value_of(r, "d"), r->arena, &d) != DOMAIN_OK) {
		refuse(r->f, SIGNATURE_NEUTRAL, "d= is not a domain name");
		return;
	}
	r->f->domain = d;
	/* domain-name = sub-domain 1*("." sub-domain) */
	if (domain_labels(d) < 2)
		refuse(r->f, SIGNATURE_NEUTRAL, "d= has a single label");
}

/* A selector may be a number, which is no domain name of its own. */
static void
read_selector(struct reader *r)
{
	static const struct str tail = STR_INIT(".s");
	struct str s = value_of(r, "s"), parsed;
	if (s.n > DOMAIN_MAX_OCTETS * 4 ||
	    domain_parse(text_format(r->arena, "%.*s%.*s", STR_ARG(s),
		STR_ARG(tail)), r->arena, &parsed) != DOMAIN_OK)
		refuse(r->f, SIGNATURE_NEUTRAL, "s= is not a selector");
	else
		r->f->selector = str_sub(parsed, 0, parsed.n - tail.n);
}

static void
read_algorithm(struct reader *r)
{
	struct str a = value_of(r, "a");
	r->f->algorithm = str_sub(a, 0, SIGNATURE_MAX_ALGORITHM);
	r->f->is_ed25519 = str_ieq(a, STR("ed25519-sha256"));
	if (!r->f->is_ed25519 && !str_ieq(a, STR("rsa-sha256")) &&
	    !str_ieq(a, STR("rsa-sha1")))
		refuse(r->f, SIGNATURE_NEUTRAL, "a= is an unknown algorithm");
}

/* RFC 8301 3.1. What is wrong with the field otherwise is said first. */
static void
check_algorithm(struct reader *r)
{
	if (str_ieq(value_of(r, "a"), STR("rsa-sha1")))
		refuse(r->f, SIGNATURE_POLICY, "rsa-sha1 is not accepted");
}

static bool
read_canon(struct str word, bool *is_relaxed)
{
	*is_relaxed = str_ieq(word, STR("relaxed"));
	return *is_relaxed || str_ieq(word, STR("simple"));
}

/* "relaxed" alone means relaxed/simple. */
static void
read_canons(struct reader *r)
{
	if (dkim_tags_find(r->tags, "c") == NULL)
		return;
	struct str body = value_of(r, "c");
	bool has_body = str_find(body, '/') < body.n;
	struct str header = str_cut(&body, '/');
	if (!read_canon(header, &r->f->has_relaxed_header) ||
	    (has_body && !read_canon(body, &r->f->has_relaxed_body)))
		refuse(r->f, SIGNATURE_NEUTRAL,
		    "c= is an unknown canonicalization");
}

/* field-name = 1*ftext (RFC 5322 3.6.8), ";" excepted */
static bool
is_field_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return false;
	return name.n > 0;
}

static void
read_names(struct reader *r)
{
	struct signature_field *f = r->f;
	struct str rest = value_of(r, "h");
	if (rest.n > SIGNATURE_MAX_HLIST) {
		refuse(f, SIGNATURE_NEUTRAL, "h= is too long");
		return;
	}
	size_t count = 1;
	for (size_t i = 0; i < rest.n; i++)
		count += rest.p[i] == ':';
	if (count > SIGNATURE_MAX_NAMES) {
		refuse(f, SIGNATURE_NEUTRAL, "h= has too many names");
		return;
	}
	f->names = ARENA_ARRAY(r->arena, struct str, count);
	for (; f->name_count < count; f->name_count++) {
		struct str name = str_trim(str_cut(&rest, ':'));
		if (!is_field_name(name))
			refuse(f, SIGNATURE_NEUTRAL,
			    "h= is not a list of field names");
		f->names[f->name_count] = name;
	}
	if (!signature_field_covers(f, STR("From"))) /* RFC 6376 5.4 */
		refuse(f, SIGNATURE_PERMERROR, "From is not signed");
}

static void
read_hashes(struct reader *r)
{
	struct signature_field *f = r->f;
	const struct tag *b = dkim_tags_find(r->tags, "b");
	if (!dkim_tags_base64(value_of(r, "bh"), r->arena, &f->body_hash))
		refuse(f, SIGNATURE_NEUTRAL, "bh= is not base64");
	if (b == NULL ||
	    !dkim_tags_base64(b->value, r->arena, &f->signature)) {
		refuse(f, SIGNATURE_NEUTRAL, "b= is not base64");
		return;
	}
	struct str segment = str_sub(f->value, b->at, b->n);
	size_t equals = str_find(segment, '=') + 1;
	f->b_at = b->at + equals;
	f->b_n = b->n - equals;
	struct text t;
	text_init(&t, r->arena);
	for (size_t i = 0; i < b->value.n && t.n < SIGNATURE_MAX_B; i++)
		if (!ascii_is_fws(b->value.p[i]))
			text_add_char(&t, b->value.p[i]);
	f->b_text = text_str(&t);
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
	struct str i = value_of(r, "i"), domain;
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
	r->f->is_subdomain = !str_eq(domain, r->f->domain);
	if (!domain_is_within(domain, r->f->domain))
		refuse(r->f, SIGNATURE_PERMERROR, "i= is outside d=");
}

static void
read_query(struct reader *r)
{
	if (dkim_tags_find(r->tags, "q") != NULL &&
	    !dkim_tags_has_word(value_of(r, "q"), STR("dns/txt")))
		refuse(r->f, SIGNATURE_NEUTRAL, "q= is an unknown method");
}

static bool
is_digits(struct str s, size_t max)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n <= max;
}

static void
read_length(struct reader *r)
{
	struct str l = value_of(r, "l");
	if (dkim_tags_find(r->tags, "l") == NULL)
		return;
	if (!is_digits(l, MAX_LENGTH_DIGITS))
		refuse(r->f, SIGNATURE_NEUTRAL, "l= is not a number");
	/* What does not fit is longer than any body. */
	else if (!str_to_uint(l, SIGNATURE_NO_LENGTH - 1, &r->f->length))
		r->f->length = SIGNATURE_NO_LENGTH - 1;
}

static void
read_times(struct reader *r)
{
	struct str t = value_of(r, "t"), x = value_of(r, "x");
	bool has_t = dkim_tags_find(r->tags, "t") != NULL;
	bool has_x = dkim_tags_find(r->tags, "x") != NULL;
	if ((has_t && !is_digits(t, MAX_TIME_DIGITS)) ||
	    (has_x && !is_digits(x, MAX_TIME_DIGITS))) {
		refuse(r->f, SIGNATURE_NEUTRAL, "t= or x= is not a time");
		return;
	}
	str_to_uint(t, UINT64_MAX, &r->f->signed_at);
	if (has_x && str_to_uint(x, UINT64_MAX, &r->f->expires_at) && has_t &&
	    r->f->expires_at <= r->f->signed_at)
		refuse(r->f, SIGNATURE_NEUTRAL, "x= is not later than t=");
	/* The first second of 1970 is as long past as the next. */
	if (has_x && r->f->expires_at == 0)
		r->f->expires_at = 1;
}

/* libopendkim refuses bytes over 127, takes names of tags without regard to
 * case, leaves the value of "b =" in its hash, and takes that of every tag
 * whose name ends in "b" out of it. */
static bool
is_plain(const struct reader *r)
{
	struct str v = r->f->value;
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

static void
read_tags(struct reader *r)
{
	required(r);
	read_version(r);
	read_domain(r);
	read_selector(r);
	read_algorithm(r);
	read_canons(r);
	read_names(r);
	read_hashes(r);
	read_identity(r);
	read_query(r);
	read_length(r);
	read_times(r);
	check_algorithm(r);
	r->f->is_plain = is_plain(r) &&
	    !signature_field_covers(r->f, STR("DKIM-Signature"));
}

void
signature_field_parse(struct str value, struct arena *a,
    struct signature_field *out)
{
	*out = (struct signature_field) {.value = value,
	    .refused = SIGNATURE_NONE, .length = SIGNATURE_NO_LENGTH};
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
	uint64_t at = now > 0 ? (uint64_t)now : 0;
	if (f->expires_at > 0 && at > f->expires_at + SIGNATURE_CLOCK_DRIFT)
		refuse(f, SIGNATURE_PERMERROR, "the signature has expired");
	if (f->signed_at > at + SIGNATURE_CLOCK_DRIFT)
		refuse(f, SIGNATURE_PERMERROR,
		    "the signature is of the future");
}

bool
signature_field_covers(const struct signature_field *f, struct str name)
{
	for (size_t i = 0; i < f->name_count; i++)
		if (str_ieq(f->names[i], name))
			return true;
	return false;
}
