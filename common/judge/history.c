/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge/history.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "auth/arc.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"
#include "judge/history_field.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "mail/domain.h"
#include "mail/feedback.h"
#include "settings/settings.h"

bool
history_is_due(const struct message *m)
{
	return m->exempt == MESSAGE_JUDGED;
}

/* Outside text as at most `max` bytes of UTF-8 without control characters:
 * what is none becomes U+FFFD. */
static json_t *
outside(struct str s, size_t max)
{
	char out[HISTORY_COMMENT];
	size_t n = 0;
	for (size_t i = 0; i < s.n;) {
		const char *piece = s.p + i;
		size_t length = utf8_length(piece, s.n - i);
		i += length > 0 ? length : 1;
		if (length == 0) {
			piece = UTF8_REPLACEMENT;
			length = sizeof UTF8_REPLACEMENT - 1;
		}
		if (n + length > max)
			break;
		memcpy(out + n, piece, length);
		n += length;
	}
	return json_stringn(out, n);
}

static void
set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		abort(); /* no memory: `value` is valid UTF-8 by outside() */
}

static void
set_text(json_t *object, const char *name, struct str s, size_t max)
{
	if (!str_is_empty(s))
		set(object, name, outside(s, max));
}

static void
set_name(json_t *object, const char *name, const struct table_row *rows,
    int value)
{
	set(object, name, json_string(table_name(rows, value)));
}

static void
set_flag(json_t *object, const char *name, bool value)
{
	if (value)
		set(object, name, json_true());
}

static void
append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		abort();
}

static json_t *
spf_object(const struct spf_check *spf)
{
	json_t *o = json_object();
	set(o, "domain", outside(spf->domain, HISTORY_DOMAIN));
	set(o, "scope", json_string("mfrom"));
	set(o, "identity", json_string(spf->is_helo ? "helo" : "mailfrom"));
	set_name(o, "result", spf_result_names, (int)spf->result);
	set_text(o, "reason", spf->reason, HISTORY_WORD);
	return o;
}

static json_t *
signature_object(const struct signature *s)
{
	json_t *o = json_object();
	set(o, "domain", outside(s->domain, HISTORY_DOMAIN));
	set(o, "selector", outside(s->selector, HISTORY_DOMAIN));
	set_name(o, "result", signature_result_names, (int)s->result);
	set_text(o, "identity", s->identity, HISTORY_WORD);
	set_text(o, "algorithm", s->algorithm, HISTORY_SHORT);
	set_text(o, "b", s->b, HISTORY_SHORT);
	if (s->key_bits > 0)
		set(o, "bits", json_integer(s->key_bits));
	set_flag(o, "testing", s->is_testing);
	set_text(o, "reason", s->reason, HISTORY_WORD);
	return o;
}

static json_t *
dkim_array(const struct verdict *v)
{
	json_t *all = json_array();
	for (size_t i = 0; i < v->dkim_count; i++)
		append(all, signature_object(v->dkim[i]));
	return all;
}

static json_t *
sealers_array(const struct arc_result *arc)
{
	json_t *all = json_array();
	for (unsigned i = 0; arc->status == ARC_PASS && i < arc->count &&
	    i < HISTORY_MAX_SEALERS; i++) {
		json_t *o = json_object();
		set(o, "domain",
		    outside(arc->sealers[i].domain, HISTORY_DOMAIN));
		set(o, "selector",
		    outside(arc->sealers[i].selector, HISTORY_DOMAIN));
		append(all, o);
	}
	return all;
}

static json_t *
arc_object(const struct arc_result *arc)
{
	json_t *o = json_object();
	set_name(o, "result", arc_status_names, (int)arc->status);
	set(o, "sets", json_integer(arc->count));
	if (arc->has_oldest_pass)
		set(o, "oldest_pass", json_integer(arc->oldest_pass));
	set(o, "sealers", sealers_array(arc));
	set_text(o, "reason", arc->reason, HISTORY_WORD);
	return o;
}

static json_t *
reasons_array(const struct reasons *r)
{
	json_t *all = json_array();
	for (size_t i = 0; i < r->count; i++) {
		json_t *o = json_object();
		set_name(o, "type", reason_names, (int)r->at[i].type);
		set_text(o, "comment", r->at[i].comment, HISTORY_COMMENT);
		append(all, o);
	}
	return all;
}

