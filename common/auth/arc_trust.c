/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/arc_trust.h"

#include "auth/arc.h"
#include "auth/arc_claim.h"
#include "base/text.h"

unsigned
arc_trust_find(const struct arc_result *r, arc_trust_fn is_trusted,
    const void *arg, struct arena *a, struct arc_claim *out)
{
	unsigned found = 0;
	*out = (struct arc_claim) {.is_readable = false};
	if (r->status != ARC_PASS || r->count > ARC_TRUST_MAX_SETS)
		return 0;
	while (found < r->count && is_trusted(arg, r->sealers[found].domain))
		found++;
	if (found == 0)
		return 0;
	arc_claim_read(r->sealers[found - 1].results, a, out);
	return r->sealers[found - 1].instance;
}

bool
arc_trust_covers(const struct arc_claim *c, struct str author)
{
	return c->is_dmarc_pass && !str_is_empty(author) &&
	    str_eq(c->from, author);
}

/* Adds a piece whole or not at all; false when there is no room. */
static bool
add(struct text *t, struct str piece)
{
	if (t->n + piece.n > ARC_TRUST_MAX_COMMENT)
		return false;
	text_add(t, piece);
	return true;
}

static struct str
sealer_text(const struct arc_sealer *s, struct arena *a)
{
	return text_format(a, " as[%u].d=%.*s as[%u].s=%.*s", s->instance,
	    STR_ARG(s->domain), s->instance, STR_ARG(s->selector));
}

struct str
arc_trust_comment(const struct arc_result *r, struct arena *a)
{
	struct text t;
	struct arc_claim first;
	char ip[IP_TEXT_MAX];
	bool has_room = true;
	text_init(&t, a);
	text_add(&t, STR("arc="));
	text_add(&t, str_of(table_name(arc_status_names, (int)r->status)));
	if (r->status != ARC_PASS)
		return text_str(&t);
	for (unsigned i = 0; has_room && i < r->count &&
	    i < ARC_TRUST_MAX_SETS; i++)
		has_room = add(&t, sealer_text(&r->sealers[i], a));
	arc_claim_read(r->sealers[r->count - 1].results, a, &first);
	if (has_room && first.remote_ip.family != IP_NONE)
		add(&t, text_format(a, " remote-ip[1]=%s",
		    ip_print(&first.remote_ip, ip)));
	return text_str(&t);
}
