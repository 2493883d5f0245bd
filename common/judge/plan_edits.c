/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/plan_edits.h"

#include <stdio.h>

#include "auth/arc.h"
#include "base/arena.h"
#include "base/text.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "mail/authres.h"
#include "settings/settings.h"

#define RESULTS_FIELD STR("Authentication-Results")
#define QUARANTINE    STR(PLAN_QUARANTINE_FIELD)
/* Fields of our own at most: the mark of quarantine and the results. */
#define MAX_INSERTIONS 2u
/* Kept free for the last signature, ARC and DMARC behind it, so that a sender's
 * long signatures cannot crowd out the result that counts. */
#define RESULTS_RESERVE 2048u

struct edits {
	const struct message *m;
	struct plan_edit *at;
	size_t count;
};

/* One more than allowed is noted, to be seen. */
static void
add_deletion(struct edits *e, struct str name, unsigned instance)
{
	if (e->count > PLAN_MAX_DELETIONS)
		return;
	e->at[e->count++] = (struct plan_edit) {
		.kind = PLAN_DELETE, .name = name, .instance = instance};
}

static void
add_insertion(struct edits *e, struct str name, struct str value)
{
	e->at[e->count++] = (struct plan_edit) {
		.kind = PLAN_INSERT, .name = name, .value = value};
}

/* RFC 8601 5: results that claim to be ours go. A field that the bounds of the
 * header list made it drop cannot be read, so it goes too. `kept` runs down
 * with the instances: one pass, however many fields there are. */
static void
delete_forged(struct edits *e)
{
	const struct header_list *l = &e->m->headers;
	size_t kept = l->count;
	for (size_t i = header_count(l, RESULTS_FIELD); i > 0; i--) {
		while (kept > 0 && !header_is(&l->at[kept - 1], RESULTS_FIELD))
			kept--;
		const struct header_field *f =
		    kept > 0 ? &l->at[kept - 1] : NULL;
		bool is_dropped = f == NULL || f->instance != i;
		if (is_dropped || authres_is_forged(f->value,
		    e->m->authserv_id, e->m->arena))
			add_deletion(e, RESULTS_FIELD, (unsigned)i);
		if (!is_dropped)
			kept--;
	}
	for (size_t i = header_count(l, QUARANTINE); i > 0; i--)
		add_deletion(e, QUARANTINE, (unsigned)i);
}

static void
print_spf(struct authres *w, const struct spf_check *spf)
{
	authres_result(w, "spf", table_name(spf_result_names,
	    (int)spf->result));
	if (spf->result == SPF_TEMPERROR || spf->result == SPF_PERMERROR)
		authres_comment(w, spf->reason);
	authres_property(w, spf->is_helo ? "smtp.helo" : "smtp.mailfrom",
	    spf->domain);
}

static void
print_dkim(struct authres *w, const struct verdict *v)
{
	if (v->dkim_count == 0)
		authres_result(w, "dkim", "none");
	for (size_t i = 0; i < v->dkim_count; i++) {
		const struct signature *s = v->dkim[i];
		if (w->text.n > AUTHRES_MAX_FIELD - RESULTS_RESERVE)
			return;
		authres_result(w, "dkim", table_name(signature_result_names,
		    (int)s->result));
		if (!str_is_empty(s->reason))
			authres_comment(w, s->reason);
		authres_property(w, "header.d", s->domain);
		authres_property(w, "header.s", s->selector);
		authres_property(w, "header.a", s->algorithm);
		authres_property(w, "header.b", s->b);
	}
}

/* RFC 8617 6: the client is the one that we saw. */
static void
print_arc(struct authres *w, const struct message *m, const struct verdict *v)
{
	char ip[IP_TEXT_MAX], number[16];
	if (v->arc == NULL)
		return;
	authres_result(w, "arc", table_name(arc_status_names,
	    (int)v->arc->status));
	if (v->arc->status == ARC_FAIL)
		authres_comment(w, v->arc->reason);
	if (v->arc->status == ARC_NONE)
		return;
	authres_property(w, "smtp.remote-ip", str_of(ip_print(&m->client, ip)));
	if (!v->arc->has_oldest_pass)
		return;
	snprintf(number, sizeof number, "%u", v->arc->oldest_pass);
	authres_property(w, "header.oldest-pass", str_of(number));
}

