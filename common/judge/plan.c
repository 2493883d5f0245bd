/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/plan.h"

#include "base/arena.h"
#include "base/text.h"
#include "judge/deferral.h"
#include "judge/message.h"
#include "judge/plan_edits.h"
#include "judge/verdict.h"
#include "settings/settings.h"

const struct table_row plan_reply_names[] = {
	{PLAN_ACCEPT, "accept"},
	{PLAN_REJECT, "reject"},
	{PLAN_TEMPFAIL, "tempfail"},
	{PLAN_HOLD, "hold"},
	{0, NULL},
};

/* A plan in the making. `asked` is what it starts from; each operator's action
 * may bend it and says so in the plan's reasons. */
struct draft {
	const struct message *m;
	const struct verdict *v;
	struct deferrals *deferrals;
	const struct settings *settings;
	struct plan *plan;
	struct str whose; /* "DMARC policy of DOMAIN", for replies */
};

static void
add_reason(struct draft *d, const char *comment)
{
	reasons_add(&d->plan->reasons, REASON_LOCAL_POLICY, str_of(comment));
}

static void
set_why(struct draft *d, const char *why)
{
	d->plan->why = str_of(why);
}

static void
reply(struct draft *d, enum plan_reply kind, const char *code,
    const char *status, struct str text)
{
	d->plan->reply = kind;
	d->plan->code = str_of(code);
	d->plan->status = str_of(status);
	d->plan->text = text;
}

/* RFC 9989 7.2: the reply names DMARC and the domain. */
static void
reject(struct draft *d)
{
	d->plan->applied = DISPOSITION_REJECT;
	reply(d, PLAN_REJECT, "550", "5.7.1", text_format(d->m->arena,
	    "rejected per %.*s", STR_ARG(d->whose)));
}

static void
tempfail(struct draft *d, const char *because)
{
	d->plan->applied = DISPOSITION_TEMPFAIL;
	reply(d, PLAN_TEMPFAIL, "451", "4.7.1", text_format(d->m->arena,
	    "%s: %.*s; try again later", because, STR_ARG(d->whose)));
}

static void
quarantine(struct draft *d)
{
	struct plan *p = d->plan;
	p->applied = DISPOSITION_QUARANTINE;
	switch (d->settings->quarantine_action) {
	case QUARANTINE_HEADER:
		break;
	case QUARANTINE_HOLD:
		p->reply = PLAN_HOLD;
		p->hold_reason = text_format(d->m->arena,
		    "quarantined per %.*s", STR_ARG(d->whose));
		break;
	case QUARANTINE_REJECT:
		add_reason(d, "quarantine-action reject");
		reject(d);
		break;
	}
}

static void
reject_as_set(struct draft *d)
{
	switch (d->settings->reject_action) {
	case REJECT_REJECT:
		reject(d);
		break;
	case REJECT_QUARANTINE:
		add_reason(d, "reject-action quarantine");
		quarantine(d);
		break;
	case REJECT_TEMPFAIL:
		add_reason(d, "reject-action tempfail");
		tempfail(d, "deferred");
		break;
	}
}

/* A disposition that an override names is taken at its word: reject-action is
 * about the policies of others. */
static bool
is_literal(const struct override_rule *rule)
{
	return rule != NULL && rule->effect == OVERRIDE_DISPOSITION;
}

static void
apply_disposition(struct draft *d)
{
	switch (d->v->disposition) {
	case DISPOSITION_NONE:
		break;
	case DISPOSITION_QUARANTINE:
		quarantine(d);
		break;
	case DISPOSITION_REJECT:
		if (is_literal(d->v->override))
			reject(d);
		else
			reject_as_set(d);
		break;
	case DISPOSITION_TEMPFAIL:
		tempfail(d, "deferred by a local rule");
		break;
	}
}

static void
apply_bad_from(struct draft *d)
{
	set_why(d, "bad-from-action");
	switch (d->settings->bad_from_action) {
	case BAD_FROM_REJECT:
		reject(d);
		break;
	case BAD_FROM_QUARANTINE:
		quarantine(d);
		break;
	case BAD_FROM_ACCEPT:
		break;
	}
}

