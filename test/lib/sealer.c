/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/sealer.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"

#define DIGEST_OCTETS 32u
#define MAX_SIGNATURE 512u
/* In no template. */
#define MARK "\1"

static const char *const kinds[] = {
	"ARC-Authentication-Results",
	"ARC-Message-Signature",
	"ARC-Seal",
};

static EVP_PKEY *keys[SEALER_KEYS];

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "sealer: %s\n", what);
	abort();
}

/* ---- keys ---------------------------------------------------------------- */

static EVP_PKEY *
key_of(enum sealer_key key)
{
	static const unsigned bits[] = {1024, 2048, 512, 0, 1024};
	if (keys[key] == NULL)
		keys[key] = bits[key] > 0 ? EVP_RSA_gen(bits[key]) :
		    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	must(keys[key] != NULL, "no key");
	return keys[key];
}

static void __attribute__((destructor))
free_keys(void)
{
	for (size_t i = 0; i < SEALER_KEYS; i++)
		EVP_PKEY_free(keys[i]);
}

static struct str
base64(const unsigned char *bytes, size_t n, struct arena *a)
{
	char *p = arena_alloc(a, n / 3 * 4 + 5);
	int length = EVP_EncodeBlock((unsigned char *)p, bytes, (int)n);
	return (struct str) {p, (size_t)length};
}

struct str
sealer_record(enum sealer_key key, struct arena *a)
{
	unsigned char raw[64], *der = NULL;
	size_t n = sizeof raw;
	if (key == SEALER_ED25519) {
		must(EVP_PKEY_get_raw_public_key(key_of(key), raw, &n) == 1,
		    "no raw key");
		return text_format(a, "v=DKIM1; k=ed25519; p=%.*s",
		    STR_ARG(base64(raw, n, a)));
	}
	int length = i2d_PUBKEY(key_of(key), &der);
	must(length > 0, "no public key");
	struct str p = base64(der, (size_t)length, a);
	OPENSSL_free(der);
	return text_format(a, "v=DKIM1; k=rsa; p=%.*s", STR_ARG(p));
}

static struct str
digest(struct str s, struct arena *a)
{
	unsigned char *out = arena_alloc(a, DIGEST_OCTETS);
	must(EVP_Digest(s.p, s.n, out, NULL, EVP_sha256(), NULL) == 1,
	    "no digest");
	return (struct str) {(char *)out, DIGEST_OCTETS};
}

/* RFC 8463 3: Ed25519 signs the digest. */
static struct str
sign(enum sealer_key key, struct str s, struct arena *a)
{
	unsigned char out[MAX_SIGNATURE];
	size_t n = sizeof out;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_rsa = key != SEALER_ED25519;
	if (!is_rsa)
		s = digest(s, a);
	must(EVP_DigestSignInit(ctx, NULL, is_rsa ? EVP_sha256() : NULL, NULL,
		key_of(key)) == 1 &&
	    EVP_DigestSign(ctx, out, &n, (const unsigned char *)s.p, s.n) == 1,
	    "no signature");
	EVP_MD_CTX_free(ctx);
	return base64(out, n, a);
}

/* ---- canonical forms (RFC 6376 3.4) -------------------------------------- */

/* Each run of blanks as one space; with `trims`, none at either end. */
static struct str
squeeze(struct str s, bool trims_start, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++) {
		bool is_blank = ascii_is_wsp(s.p[i]);
		bool was_blank = t.n > 0 && t.p[t.n - 1] == ' ';
		if (!is_blank)
			text_add_char(&t, s.p[i]);
		else if (!was_blank && (t.n > 0 || !trims_start))
			text_add_char(&t, ' ');
	}
	struct str out = text_str(&t);
	if (out.n > 0 && out.p[out.n - 1] == ' ')
		out.n--;
	return out;
}

static struct str
without_line_ends(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n')
			text_add_char(&t, s.p[i]);
	return text_str(&t);
}

