/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/log_line.h"

#include <inttypes.h>

#include "auth/arc.h"
#include "auth/signature.h"
#include "auth/spf.h"
#include "base/log.h"
#include "base/table.h"
#include "base/text.h"
#include "dmarc/override.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "settings/settings.h"

static void
pair(struct text *t, const char *key, struct str value)
{
	log_pair(t, key, str_sub(value, 0, LOG_LINE_MAX_WORD));
}

static void
pair_name(struct text *t, const char *key, const struct table_row *names,
    int value)
{
	log_pair(t, key, str_of(table_name(names, value)));
}

/* A list under one key: the key before the first entry, then commas. */
static void
entry(struct text *t, const char *key, size_t i)
{
	if (i > 0)
		text_add_char(t, ',');
	else
		text_printf(t, " %s=", key);
}

static void
authors(struct text *t, const struct message *m)
{
	for (size_t i = 0; i < m->author.count; i++) {
		entry(t, "from", i);
		log_escape(t, m->author.domains[i], LOG_LINE_MAX_WORD);
	}
	if (m->author.count == 0)
		pair(t, "from", STR(""));
}

static void
client(struct text *t, const struct message *m)
{
	char address[IP_TEXT_MAX];

	pair(t, "client", str_of(ip_print(&m->client, address)));
	pair(t, "helo", m->helo);
	pair(t, "mail-from", m->mail_from);
}

/* "pass:example.com" */
static void
checked(struct text *t, const char *result, struct str domain)
{
	text_printf(t, "%s:", result);
	log_escape(t, domain, LOG_LINE_MAX_WORD);
}

static void
identifiers(struct text *t, const struct verdict *v)
{
	entry(t, "spf", 0);
	checked(t, table_name(spf_result_names, v->spf.result), v->spf.domain);
	for (size_t i = 0; i < v->dkim_count; i++) {
		const struct signature *s = v->dkim[i];
		entry(t, "dkim", i);
		checked(t, table_name(signature_result_names, s->result),
		    s->domain);
	}
	if (v->dkim_count == 0)
		pair(t, "dkim", STR("none"));
}

/* "pass:" and who sealed last; nobody is known of a chain that fails. */
static void
chain(struct text *t, const struct arc_result *arc)
{
	if (arc == NULL)
		return;
	if (arc->status != ARC_PASS) {
		pair_name(t, "arc", arc_status_names, (int)arc->status);
		return;
	}
	entry(t, "arc", 0);
	checked(t, table_name(arc_status_names, (int)arc->status),
	    arc->sealers[0].domain);
}

static void
policy(struct text *t, const struct judgement *j)
{
	if (j == NULL || !j->has_policy) {
		pair(t, "policy", STR(""));
		return;
	}
	pair_name(t, "policy", record_policy_names, j->policy.owner);
	pair(t, "policy-domain", j->discovery.policy_domain);
}

static void
rules(struct text *t, const struct verdict *v)
{
	if (v->override != NULL)
		pair(t, "override", v->override->name);
	for (size_t i = 0; i < v->dry_run_count; i++) {
		entry(t, "dry-run", i);
		log_escape(t, v->dry_runs[i]->name, LOG_LINE_MAX_WORD);
	}
	if (v->decisive != NULL && v->decisive->differs)
		pair(t, "differs", STR("yes"));
}

/* A sentence whose words are escaped and whose blanks stay. */
static void
add_sentence(struct text *t, struct str sentence)
{
	const char *blank = "";

	while (sentence.n > 0) {
		struct str word = str_cut(&sentence, ' ');
		if (word.n == 0)
			continue;
		text_add(t, str_of(blank));
		log_escape(t, word, LOG_LINE_MAX_WORD);
		blank = " ";
	}
}

/* Why this result, and which step made the action of it. */
static void
reason(struct text *t, struct str result, struct str step)
{
	if (str_eq(result, step))
		step = STR("");
	text_add(t, STR(" reason=\""));
	add_sentence(t, result);
	if (result.n > 0 && step.n > 0)
		text_add(t, STR("; "));
	add_sentence(t, step);
	text_add_char(t, '"');
}

static void
judged(struct text *t, const struct message *m, const struct verdict *v,
    const struct plan *p)
{
	authors(t, m);
	client(t, m);
	identifiers(t, v);
	chain(t, v->arc);
	pair_name(t, "dmarc", verdict_result_names, v->result);
	policy(t, v->decisive);
	pair_name(t, "disposition", disposition_names, p->applied);
}

struct str
log_line_id(const struct message *m)
{
	struct text t;

	text_init(&t, m->arena);
	log_escape(&t, m->queue_id, LOG_LINE_MAX_WORD);
	return text_str(&t);
}

struct str
log_line_print(const struct message *m, const struct verdict *v,
    const struct plan *p, int64_t ms, bool is_lost)
{
	struct text t;

	text_init(&t, m->arena);
	text_add(&t, log_line_id(m));
	if (m->exempt == MESSAGE_JUDGED) {
		judged(&t, m, v, p);
	} else {
		client(&t, m);
		pair_name(&t, "exempt", message_exempt_names, m->exempt);
	}
	pair_name(&t, "action", plan_reply_names, p->reply);
	rules(&t, v);
	if (is_lost)
		pair(&t, "history", STR("lost"));
	text_printf(&t, " ms=%" PRId64, ms);
	reason(&t, v->reason, p->why);
	return text_str(&t);
}

struct str
log_line_rules(const struct message *m, const struct verdict *v,
    const struct judgement *j)
{
	const struct override_rules *rules = &m->world.settings->overrides;
	const char *const *misses = verdict_misses(m, v, j);
	struct text t;

	text_init(&t, m->arena);
	for (size_t i = 0; misses != NULL && i < rules->count; i++) {
		const struct override_rule *r = &rules->at[i];
		text_add(&t, t.n > 0 ? STR(" ") : STR(""));
		log_escape(&t, r->name, LOG_LINE_MAX_WORD);
		text_printf(&t, "=%s", misses[i] != NULL ? misses[i] :
		    r->is_dry_run ? "dry-run" : "decides");
		if (r == j->override)
			break;
	}
	return text_str(&t);
}
