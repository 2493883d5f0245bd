/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf.h"

#include "auth/spf_engine.h"
#include "auth/spf_run.h"
#include "base/arena.h"
#include "base/text.h"
#include "mail/domain.h"
#include "net/dns.h"

const struct table_row spf_result_names[] = {
	{SPF_NONE, "none"},
	{SPF_NEUTRAL, "neutral"},
	{SPF_PASS, "pass"},
	{SPF_FAIL, "fail"},
	{SPF_SOFTFAIL, "softfail"},
	{SPF_TEMPERROR, "temperror"},
	{SPF_PERMERROR, "permerror"},
	{0, NULL},
};

/* The identity to be checked (RFC 7208 2.4, 4.1, 4.3). */
struct identity {
	bool is_helo;
	struct str domain;  /* empty: there is none */
	struct str problem; /* why not */
};

static bool
is_null_path(const struct spf_input *in)
{
	return str_is_empty(in->local) && str_is_empty(in->domain);
}

/* The domain in the one form. What is no name of several labels is not checked
 * (4.3). */
static struct identity
identify(const struct spf_input *in, struct arena *a)
{
	struct identity id = {.is_helo = is_null_path(in)};
	const char *which = id.is_helo ? "the HELO name" :
	    "the domain of the reverse-path";
	struct str domain;
	enum domain_status st = domain_parse(
	    id.is_helo ? in->helo : in->domain, a, &domain);
	if (in->client.family == IP_NONE)
		id.problem = STR("the client has no address");
	else if (st != DOMAIN_OK)
		id.problem = text_format(a, "%s is not checked: %s", which,
		    domain_status_text(st));
	else if (domain_labels(domain) < 2)
		id.problem = text_format(a, "%s is not checked: it is a single "
		    "label", which);
	else
		id.domain = domain;
	return id;
}

void
spf_prefetch(const struct spf_input *in, struct lookups *l, struct arena *a)
{
	struct spf_lookahead ahead;
	struct identity id = identify(in, a);
	if (str_is_empty(id.domain))
		return;
	spf_lookahead_init(&ahead, l, &in->client, id.domain, a);
	spf_lookahead_go(&ahead);
}

/* What the macros stand for. A sender without a local-part is the postmaster
 * (4.3); a client without a HELO has no name. */
static struct spf_identity
macros_of(const struct spf_input *in, struct str domain, struct arena *a)
{
	struct str local = str_is_empty(in->local) ? STR("postmaster") :
	    in->local;
	return (struct spf_identity) {
		.client = in->client,
		.local = local,
		.domain = domain,
		.sender = text_format(a, "%.*s@%.*s", STR_ARG(local),
		    STR_ARG(domain)),
		.helo = str_is_empty(in->helo) ? STR("unknown") : in->helo,
	};
}

/* Which term decided, and in whose record where that is not the domain's. */
static struct str
word_outcome(const struct spf_run *run, const struct spf_outcome *o)
{
	struct str domain = spf_run_quote(run, o->record->domain);
	if (o->term == NULL)
		return text_format(run->arena,
		    "no term of the record of %.*s matches", STR_ARG(domain));
	struct str term = spf_run_quote(run, o->term->text);
	return text_format(run->arena, "%.*s in the record of %.*s matches",
	    STR_ARG(term), STR_ARG(domain));
}

static void
evaluate(struct spf_run *run, struct spf_check *out)
{
	struct spf_outcome outcome;
	struct spf_node *top = spf_run_top(run);
	if (!run->is_decided)
		spf_engine_evaluate(run, top, &outcome);
	if (run->is_decided) {
		out->result = run->result;
		out->reason = run->reason;
	} else {
		out->result = outcome.result;
		out->reason = word_outcome(run, &outcome);
	}
	out->sources = run->sources;
	out->source_count = run->source_count;
}

void
spf_evaluate(const struct spf_input *in, struct lookups *l, struct arena *a,
    struct spf_check *out)
{
	struct identity id = identify(in, a);
	*out = (struct spf_check) {.result = SPF_NONE, .is_helo = id.is_helo,
	    .domain = id.domain, .reason = id.problem};
	if (str_is_empty(id.domain))
		return;
	struct spf_run *run = ARENA_NEW(a, struct spf_run);
	run->arena = a;
	run->lookups = l;
	run->who = macros_of(in, id.domain, a);
	spf_lookahead_init(&run->ahead, l, &in->client, id.domain, a);
	evaluate(run, out);
}
