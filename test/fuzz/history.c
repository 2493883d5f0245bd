/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * History lines: those of others are checked without harm, and whatever a
 * message is made of, the line that we print passes our own check.
 *
 * The first byte chooses: 'L', the rest is a line; else the rest are facts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/arc_trust.h"
#include "base/arena.h"
#include "base/cursor.h"
#include "judge/history.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "settings/settings.h"

#define ARENA_CAP (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct facts {
	struct settings settings;
	struct message m;
	struct record record;
	struct judgement judgements[AUTHOR_MAX_DOMAINS];
	struct signature signatures[SIGNATURES_MAX];
	struct override_rule rule;
	struct arc_sealer sealers[2 * ARC_TRUST_MAX_SETS];
	struct arc_result arc;
	struct verdict v;
	struct plan p;
};

/* A number below `bound`; 0 when the bytes are used up. */
static unsigned
number(struct cursor *c, unsigned bound)
{
	return cursor_at_end(c) ? 0 : cursor_u8(c) % bound;
}

static struct str
word(struct cursor *c)
{
	size_t n = number(c, 256) * (number(c, 8) == 7 ? 20u : 1u);
	size_t rest = cursor_rest(c).n;
	return cursor_bytes(c, n < rest ? n : rest);
}

static void
take_reasons(struct cursor *c, struct reasons *r)
{
	size_t n = number(c, POLICY_MAX_REASONS + 1);
	while (r->count < n) {
		enum reason_type type = number(c, REASON_FORWARDED + 1);
		reasons_add(r, type, word(c));
	}
}

static void
take_message(struct cursor *c, struct message *m)
{
	m->client.family = number(c, 2) == 0 ? IP_V4 : IP_V6;
	for (size_t i = 0; i < ip_bits(&m->client) / 8; i++)
		m->client.bytes[i] = (uint8_t)number(c, 256);
	m->client_name = word(c);
	m->helo = word(c);
	m->queue_id = word(c);
	m->mail_from = word(c);
	m->mail_domain = word(c);
	m->recipient_count = number(c, 40);
	m->recipients =
	    ARENA_ARRAY(m->arena, struct str, m->recipient_count + 1);
	for (size_t i = 0; i < m->recipient_count; i++)
		m->recipients[i] = word(c);
	m->received = number(c, 256);
	m->draw = number(c, 100);
}

static void
take_record(struct cursor *c, struct record *r)
{
	r->p = number(c, RECORD_REJECT + 1);
	r->sp = number(c, RECORD_REJECT + 1);
	r->np = number(c, RECORD_REJECT + 1);
	r->has_sp = number(c, 2) == 1;
	r->has_np = number(c, 2) == 1;
	r->psd = number(c, RECORD_PSD_N + 1);
	r->pct = number(c, 101);
	r->fo = number(c, 16);
	r->rua_count = number(c, 2);
}

static void
take_signature(struct cursor *c, struct signature *s)
{
	s->result = number(c, SIGNATURE_PERMERROR + 1);
	s->domain = word(c);
	s->selector = word(c);
	s->identity = word(c);
	s->algorithm = word(c);
	s->b = word(c);
	s->key_bits = number(c, 256) * 16;
	s->is_testing = number(c, 2) == 1;
	s->reason = word(c);
}

static void
take_judgement(struct cursor *c, struct facts *f, struct judgement *j)
{
	j->author = word(c);
	j->result = number(c, VERDICT_PERMERROR + 1);
	j->reason = word(c);
	j->discovery.org_domain = word(c);
	j->discovery.policy_domain = word(c);
	j->discovery.record = &f->record;
	/* What verdict_reach() always gives. */
	j->has_policy = j->result == VERDICT_PASS ||
	    j->result == VERDICT_FAIL || number(c, 2) == 1;
	j->policy.is_temperror =
	    j->result != VERDICT_FAIL && number(c, 2) == 1;
	j->policy.owner = number(c, RECORD_REJECT + 1);
	j->policy.tag = number(c, POLICY_NP + 1);
	j->disposition = number(c, DISPOSITION_TEMPFAIL + 1);
	j->dkim_aligned = f->v.dkim_count > 0 ?
	    number(c, 256) & ((1u << f->v.dkim_count) - 1) : 0;
	j->is_spf_aligned = number(c, 2) == 1;
	take_reasons(c, &j->reasons);
}