static struct str
canonical_field(bool is_simple, const struct header_field *f, struct arena *a)
{
	if (is_simple)
		return text_format(a, "%.*s:%.*s", STR_ARG(f->name),
		    STR_ARG(f->value));
	return text_format(a, "%.*s:%.*s",
	    STR_ARG(str_lower(str_trim(f->name), a)),
	    STR_ARG(squeeze(without_line_ends(f->value, a), true, a)));
}

static struct str
canonical_body(bool is_simple, struct str body, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	while (body.n > 0) {
		struct str line = str_cut(&body, '\n');
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (!is_simple)
			line = squeeze(line, false, a);
		text_add(&t, line);
		text_add(&t, STR("\r\n"));
	}
	struct str out = text_str(&t);
	while (out.n >= 4 && memcmp(out.p + out.n - 4, "\r\n\r\n", 4) == 0)
		out.n -= 2;
	if (str_eq(out, STR("\r\n")))
		out.n = 0;
	return out.n == 0 && is_simple ? STR("\r\n") : out;
}

/* ---- sets ---------------------------------------------------------------- */

/* What the words of a template stand for. */
struct words {
	const char *name[10];
	struct str value[10];
	size_t count;
};

static void
add_word(struct words *w, const char *name, struct str value)
{
	w->name[w->count] = name;
	w->value[w->count++] = value;
}

static bool
expand_word(const struct words *w, struct str s, struct text *out)
{
	for (size_t i = 0; i < w->count; i++)
		if (str_eq(s, str_of(w->name[i]))) {
			text_add(out, w->value[i]);
			return true;
		}
	return false;
}

static struct str
expand(const char *template, const struct words *w, struct arena *a)
{
	struct text t;
	struct str rest = str_of(template);
	text_init(&t, a);
	while (rest.n > 0) {
		text_add(&t, str_cut(&rest, '{'));
		if (rest.n > 0)
			must(expand_word(w, str_cut(&rest, '}'), &t),
			    template);
	}
	return text_str(&t);
}

/* Without the mark that stands for b=, and the white space around it (RFC 6376
 * 3.7). */
static struct str
without_mark(struct str s, struct arena *a)
{
	size_t from = str_find(s, MARK[0]), to = from + 1;
	while (from > 0 && ascii_is_fws(s.p[from - 1]))
		from--;
	while (to < s.n && ascii_is_fws(s.p[to]))
		to++;
	return text_format(a, "%.*s%.*s", STR_ARG(str_sub(s, 0, from)),
	    STR_ARG(str_sub(s, to, s.n)));
}

/* The value with b= filled in, folded; `before` is what stands above the own
 * field in the signed text. */
static struct str
signed_value(const struct seal *how, const char *kind, const char *template,
    struct words *w, bool is_simple, struct str before, struct arena *a)
{
	struct header_field own = {.name = str_of(kind)};
	struct text b;
	add_word(w, "b", STR(MARK));
	own.value = without_mark(expand(template, w, a), a);
	struct str text = text_format(a, "%.*s%.*s", STR_ARG(before),
	    STR_ARG(canonical_field(is_simple, &own, a)));
	struct str s = sign(how->key, text, a);
	text_init(&b, a);
	for (size_t at = 0; at < s.n; at += 60) {
		if (at > 0)
			text_add(&b, STR("\r\n\t "));
		text_add(&b, str_sub(s, at, 60));
	}
	w->value[w->count - 1] = text_str(&b);
	struct str value = expand(template, w, a);
	w->count--;
	return value;
}

/* RFC 6376 3.7, 5.4.2: the last field of a name first. */
static struct str
signed_fields(const struct sealed *m, const struct seal *how, struct str names,
    struct arena *a)
{
	struct text t;
	bool is_used[SEALER_MAX_FIELDS] = {false};
	text_init(&t, a);
	while (names.n > 0) {
		struct str name = str_trim(str_cut(&names, ':'));
		for (size_t i = m->count; i > 0; i--) {
			const struct header_field *f = &m->fields[i - 1];
			if (is_used[i - 1] || !header_is(f, name))
				continue;
			is_used[i - 1] = true;
			text_add(&t, canonical_field(how->is_simple_header, f,
			    a));
			text_add(&t, STR("\r\n"));
			break;
		}
	}
	return text_str(&t);
}

