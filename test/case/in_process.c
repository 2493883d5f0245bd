/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/play.h"

#include "auth/signature.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "judge/history.h"
#include "judge/message.h"
#include "judge/verdict.h"
#include "milter/log_line.h"
#include "net/dns.h"
#include "settings/settings.h"
#include "test/case/script.h"

static void
drop_settings(void *s)
{
	settings_drop(s);
}

static void
drop_dns(void *d)
{
	dns_drop(d);
}

static void
close_library(void *l)
{
	signature_library_close(l);
}

static struct message *
feed(const struct stage *st, const struct message_world *world, unsigned draw,
    struct arena *a)
{
	const struct script *s = st->script;
	struct message_client client = {.name = s->client_name,
	    .helo = s->helo, .authserv_id = STR("mx.rcv.example")};
	if (s->client.n > 0)
		ip_parse(s->client, &client.ip);
	if (s->client_name.n == 0) /* as an MTA words an unknown name */
		client.name = s->client.n == 0 ? STR("[local]") :
		    text_format(a, "[%.*s]", STR_ARG(s->client));
	int64_t now = s->has_time ? s->time : clock_wall();
	struct message *m = message_new(world, &client, now, draw, a);
	message_mail(m, str_of(st->mail_from), s->is_authenticated);
	for (size_t i = 0; st->recipients[i] != NULL; i++)
		message_recipient(m, str_of(st->recipients[i]));
	for (size_t i = 0; i < st->field_count; i++)
		message_header(m, st->fields[i].name, st->fields[i].value);
	message_end_of_headers(m);
	message_body(m, st->body.p, st->body.n);
	message_queue_id(m, STR("CASE"));
	return m;
}

static void
judge(struct message *m, struct arena *a, struct outcome *out)
{
	struct verdict *v = ARENA_NEW(a, struct verdict);
	struct plan *p = ARENA_NEW(a, struct plan);
	verdict_reach(m, v);
	plan_make(m, v, NULL, p);
	*out = (struct outcome) {.reply = p->reply, .code = p->code,
	    .status = p->status, .text = p->text, .verdict = v,
	    .applied = p->applied, .reasons = p->reasons,
	    .signatures = m->signatures};
	/* A message that is refused is not edited. */
	if (p->reply == PLAN_ACCEPT || p->reply == PLAN_HOLD) {
		out->edits = p->edits;
		out->edit_count = p->edit_count;
	}
	if (history_is_due(m))
		out->history = str_trim(history_print(m, v, p, a));
	out->log = log_line_print(m, v, p, 0, false);
	out->policy_questions = lookups_asked(m->lookups, DNS_FOR_POLICY);
}

bool
play_in_process(const struct stage *st, unsigned mode, unsigned draw,
    const char *folder, struct arena *a, struct outcome *out,
    struct str *problem)
{
	struct settings_problems problems = {.count = 0};
	struct str config = stage_config(st, mode, folder, 0, a);
	struct settings *settings =
	    settings_parse(config, st->script->file, a, &problems);
	if (settings == NULL) {
		*problem = problems.at[0].text;
		return false;
	}
	arena_on_free(a, drop_settings, settings);
	const char *reason = "";
	struct message_world world = {.settings = settings,
	    .dns = dns_zone_new(st->zone),
	    .signatures = signature_library_open(&reason)};
	arena_on_free(a, drop_dns, world.dns);
	if (world.signatures == NULL) {
		*problem = str_of(reason);
		return false;
	}
	arena_on_free(a, close_library, world.signatures);
	judge(feed(st, &world, draw, a), a, out);
	return true;
}
