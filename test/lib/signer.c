/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/signer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "mail/header.h"

struct signer_key {
	EVP_PKEY *pkey;
	bool is_ed25519;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- keys ------------------------------------------------------------------- */

static void
free_key(void *pkey)
{
	EVP_PKEY_free(pkey);
}

static struct signer_key *
keep(EVP_PKEY *pkey, bool is_ed25519, struct arena *a)
{
	struct signer_key *k = ARENA_NEW(a, struct signer_key);
	must(pkey != NULL);
	arena_on_free(a, free_key, pkey);
	*k = (struct signer_key) {pkey, is_ed25519};
	return k;
}

/* Large keys are made of four primes: who verifies cannot tell, and it takes a
 * tenth of the time. */
struct signer_key *
signer_key_rsa(unsigned bits, struct arena *a)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	must(ctx != NULL && EVP_PKEY_keygen_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) > 0);
	if (bits >= 4096)
		must(EVP_PKEY_CTX_set_rsa_keygen_primes(ctx, 4) > 0);
	must(EVP_PKEY_keygen(ctx, &pkey) > 0);
	EVP_PKEY_CTX_free(ctx);
	return keep(pkey, false, a);
}

struct signer_key *
signer_key_ed25519(struct arena *a)
{
	return keep(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), true, a);
}

struct str
signer_base64(struct str bytes, struct arena *a)
{
	unsigned char *out = arena_alloc(a, bytes.n / 3 * 4 + 5);
	int n = EVP_EncodeBlock(out, (const unsigned char *)bytes.p,
	    (int)bytes.n);
	return (struct str) {(char *)out, (size_t)n};
}

/* Tag, length, content. */
static struct str
der(char tag, struct str content, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add_char(&t, tag);
	if (content.n >= 256)
		text_add(&t, STR("\x82"));
	else if (content.n >= 128)
		text_add(&t, STR("\x81"));
	if (content.n >= 256)
		text_add_char(&t, (char)(content.n >> 8));
	text_add_char(&t, (char)content.n);
	text_add(&t, content);
	return text_str(&t);
}

static struct str
joined(struct str one, struct str two, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, one);
	text_add(&t, two);
	return text_str(&t);
}

static struct str
der_number(struct str octets, struct arena *a)
{
	if (octets.n > 0 && ((unsigned char)octets.p[0] & 0x80) != 0)
		octets = joined((struct str) {"\0", 1}, octets, a);
	return der(0x02, octets, a);
}

struct str
signer_rsa_p(struct str modulus, struct str exponent, bool is_bare,
    struct arena *a)
{
	static const struct str algorithm = STR_INIT("\x30\x0d\x06\x09\x2a\x86"
	    "\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
	struct str key = der(0x30, joined(der_number(modulus, a),
	    der_number(exponent, a), a), a);
	if (!is_bare)
		key = der(0x30, joined(algorithm, der(0x03,
		    joined((struct str) {"\0", 1}, key, a), a), a), a);
	return signer_base64(key, a);
}

static struct str
number_of(const struct signer_key *k, const char *name, struct arena *a)
{
	BIGNUM *n = NULL;
	must(EVP_PKEY_get_bn_param(k->pkey, name, &n) > 0);
	unsigned char *p = arena_alloc(a, (size_t)BN_num_bytes(n));
	struct str s = {(char *)p, (size_t)BN_bn2bin(n, p)};
	BN_free(n);
	return s;
}

struct str
signer_key_p(const struct signer_key *k, bool is_bare, struct arena *a)
{
	if (!k->is_ed25519)
		return signer_rsa_p(number_of(k, OSSL_PKEY_PARAM_RSA_N, a),
		    number_of(k, OSSL_PKEY_PARAM_RSA_E, a), is_bare, a);
	unsigned char raw[32];
	size_t n = sizeof raw;
	must(EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) > 0);
	return signer_base64((struct str) {(char *)raw, n}, a);
}

