/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_engine.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "auth/signature_field.h"
#include "auth/signature_header.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"
#include "mail/header.h"

/* "x-" and a random number: no h= names it. */
#define EXTRA_SIZE 48u

struct signature_library {
	DKIM_LIB *dkim;
	EVP_MD *sha256;
	char extra[EXTRA_SIZE]; /* a header field, see feed() */
};

/* ---- the process's handle --------------------------------------------------- */

/* Keys are ours: libopendkim must neither look one up nor verify. */
static DKIM_CBSTAT
ignore_all(DKIM *dkim, DKIM_SIGINFO **sigs, int count)
{
	(void)dkim;
	for (int i = 0; i < count; i++)
		dkim_sig_ignore(sigs[i]);
	return DKIM_CBSTAT_CONTINUE;
}

static DKIM_CBSTAT
no_key(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	(void)dkim, (void)sig, (void)buf, (void)size;
	return DKIM_CBSTAT_NOTFOUND;
}

static bool
set_up(DKIM_LIB *dkim)
{
	/* Nothing is verified before the end, and a signature that the
	 * library does not like does not hide the others. */
	unsigned int flags =
	    DKIM_LIBFLAGS_DELAYSIGPROC | DKIM_LIBFLAGS_BADSIGHANDLES;
	return dkim_options(dkim, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
		   sizeof flags) == DKIM_STAT_OK &&
	    dkim_set_final(dkim, ignore_all) == DKIM_STAT_OK &&
	    dkim_set_key_lookup(dkim, no_key) == DKIM_STAT_OK;
}

struct signature_library *
signature_library_open(const char **reason)
{
	struct signature_library *lib = calloc(1, sizeof *lib);
	struct hash_key random;
	if (lib == NULL)
		abort();
	hash_key_init(&random);
	snprintf(lib->extra, sizeof lib->extra,
	    "x-%016" PRIx64 "%016" PRIx64 ": 1", random.half[0],
	    random.half[1]);
	lib->dkim = dkim_init(NULL, NULL);
	lib->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (lib->dkim != NULL && lib->sha256 != NULL && set_up(lib->dkim))
		return lib;
	*reason = lib->sha256 == NULL ? "OpenSSL has no SHA-256" :
	    "libopendkim cannot be set up";
	signature_library_close(lib);
	return NULL;
}

void
signature_library_close(struct signature_library *lib)
{
	if (lib == NULL)
		return;
	if (lib->dkim != NULL)
		dkim_close(lib->dkim);
	EVP_MD_free(lib->sha256);
	free(lib);
}

/* ---- digests ---------------------------------------------------------------- */

struct signature_digest {
	EVP_MD_CTX *ctx;
};

static void
free_digest(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

struct signature_digest *
signature_digest_new(struct signature_library *lib, struct arena *a)
{
	struct signature_digest *d = ARENA_NEW(a, struct signature_digest);
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx == NULL || !EVP_DigestInit_ex2(d->ctx, lib->sha256, NULL))
		abort();
	arena_on_free(a, free_digest, d->ctx);
	return d;
}

void
signature_digest_add(struct signature_digest *d, const void *bytes, size_t n)
{
	if (!EVP_DigestUpdate(d->ctx, bytes, n))
		abort();
}

void
signature_digest_end(struct signature_digest *d,
    unsigned char out[SIGNATURE_OCTETS])
{
	if (!EVP_DigestFinal_ex(d->ctx, out, NULL))
		abort();
}

/* ---- hashing by libopendkim ------------------------------------------------- */

/* The targets that the library is asked about, in field order. */
struct batch {
	struct signature_target *at[SIGNATURES_MAX];
	size_t count;
};

static bool
covers(const struct signature_field *f, const struct header_field *field)
{
	for (size_t i = 0; i < f->name_count; i++)
		if (header_is(field, f->names[i]))
			return true;
	return false;
}

/* h= names a field whose bytes the library would take for others. */
static bool
covers_odd(const struct signature_field *f, const struct header_list *headers)
{
	for (size_t i = 0; i < headers->count; i++)
		if (signature_header_is_odd(&headers->at[i]) &&
		    covers(f, &headers->at[i]))
			return true;
	return false;
}

