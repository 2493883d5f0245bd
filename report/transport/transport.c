/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport.h"

#include <signal.h>
#include <time.h>

#include "auth/sign.h"
#include "base/arena.h"
#include "base/text.h"
#include "mail/address.h"
#include "report/transport/transport_command.h"
#include "report/transport/transport_job.h"
#include "report/transport/transport_secret.h"
#include "report/transport/transport_smtp.h"
#include "report/transport/transport_source.h"
#include "settings/settings.h"

/* With the wait for the answer to QUIT, below five minutes. */
#define LIMIT (180u * 1000) /* ms */
/* Fields of a message of ours; a report's take a kilobyte. */
#define MAX_HEADER 65536u

struct transport {
	struct sign_key *key; /* NULL: no signature of ours */
	/* One of them is NULL. */
	struct transport_command *command;
	struct transport_smtp *smtp;
	unsigned limit;
};

/* ---- open and close ----------------------------------------------------- */

static bool
open_key(struct transport *t, const struct settings *s, struct str domain,
    struct arena *a, struct str *reason)
{
	struct str pem, why;

	if (s->report_dkim_key[0] == '\0' && s->report_dkim_selector[0] == '\0')
		return true;
	if (s->report_dkim_key[0] == '\0' ||
	    s->report_dkim_selector[0] == '\0') {
		*reason = STR("report-dkim-key and report-dkim-selector are "
		    "not both set: set both, or none if the MTA signs");
		return false;
	}
	if (!transport_secret_read("report-dkim-key", s->report_dkim_key, a,
	    &pem, reason))
		return false;
	t->key = sign_key_open(pem, domain, str_of(s->report_dkim_selector), a,
	    &why);
	if (t->key == NULL)
		*reason = text_format(a, "report-dkim-key %s: %.*s",
		    s->report_dkim_key, STR_ARG(why));
	return t->key != NULL;
}

static bool
open_way(struct transport *t, const struct settings *s, struct arena *a,
    struct str *reason)
{
	if (s->report_smtp[0] != '\0')
		t->smtp = transport_smtp_open(s, a, reason);
	else
		t->command = transport_command_new(
		    str_of(s->report_sendmail), a, reason);
	return t->smtp != NULL || t->command != NULL;
}

struct transport *
transport_open(const struct settings *s, struct str from_domain,
    struct arena *a, struct str *reason)
{
	struct transport *t = ARENA_NEW(a, struct transport);

	t->limit = LIMIT;
	if (open_key(t, s, from_domain, a, reason) &&
	    open_way(t, s, a, reason))
		return t;
	transport_close(t);
	return NULL;
}

void
transport_close(struct transport *t)
{
	if (t == NULL)
		return;
	if (t->key != NULL)
		sign_key_close(t->key);
	if (t->smtp != NULL)
		transport_smtp_close(t->smtp);
	*t = (struct transport) {.limit = 0};
}

void
transport_set_limit(struct transport *t, unsigned milliseconds)
{
	t->limit = milliseconds;
}

/* ---- the signature ------------------------------------------------------ */

/* What stands in front of the empty line, with its CRLF. */
static size_t
header_end(struct str s)
{
	for (size_t i = 0; i + 4 <= s.n; i++)
		if (str_has_prefix(str_sub(s, i, 4), STR("\r\n\r\n")))
			return i + 2;
	return s.n;
}

static bool
sign(struct sign_key *key, struct transport_source *s, struct arena *a,
    struct str *field)
{
	struct arena *scratch = arena_new(0);
	char *piece = arena_alloc(scratch, MAX_HEADER);
	size_t n = 0, got;

	while (n < MAX_HEADER &&
	    (got = transport_source_read(s, piece + n, MAX_HEADER - n)) > 0)
		n += got;
	struct str first = {piece, n};
	size_t header = header_end(first);
	struct sign *signature = sign_start(key, str_sub(first, 0, header));
	sign_body(signature, str_sub(first, header + 2, first.n));
	while ((got = transport_source_read(s, piece, MAX_HEADER)) > 0)
		sign_body(signature, (struct str) {piece, got});
	bool is_signed = sign_end(signature, a, field) && header < first.n;
	arena_free(scratch);
	transport_source_rewind(s);
	return is_signed && !s->has_failed;
}

/* ---- sending ------------------------------------------------------------ */

static bool
can_send_to(struct transport_job *j)
{
	struct str domain;

	if (j->sender.n > 0 && !address_is_plain(j->sender, j->arena, &domain)) {
		transport_job_say(j, TRANSPORT_REFUSED, 0,
		    STR("the sender is no address that can be given to an "
			"MTA"));
		return false;
	}
	if (address_is_plain(j->recipient, j->arena, &domain))
		return true;
	transport_job_say(j, TRANSPORT_REFUSED, 0,
	    STR("the recipient is no address that can be given to an MTA"));
	j->out->is_address = true;
	return false;
}

static void
send_signed(struct transport *t, struct transport_job *j)
{
	if (t->key != NULL && !sign(t->key, j->source, j->arena,
	    &j->source->front))
		transport_job_say(j, TRANSPORT_DEFERRED, 0,
		    STR("the message could not be signed: it cannot be read, "
			"or has no end of its header"));
	else if (t->smtp != NULL)
		transport_smtp_send(t->smtp, j);
	else
		transport_command_send(t->command, j);
}

/* A peer that goes away is an error of write(), no signal that ends us. */
static void
block_pipe(sigset_t *before)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, before);
}

/* One that has come meanwhile is taken away, unless the caller had it blocked
 * and waits for it himself. */
static void
restore_pipe(const sigset_t *before)
{
	static const struct timespec now = {0, 0};
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (sigismember(before, SIGPIPE) == 0)
		(void)sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

void
transport_send(struct transport *t, struct str sender, struct str recipient,
    FILE *message, struct arena *a, struct transport_result *out)
{
	struct transport_source source;
	struct transport_job j = {.sender = sender, .recipient = recipient,
	    .source = &source, .limit = t->limit, .arena = a, .out = out};
	sigset_t before;

	if (!can_send_to(&j))
		return;
	if (!transport_source_init(&source, message)) {
		transport_job_say(&j, TRANSPORT_DEFERRED, 0,
		    STR("the message cannot be read"));
		return;
	}
	block_pipe(&before);
	send_signed(t, &j);
	restore_pipe(&before);
}