struct str
signer_key_record(const struct signer_key *k, struct arena *a)
{
	return text_format(a, "v=DKIM1; k=%s; p=%.*s",
	    k->is_ed25519 ? "ed25519" : "rsa",
	    STR_ARG(signer_key_p(k, false, a)));
}

/* ---- canonical forms -------------------------------------------------------- */

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Runs of WSP as one space, none at the end. */
static struct str
squeeze(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n; i++)
		if (!is_wsp(s.p[i]))
			text_add_char(&t, s.p[i]);
		else if (i + 1 < s.n && !is_wsp(s.p[i + 1]))
			text_add_char(&t, ' ');
	return text_str(&t);
}

/* The next line without its CRLF. */
static struct str
take_line(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && (rest->p[n] != '\r' || n + 1 == rest->n ||
	    rest->p[n + 1] != '\n'))
		n++;
	struct str line = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n + 2, rest->n);
	return line;
}

/* RFC 6376 3.4.3, 3.4.4: line by line, then empty ones at the end go. */
struct str
signer_body(struct str body, bool is_relaxed, struct arena *a)
{
	struct text t;
	size_t end = 0;
	text_init(&t, a);
	while (body.n > 0) {
		struct str line = take_line(&body);
		if (is_relaxed)
			line = squeeze(line, a);
		text_add(&t, line);
		text_add(&t, STR("\r\n"));
		if (line.n > 0)
			end = t.n;
	}
	if (end == 0)
		return is_relaxed ? STR("") : STR("\r\n");
	return str_sub(text_str(&t), 0, end);
}

/* The name without the blanks that may stand before a colon. */
static struct str
bare(struct str name)
{
	while (name.n > 0 && is_wsp(name.p[name.n - 1]))
		name.n--;
	return name;
}

/* RFC 6376 3.4.1, 3.4.2 */
struct str
signer_header(struct str name, struct str value, bool is_relaxed,
    struct arena *a)
{
	if (!is_relaxed)
		return joined(joined(name, STR(":"), a), value, a);
	struct text flat;
	text_init(&flat, a);
	while (value.n > 0)
		text_add(&flat, take_line(&value));
	struct str s = squeeze(text_str(&flat), a);
	if (s.n > 0 && s.p[0] == ' ')
		s = str_sub(s, 1, s.n);
	name = str_lower(bare(name), a);
	return joined(joined(name, STR(":"), a), s, a);
}

/* ---- signing ---------------------------------------------------------------- */

static struct str
hash(struct str s, bool is_sha1, struct arena *a)
{
	unsigned char *out = arena_alloc(a, EVP_MAX_MD_SIZE);
	unsigned n = 0;
	must(EVP_Digest(s.p, s.n, out, &n, is_sha1 ? EVP_sha1() :
	    EVP_sha256(), NULL) > 0);
	return (struct str) {(char *)out, n};
}

static struct str
sign_digest(const struct signer_key *k, struct str digest, bool is_sha1,
    struct arena *a)
{
	size_t n = 1024;
	unsigned char *out = arena_alloc(a, n);
	const unsigned char *in = (const unsigned char *)digest.p;
	if (k->is_ed25519) {
		EVP_MD_CTX *md = EVP_MD_CTX_new();
		must(EVP_DigestSignInit(md, NULL, NULL, NULL, k->pkey) > 0 &&
		    EVP_DigestSign(md, out, &n, in, digest.n) > 0);
		EVP_MD_CTX_free(md);
	} else {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
		must(EVP_PKEY_sign_init(ctx) > 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, is_sha1 ? EVP_sha1() :
			EVP_sha256()) > 0 &&
		    EVP_PKEY_sign(ctx, out, &n, in, digest.n) > 0);
		EVP_PKEY_CTX_free(ctx);
	}
	return (struct str) {(char *)out, n};
}

