/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/outcome.h"

#include <jansson.h>
#include <string.h>

#include "auth/signature.h"
#include "base/arena.h"
#include "base/text.h"
#include "judge/verdict.h"
#include "test/case/script.h"

/* ---- expectations --------------------------------------------------------- */

static struct str
unquote(struct str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return str_sub(s, 1, s.n - 2);
	return s;
}

static bool
contains(struct str whole, struct str part)
{
	for (size_t i = 0; i + part.n <= whole.n; i++)
		if (str_eq(str_sub(whole, i, part.n), part))
			return true;
	return part.n == 0;
}

static struct str
dkim_results(const struct outcome *o, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	size_t n = o->signatures != NULL ? signatures_count(o->signatures) : 0;
	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%s%s", i > 0 ? "," : "",
		    table_name(signature_result_names,
			(int)signatures_at(o->signatures, i)->result));
	if (n == 0)
		text_add(&t, STR("none"));
	return text_str(&t);
}

static struct str
reason_words(const struct outcome *o, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < o->reasons.count; i++)
		text_printf(&t, "%s%s", i > 0 ? "," : "",
		    table_name(reason_names, (int)o->reasons.at[i].type));
	return text_str(&t);
}

/* What the outcome says of a KEY=VALUE word; false for an unknown key. */
static bool
fact(const struct outcome *o, struct str key, struct arena *a, struct str *out)
{
	const struct verdict *v = o->verdict;
	const struct judgement *j = v->decisive;
	bool has_policy = j != NULL && j->has_policy;
	if (str_eq(key, STR("dmarc")))
		*out = str_of(table_name(verdict_result_names, (int)v->result));
	else if (str_eq(key, STR("policy-domain")))
		*out = has_policy ? j->discovery.policy_domain : STR("none");
	else if (str_eq(key, STR("policy")))
		*out = has_policy ? str_of(table_name(disposition_names,
		    (int)j->policy.disposition)) : STR("-");
	else if (str_eq(key, STR("author")))
		*out = j != NULL ? j->author : STR("none");
	else if (str_eq(key, STR("spf")))
		*out = str_of(table_name(spf_result_names, (int)v->spf.result));
	else if (str_eq(key, STR("spf-domain")))
		*out = v->spf.domain;
	else if (str_eq(key, STR("dkim")))
		*out = dkim_results(o, a);
	else if (str_eq(key, STR("arc")))
		*out = v->arc != NULL ? str_of(table_name(arc_status_names,
		    (int)v->arc->status)) : STR("off");
	else if (str_eq(key, STR("queries")))
		*out = text_format(a, "%u", o->policy_questions);
	else if (str_eq(key, STR("disposition")))
		*out = str_of(table_name(disposition_names, (int)o->applied));
	else if (str_eq(key, STR("override")))
		*out = v->override != NULL ? v->override->name : STR("none");
	else
		return false;
	return true;
}

static bool
meets_pair(const struct outcome *o, struct str word, struct arena *a,
    struct str *got)
{
	struct str want = word, key = str_cut(&want, '=');
	want = unquote(want);
	if (str_eq(key, STR("reason"))) {
		*got = reason_words(o, a);
		return str_eq(want, STR("none")) ? got->n == 0 :
		    contains(*got, want);
	}
	if (!fact(o, key, a, got)) {
		*got = STR("no such word in a case");
		return false;
	}
	return str_eq(*got, want);
}

static bool
meets_reply(const struct outcome *o, struct str words, struct arena *a,
    struct str *got)
{
	*got = o->code.n > 0 ? text_format(a, "%.*s %.*s \"%.*s\"",
	    STR_ARG(o->code), STR_ARG(o->status), STR_ARG(o->text)) :
	    str_of(table_name(plan_reply_names, (int)o->reply));
	struct str code = script_word(&words);
	if (o->code.n == 0)
		return str_eq(code, *got);
	struct str status = script_word(&words);
	return str_eq(code, o->code) && str_eq(status, o->status) &&
	    contains(o->text, unquote(words));
}

/* A folded value on one line (RFC 5322 2.2.3). */
static struct str
unfold(struct str value, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r' && value.p[i] != '\n')
			text_add_char(&t, value.p[i] == '\t' ? ' ' :
			    value.p[i]);
	return text_str(&t);
}

static bool
meets_edit(const struct outcome *o, struct str verb, struct str words,
    struct arena *a, struct str *got)
{
	struct str name = script_word(&words);
	bool is_absent = str_eq(verb, STR("no")), is_found = false;
	enum plan_edit_kind kind =
	    str_eq(verb, STR("deletes")) ? PLAN_DELETE : PLAN_INSERT;
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < o->edit_count; i++) {
		const struct plan_edit *e = &o->edits[i];
		if (e->kind != kind || !str_ieq(e->name, name))
			continue;
		struct str value = unfold(e->value, a);
		text_printf(&t, "[%u %.*s]", e->instance, STR_ARG(value));
		struct str n = text_format(a, "%u", e->instance);
		is_found |= kind == PLAN_DELETE ? str_eq(words, n) :
		    contains(value, unquote(words));
	}
	*got = t.n > 0 ? text_str(&t) : STR("no such edit");
	return is_absent ? t.n == 0 : is_found;
}