static json_t *
fo_string(unsigned fo)
{
	static const struct {
		unsigned flag;
		const char *name;
	} flags[] = {{RECORD_FO_0, "0"}, {RECORD_FO_1, "1"},
	    {RECORD_FO_D, "d"}, {RECORD_FO_S, "s"}};
	char out[8] = "";
	size_t n = 0;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if ((fo & flags[i].flag) == 0)
			continue;
		if (n > 0)
			out[n++] = ':';
		out[n++] = *flags[i].name;
	}
	return n > 0 ? json_stringn(out, n) : json_string("0");
}

/* The record in force, defaults filled in (RFC 9990 3.1.1.5). */
static json_t *
published_object(const struct judgement *j, const struct settings *s)
{
	const struct record *r = j->discovery.record;
	enum record_policy sp = r->has_sp ? r->sp : r->p;
	json_t *o = json_object();
	set(o, "domain", outside(j->discovery.policy_domain, HISTORY_DOMAIN));
	set_name(o, "discovery_method", discover_method_names,
	    (int)s->discovery);
	set_name(o, "p", record_policy_names, (int)r->p);
	set_name(o, "sp", record_policy_names, (int)sp);
	set_name(o, "np", record_policy_names, (int)(r->has_np ? r->np : sp));
	set(o, "adkim", json_string(r->is_strict_dkim ? "s" : "r"));
	set(o, "aspf", json_string(r->is_strict_spf ? "s" : "r"));
	set(o, "fo", fo_string(r->fo));
	set(o, "testing", json_string(r->is_test ? "y" : "n"));
	set_name(o, "psd", record_psd_names, (int)r->psd);
	set(o, "pct", json_integer(r->pct));
	set(o, "rua", json_boolean(r->rua_count > 0));
	set(o, "ruf", json_boolean(r->ruf_count > 0));
	return o;
}

static json_t *
aligned_array(unsigned bits)
{
	json_t *all = json_array();
	for (unsigned i = 0; i < SIGNATURES_MAX; i++)
		if ((bits & 1u << i) != 0)
			append(all, json_integer(i));
	return all;
}

static json_t *
pass_or_fail(bool is_pass)
{
	return json_string(is_pass ? "pass" : "fail");
}

static json_t *
author_object(const struct judgement *j, const struct settings *s,
    struct arena *a)
{
	const struct discovery *d = &j->discovery;
	json_t *o = json_object();
	set(o, "header_from", outside(j->author, HISTORY_DOMAIN));
	set_name(o, "dmarc", verdict_result_names, (int)j->result);
	set(o, "spf", pass_or_fail(j->is_spf_aligned));
	set(o, "dkim", pass_or_fail(j->dkim_aligned != 0));
	set(o, "aligned_dkim", aligned_array(j->dkim_aligned));
	set_text(o, "reason", j->reason, HISTORY_WORD);
	set_text(o, "org_domain", d->org_domain, HISTORY_DOMAIN);
	set_flag(o, "guarded", d->is_guarded);
	set_flag(o, "differs", j->differs);
	set_name(o, "disposition", disposition_names, (int)j->disposition);
	set(o, "reasons", reasons_array(&j->reasons));
	if (!j->has_policy)
		return o;
	set(o, "published", published_object(j, s));
	if (!j->policy.is_temperror) {
		set_name(o, "tag", policy_tag_names, (int)j->policy.tag);
		set_name(o, "policy", record_policy_names,
		    (int)j->policy.owner);
	}
	set_text(o, "error", record_problems(d->record, a), HISTORY_LONG);
	return o;
}

static json_t *
authors_array(const struct verdict *v, const struct settings *s,
    struct arena *a)
{
	json_t *all = json_array();
	for (size_t i = 0; i < v->judgement_count; i++)
		append(all, author_object(&v->judgements[i], s, a));
	return all;
}

/* The domain in the one form where it is one. */
static json_t *
domain_string(struct str domain, struct arena *a)
{
	struct str name;
	if (domain_parse(domain, a, &name) != DOMAIN_OK)
		name = domain;
	return outside(name, HISTORY_DOMAIN);
}

static bool
has_string(const json_t *array, const char *s)
{
	size_t i;
	const json_t *e;
	json_array_foreach(array, i, e)
		if (strcmp(json_string_value(e), s) == 0)
			return true;
	return false;
}