static void
take_verdict(struct cursor *c, struct facts *f)
{
	struct verdict *v = &f->v;
	size_t signatures = number(c, SIGNATURES_MAX + 1);
	for (; v->dkim_count < signatures; v->dkim_count++) {
		take_signature(c, &f->signatures[v->dkim_count]);
		v->dkim[v->dkim_count] = &f->signatures[v->dkim_count];
	}
	v->spf.result = number(c, SPF_PERMERROR + 1);
	v->spf.is_helo = number(c, 2) == 1;
	v->spf.domain = word(c);
	v->spf.reason = word(c);
	v->judgements = f->judgements;
	v->judgement_count = number(c, AUTHOR_MAX_DOMAINS + 1);
	for (size_t i = 0; i < v->judgement_count; i++)
		take_judgement(c, f, &f->judgements[i]);
	v->result = VERDICT_PERMERROR;
	v->reason = word(c);
	if (v->judgement_count > 0) {
		v->decisive = &f->judgements[number(c,
		    (unsigned)v->judgement_count)];
		v->result = v->decisive->result;
	}
	f->rule.name = word(c);
	v->override = number(c, 2) == 1 ? &f->rule : NULL;
	for (size_t n = number(c, VERDICT_MAX_DRY_RUNS + 1);
	    v->dry_run_count < n;)
		v->dry_runs[v->dry_run_count++] = &f->rule;
}

/* Behind all else, so that what was found before means what it meant. */
static void
take_arc(struct cursor *c, struct facts *f)
{
	struct arc_result *arc = &f->arc;
	if (number(c, 2) == 0)
		return;
	f->v.arc = arc;
	arc->status = number(c, ARC_FAIL + 1);
	arc->count = 1 + number(c, 2 * ARC_TRUST_MAX_SETS);
	arc->has_oldest_pass = number(c, 2) == 1;
	arc->oldest_pass = number(c, ARC_MAX_SETS + 1);
	arc->reason = word(c);
	arc->sealers = f->sealers;
	for (unsigned i = 0; i < arc->count; i++) {
		f->sealers[i].domain = word(c);
		f->sealers[i].selector = word(c);
	}
}

static void
take_headers(struct cursor *c, struct message *m)
{
	header_init(&m->headers, m->arena);
	if (number(c, 2) == 1)
		header_add(&m->headers, STR("Subject"),
		    STR(" Report Domain: a.example Submitter: b.example"));
}

static void
take_plan(struct cursor *c, struct plan *p)
{
	p->reply = number(c, PLAN_HOLD + 1);
	p->code = p->reply == PLAN_REJECT ? STR("550") :
	    p->reply == PLAN_TEMPFAIL ? STR("451") : STR("");
	p->applied = number(c, DISPOSITION_TEMPFAIL + 1);
	take_reasons(c, &p->reasons);
}

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
print_and_check(struct cursor *c, struct arena *a)
{
	struct facts *f = ARENA_NEW(a, struct facts);
	f->m.arena = a;
	f->m.world.settings = &f->settings;
	take_message(c, &f->m);
	take_record(c, &f->record);
	take_verdict(c, f);
	take_plan(c, &f->p);
	take_arc(c, f);
	take_headers(c, &f->m);
	struct str line = history_print(&f->m, &f->v, &f->p, a), reason;
	bool is_head;
	must(line.n <= HISTORY_MAX_LINE && str_find(line, '\n') == line.n - 1);
	must(history_check(str_sub(line, 0, line.n - 1), a, &is_head,
	    &reason));
	must(!is_head && str_is_empty(reason));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c;
	struct arena *a = arena_new(ARENA_CAP);
	cursor_init(&c, (struct str) {(const char *)data, size});
	if (cursor_take(&c, 'L')) {
		bool is_head;
		struct str reason;
		bool is_good =
		    history_check(cursor_rest(&c), a, &is_head, &reason);
		must(is_good == str_is_empty(reason));
	} else {
		print_and_check(&c, a);
	}
	arena_free(a);
	return 0;
}
