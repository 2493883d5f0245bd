/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/suffix.h"

#include <libpsl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mail/domain.h"

struct suffix_list {
	psl_ctx_t *psl; /* never changes once loaded */
	atomic_uint holders;
};

/* libpsl reads C strings; no name behind domain_parse() is longer than this. */
struct name {
	char c[DOMAIN_MAX_OCTETS + 1];
};

static bool
to_c(struct str d, struct name *out)
{
	if (d.n == 0 || d.n > DOMAIN_MAX_OCTETS)
		return false;
	memcpy(out->c, d.p, d.n);
	out->c[d.n] = '\0';
	return true;
}

struct suffix_list *
suffix_load(const char *path, const char **reason)
{
	/* psl_load_file() reads both forms, text and compiled (DAFSA). */
	psl_ctx_t *psl =
	    path[0] == '\0' ? psl_latest(NULL) : psl_load_file(path);
	if (psl == NULL) {
		*reason = "the public suffix list cannot be read";
		return NULL;
	}
	/* A compiled list does not tell its size and gives -1. */
	if (psl_suffix_count(psl) == 0) {
		psl_free(psl);
		*reason = "the file has no rule of a public suffix list";
		return NULL;
	}
	struct suffix_list *l = malloc(sizeof *l);
	if (l == NULL)
		abort();
	l->psl = psl;
	atomic_init(&l->holders, 1);
	*reason = "";
	return l;
}

struct suffix_list *
suffix_hold(struct suffix_list *l)
{
	atomic_fetch_add_explicit(&l->holders, 1, memory_order_relaxed);
	return l;
}

void
suffix_drop(struct suffix_list *l)
{
	if (l == NULL || atomic_fetch_sub_explicit(&l->holders, 1,
	    memory_order_acq_rel) > 1)
		return;
	psl_free(l->psl);
	free(l);
}

struct str
suffix_registrable(const struct suffix_list *l, struct str d)
{
	struct name name;
	if (!to_c(d, &name))
		return (struct str) {NULL, 0};
	const char *found = psl_registrable_domain(l->psl, name.c);
	if (found == NULL)
		return (struct str) {NULL, 0};
	return str_sub(d, (size_t)(found - name.c), d.n);
}

bool
suffix_is_listed(const struct suffix_list *l, struct str d)
{
	struct name name;
	return to_c(d, &name) && psl_is_public_suffix2(l->psl, name.c,
	    PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}