/* The distinct domains of the recipients, in their order. */
static json_t *
envelope_to_array(const struct message *m)
{
	json_t *all = json_array();
	for (size_t i = 0; i < m->recipient_count &&
	    json_array_size(all) < HISTORY_MAX_TO; i++) {
		struct str r = m->recipients[i];
		size_t at = str_find_last(r, '@');
		if (at == r.n)
			continue;
		json_t *domain =
		    outside(str_sub(r, at + 1, r.n), HISTORY_DOMAIN);
		if (has_string(all, json_string_value(domain)))
			json_decref(domain);
		else
			append(all, domain);
	}
	return all;
}

static void
add_envelope(json_t *o, const struct message *m)
{
	char ip[IP_TEXT_MAX];
	set(o, "time", json_integer(m->received));
	set_text(o, "queue_id", m->queue_id, HISTORY_WORD);
	set(o, "source_ip", json_string(ip_print(&m->client, ip)));
	set_text(o, "client_name", m->client_name, HISTORY_WORD);
	set_text(o, "helo", m->helo, HISTORY_WORD);
	set(o, "envelope_from", domain_string(m->mail_domain, m->arena));
	set_text(o, "mail_from", m->mail_from, HISTORY_LONG);
	set(o, "envelope_to", envelope_to_array(m));
	set(o, "recipients", json_integer((json_int_t)m->recipient_count));
	set_flag(o, "report", feedback_is_report(&m->headers));
}

static json_t *
dry_runs_array(const struct verdict *v)
{
	json_t *all = json_array();
	for (size_t i = 0; i < v->dry_run_count; i++)
		append(all, outside(v->dry_runs[i]->name, HISTORY_WORD));
	return all;
}

static void
add_judgement(json_t *o, const struct message *m, const struct verdict *v,
    struct arena *a)
{
	set_name(o, "dmarc", verdict_result_names, (int)v->result);
	set_text(o, "reason", v->reason, HISTORY_WORD);
	set(o, "spf", spf_object(&v->spf));
	set(o, "dkim", dkim_array(v));
	if (v->arc != NULL)
		set(o, "arc", arc_object(v->arc));
	set(o, "authors", authors_array(v, m->world.settings, a));
	if (v->decisive != NULL)
		set(o, "decisive", json_integer(v->decisive - v->judgements));
	set(o, "draw", json_integer(m->draw));
}

static void
add_outcome(json_t *o, const struct message *m, const struct verdict *v,
    const struct plan *p)
{
	uint64_t reply = 250;
	if (!str_to_uint(p->code, 599, &reply))
		reply = 250;
	set_name(o, "mode", mode_names, (int)m->world.settings->mode);
	set_name(o, "action", plan_reply_names, (int)p->reply);
	set(o, "reply", json_integer((json_int_t)reply));
	set_name(o, "disposition", disposition_names, (int)p->applied);
	set(o, "reasons", reasons_array(&p->reasons));
	if (v->override != NULL)
		set_text(o, "override", v->override->name, HISTORY_WORD);
	if (v->dry_run_count > 0)
		set(o, "dry_runs", dry_runs_array(v));
}

/* The object as one line; ends it. */
static struct str
line_of(json_t *object, struct arena *a)
{
	char *json = json_dumps(object, JSON_COMPACT);
	if (json == NULL)
		abort(); /* no memory: every string is valid UTF-8 */
	struct str line = text_format(a, "%s\n", json);
	free(json);
	json_decref(object);
	return line;
}

struct str
history_print(const struct message *m, const struct verdict *v,
    const struct plan *p, struct arena *a)
{
	json_t *o = json_object();
	add_envelope(o, m);
	add_judgement(o, m, v, a);
	add_outcome(o, m, v, p);
	return line_of(o, a);
}

struct str
history_print_head(const char *host, const char *uuid, int64_t created,
    struct arena *a)
{
	json_t *o = json_object();
	set(o, "version", json_integer(HISTORY_VERSION));
	set(o, "host", outside(str_of(host), HISTORY_WORD));
	set(o, "uuid", outside(str_of(uuid), HISTORY_WORD));
	set(o, "created", json_integer(created));
	return line_of(o, a);
}
