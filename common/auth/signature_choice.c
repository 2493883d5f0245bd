/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_choice.h"

#include "auth/signature_field.h"
#include "base/arena.h"
#include "mail/author.h"
#include "mail/domain.h"
#include "mail/header.h"

static const struct str signature_name = STR_INIT("DKIM-Signature");

/* What is verified first; a rank of one author is bettered by another's. */
enum rank { RANK_EQUAL, RANK_BELOW, RANK_FOREIGN, RANK_REFUSED, RANKS };

static enum rank
rank_of_domain(struct str domain, const struct author *author)
{
	enum rank best = RANK_FOREIGN;
	for (size_t i = 0; i < author->count; i++) {
		struct str from = author->domains[i];
		if (str_eq(domain, from))
			return RANK_EQUAL;
		if (domain_is_within(domain, domain_tail(from, 2)))
			best = RANK_BELOW;
	}
	return best;
}

static enum rank
rank_of_field(struct str value, const struct author *author)
{
	struct arena *scratch = arena_new(0);
	struct signature_field f;
	signature_field_parse(value, scratch, &f);
	enum rank rank = f.refused == SIGNATURE_NONE ?
	    rank_of_domain(f.dkim.domain, author) : RANK_REFUSED;
	arena_free(scratch);
	return rank;
}

/* The rank of each field of the header; RANKS where it is no signature. */
static unsigned char *
rank_all(const struct header_list *headers, const struct author *author,
    struct arena *scratch)
{
	unsigned char *ranks = arena_alloc(scratch, headers->count + 1);
	for (size_t i = 0; i < headers->count; i++) {
		const struct header_field *f = &headers->at[i];
		ranks[i] = header_is(f, signature_name) ?
		    (unsigned char)rank_of_field(f->value, author) : RANKS;
	}
	return ranks;
}

/* The worst rank of which some are taken, and how many of it. */
static enum rank
last_rank(const unsigned char *ranks, size_t n, size_t *room)
{
	*room = SIGNATURES_MAX;
	for (enum rank rank = RANK_EQUAL; rank < RANKS; rank++) {
		size_t have = 0;
		for (size_t i = 0; i < n; i++)
			have += ranks[i] == rank;
		if (have >= *room)
			return rank;
		*room -= have;
	}
	return RANKS;
}

static size_t
choose_best(const struct header_list *headers, const struct author *author,
    const struct header_field **out)
{
	struct arena *scratch = arena_new(0);
	unsigned char *ranks = rank_all(headers, author, scratch);
	size_t room, n = 0;
	enum rank last = last_rank(ranks, headers->count, &room);
	for (size_t i = 0; i < headers->count; i++)
		if (ranks[i] < last ||
		    (last < RANKS && ranks[i] == last && room > 0)) {
			room -= ranks[i] == last;
			out[n++] = &headers->at[i];
		}
	arena_free(scratch);
	return n;
}

static size_t
take_all(const struct header_list *headers, const struct header_field **out)
{
	size_t n = 0;
	for (size_t i = 0; i < headers->count && n < SIGNATURES_MAX; i++)
		if (header_is(&headers->at[i], signature_name))
			out[n++] = &headers->at[i];
	return n;
}

size_t
signature_choose(const struct header_list *headers,
    const struct author *author, const struct header_field **out,
    size_t *left_out)
{
	size_t all = header_count(headers, signature_name);
	size_t n = all <= SIGNATURES_MAX ? take_all(headers, out) :
	    choose_best(headers, author, out);
	*left_out = all - n;
	return n;
}
