/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/sign.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "test/lib/arrival.h"
#include "test/lib/check.h"
#include "test/lib/signer.h"

#define HEADER                                                                 \
	"From: Ann <ann@example.com>\r\n"                                      \
	"To: you@rcv.example\r\n"                                              \
	"Subject: Report Domain: x.example\r\n Submitter: y.example\r\n"       \
	"Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n"                            \
	"Message-ID: <1@example.com>\r\n"                                      \
	"MIME-Version: 1.0\r\n"                                                \
	"Content-Type: text/plain\r\n"                                         \
	"Auto-Submitted: auto-generated\r\n"

struct scene {
	struct arena *arena;
	struct signature_library *lib;
	struct str pem, zone;
	struct sign_key *key;
};

/* ---- keys --------------------------------------------------------------- */

static struct str
bytes_of(BIO *bio, struct arena *a)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	struct str s = str_copy((struct str) {p, (size_t)n}, a);

	BIO_free(bio);
	return s;
}

static struct str
pem_of(EVP_PKEY *key, const EVP_CIPHER *cipher, struct arena *a)
{
	BIO *out = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio_PrivateKey(out, key, cipher,
	    (const unsigned char *)"x", 1, NULL, NULL));
	return bytes_of(out, a);
}

static struct str
zone_of(EVP_PKEY *key, struct arena *a)
{
	BIO *out = BIO_new(BIO_s_mem());

	assert_true(i2d_PUBKEY_bio(out, key));
	struct str p = signer_base64(bytes_of(out, a), a);
	return arrival_key_line("s1", "example.com", text_format(a,
	    "v=DKIM1; p=%.*s", STR_ARG(p)), a);
}

static int
setup(void **state)
{
	struct arena *a = arena_new(0);
	struct scene *s = ARENA_NEW(a, struct scene);
	const char *why = "";
	struct str reason = STR("");
	EVP_PKEY *key = EVP_RSA_gen(2048);

	s->arena = a;
	s->lib = signature_library_open(&why);
	s->pem = pem_of(key, NULL, a);
	s->zone = zone_of(key, a);
	EVP_PKEY_free(key);
	s->key = sign_key_open(s->pem, STR("example.com"), STR("s1"), a,
	    &reason);
	if (s->lib == NULL || s->key == NULL)
		fail_msg("%s%.*s", why, STR_ARG(reason));
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *s = *state;

	sign_key_close(s->key);
	signature_library_close(s->lib);
	arena_free(s->arena);
	return 0;
}

/* ---- what our own verifier says ----------------------------------------- */

static bool
sign(const struct scene *s, struct str header, struct str body, size_t chunk,
    struct arena *a, struct str *field)
{
	struct sign *job = sign_start(s->key, check_exact(header, a));

	for (size_t at = 0; at < body.n; at += chunk)
		sign_body(job, check_exact(str_sub(body, at, chunk), a));
	return sign_end(job, a, field);
}

/* Verifies field + header + body; `now` is far behind the clock by which the
 * library signs, so it is taken from t=. */
static struct str
verify(const struct scene *s, struct str field, struct str header,
    struct str body, struct arena *a)
{
	struct arrival_fields fields;
	struct arrival m = {.body = body};
	uint64_t now = 0;
	struct str rest = field;
	struct str whole = text_format(a, "%.*s%.*s", STR_ARG(field),
	    STR_ARG(header));

	while (rest.n > 0 && now == 0) {
		struct str tag = str_trim(str_cut(&rest, ';'));
		if (str_has_prefix(tag, STR("t=")))
			str_to_uint(str_sub(tag, 2, tag.n), INT32_MAX, &now);
	}
	m.now = (int64_t)now;
	header_init(&m.headers, a);
	arrival_split(whole, &fields);
	for (size_t i = 0; i < fields.count; i++)
		header_add(&m.headers, fields.at[i].name, fields.at[i].value);
	return arrival_show(arrival_verify(s->lib, s->zone, &m, a), a);
}

static void
accepted(void **state)
{
	static const char *const headers[] = {
		HEADER, "From: a@example.com\r\n",
		"from:a@example.com\r\nX-Other: 1\r\nto: b@c.example\r\n",
		"To: b@c.example\r\nTo: c@c.example\r\nFrom: a@example.com\r\n",
		"Subject: \r\nFrom: a@example.com\r\n",
	};
	static const char *const bodies[] = {
		"", "\r\n", "\r\n\r\n", "a", "a\r\n", "a \t b \r\n\r\n\r\n",
		".\r\n..\r\n", " \r\n", "one\r\ntwo",
	};
	const struct scene *s = *state;

	for (size_t h = 0; h < sizeof headers / sizeof *headers; h++)
		for (size_t b = 0; b < sizeof bodies / sizeof *bodies; b++)
			for (size_t chunk = 1; chunk < 100; chunk *= 3) {
				struct arena *a = arena_new(0);
				struct str field, header = str_of(headers[h]);
				struct str body = str_of(bodies[b]);
				assert_true(sign(s, header, body, chunk, a,
				    &field));
				check_str(verify(s, field, header, body, a),
				    "pass");
				arena_free(a);
			}
}