static void
collect(const struct header_list *headers, struct signature_target *targets,
    size_t count, struct batch *out)
{
	out->count = 0;
	for (size_t i = 0; i < count; i++)
		if (targets[i].field->refused == SIGNATURE_NONE &&
		    targets[i].field->is_plain &&
		    !covers_odd(targets[i].field, headers))
			out->at[out->count++] = &targets[i];
}

static void
feed_line(DKIM *d, struct text *t)
{
	/* A field that the library does not take is none that h= can name. */
	(void)dkim_header(d, (unsigned char *)t->p, t->n);
}

static void
feed(const struct signature_library *lib, DKIM *d,
    const struct header_list *headers, const struct batch *b)
{
	struct arena *scratch = arena_new(0);
	struct text t;
	size_t next = 0;
	text_init(&t, scratch);
	/* Where h= names every field and more, the library writes behind an
	 * array of as many entries as there are fields: one is never named. */
	text_add(&t, str_of(lib->extra));
	feed_line(d, &t);
	for (size_t i = 0; i < headers->count; i++) {
		const struct header_field *f = &headers->at[i];
		bool is_own = next < b->count && b->at[next]->own == f;
		if (header_is(f, STR("DKIM-Signature")) && !is_own)
			continue;
		next += is_own;
		t.n = 0;
		text_add(&t, f->name);
		text_add_char(&t, ':');
		text_add(&t, f->value);
		feed_line(d, &t);
	}
	arena_free(scratch);
}

/* The library hashes in dkim_eoh() and hands out in dkim_eom(). A signature
 * that it refuses has no hash: for it to look would end the process. */
static void
take_hashes(DKIM *d, struct batch *b)
{
	DKIM_SIGINFO **sigs = NULL;
	int count = 0;
	bool is_ok[SIGNATURES_MAX];
	if (dkim_eoh(d) != DKIM_STAT_OK ||
	    dkim_getsiglist(d, &sigs, &count) != DKIM_STAT_OK ||
	    count < 0 || (size_t)count != b->count)
		return;
	for (size_t i = 0; i < b->count; i++)
		is_ok[i] =
		    dkim_sig_geterror(sigs[i]) == DKIM_SIGERROR_UNKNOWN;
	(void)dkim_eom(d, NULL);
	for (size_t i = 0; i < b->count; i++) {
		void *header, *body;
		size_t n, body_n;
		if (!is_ok[i] || dkim_sig_gethashes(sigs[i], &header, &n,
		    &body, &body_n) != DKIM_STAT_OK || n != SIGNATURE_OCTETS)
			continue;
		memcpy(b->at[i]->hash, header, n);
		b->at[i]->is_hashed = b->at[i]->is_by_library = true;
	}
}

static void
hash_by_library(struct signature_library *lib,
    const struct header_list *headers, struct batch *b)
{
	DKIM_STAT status;
	if (b->count == 0)
		return;
	DKIM *d = dkim_verify(lib->dkim, (const unsigned char *)"message",
	    NULL, &status);
	if (d == NULL)
		abort(); /* no memory */
	feed(lib, d, headers, b);
	take_hashes(d, b);
	dkim_free(d);
}

/* ---- hashing by ourselves --------------------------------------------------- */

static void
add(void *digest, const void *bytes, size_t n)
{
	signature_digest_add(digest, bytes, n);
}

static void
hash_here(struct signature_library *lib, const struct header_list *headers,
    struct signature_target *t)
{
	struct arena *scratch = arena_new(0);
	struct signature_digest *d = signature_digest_new(lib, scratch);
	signature_header_feed(t->field, headers, t->own, add, d);
	signature_digest_end(d, t->hash);
	t->is_hashed = true;
	arena_free(scratch);
}

void
signature_engine_hash(struct signature_library *lib,
    const struct header_list *headers, struct signature_target *targets,
    size_t count)
{
	struct batch b;
	collect(headers, targets, count, &b);
	hash_by_library(lib, headers, &b);
	/* Left over: what the library would read wrongly, and what it refuses
	 * by its own clock or because a name is not ASCII. */
	for (size_t i = 0; i < count; i++)
		if (!targets[i].is_hashed &&
		    targets[i].field->refused == SIGNATURE_NONE)
			hash_here(lib, headers, &targets[i]);
}
