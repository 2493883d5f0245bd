/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The canonical body against libopendkim's. The first byte chooses the form,
 * the pieces in which the body comes, and its l=. Left out is what libopendkim
 * loses: a CR that ends no line, and in the simple form a LF that ends none.
 */
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "auth/canon.h"
#include "base/arena.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
add(void *text, const void *bytes, size_t n)
{
	text_add(text, (struct str) {bytes, n});
}

static struct str
ours(struct str body, bool is_relaxed, size_t step, struct arena *a)
{
	struct canon_body b;
	struct text t;
	text_init(&t, a);
	canon_body_init(&b, is_relaxed, add, &t);
	for (size_t at = 0; at < body.n; at += step) {
		struct str part = str_sub(body, at, step);
		canon_body_add(&b, part.p, part.n);
	}
	must(canon_body_end(&b) == t.n);
	return text_str(&t);
}

static bool
is_lost(struct str s, bool is_relaxed)
{
	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';
		char last = i > 0 ? s.p[i - 1] : '\0';
		if ((s.p[i] == '\r' && next != '\n') ||
		    (s.p[i] == '\n' && last != '\r' && !is_relaxed))
			return true;
	}
	return false;
}

static DKIM_CBSTAT
ignore_all(DKIM *dkim, DKIM_SIGINFO **sigs, int count)
{
	(void)dkim;
	for (int i = 0; i < count; i++)
		dkim_sig_ignore(sigs[i]);
	return DKIM_CBSTAT_CONTINUE;
}

static DKIM_LIB *
library(void)
{
	static DKIM_LIB *lib;
	unsigned flags =
	    DKIM_LIBFLAGS_DELAYSIGPROC | DKIM_LIBFLAGS_BADSIGHANDLES;
	if (lib == NULL) {
		lib = dkim_init(NULL, NULL);
		dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
		    sizeof flags);
		dkim_set_final(lib, ignore_all);
	}
	return lib;
}

static void
feed(DKIM *d, struct str s)
{
	char copy[4096];
	must(s.n > 0 && s.n <= sizeof copy);
	memcpy(copy, s.p, s.n);
	must(dkim_body(d, (unsigned char *)copy, s.n) == DKIM_STAT_OK);
}

static void
compare(struct str body, bool is_relaxed, size_t step, struct str want)
{
	DKIM_STAT status;
	DKIM_SIGINFO **sigs;
	int count;
	void *header, *hash;
	size_t n;
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char field[200], from[] = "From: x";
	DKIM *d = dkim_verify(library(), (unsigned char *)"x", NULL, &status);
	snprintf(field, sizeof field, "DKIM-Signature: v=1; a=rsa-sha256; "
	    "d=x.test; s=s; h=from; bh=AAAA; b=AAAA; c=simple/%s",
	    is_relaxed ? "relaxed" : "simple");
	dkim_header(d, (unsigned char *)from, strlen(from));
	dkim_header(d, (unsigned char *)field, strlen(field));
	must(dkim_eoh(d) == DKIM_STAT_OK);
	for (size_t at = 0; at < body.n; at += step)
		feed(d, str_sub(body, at, step));
	if (body.n > 0 && (body.n < 2 || body.p[body.n - 1] != '\n' ||
	    body.p[body.n - 2] != '\r'))
		feed(d, STR("\r\n"));
	dkim_eom(d, NULL);
	must(dkim_getsiglist(d, &sigs, &count) == DKIM_STAT_OK && count == 1);
	must(dkim_sig_gethashes(sigs[0], &header, &n, &hash, &n) ==
	    DKIM_STAT_OK && n == sizeof sum);
	SHA256((const unsigned char *)want.p, want.n, sum);
	must(memcmp(sum, hash, sizeof sum) == 0);
	dkim_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct arena *a = arena_new(0);
	struct str body = {(const char *)data + 1, size - 1};
	bool is_relaxed = (data[0] & 1) != 0;
	size_t step = data[0] / 2 == 0 ? 4096 : data[0] / 2;
	struct str got = ours(body, is_relaxed, step, a);
	must(str_eq(got, ours(body, is_relaxed, 1, a)));
	if (!is_lost(body, is_relaxed))
		compare(body, is_relaxed, step, got);
	arena_free(a);
	return 0;
}
