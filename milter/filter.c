/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/filter.h"

#include <libmilter/mfapi.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "judge/message.h"
#include "judge/plan.h"
#include "judge/verdict.h"
#include "milter/action.h"
#include "milter/counters.h"
#include "milter/failures.h"
#include "milter/transactions.h"
#include "milter/ledger.h"
#include "milter/log_line.h"
#include "milter/running.h"
#include "milter/session.h"
#include "settings/settings.h"

/* By default a packet over 64 KB resets the connection, and Postfix sends
 * fields of up to 100 KB: with milter_default_action = accept such mail would
 * pass unseen. */
#define MAX_DATA_SIZE 1048575u

#define NEEDED_ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS)
#define WANTED_ACTIONS                                                         \
	(NEEDED_ACTIONS | SMFIF_QUARANTINE | SMFIF_SETSYMLIST)
/* One message costs one round trip: the MTA waits at end of message alone. */
#define WANTED_STEPS                                                           \
	(SMFIP_HDR_LEADSPC | SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NR_CONN |  \
	    SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR |     \
	    SMFIP_NR_EOH | SMFIP_NR_BODY)

/* After QUIT_NC a connection goes on without a negotiation of its own: its
 * session then begins with no step agreed. */
static struct session *
session_of(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL) {
		s = session_new(0);
		smfi_setpriv(ctx, s);
	}
	return s;
}

static sfsistat
proceed(const struct session *s, unsigned long no_reply_step)
{
	return (s->steps & no_reply_step) != 0 ? SMFIS_NOREPLY :
						 SMFIS_CONTINUE;
}

static struct str
macro(SMFICTX *ctx, const char *name)
{
	return str_of(smfi_getsymval(ctx, (char *)name));
}

/* Postfix knows it from the end of headers on, Sendmail from MAIL on. */
static void
take_queue_id(SMFICTX *ctx, struct session *s)
{
	if (s->message != NULL && s->message->queue_id.n == 0)
		message_queue_id(s->message, macro(ctx, "i"));
}

static void
ask_for_macros(SMFICTX *ctx)
{
	char host[] = "j", sender[] = "i {auth_authen}", id[] = "i";

	smfi_setsymlist(ctx, SMFIM_CONNECT, host);
	smfi_setsymlist(ctx, SMFIM_ENVFROM, sender);
	smfi_setsymlist(ctx, SMFIM_EOH, id);
	smfi_setsymlist(ctx, SMFIM_EOM, id);
}