/* `text` with a word put in place of another. */
static struct str
replace(struct str text, const char *word, struct str by, struct arena *a)
{
	struct str w = str_of(word);
	size_t at = 0;
	while (at < text.n && !str_has_prefix(str_sub(text, at, text.n), w))
		at++;
	if (at == text.n)
		return text;
	return joined(joined(str_sub(text, 0, at), by, a),
	    str_sub(text, at + w.n, text.n), a);
}

/* Without $b and the white space around it (RFC 6376 3.7). */
static struct str
without_b(struct str text, struct arena *a)
{
	size_t at = str_find(text, '$');
	struct str before = str_sub(text, 0, at);
	struct str after = str_sub(text, at + 2, text.n);
	size_t n = before.n;
	while (n > 0 && strchr(" \t\r\n", before.p[n - 1]) != NULL)
		n--;
	while (after.n > 0 && strchr(" \t\r\n", after.p[0]) != NULL)
		after = str_sub(after, 1, after.n);
	return joined(str_sub(before, 0, n), after, a);
}

static const char *
or_default(const char *given, const char *otherwise)
{
	return given != NULL ? given : otherwise;
}

static struct str
template(const struct signer_job *job, const char *algorithm, const char *c,
    struct arena *a)
{
	struct text t;
	text_init(&t, a);
	if (job->field != NULL)
		return str_of(job->field);
	text_printf(&t, " v=1; a=%s;", algorithm);
	if (c[0] != '\0')
		text_printf(&t, " c=%s;", c);
	text_printf(&t, " d=%s; s=%s;", or_default(job->domain, "example.com"),
	    or_default(job->selector, "s"));
	if (job->has_length)
		text_printf(&t, " l=%zu;", job->length);
	text_printf(&t, "%s\r\n\th=%s;\r\n\tbh=$bh;\r\n\tb=$b",
	    or_default(job->more, ""), or_default(job->h, "from"));
	return text_str(&t);
}

/* The fields of h=, each name taking the lowest one not yet taken. */
static struct str
signed_fields(const struct signer_job *job, bool is_relaxed, struct arena *a)
{
	struct text t;
	struct str names = str_of(or_default(job->h, "from"));
	bool *taken = ARENA_ARRAY(a, bool, job->field_count + 1);
	text_init(&t, a);
	while (names.n > 0) {
		struct str name = str_trim(str_cut(&names, ':'));
		size_t i = job->field_count;
		while (i > 0 && (taken[i - 1] ||
		    !str_ieq(bare(job->fields[i - 1].name), name)))
			i--;
		if (i == 0)
			continue;
		taken[i - 1] = true;
		text_add(&t, signer_header(job->fields[i - 1].name,
		    job->fields[i - 1].value, is_relaxed, a));
		text_add(&t, STR("\r\n"));
	}
	return text_str(&t);
}

struct str
signer_sign(const struct signer_job *job, struct arena *a)
{
	const char *c = or_default(job->c, "relaxed/relaxed");
	const char *algorithm = or_default(job->a, job->key->is_ed25519 ?
	    "ed25519-sha256" : "rsa-sha256");
	bool is_sha1 = strstr(algorithm, "sha1") != NULL;
	bool is_relaxed = strncasecmp(c, "relaxed", 7) == 0;
	bool has_relaxed_body = strcasestr(c, "/relaxed") != NULL;
	struct str body = signer_body(job->body, has_relaxed_body, a);
	if (job->has_length)
		body = str_sub(body, 0, job->length);
	struct str field = template(job, algorithm, c, a);
	field = replace(field, "$bh",
	    signer_base64(hash(body, is_sha1, a), a), a);
	struct str own = signer_header(STR("DKIM-Signature"),
	    without_b(field, a), is_relaxed, a);
	struct str digest = hash(joined(signed_fields(job, is_relaxed, a), own,
	    a), is_sha1, a);
	return replace(field, "$b", signer_base64(sign_digest(job->key, digest,
	    is_sha1, a), a), a);
}