static struct str
or_else(const char *s, const char *other)
{
	return str_of(s != NULL ? s : other);
}

static void
fill_words(struct words *w, const struct sealed *m, const struct seal *how,
    unsigned instance)
{
	struct arena *a = m->arena;
	struct str body = canonical_body(how->is_simple_body, m->body, a);
	if (how->length > 0)
		body = str_sub(body, 0, how->length);
	struct str hash = digest(body, a);
	*w = (struct words) {.count = 0};
	add_word(w, "i", text_format(a, "%u", instance));
	add_word(w, "d", or_else(how->domain, "d1.example"));
	add_word(w, "s", or_else(how->selector, "s"));
	add_word(w, "a", or_else(how->algorithm, how->key == SEALER_ED25519 ?
	    "ed25519-sha256" : "rsa-sha256"));
	add_word(w, "c", text_format(a, "%s/%s",
	    how->is_simple_header ? "simple" : "relaxed",
	    how->is_simple_body ? "simple" : "relaxed"));
	add_word(w, "h", or_else(how->names,
	    "from:to:subject:date:message-id"));
	add_word(w, "bh", base64((const unsigned char *)hash.p, hash.n, a));
	add_word(w, "cv", or_else(how->validation,
	    instance == 1 ? "none" : "pass"));
	add_word(w, "l", text_format(a, "%zu", how->length));
}

static struct str
make_results(const struct sealed *m, const struct seal *how,
    const struct words *w)
{
	struct arena *a = m->arena;
	if (how->results != NULL)
		return expand(how->results, w, a);
	return text_format(a, "%.*s %.*s", STR_ARG(expand(" i={i};", w, a)),
	    STR_ARG(or_else(how->payload, "lists.example;\r\n\tspf=pass "
		"smtp.mailfrom=d1.example;\r\n\tdmarc=pass "
		"header.from=d1.example")));
}

static struct str
make_signature(const struct sealed *m, const struct seal *how,
    struct words *w)
{
	const char *usual = " i={i}; a={a}; c={c}; d={d}; s={s};\r\n"
	    "\th={h};\r\n\tbh={bh};\r\n\tb={b}";
	struct str names = or_else(how->names,
	    "from:to:subject:date:message-id");
	return signed_value(how, kinds[1],
	    how->signature != NULL ? how->signature : usual, w,
	    how->is_simple_header, signed_fields(m, how, names, m->arena),
	    m->arena);
}

/* RFC 8617 5.1.1: all sets in their order, the own seal last and without b=. */
static struct str
make_seal(const struct sealed *m, const struct seal *how, struct words *w,
    unsigned instance)
{
	const char *usual = " i={i}; a={a}; t=1000; cv={cv};\r\n"
	    "\td={d}; s={s};\r\n\tb={b}";
	struct text t;
	text_init(&t, m->arena);
	for (unsigned i = 1; i <= instance; i++)
		for (unsigned kind = 0; kind < 3; kind++) {
			const struct header_field *f = &m->sets[i - 1][kind];
			if (f->name.n == 0 || (i == instance && kind == 2))
				continue;
			text_add(&t, canonical_field(false, f, m->arena));
			text_add(&t, STR("\r\n"));
		}
	return signed_value(how, kinds[2],
	    how->seal != NULL ? how->seal : usual, w, false, text_str(&t),
	    m->arena);
}