static sfsistat
negotiated(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *actions_out,
    unsigned long *steps_out, unsigned long *out2, unsigned long *out3)
{
	(void)unused2, (void)unused3;
	*actions_out = actions & WANTED_ACTIONS;
	*steps_out = steps & WANTED_STEPS;
	*out2 = *out3 = 0;
	if (transactions_is_closed())
		return SMFIS_REJECT;
	if ((actions & NEEDED_ACTIONS) != NEEDED_ACTIONS) {
		log_error("the MTA does not let filters add and change header "
		    "fields: its mail is not judged");
		return SMFIS_REJECT;
	}
	session_free(smfi_getpriv(ctx));
	smfi_setpriv(ctx, session_new(*steps_out));
	if ((actions & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(ctx);
	return SMFIS_CONTINUE;
}

/* An MTA that does not tell its name: results need one all the same (RFC 8601
 * 2.2), and without it no forged field would be ours. */
static void
take_mta_name(SMFICTX *ctx, struct session *s)
{
	char host[256] = "";

	session_set(&s->mta, macro(ctx, "j"));
	if (s->mta.n == 0 && gethostname(host, sizeof(host) - 1) == 0)
		session_set(&s->mta, str_of(host));
}

static sfsistat
connected(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	struct session *s = session_of(ctx);

	counters_add(COUNTER_SESSIONS);
	s->client = ip_from_sockaddr(address);
	s->client_port = ip_port_of(address);
	session_set(&s->client_name, str_of(name));
	take_mta_name(ctx, s);
	return proceed(s, SMFIP_NR_CONN);
}

static sfsistat
helo(SMFICTX *ctx, char *name)
{
	struct session *s = session_of(ctx);

	session_set(&s->helo, str_of(name));
	return proceed(s, SMFIP_NR_HELO);
}

static sfsistat
sender(SMFICTX *ctx, char **arguments)
{
	struct session *s = session_of(ctx);

	session_begin(s, str_of(arguments[0]),
	    macro(ctx, "{auth_authen}").n > 0);
	take_queue_id(ctx, s);
	return proceed(s, SMFIP_NR_MAIL);
}

static sfsistat
recipient(SMFICTX *ctx, char **arguments)
{
	struct session *s = session_of(ctx);

	if (s->message != NULL)
		message_recipient(s->message, str_of(arguments[0]));
	return proceed(s, SMFIP_NR_RCPT);
}

static sfsistat
header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = session_of(ctx);

	if (s->message != NULL)
		session_header(s, str_of(name), str_of(value),
		    (s->steps & SMFIP_HDR_LEADSPC) != 0);
	return proceed(s, SMFIP_NR_HDR);
}

static sfsistat
end_of_headers(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	take_queue_id(ctx, s);
	if (s->message != NULL)
		message_end_of_headers(s->message);
	return proceed(s, SMFIP_NR_EOH);
}

static sfsistat
body(SMFICTX *ctx, unsigned char *bytes, size_t n)
{
	struct session *s = session_of(ctx);

	if (s->message != NULL)
		message_body(s->message, bytes, n);
	return proceed(s, SMFIP_NR_BODY);
}

/* The history line; false when it is lost, and the plan is what the settings
 * ask for then. */
static bool
record(const struct session *s, const struct verdict *v, struct plan *p)
{
	const struct message *m = s->message;
	struct str reason;

	if (ledger_write(s->live->ledger, m, v, p, &reason))
		return true;
	counters_add(COUNTER_HISTORY_LOST);
	log_error("%.*s: its history line is lost: %.*s", STR_ARG(log_line_id(m)),
	    STR_ARG(reason));
	if (s->live->settings->history_failure == FAILURE_TEMPFAIL)
		plan_defer_for_history(m, p);
	return false;
}

/* The override blocks as they were asked: for who wonders why another one, or
 * none, has decided. */
static void
trace(const struct message *m, const struct verdict *v)
{
	for (size_t i = 0; i < v->judgement_count; i++) {
		const struct judgement *j = &v->judgements[i];
		struct str rules = log_line_rules(m, v, j);
		if (rules.n > 0)
			log_debug("%.*s: override blocks, from=%.*s: %.*s",
			    STR_ARG(log_line_id(m)), STR_ARG(j->author),
			    STR_ARG(rules));
	}
}

/* Counts and logs what was decided. */
static void
account(const struct session *s, const struct verdict *v, const struct plan *p,
    bool is_lost)
{
	int64_t ms = clock_mono_ms() - s->began;

	counters_message(s->message, v, p);
	if (v->override != NULL)
		running_count_rule(s->live, v->override);
	for (size_t i = 0; i < v->dry_run_count; i++)
		running_count_rule(s->live, v->dry_runs[i]);
	if (log_is_on(LOG_AT_DEBUG))
		trace(s->message, v);
	if (log_is_on(LOG_AT_INFO))
		log_info("%.*s", STR_ARG(log_line_print(s->message, v, p, ms,
		    is_lost)));
}

static sfsistat
end_of_message(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);
	struct verdict v;
	struct plan p;
	sfsistat answer;

	if (s->message == NULL)
		return action_come_back(ctx);
	take_queue_id(ctx, s);
	verdict_reach(s->message, &v);
	plan_make(s->message, &v, s->live->deferrals, &p);
	bool is_lost = !record(s, &v, &p);
	bool is_performed = action_perform(ctx, &p,
	    (s->steps & SMFIP_HDR_LEADSPC) != 0, s->arena, &answer);
	account(s, &v, &p, is_lost);
	if (is_performed)
		failures_note(s->live->spool, s->message, &v, &p);
	if (!is_performed) {
		counters_add(COUNTER_UNPERFORMED);
		log_warning("%.*s: the MTA did not take the answer; it is "
		    "asked to defer the message", STR_ARG(log_line_id(s->message)));
	}
	session_end(s);
	return answer;
}

static sfsistat
aborted(SMFICTX *ctx)
{
	struct session *s = session_of(ctx);

	if (s->message != NULL)
		counters_add(COUNTER_ABORTED);
	session_end(s);
	return SMFIS_CONTINUE;
}

static sfsistat
closed(SMFICTX *ctx)
{
	session_free(smfi_getpriv(ctx));
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

bool
filter_open(const char *address)
{
	struct smfiDesc callbacks = {
		.xxfi_name = (char *)"aplombd",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = WANTED_ACTIONS,
		.xxfi_connect = connected,
		.xxfi_helo = helo,
		.xxfi_envfrom = sender,
		.xxfi_envrcpt = recipient,
		.xxfi_header = header,
		.xxfi_eoh = end_of_headers,
		.xxfi_body = body,
		.xxfi_eom = end_of_message,
		.xxfi_abort = aborted,
		.xxfi_close = closed,
		.xxfi_negotiate = negotiated,
	};

	smfi_setmaxdatasize(MAX_DATA_SIZE);
	return smfi_register(callbacks) == MI_SUCCESS &&
	    smfi_setconn((char *)address) == MI_SUCCESS &&
	    smfi_opensocket(false) == MI_SUCCESS;
}

bool
filter_run(void)
{
	return smfi_main() == MI_SUCCESS;
}
