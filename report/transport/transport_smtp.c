/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_smtp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "report/transport/transport_job.h"
#include "report/transport/transport_relay.h"
#include "report/transport/transport_reply.h"
#include "report/transport/transport_source.h"

/* Of the transaction's limit: how long TCP, TLS and AUTH, and how long one
 * answer may take. The answer to QUIT comes on top of the limit. */
#define CONNECT_SHARE 3 / 10
#define ANSWER_SHARE  6 / 10

struct transport_smtp {
	CURL *easy;
	struct transport_relay relay;
	char said[CURL_ERROR_SIZE]; /* by libcurl, of the last failure */
};

/* One dialogue. */
struct dialogue {
	enum transport_stage stage;
	struct transport_reply reply; /* to what was sent last */
	struct transport_source *source;
	bool is_over; /* QUIT was sent: its answer is about nothing */
};

/* ---- what libcurl calls ------------------------------------------------- */

static size_t
give(char *out, size_t size, size_t n, void *arg)
{
	struct dialogue *d = arg;
	size_t got = transport_source_read(d->source, out, size * n);

	return d->source->has_failed ? CURL_READFUNC_ABORT : got;
}

static size_t
take_line(char *line, size_t size, size_t n, void *arg)
{
	struct dialogue *d = arg;

	if (!d->is_over)
		transport_reply_add(&d->reply, (struct str) {line, size * n});
	return size * n;
}

static size_t
ignore(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes, (void)arg;
	return size * n;
}

/* The one place where libcurl tells what it sends, before the answer. */
static int
follow(CURL *easy, curl_infotype type, char *bytes, size_t n, void *arg)
{
	struct dialogue *d = arg;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT &&
	    str_has_prefix((struct str) {bytes, n}, STR("QUIT\r\n")))
		d->is_over = true;
	if (d->is_over)
		return 0;
	if (type == CURLINFO_HEADER_OUT)
		d->stage = transport_stage_after(d->stage,
		    (struct str) {bytes, n});
	else if (type == CURLINFO_DATA_OUT && d->stage == TRANSPORT_DATA)
		d->stage = TRANSPORT_MESSAGE;
	else
		return 0;
	d->reply = (struct transport_reply) {.code = 0};
	return 0;
}

/* ---- setting up --------------------------------------------------------- */

static void
must(CURLcode code)
{
	if (code != CURLE_OK)
		abort(); /* no memory, or an option that libcurl lacks */
}

