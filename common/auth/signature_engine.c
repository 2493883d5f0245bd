/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_engine.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include <opendkim/dkim.h>

#include "auth/sha256.h"
#include "auth/signature_field.h"
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

struct sha256 *
signature_sha256(const struct signature_library *lib, struct arena *a)
{
	return sha256_new(lib->sha256, a);
}

/* ---- hashing by libopendkim ------------------------------------------------- */

/* The targets that the library is asked about, in field order. */
struct batch {
	struct signature_target *at[SIGNATURES_MAX];
	size_t count;
};

/* The field holds bytes that libopendkim does not take for what they are: NUL,
 * other blanks than space and tab, a CR or LF alone; or a tab before the colon,
 * for which it leaves the field out. */
static bool
is_odd(const struct header_field *f)
{
	struct str value = f->value;
	if (str_find(f->name, '\t') < f->name.n)
		return true;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool is_fold = c == '\r' && i + 1 < value.n &&
		    value.p[i + 1] == '\n';
		if (is_fold)
			i++;
		else if (c == '\0' || (c >= '\n' && c <= '\r'))
			return true;
	}
	return false;
}

/* h= names a field whose bytes the library would take for others. */
static bool
covers_odd(const struct signature_field *f, const struct header_list *headers)
{
	for (size_t i = 0; i < headers->count; i++)
		if (is_odd(&headers->at[i]) &&
		    dkim_field_covers(&f->dkim,
			header_bare_name(&headers->at[i])))
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
take_hashes(DKIM *d, struct batch *b, struct arena *a)
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
		    &body, &body_n) != DKIM_STAT_OK || n != SHA256_OCTETS)
			continue;
		b->at[i]->hash = str_copy((struct str) {header, n}, a);
		b->at[i]->is_by_library = true;
	}
}

static void
hash_by_library(struct signature_library *lib,
    const struct header_list *headers, struct batch *b, struct arena *a)
{
	DKIM_STAT status;
	if (b->count == 0)
		return;
	DKIM *d = dkim_verify(lib->dkim, (const unsigned char *)"message",
	    NULL, &status);
	if (d == NULL)
		abort(); /* no memory */
	feed(lib, d, headers, b);
	take_hashes(d, b, a);
	dkim_free(d);
}

/* ---- hashing by ourselves --------------------------------------------------- */

static void
hash_here(struct signature_library *lib, const struct header_list *headers,
    struct signature_target *t, struct arena *a)
{
	struct arena *scratch = arena_new(0);
	struct sha256 *h = signature_sha256(lib, scratch);
	dkim_field_feed_header(&t->field->dkim, headers, t->own, sha256_add,
	    h);
	t->hash = str_copy(sha256_end(h), a);
	arena_free(scratch);
}

void
signature_engine_hash(struct signature_library *lib,
    const struct header_list *headers, struct signature_target *targets,
    size_t count, struct arena *a)
{
	struct batch b;
	collect(headers, targets, count, &b);
	hash_by_library(lib, headers, &b, a);
	/* Left over: what the library would read wrongly, and what it refuses
	 * by its own clock or because a name is not ASCII. */
	for (size_t i = 0; i < count; i++)
		if (targets[i].hash.n == 0 &&
		    targets[i].field->refused == SIGNATURE_NONE)
			hash_here(lib, headers, &targets[i], a);
}