/* The history line, or that of the log, has this in it. */
static bool
meets_line(struct str line, struct str words, struct str *got)
{
	*got = line.n > 0 ? line : STR("no such line");
	return contains(line, unquote(words));
}

bool
outcome_meets(const struct outcome *o, const struct script *s, unsigned mode,
    struct arena *a, struct str *problem)
{
	for (size_t i = 0; i < s->expect_count; i++) {
		const struct script_expect *e = &s->expects[i];
		struct str rest = e->words, word, got;
		if ((e->modes & mode) == 0)
			continue;
		while ((word = script_word(&rest)).n > 0) {
			bool is_met, is_whole = true;
			if (str_eq(word, STR("reply")))
				is_met = meets_reply(o, rest, a, &got);
			else if (str_eq(word, STR("history")))
				is_met = meets_line(o->history, rest, &got);
			else if (str_eq(word, STR("log")))
				is_met = meets_line(o->log, rest, &got);
			else if (str_eq(word, STR("adds")) ||
			    str_eq(word, STR("deletes")) ||
			    str_eq(word, STR("no")))
				is_met = meets_edit(o, word, rest, a, &got);
			else
				is_met = meets_pair(o, word, a, &got),
				is_whole = false;
			if (!is_met) {
				*problem = text_format(a, "%s:%u: expected "
				    "\"%.*s\", got %.*s", s->file, e->line,
				    STR_ARG(is_whole ? e->words : word),
				    STR_ARG(got));
				return false;
			}
			if (is_whole)
				break;
		}
	}
	return true;
}

/* ---- comparison ----------------------------------------------------------- */

/* What two runs of one message cannot share: when, how long, which id. */
static const char *const volatile_keys[] = {"time", "received", "queue_id",
    "id", "elapsed", "ms", "duration"};

static json_t *
comparable(struct str line)
{
	json_t *o = json_loadb(line.p != NULL ? line.p : "", line.n, 0, NULL);
	json_t *authors = json_object_get(o, "authors");
	for (size_t i = 0; i < sizeof volatile_keys / sizeof *volatile_keys; i++)
		json_object_del(o, volatile_keys[i]);
	/* It goes by the answers that are there, and waits for none. */
	for (size_t i = 0; i < json_array_size(authors); i++)
		json_object_del(json_array_get(authors, i), "differs");
	return o;
}

static bool
is_history_same(struct str a, struct str b)
{
	if (a.n == 0 || b.n == 0)
		return a.n == b.n;
	json_t *left = comparable(a), *right = comparable(b);
	bool is_same = left != NULL && right != NULL && json_equal(left, right);
	json_decref(left);
	json_decref(right);
	return is_same;
}

static bool
is_edit_same(const struct plan_edit *a, const struct plan_edit *b)
{
	return a->kind == b->kind && str_ieq(a->name, b->name) &&
	    a->instance == b->instance &&
	    str_eq(str_trim(a->value), str_trim(b->value));
}

bool
outcome_is_same(const struct outcome *in, const struct outcome *so,
    struct arena *a, struct str *problem)
{
	if (in->reply != so->reply || !str_eq(in->code, so->code) ||
	    !str_eq(in->status, so->status) || !str_eq(in->text, so->text))
		*problem = text_format(a, "the answer differs: in process %s "
		    "%.*s %.*s \"%.*s\", through the socket %s %.*s %.*s "
		    "\"%.*s\"", table_name(plan_reply_names, (int)in->reply),
		    STR_ARG(in->code), STR_ARG(in->status), STR_ARG(in->text),
		    table_name(plan_reply_names, (int)so->reply),
		    STR_ARG(so->code), STR_ARG(so->status), STR_ARG(so->text));
	else if (in->edit_count != so->edit_count)
		*problem = text_format(a, "the number of header edits differs: "
		    "%zu and %zu", in->edit_count, so->edit_count);
	else if (!is_history_same(in->history, so->history))
		*problem = text_format(a, "the history line differs:\n  %.*s\n"
		    "  %.*s", STR_ARG(in->history), STR_ARG(so->history));
	else {
		for (size_t i = 0; i < in->edit_count; i++)
			if (!is_edit_same(&in->edits[i], &so->edits[i])) {
				*problem = text_format(a, "edit %zu differs: "
				    "%.*s: %.*s and %.*s: %.*s", i + 1,
				    STR_ARG(in->edits[i].name),
				    STR_ARG(in->edits[i].value),
				    STR_ARG(so->edits[i].name),
				    STR_ARG(so->edits[i].value));
				return false;
			}
		return true;
	}
	return false;
}