/* The field is one that may be put in front of a message as it is. */
static void
form(void **state)
{
	const struct scene *s = *state;
	struct arena *a = arena_new(0);
	struct str field;

	assert_true(sign(s, STR(HEADER), STR("x\r\n"), 3, a, &field));
	assert_true(str_has_prefix(field, STR("DKIM-Signature: v=1; ")));
	while (field.n > 0) {
		struct str line = str_cut(&field, '\n');
		assert_true(line.n > 1 && line.n < 80);
		assert_int_equal(line.p[line.n - 1], '\r');
		assert_true(field.n == 0 || field.p[0] == '\t');
	}
	arena_free(a);
}

#define CHANGED "fail the signature does not match the header"

static void
denied(void **state)
{
	static const struct {
		const char *header, *body, *want;
	} rows[] = {
		{HEADER, "y\r\n", "fail the body was changed"},
		{HEADER "From: b@example.com\r\n", "x\r\n", CHANGED},
		{"From: b@example.com\r\n" HEADER, "x\r\n", CHANGED},
		{HEADER "X-Other: 1\r\n", "x\r\n", "pass"},
		{HEADER, "x\r\n", "pass"},
	};
	const struct scene *s = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct str field;
		assert_true(sign(s, STR(HEADER), STR("x\r\n"), 3, a, &field));
		check_str(verify(s, field, str_of(rows[i].header),
		    str_of(rows[i].body), a), rows[i].want);
		arena_free(a);
	}
}

/* Any number of fields, covered or not: the library has written behind its
 * arrays for some of them. */
static void
many_fields(void **state)
{
	const struct scene *s = *state;

	for (unsigned n = 0; n < 40; n++) {
		struct arena *a = arena_new(0);
		struct text t;
		struct str field;
		text_init(&t, a);
		for (unsigned i = 0; i < n; i++)
			text_add(&t, i % 3 == 0 ? STR("To: x\r\n") :
			    i % 3 == 1 ? STR("X-Y: z\r\n") :
			    STR("Subject: x\r\n"));
		text_add(&t, STR("From: a@example.com\r\n"));
		assert_true(sign(s, text_str(&t), STR("x\r\n"), 3, a, &field));
		check_str(verify(s, field, text_str(&t), STR("x\r\n"), a),
		    "pass");
		arena_free(a);
	}
}

static void
refused_headers(void **state)
{
	static const char *const rows[] = {
		"", "\r\n", "To: a@b.example\r\n", "no field\r\n",
		" continuation\r\nFrom: a@example.com\r\n",
	};
	const struct scene *s = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *a = arena_new(0);
		struct str field;
		if (sign(s, str_of(rows[i]), STR("x\r\n"), 3, a, &field))
			fail_msg("row %zu is signed", i);
		arena_free(a);
	}
}

static void
refused_keys(void **state)
{
	const struct scene *s = *state;
	struct arena *a = arena_new(0);
	EVP_PKEY *small = EVP_RSA_gen(1016), *rsa = EVP_RSA_gen(1024);
	EVP_PKEY *edwards = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	const struct {
		struct str pem, domain, selector;
		const char *want;
	} rows[] = {
		{pem_of(small, NULL, a), STR("a.example"), STR("s"),
		    "the key has fewer than 1024 bits, and verifiers do not "
		    "take it; make one of 2048 bits"},
		{pem_of(edwards, NULL, a), STR("a.example"), STR("s"),
		    "this is no RSA key, and few verifiers take another; make "
		    "one of 2048 bits"},
		{pem_of(rsa, EVP_aes_128_cbc(), a), STR("a.example"), STR("s"),
		    "the key has a passphrase, which nobody could type in; "
		    "store it without"},
		{STR(""), STR("a.example"), STR("s"),
		    "this is no private key in PEM"},
		{STR("-----BEGIN PRIVATE KEY-----\nAAAA\n"), STR("a.example"),
		    STR("s"), "this is no private key in PEM"},
		{s->pem, STR("a.example"), STR(""), "report-dkim-selector is "
		    "no name that can stand in DNS"},
		{s->pem, STR("a.example"), STR("a b"), "report-dkim-selector is "
		    "no name that can stand in DNS"},
		{s->pem, STR("a;b"), STR("s"),
		    "the domain to sign for is none"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str reason = STR("");
		assert_null(sign_key_open(rows[i].pem, rows[i].domain,
		    rows[i].selector, a, &reason));
		check_str(reason, rows[i].want);
	}
	EVP_PKEY_free(small);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(edwards);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(form),
		cmocka_unit_test(denied),
		cmocka_unit_test(many_fields),
		cmocka_unit_test(refused_headers),
		cmocka_unit_test(refused_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