void
sealed_seal(struct sealed *m, const struct seal *how)
{
	struct words w;
	unsigned instance = how->instance > 0 ? how->instance :
						m->set_count + 1;
	must(instance < SEALER_MAX_SETS, "too many sets");
	if (how->body != NULL)
		m->body = str_of(how->body);
	fill_words(&w, m, how, instance);
	struct header_field *set = m->sets[instance - 1];
	const bool is_left_out[] = {how->without_results,
	    how->without_signature, how->without_seal};
	for (unsigned kind = 0; kind < 3; kind++) {
		struct str value = kind == 0 ? make_results(m, how, &w) :
		    kind == 1 ? make_signature(m, how, &w) :
		    make_seal(m, how, &w, instance);
		set[kind] = (struct header_field) {str_of(kinds[kind]), value,
		    0};
		if (!is_left_out[kind])
			sealed_add(m, kinds[kind], value);
	}
	m->set_count = instance;
}

/* ---- messages ------------------------------------------------------------ */

void
sealed_add(struct sealed *m, const char *name, struct str value)
{
	must(m->count < SEALER_MAX_FIELDS, "too many fields");
	memmove(m->fields + 1, m->fields, m->count * sizeof m->fields[0]);
	m->fields[0] = (struct header_field) {str_of(name), value, 0};
	m->count++;
}

void
sealed_init(struct sealed *m, struct arena *a)
{
	*m = (struct sealed) {.arena = a};
	m->body = STR("Hey  gang,\r\nThis is a test message. \r\n--J.\r\n"
	    "\r\n");
	sealed_add(m, "Subject", STR(" Example\r\n \t1 "));
	sealed_add(m, "To", STR(" arc@dmarc.example"));
	sealed_add(m, "From", STR(" John Q Doe <jqd@d1.example>"));
	sealed_add(m, "Date", STR(" Thu, 14 Jan 2015 15:00:01 -0800"));
	sealed_add(m, "Message-ID", STR(" <54B84785.1060301@d1.example>"));
	sealed_add(m, "Received", STR(" by d1.example; Thu, 14 Jan 2015 "
	    "15:00:02 -0800"));
}

static bool
contains(struct str s, struct str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (memcmp(s.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

struct header_field *
sealed_find(struct sealed *m, const char *name, unsigned instance)
{
	struct str tag = text_format(m->arena, "i=%u;", instance);
	for (size_t i = 0; i < m->count; i++)
		if (header_is(&m->fields[i], str_of(name)) &&
		    contains(m->fields[i].value, tag))
			return &m->fields[i];
	must(false, "no such field");
	return NULL;
}

void
sealed_replace(struct sealed *m, const char *name, unsigned instance,
    const char *from, const char *to)
{
	struct header_field *f = sealed_find(m, name, instance);
	struct str part = str_of(from);
	for (size_t i = 0; i + part.n <= f->value.n; i++) {
		if (memcmp(f->value.p + i, part.p, part.n) != 0)
			continue;
		f->value = text_format(m->arena, "%.*s%s%.*s",
		    STR_ARG(str_sub(f->value, 0, i)), to,
		    STR_ARG(str_sub(f->value, i + part.n, f->value.n)));
		return;
	}
	must(false, from);
}

void
sealed_remove(struct sealed *m, const char *name, unsigned instance)
{
	struct header_field *f = sealed_find(m, name, instance);
	size_t after = m->count - (size_t)(f - m->fields) - 1;
	memmove(f, f + 1, after * sizeof *f);
	m->count--;
}

void
sealed_double(struct sealed *m, const char *name, unsigned instance)
{
	sealed_add(m, name, sealed_find(m, name, instance)->value);
}

struct str
sealed_text(const struct sealed *m)
{
	struct text t;
	text_init(&t, m->arena);
	for (size_t i = 0; i < m->count; i++) {
		text_add(&t, m->fields[i].name);
		text_add_char(&t, ':');
		text_add(&t, m->fields[i].value);
		text_add(&t, STR("\r\n"));
	}
	text_add(&t, STR("\r\n"));
	text_add(&t, m->body);
	return text_str(&t);
}
