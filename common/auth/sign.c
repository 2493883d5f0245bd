/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <opendkim/dkim.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"
#include "mail/domain.h"

#define NAME "DKIM-Signature: "
#define MAX_PEM 65536u

struct sign_key {
	DKIM_LIB *lib;
	unsigned char *pem;
	size_t pem_size;
	unsigned char *domain, *selector;
	char extra[48]; /* a header field, see sign_start() */
};

struct sign {
	DKIM *dkim;
	bool has_failed;
	char last[2]; /* bytes of the body */
};

/* ---- the key ------------------------------------------------------------ */

static unsigned char *
copy(struct str s)
{
	unsigned char *p = malloc(s.n + 1);

	if (p == NULL)
		abort();
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

/* The library copies the names. */
static void
set_list(DKIM_LIB *lib, dkim_opts_t option, const char **names)
{
	if (dkim_options(lib, DKIM_OP_SETOPT, option, names, sizeof names) !=
	    DKIM_STAT_OK)
		abort();
}

static DKIM_LIB *
open_library(void)
{
	const char *covered[] = {"From", "To", "Subject", "Date",
	    "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted",
	    NULL};
	const char *denied[] = {"From", NULL};
	DKIM_LIB *lib = dkim_init(NULL, NULL);

	if (lib == NULL)
		abort();
	set_list(lib, DKIM_OPTS_SIGNHDRS, covered);
	set_list(lib, DKIM_OPTS_OVERSIGNHDRS, denied);
	return lib;
}

/* Nobody is there to type in a passphrase. */
static int
no_passphrase(char *buf, int size, int is_writing, void *arg)
{
	(void)buf, (void)size, (void)is_writing, (void)arg;
	return -1;
}

/* What is wrong with the key, or NULL. */
static const char *
problem_of_key(struct str pem)
{
	const char *problem = NULL;
	BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);

	if (in == NULL)
		abort();
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	if (key == NULL)
		problem = memmem(pem.p, pem.n, "ENCRYPTED", 9) != NULL ?
		    "the key has a passphrase, which nobody could type in; "
		    "store it without" : "this is no private key in PEM";
	else if (!EVP_PKEY_is_a(key, "RSA"))
		problem = "this is no RSA key, and few verifiers take "
		    "another; make one of 2048 bits";
	else if (EVP_PKEY_get_bits(key) < (int)SIGN_MIN_BITS)
		problem = "the key has fewer than 1024 bits, and verifiers do "
		    "not take it; make one of 2048 bits";
	EVP_PKEY_free(key);
	BIO_free(in);
	ERR_clear_error();
	return problem;
}

static const char *
problem_of(struct str pem, struct str domain, struct str selector,
    struct arena *a)
{
	struct str parsed;

	if (domain_parse(selector, a, &parsed) != DOMAIN_OK ||
	    !str_ieq(parsed, selector))
		return "report-dkim-selector is no name that can stand in DNS";
	if (domain_parse(domain, a, &parsed) != DOMAIN_OK ||
	    !str_ieq(parsed, domain))
		return "the domain to sign for is none";
	/* The library takes for DER what does not begin so. */
	if (!str_has_prefix(pem, STR("-----BEGIN ")) || pem.n > MAX_PEM)
		return "this is no private key in PEM";
	return problem_of_key(pem);
}

struct sign_key *
sign_key_open(struct str pem, struct str domain, struct str selector,
    struct arena *a, struct str *reason)
{
	const char *problem = problem_of(pem, domain, selector, a);
	struct hash_key random;

	if (problem != NULL) {
		*reason = str_of(problem);
		return NULL;
	}
	struct sign_key *k = calloc(1, sizeof *k);
	if (k == NULL)
		abort();
	k->lib = open_library();
	k->pem = copy(pem);
	k->pem_size = pem.n;
	k->domain = copy(domain);
	k->selector = copy(selector);
	hash_key_init(&random);
	snprintf(k->extra, sizeof k->extra, "x-%016" PRIx64 "%016" PRIx64
	    ": 1", random.half[0], random.half[1]);
	return k;
}

void
sign_key_close(struct sign_key *k)
{
	dkim_close(k->lib);
	explicit_bzero(k->pem, k->pem_size);
	free(k->pem);
	free(k->domain);
	free(k->selector);
	free(k);
}

/* ---- a message ---------------------------------------------------------- */

static void
feed(struct sign *s, struct str field)
{
	if (field.n > 0 && dkim_header(s->dkim, (unsigned char *)field.p,
	    field.n) != DKIM_STAT_OK)
		s->has_failed = true;
}

/* Takes a field with its continuation lines off *header, without its CRLF. */
static struct str
take_field(struct str *header)
{
	size_t n = 0;

	do {
		struct str rest = str_sub(*header, n, header->n);
		n += str_find(rest, '\n') + 1;
	} while (n < header->n &&
	    (header->p[n] == ' ' || header->p[n] == '\t'));
	struct str field = str_sub(*header, 0, n);
	*header = str_sub(*header, n, header->n);
	while (field.n > 0 && (field.p[field.n - 1] == '\n' ||
	    field.p[field.n - 1] == '\r'))
		field.n--;
	return field;
}

struct sign *
sign_start(struct sign_key *k, struct str header)
{
	struct sign *s = calloc(1, sizeof *s);
	DKIM_STAT status;

	if (s == NULL)
		abort();
	s->dkim = dkim_sign(k->lib, (const unsigned char *)"message", NULL,
	    k->pem, k->selector, k->domain, DKIM_CANON_RELAXED,
	    DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &status);
	if (s->dkim == NULL)
		abort(); /* no memory */
	/* Where h= names every field and more, the library writes behind an
	 * array of as many entries as there are fields: one is never named. */
	feed(s, str_of(k->extra));
	while (header.n > 0)
		feed(s, take_field(&header));
	if (!s->has_failed && dkim_eoh(s->dkim) != DKIM_STAT_OK)
		s->has_failed = true;
	return s;
}

static void
add(struct sign *s, struct str bytes)
{
	if (!s->has_failed && bytes.n > 0 && dkim_body(s->dkim,
	    (unsigned char *)bytes.p, bytes.n) != DKIM_STAT_OK)
		s->has_failed = true;
}

void
sign_body(struct sign *s, struct str bytes)
{
	add(s, bytes);
	if (bytes.n > 1)
		s->last[0] = bytes.p[bytes.n - 2];
	else if (bytes.n == 1)
		s->last[0] = s->last[1];
	if (bytes.n > 0)
		s->last[1] = bytes.p[bytes.n - 1];
}

/* The library refuses a body whose last line has no end. */
static void
end_line(struct sign *s)
{
	bool is_empty = s->last[1] == '\0';

	if (!is_empty && memcmp(s->last, "\r\n", 2) != 0)
		add(s, STR("\r\n"));
}

bool
sign_end(struct sign *s, struct arena *a, struct str *field)
{
	unsigned char *value = NULL;
	size_t n = 0;

	end_line(s);
	bool is_signed = !s->has_failed &&
	    dkim_eom(s->dkim, NULL) == DKIM_STAT_OK &&
	    dkim_getsighdr_d(s->dkim, sizeof NAME - 1, &value, &n) ==
	    DKIM_STAT_OK;
	if (is_signed)
		*field = text_format(a, NAME "%.*s\r\n", (int)n,
		    (const char *)value);
	dkim_free(s->dkim);
	free(s);
	return is_signed;
}
