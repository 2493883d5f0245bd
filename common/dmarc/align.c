/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/align.h"

#include "mail/domain.h"

/* The organizational domain of a name is that name or an ancestor of it, so an
 * identifier outside the author's can never have the same. */
bool
align_is_possible(const struct discovery *d, struct str author,
    struct str identifier, bool is_strict)
{
	if (str_is_empty(identifier))
		return false;
	if (str_eq(identifier, author))
		return true;
	if (is_strict || d->is_suffix)
		return false;
	struct str org = d->org_domain;
	if (str_is_empty(org))
		org = domain_tail(author, 2);
	return domain_is_within(identifier, org);
}

enum align_status
align_check(struct lookups *l, const struct discover_options *o,
    const struct discovery *d, struct str author, struct str identifier,
    bool is_strict, struct arena *a)
{
	struct str org;

	if (!align_is_possible(d, author, identifier, is_strict))
		return ALIGN_NO;
	/* RFC 9989 4.10.2: equal names need no walk. */
	if (str_eq(identifier, author))
		return ALIGN_YES;
	if (str_is_empty(d->org_domain) ||
	    !discover_org(l, o, identifier, a, &org))
		return ALIGN_TEMPERROR;
	return str_eq(org, d->org_domain) ? ALIGN_YES : ALIGN_NO;
}