#define SET(t, option, value)                                                  \
	must(curl_easy_setopt((t)->easy, CURLOPT_##option, (value)))

static void
set_security(struct transport_smtp *t)
{
	const struct transport_relay *r = &t->relay;
	bool is_checked = r->tls == REPORT_TLS_REQUIRED ||
	    r->tls == REPORT_TLS_IMPLICIT;

	SET(t, USE_SSL, r->tls == REPORT_TLS_OFF ? CURLUSESSL_NONE :
	    is_checked ? CURLUSESSL_ALL : CURLUSESSL_TRY);
	SET(t, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(t, SSL_VERIFYPEER, is_checked ? 1L : 0L);
	SET(t, SSL_VERIFYHOST, is_checked ? 2L : 0L); /* the name, too */
	if (r->ca[0] != '\0') {
		SET(t, CAINFO, r->ca);
		SET(t, CAPATH, NULL); /* nobody else */
	}
	if (r->user[0] == '\0')
		return;
	SET(t, USERNAME, r->user);
	SET(t, PASSWORD, r->password);
	/* Under TLS that was checked, these give nothing away. */
	SET(t, LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
}

static void
set_up(struct transport_smtp *t)
{
	SET(t, URL, t->relay.url);
	SET(t, PROTOCOLS_STR, "smtp,smtps");
	SET(t, PROXY, ""); /* whatever the environment says */
	SET(t, NOSIGNAL, 1L);
	SET(t, FORBID_REUSE, 1L);
	SET(t, UPLOAD, 1L);
	SET(t, VERBOSE, 1L); /* for follow() */
	SET(t, DEBUGFUNCTION, follow);
	SET(t, HEADERFUNCTION, take_line);
	SET(t, WRITEFUNCTION, ignore);
	SET(t, READFUNCTION, give);
	SET(t, ERRORBUFFER, t->said);
	set_security(t);
}

struct transport_smtp *
transport_smtp_open(const struct settings *s, struct arena *a,
    struct str *reason)
{
	struct transport_smtp *t = ARENA_NEW(a, struct transport_smtp);

	if (!transport_relay_init(s, a, &t->relay, reason))
		return NULL;
	must(curl_global_init(CURL_GLOBAL_DEFAULT));
	t->easy = curl_easy_init();
	if (t->easy == NULL)
		abort();
	set_up(t);
	return t;
}

void
transport_smtp_close(struct transport_smtp *t)
{
	curl_easy_cleanup(t->easy);
	curl_global_cleanup();
}

/* ---- one message -------------------------------------------------------- */

/* What to do about a failure that has no answer to show; NULL: nothing more
 * than libcurl says. */
static const char *
cure(const struct transport_smtp *t, CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return "see whether report-smtp is right and the server runs";
	case CURLE_USE_SSL_FAILED:
		return "it offers no STARTTLS, which report-smtp-tls or "
		    "report-smtp-auth requires";
	case CURLE_PEER_FAILED_VERIFICATION:
		return "its certificate is not one for this name that is "
		    "trusted; see report-smtp and report-smtp-ca";
	case CURLE_SSL_CONNECT_ERROR:
		return "see the certificate and the TLS of that server, and "
		    "report-smtp-ca";
	case CURLE_SSL_CACERT_BADFILE:
		return "see report-smtp-ca";
	case CURLE_LOGIN_DENIED:
		return t->relay.user[0] != '\0' ? "see the user and password "
		    "in the file of report-smtp-auth" : NULL;
	default:
		return NULL;
	}
}

static const char *
stage_name(enum transport_stage stage)
{
	static const char *const names[] = {
		[TRANSPORT_CONNECT] = "connecting",
		[TRANSPORT_MAIL] = "MAIL FROM",
		[TRANSPORT_RCPT] = "RCPT TO",
		[TRANSPORT_DATA] = "DATA",
		[TRANSPORT_MESSAGE] = "the message",
	};

	return names[stage];
}

/* The server has answered, and that decides. */
static void
judge_reply(const struct transport_smtp *t, const struct dialogue *d,
    const char *more, struct transport_job *j)
{
	struct str words = transport_job_words(
	    (struct str) {d->reply.text, d->reply.n}, j->arena);

	transport_reply_judge(&d->reply, d->stage, j->out);
	j->out->text = text_format(j->arena, "%s answered %s with \"%d %.*s\""
	    "%s%s", t->relay.name, stage_name(d->stage), d->reply.code,
	    STR_ARG(words), more != NULL ? "; " : "",
	    more != NULL ? more : "");
}

/* There is no answer, or none that explains it. */
static void
judge_failure(const struct transport_smtp *t, const struct dialogue *d,
    CURLcode code, struct transport_job *j)
{
	const char *said = t->said[0] != '\0' ? t->said :
	    curl_easy_strerror(code);
	const char *more = cure(t, code);
	struct str words = transport_job_words(str_of(said), j->arena);

	transport_job_say(j, TRANSPORT_DEFERRED, 0, text_format(j->arena,
	    "%s, at %s: %.*s%s%s", t->relay.name, stage_name(d->stage),
	    STR_ARG(words), more != NULL ? "; " : "",
	    more != NULL ? more : ""));
	j->out->is_service = d->stage <= TRANSPORT_MAIL;
}

static void
judge(const struct transport_smtp *t, const struct dialogue *d, CURLcode code,
    struct transport_job *j)
{
	if (code == CURLE_OUT_OF_MEMORY)
		abort();
	if (d->source->has_failed)
		transport_job_say(j, TRANSPORT_DEFERRED, 0,
		    STR("the message cannot be read"));
	else if (code == CURLE_OK)
		transport_job_say(j, TRANSPORT_SENT, d->reply.code,
		    transport_job_words((struct str) {d->reply.text, d->reply.n},
		    j->arena));
	else if (d->reply.code >= 400 && d->reply.code <= 599)
		judge_reply(t, d, cure(t, code), j);
	else
		judge_failure(t, d, code, j);
}

void
transport_smtp_send(struct transport_smtp *t, struct transport_job *j)
{
	struct dialogue d = {.source = j->source};
	struct curl_slist *to =
	    curl_slist_append(NULL, str_cstr(j->recipient, j->arena));

	if (to == NULL)
		abort();
	SET(t, MAIL_FROM, str_cstr(j->sender, j->arena));
	SET(t, MAIL_RCPT, to);
	SET(t, INFILESIZE_LARGE,
	    (curl_off_t)transport_source_size(j->source));
	SET(t, TIMEOUT_MS, (long)j->limit);
	SET(t, CONNECTTIMEOUT_MS, (long)j->limit * CONNECT_SHARE);
	SET(t, SERVER_RESPONSE_TIMEOUT,
	    ((long)j->limit * ANSWER_SHARE + 999) / 1000);
	SET(t, DEBUGDATA, &d);
	SET(t, HEADERDATA, &d);
	SET(t, READDATA, &d);
	t->said[0] = '\0';
	judge(t, &d, curl_easy_perform(t->easy), j);
	SET(t, MAIL_RCPT, NULL);
	curl_slist_free_all(to);
}
