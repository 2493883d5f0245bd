/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/case/play.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "judge/history.h"
#include "test/case/script.h"
#include "test/lib/mta.h"
#include "test/lib/responder.h"

#define START_MS 60000
#define STOP_MS  60000
#define MAX_LOG  (16u * 1024 * 1024)

static void
nap(void)
{
	nanosleep(&(struct timespec) {.tv_nsec = 1000000}, NULL);
}

static bool
is_listening(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_up = fd >= 0 &&
	    connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0;
	if (fd >= 0)
		close(fd);
	return is_up;
}

/* The one daemon of the process: started for the first play, told to reload for
 * each that follows. Every play has a DNS server of its own, and so the daemon
 * a new cache. */
static pid_t running;
static unsigned reloads;

static pid_t
start(const char *daemon, const char *conf, const char *log)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(127);
	execl(daemon, daemon, "-f", "-c", conf, (char *)NULL);
	_exit(127);
}

static bool
has_ended(int *status)
{
	if (running == 0 || waitpid(running, status, WNOHANG) != running)
		return false;
	running = 0;
	return true;
}

static unsigned
occurrences(struct str text, struct str word)
{
	unsigned n = 0;
	for (size_t i = 0; i + word.n <= text.n; i++)
		n += str_eq(str_sub(text, i, word.n), word);
	return n;
}

/* Whether the settings of this play are in force. */
static bool
is_ready(const char *path, const char *log, struct arena *a)
{
	struct str text, reason;
	if (reloads == 0)
		return is_listening(path);
	return file_read(log, MAX_LOG, a, &text, &reason) &&
	    occurrences(text, STR(": reloaded ")) == reloads;
}

static bool
prepare(const char *daemon, const char *folder, const char *path,
    struct arena *a, struct str *problem)
{
	const char *conf = text_format(a, "%s/conf", folder).p;
	const char *log = text_format(a, "%s/log", folder).p;
	int64_t until = clock_mono_ms() + START_MS;
	int status = 0;
	if (running == 0) {
		reloads = 0;
		running = start(daemon, conf, log);
	} else {
		reloads++;
		kill(running, SIGUSR1);
	}
	while (!is_ready(path, log, a) && clock_mono_ms() < until) {
		if (has_ended(&status)) {
			*problem = text_format(a, "the daemon ended at its "
			    "start (status %d), see its log:\n", status);
			return false;
		}
		nap();
	}
	return true;
}

bool
play_socket_end(void)
{
	int64_t until = clock_mono_ms() + STOP_MS;
	int status = 0;
	if (running == 0)
		return true;
	kill(running, SIGTERM);
	while (!has_ended(&status)) {
		if (clock_mono_ms() > until) {
			kill(running, SIGKILL);
			waitpid(running, &status, 0);
			running = 0;
			return false;
		}
		nap();
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static enum plan_reply
plan_of(const struct mta_answer *answer)
{
	switch (answer->reply) {
	case MTA_REJECT:
		return PLAN_REJECT;
	case MTA_TEMPFAIL:
		return PLAN_TEMPFAIL;
	default:
		return answer->is_held ? PLAN_HOLD : PLAN_ACCEPT;
	}
}

static void
take_edits(const struct mta_answer *answer, struct arena *a,
    struct outcome *out)
{
	struct plan_edit *edits =
	    ARENA_ARRAY(a, struct plan_edit, answer->edit_count + 1);
	for (size_t i = 0; i < answer->edit_count; i++) {
		const struct mta_edit *e = &answer->edits[i];
		bool is_insert = e->kind == MTA_INSERT || e->kind == MTA_ADD;
		edits[i] = (struct plan_edit) {.name = e->name,
		    .value = e->value,
		    .kind = is_insert ? PLAN_INSERT : PLAN_DELETE,
		    .instance = is_insert ? 0 : e->index};
	}
	out->edits = edits;
	out->edit_count = answer->edit_count;
}

/* One message in one session; false when the conversation broke off. */
static bool
converse(const struct stage *st, const char *socket, struct arena *a,
    struct outcome *out)
{
	const struct script *s = st->script;
	struct mta *mta = mta_connect(socket, NULL, a);
	if (mta == NULL)
		return false;
	mta_session(mta, &(struct mta_client) {
	    .address = s->client.n > 0 ? str_cstr(s->client, a) : NULL,
	    .name = s->client_name.n > 0 ? str_cstr(s->client_name, a) : NULL,
	    .helo = str_cstr(s->helo, a), .mta = "mx.rcv.example"});
	struct mta_answer answer = {.reply = MTA_LOST};
	mta_message(mta, &(struct mta_message) {.queue_id = "CASE",
	    .mail_from = st->mail_from,
	    .login = s->is_authenticated ? "ann" : NULL,
	    .recipients = st->recipients, .text = st->text}, &answer);
	mta_quit(mta);
	*out = (struct outcome) {.reply = plan_of(&answer),
	    .code = answer.code, .status = answer.status, .text = answer.text};
	take_edits(&answer, a, out);
	return answer.reply != MTA_LOST;
}

/* The last line of the history, if it is a message's, and its draw. */
static void
read_history(const char *path, struct arena *a, struct outcome *out,
    unsigned *draw)
{
	struct str text, reason;
	if (!file_read(path, HISTORY_MAX_LINE * 4, a, &text, &reason))
		return;
	text = str_trim(text);
	size_t at = str_find_last(text, '\n');
	if (at == text.n)
		return; /* the head alone */
	out->history = str_sub(text, at + 1, text.n);
	json_t *o = json_loadb(out->history.p, out->history.n, 0, NULL);
	*draw = (unsigned)json_integer_value(json_object_get(o, "draw"));
	json_decref(o);
}

static bool
play_with(const struct stage *st, const char *daemon, const char *folder,
    struct arena *a, struct outcome *out, struct str *problem)
{
	const char *path = text_format(a, "%s/sock", folder).p;
	if (!prepare(daemon, folder, path, a, problem))
		return false;
	if (!converse(st, text_format(a, "unix:%s", path).p, a, out)) {
		*problem = STR("the daemon broke the conversation off");
		return false;
	}
	return true;
}

bool
play_socket(const struct stage *st, unsigned mode, const char *daemon,
    const char *folder, struct arena *a, struct outcome *out, unsigned *draw,
    struct str *problem)
{
	struct responder *dns = responder_start(st->zone, NULL);
	struct str config =
	    stage_config(st, mode, folder, responder_port(dns), a);
	const char *history = text_format(a, "%s/history", folder).p;
	unlink(history);
	bool is_played =
	    file_replace(text_format(a, "%s/conf", folder).p, config, 0600) &&
	    play_with(st, daemon, folder, a, out, problem);
	if (is_played) {
		read_history(history, a, out, draw);
	} else {
		struct str log = {NULL, 0}, reason;
		file_read(text_format(a, "%s/log", folder).p, 65536, a, &log,
		    &reason);
		*problem = text_format(a, "%.*s\n%.*s", STR_ARG(*problem),
		    STR_ARG(log));
	}
	responder_stop(dns);
	return is_played;
}
