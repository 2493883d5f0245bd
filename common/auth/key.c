/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "auth/dkim_tags.h"
#include "auth/key_decode.h"
#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "net/dns.h"

static const struct table_row texts[] = {
	{KEY_OK, "the key is good"},
	{KEY_TEMPFAIL, "the key could not be looked up"},
	{KEY_ABSENT, "there is no key"},
	{KEY_MANY, "there are several key records"},
	{KEY_SYNTAX, "the key record cannot be read"},
	{KEY_REVOKED, "the key is revoked"},
	{KEY_SERVICE, "the key is not for e-mail"},
	{KEY_TYPE, "the key is of an unknown type"},
	{KEY_SMALL, "the RSA key is shorter than 1024 bits"},
	{KEY_LARGE, "the RSA key is longer than is verified"},
	{0, NULL},
};

const char *
key_status_text(enum key_status s)
{
	return table_name(texts, (int)s);
}

/* ---- records ---------------------------------------------------------------- */

/* The flags, and whether the record is a key for e-mail (RFC 6376 3.6.1). */
static enum key_status
read_tags(const struct tags *tags, struct key *out)
{
	const struct tag *v = dkim_tags_find(tags, "v");
	const struct tag *h = dkim_tags_find(tags, "h");
	const struct tag *k = dkim_tags_find(tags, "k");
	const struct tag *s = dkim_tags_find(tags, "s");
	const struct tag *t = dkim_tags_find(tags, "t");
	if (t != NULL) {
		out->is_testing = dkim_tags_has_word(t->value, STR("y"));
		out->is_strict = dkim_tags_has_word(t->value, STR("s"));
	}
	out->has_sha256 =
	    h == NULL || dkim_tags_has_word(h->value, STR("sha256"));
	if (v != NULL &&
	    (v != &tags->at[0] || !str_eq(v->value, STR("DKIM1"))))
		return KEY_SYNTAX;
	if (s != NULL && !dkim_tags_has_word(s->value, STR("*")) &&
	    !dkim_tags_has_word(s->value, STR("email")))
		return KEY_SERVICE;
	if (k != NULL && str_ieq(k->value, STR("ed25519")))
		out->type = KEY_ED25519;
	else if (k != NULL && !str_ieq(k->value, STR("rsa")))
		return KEY_TYPE;
	return KEY_OK;
}

static void
read_key(struct str record, struct arena *scratch, struct key *out)
{
	struct tags tags;
	struct str bytes;
	const struct tag *p;
	out->status = KEY_SYNTAX;
	if (!dkim_tags_parse(record, scratch, &tags) ||
	    (p = dkim_tags_find(&tags, "p")) == NULL)
		return;
	out->status = read_tags(&tags, out);
	if (out->status != KEY_OK)
		return;
	if (p->value.n == 0)
		out->status = KEY_REVOKED;
	else if (!dkim_tags_base64(p->value, scratch, &bytes))
		out->status = KEY_SYNTAX;
	else if (out->type == KEY_ED25519)
		key_decode_ed25519(bytes, out);
	else
		key_decode_rsa(bytes, out);
}

void
key_parse(struct str record, struct arena *a, struct key *out)
{
	/* Nothing but the key stays with a cached answer. */
	struct arena *scratch = arena_new(0);
	*out = (struct key) {.status = KEY_SYNTAX};
	read_key(record, scratch, out);
	arena_free(scratch);
	if (out->pkey != NULL)
		arena_on_free(a, key_decode_free, out->pkey);
}

/* ---- questions -------------------------------------------------------------- */

struct lookup *
key_ask(struct lookups *l, struct str selector, struct str domain,
    struct arena *a)
{
	return dns_ask(l, DNS_FOR_KEY, DNS_TXT, text_format(a,
	    "%.*s._domainkey.%.*s", STR_ARG(selector), STR_ARG(domain)));
}

static void *
make_key(const struct dns_answer *answer, struct arena *a)
{
	struct key *k = ARENA_NEW(a, struct key);
	key_parse(answer->rr[0].txt, a, k);
	return k;
}

const struct key *
key_wait(struct lookup *q)
{
	static const struct key failed = {.status = KEY_TEMPFAIL};
	static const struct key absent = {.status = KEY_ABSENT};
	static const struct key many = {.status = KEY_MANY};
	const struct dns_answer *answer = dns_wait(q);
	if (dns_is_error(answer->status))
		return &failed;
	if (answer->status != DNS_OK || answer->count == 0)
		return &absent;
	if (answer->count > 1)
		return &many;
	return dns_derived(q, make_key);
}

/* ---- verification ----------------------------------------------------------- */

static bool
verify_rsa(EVP_PKEY *pkey, struct str digest, struct str signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	if (ctx == NULL)
		abort();
	bool is_good = EVP_PKEY_verify_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_verify(ctx, (const unsigned char *)signature.p,
		signature.n, (const unsigned char *)digest.p, digest.n) == 1;
	EVP_PKEY_CTX_free(ctx);
	return is_good;
}

static bool
verify_ed25519(EVP_PKEY *pkey, struct str digest, struct str signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		abort();
	bool is_good = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) > 0 &&
	    EVP_DigestVerify(ctx, (const unsigned char *)signature.p,
		signature.n, (const unsigned char *)digest.p, digest.n) == 1;
	EVP_MD_CTX_free(ctx);
	return is_good;
}

bool
key_verify(const struct key *k, struct str digest, struct str signature)
{
	if (k->pkey == NULL)
		return false;
	bool is_good = k->type == KEY_ED25519 ?
	    verify_ed25519(k->pkey, digest, signature) :
	    verify_rsa(k->pkey, digest, signature);
	/* What a mismatch leaves behind must not be taken for somebody else's
	 * error by this thread's next call. */
	if (!is_good)
		ERR_clear_error();
	return is_good;
}