/* "p=reject sp=none dis=quarantine": the form that filters behind us match. */
static struct str
policy_comment(const struct judgement *j, const struct plan *p,
    struct arena *a)
{
	const struct record *r = j->discovery.record;
	struct text t;
	text_init(&t, a);
	text_printf(&t, "p=%s", table_name(record_policy_names, (int)r->p));
	if (r->has_sp)
		text_printf(&t, " sp=%s",
		    table_name(record_policy_names, (int)r->sp));
	if (r->has_np)
		text_printf(&t, " np=%s",
		    table_name(record_policy_names, (int)r->np));
	text_printf(&t, " dis=%s", table_name(disposition_names,
	    (int)p->applied));
	return text_str(&t);
}

/* What the owner asks for after sp, np and t (RFC 9989 9.1). */
static const char *
owner_policy(const struct judgement *j)
{
	enum record_policy owner = j->policy.owner;
	if (j->discovery.record->is_test && owner != RECORD_NONE)
		owner = owner == RECORD_REJECT ? RECORD_QUARANTINE :
						 RECORD_NONE;
	return table_name(record_policy_names, (int)owner);
}

static void
print_judgement(struct authres *w, const struct judgement *j,
    const struct plan *p, struct arena *a)
{
	if (j->result == VERDICT_TEMPERROR)
		authres_comment(w, j->reason);
	else if (j->has_policy)
		authres_comment(w, policy_comment(j, p, a));
	if (j->override != NULL)
		authres_comment(w, text_format(a, "override %.*s",
		    STR_ARG(j->override->name)));
	if (!str_is_empty(j->sealer))
		authres_comment(w, text_format(a, "arc override: trusted %.*s",
		    STR_ARG(j->sealer)));
	authres_property(w, "header.from", j->author);
	if (j->has_policy && !j->policy.is_temperror)
		authres_property(w, "policy.dmarc", str_of(owner_policy(j)));
}

static void
print_dmarc(struct authres *w, const struct message *m,
    const struct verdict *v, const struct plan *p)
{
	authres_result(w, "dmarc", table_name(verdict_result_names,
	    (int)v->result));
	if (v->decisive != NULL)
		print_judgement(w, v->decisive, p, m->arena);
	else
		authres_comment(w, str_of(author_status_text(
		    m->author.status)));
}

static struct str
results(const struct message *m, const struct verdict *v,
    const struct plan *p)
{
	struct authres w;
	authres_begin(&w, m->arena, m->authserv_id);
	print_spf(&w, &v->spf);
	print_dkim(&w, v);
	print_arc(&w, m, v);
	print_dmarc(&w, m, v, p);
	return authres_end(&w);
}

/* Only names in the one form and words of ours: safe in a field. */
static struct str
quarantine_mark(const struct message *m, const struct verdict *v)
{
	if (v->decisive == NULL)
		return text_format(m->arena, "yes; no usable From field (%s)",
		    author_status_text(m->author.status));
	return text_format(m->arena, "yes; DMARC policy of %.*s (dmarc=%s)",
	    STR_ARG(v->decisive->author),
	    table_name(verdict_result_names, (int)v->result));
}

bool
plan_edits_make(const struct message *m, const struct verdict *v,
    struct plan *p)
{
	const struct header_list *l = &m->headers;
	struct edits e = {.m = m};
	if (p->reply == PLAN_REJECT || p->reply == PLAN_TEMPFAIL)
		return true;
	size_t most = header_count(l, RESULTS_FIELD) +
	    header_count(l, QUARANTINE);
	if (most > PLAN_MAX_DELETIONS)
		most = PLAN_MAX_DELETIONS + 1;
	e.at = ARENA_ARRAY(m->arena, struct plan_edit, most + MAX_INSERTIONS);
	delete_forged(&e);
	if (e.count > PLAN_MAX_DELETIONS)
		return false;
	if (m->exempt == MESSAGE_JUDGED) {
		if (p->applied == DISPOSITION_QUARANTINE &&
		    p->reply == PLAN_ACCEPT)
			add_insertion(&e, QUARANTINE, quarantine_mark(m, v));
		add_insertion(&e, RESULTS_FIELD, results(m, v, p));
	}
	p->edits = e.at;
	p->edit_count = e.count;
	return true;
}