static bool
may_defer(struct draft *d)
{
	unsigned limit = d->settings->temperror_limit;
	if (d->deferrals == NULL)
		return limit > 0;
	return deferral_allows(d->deferrals, &d->m->client,
	    d->v->decisive->author, d->m->received, limit);
}

/* DNS trouble that lasts must neither keep mail out for ever nor open a way
 * round a policy that is known. */
static void
apply_temperror(struct draft *d)
{
	if (d->settings->temperror_action == FAILURE_ACCEPT) {
		set_why(d, "temperror-action accept");
		return;
	}
	if (may_defer(d)) {
		set_why(d, "temperror-action tempfail");
		tempfail(d, "DNS trouble");
		return;
	}
	set_why(d, "temperror-limit is over");
	const struct judgement *j = d->v->decisive;
	if (j->has_policy && j->policy.disposition != DISPOSITION_NONE) {
		add_reason(d, "DNS trouble beyond temperror-limit");
		quarantine(d);
	}
}

static void
apply_verdict(struct draft *d)
{
	const struct verdict *v = d->v;
	d->plan->why = v->reason;
	if (v->override != NULL)
		d->plan->why = text_format(d->m->arena, "override %.*s",
		    STR_ARG(v->override->name));
	else if (v->decisive != NULL && !str_is_empty(v->decisive->sealer))
		d->plan->why = text_format(d->m->arena, "arc-trusted-sealers: "
		    "%.*s vouches for it", STR_ARG(v->decisive->sealer));
	if (v->is_bad_from)
		apply_bad_from(d);
	else if (v->is_temperror_due)
		apply_temperror(d);
	else
		apply_disposition(d);
}

/* Monitor mode: judged, recorded, and let through (RFC 9990 3.1.6). */
static void
apply_monitor(struct draft *d)
{
	const struct verdict *v = d->v;
	d->plan->why = STR("mode monitor");
	if (v->disposition != DISPOSITION_NONE || v->is_temperror_due ||
	    v->is_bad_from)
		add_reason(d, "mode monitor");
	else
		d->plan->why = v->reason;
}

/* Forged results must go (RFC 8601 5) and are too many to remove one by one:
 * then the message does not come in, whatever else holds for it. */
static void
refuse_flood(struct draft *d)
{
	*d->plan = (struct plan) {.reasons = d->v->reasons};
	set_why(d, "too many fields to remove");
	add_reason(d, "too many fields to remove");
	reply(d, PLAN_REJECT, "550", "5.7.1",
	    STR("too many Authentication-Results fields"));
}

static struct str
whose(const struct message *m, const struct verdict *v)
{
	if (v->decisive == NULL)
		return text_format(m->arena, "DMARC: no usable From field (%s)",
		    author_status_text(m->author.status));
	return text_format(m->arena, "DMARC policy of %.*s",
	    STR_ARG(v->decisive->author));
}

void
plan_make(const struct message *m, const struct verdict *v,
    struct deferrals *deferrals, struct plan *out)
{
	*out = (struct plan) {.reply = PLAN_ACCEPT, .reasons = v->reasons};
	struct draft d = {
		.m = m,
		.v = v,
		.deferrals = deferrals,
		.settings = m->world.settings,
		.plan = out,
	};
	if (m->exempt != MESSAGE_JUDGED) {
		out->why = text_format(m->arena, "exempt: %s",
		    table_name(message_exempt_names, (int)m->exempt));
	} else {
		d.whose = whose(m, v);
		if (d.settings->mode == MODE_MONITOR)
			apply_monitor(&d);
		else
			apply_verdict(&d);
	}
	if (!plan_edits_make(m, v, out))
		refuse_flood(&d);
}

void
plan_defer_for_history(const struct message *m, struct plan *out)
{
	(void)m;
	*out = (struct plan) {
		.reply = PLAN_TEMPFAIL,
		.code = STR("451"),
		.status = STR("4.3.0"),
		.text = STR("the message could not be recorded; try again "
			    "later"),
		.applied = DISPOSITION_NONE,
		.why = STR("history-failure tempfail"),
	};
}
