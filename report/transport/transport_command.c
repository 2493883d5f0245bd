/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/transport/transport_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "report/transport/transport_job.h"
#include "report/transport/transport_source.h"

#define PIECE     16384u
#define MAX_SAID  4096u /* of standard error; a sentence at its start counts */
#define MAX_PAUSE 50    /* ms between two looks at the process */
#define GRACE     2000  /* ms from SIGTERM to SIGKILL */
#define OUR_ARGUMENTS 6u /* -i -f SENDER -- RECIPIENT NULL */

struct transport_command {
	char *argv[TRANSPORT_COMMAND_MAX_ARGUMENTS + OUR_ARGUMENTS];
	size_t count; /* of the setting's */
};

struct transport_command *
transport_command_new(struct str words, struct arena *a, struct str *reason)
{
	struct transport_command *c = ARENA_NEW(a, struct transport_command);

	while (words.n > 0) {
		struct str word = str_cut(&words, ' ');
		if (word.n == 0)
			continue;
		if (c->count == TRANSPORT_COMMAND_MAX_ARGUMENTS) {
			*reason = text_format(a, "report-sendmail has more "
			    "than %u words; put them into a script and name "
			    "that", TRANSPORT_COMMAND_MAX_ARGUMENTS);
			return NULL;
		}
		c->argv[c->count++] = str_cstr(word, a);
	}
	if (c->count == 0 || c->argv[0][0] != '/') {
		*reason = STR("report-sendmail begins with no path; write one "
		    "like /usr/sbin/sendmail, or set report-smtp");
		return NULL;
	}
	if (access(c->argv[0], X_OK) == 0)
		return c;
	*reason = text_format(a, "report-sendmail %s cannot be run: %s; install"
	    " the MTA's command, name another, or set report-smtp", c->argv[0],
	    strerror(errno));
	return NULL;
}

/* ---- the message as a file ---------------------------------------------- */

/* Without the CR of CRLF: the command wants the lines of this system. A CR at
 * the end of a piece waits for what follows. */
static size_t
to_lf(char *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r' || i + 1 == n || p[i + 1] != '\n')
			p[kept++] = p[i];
	return kept;
}

static bool
copy(struct transport_source *s, int fd)
{
	char piece[PIECE + 1];
	size_t held = 0; /* a CR at the start of the piece */
	size_t n;

	while ((n = transport_source_read(s, piece + held, PIECE)) > 0) {
		n += held;
		held = piece[n - 1] == '\r';
		size_t kept = to_lf(piece, n - held);
		if (!file_write_all(fd, (struct str) {piece, kept}))
			return false;
		piece[0] = '\r';
	}
	return !s->has_failed; /* the end is CRLF: no CR is held */
}

/* A file that has no name, read from its start; -1 with errno. */
static int
message_file(struct transport_source *s)
{
	FILE *file = tmpfile();
	int fd = -1;

	if (file == NULL)
		return -1;
	errno = 0;
	if (copy(s, fileno(file)) && lseek(fileno(file), 0, SEEK_SET) == 0)
		fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	int error = errno != 0 ? errno : EIO;
	fclose(file);
	errno = error;
	return fd;
}

/* ---- the process -------------------------------------------------------- */

struct child {
	pid_t pid;
	int said;      /* its standard error, or -1 */
	int status;    /* of waitpid() */
	bool is_known; /* the status is */
	char words[MAX_SAID];
	size_t n;
};

/* The child has no signal blocked or ignored because we have, and a process
 * group, so that a time-out ends what it has started too. */
static int
spawn(char *const *argv, int in, int err, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, standard;

	sigemptyset(&none);
	sigemptyset(&standard);
	sigaddset(&standard, SIGPIPE);
	sigaddset(&standard, SIGCHLD);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &standard);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
	    O_WRONLY, 0);
	int error = posix_spawn(pid, argv[0], &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return error;
}

static int
start(char *const *argv, int in, struct child *c)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	int error = spawn(argv, in, ends[1], &c->pid);
	close(ends[1]);
	c->said = ends[0];
	(void)fcntl(c->said, F_SETFL, O_NONBLOCK);
	return error;
}

/* Takes what it has said; beyond the bound it is read and lost, so that the
 * child does not wait for a reader. */
static void
listen_to(struct child *c)
{
	char piece[1024];
	ssize_t n;

	/* Not for ever: it may say things faster than they are read. */
	for (int i = 0; i < 64 && c->said >= 0; i++) {
		n = read(c->said, piece, sizeof piece);
		if (n < 0)
			return;
		size_t room = sizeof c->words - c->n;
		size_t kept = (size_t)n < room ? (size_t)n : room;
		memcpy(c->words + c->n, piece, kept);
		c->n += kept;
		if (n == 0) {
			close(c->said);
			c->said = -1;
		}
	}
}

/* Whether it has ended by then. Its own children may keep standard error open,
 * so that the end of that says nothing. */
static bool
wait_until(struct child *c, int64_t deadline)
{
	int pause = 1;
	pid_t ended;

	while ((ended = waitpid(c->pid, &c->status, WNOHANG)) == 0) {
		struct pollfd fd = {.fd = c->said, .events = POLLIN};
		if (clock_mono_ms() >= deadline)
			return false;
		(void)poll(&fd, 1, pause);
		listen_to(c);
		pause = pause < MAX_PAUSE / 2 ? pause * 2 : MAX_PAUSE;
	}
	c->is_known = ended == c->pid;
	listen_to(c);
	return true;
}

static void
end(struct child *c)
{
	(void)kill(-c->pid, SIGTERM);
	if (wait_until(c, clock_mono_ms() + GRACE))
		return;
	(void)kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
}

/* ---- the judgement ------------------------------------------------------ */

/* What the exit statuses mean for a message (sysexits.h). What has to do with
 * how the command is called or set up is the same for all messages. */
static const struct meaning {
	int code;
	enum transport_status status;
	bool is_address, is_service;
	const char *words;
} meanings[] = {
	{EX_OK, TRANSPORT_SENT, false, false, "accepted"},
	{EX_USAGE, TRANSPORT_DEFERRED, false, true, "does not take its "
	    "arguments (-i -f SENDER -- RECIPIENT)"},
	{EX_DATAERR, TRANSPORT_REFUSED, false, false, "refused the message"},
	{EX_NOUSER, TRANSPORT_REFUSED, true, false, "knows no such recipient"},
	{EX_NOHOST, TRANSPORT_REFUSED, true, false, "knows no such host"},
	{EX_UNAVAILABLE, TRANSPORT_REFUSED, false, false,
	    "refused the message"},
	{EX_OSFILE, TRANSPORT_DEFERRED, false, true, "misses a file"},
	{EX_CANTCREAT, TRANSPORT_DEFERRED, false, true,
	    "cannot write its files"},
	{EX_TEMPFAIL, TRANSPORT_DEFERRED, false, false,
	    "cannot take the message now"},
	{EX_NOPERM, TRANSPORT_DEFERRED, false, true,
	    "does not let this user send"},
	{EX_CONFIG, TRANSPORT_DEFERRED, false, true,
	    "has a mistake in its configuration"},
	{126, TRANSPORT_DEFERRED, false, true, "cannot be run"},
	{127, TRANSPORT_DEFERRED, false, true, "cannot be run"},
};

static const struct meaning *
meaning_of(int code)
{
	static const struct meaning unknown = {0, TRANSPORT_DEFERRED, false,
	    false, "failed"};

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].code == code)
			return &meanings[i];
	return &unknown;
}

/* The first line of standard error that has any words. */
static struct str
first_line(const struct child *c)
{
	struct str rest = {c->words, c->n}, line = {NULL, 0};

	while (rest.n > 0 && line.n == 0)
		line = str_trim(str_cut(&rest, '\n'));
	return line;
}

static void
judge_exit(const char *path, const struct child *c, struct transport_job *j)
{
	int code = WEXITSTATUS(c->status);
	const struct meaning *m = meaning_of(code);
	struct str said = first_line(c);
	struct text t;

	text_init(&t, j->arena);
	text_printf(&t, "%s %s", path, m->words);
	if (code != EX_OK)
		text_printf(&t, ", exit status %d", code);
	if (said.n > 0) {
		struct str words = transport_job_words(said, j->arena);
		text_printf(&t, ": %.*s", STR_ARG(words));
	}
	transport_job_say(j, m->status, code, text_str(&t));
	j->out->is_address = m->is_address;
	j->out->is_service = m->is_service;
}

static void
judge(const char *path, const struct child *c, bool is_late,
    struct transport_job *j)
{
	if (is_late)
		transport_job_no_service(j, text_format(j->arena, "%s did not end "
		    "within %u seconds and was stopped; see what it waits for",
		    path, j->limit / 1000));
	else if (!c->is_known)
		transport_job_say(j, TRANSPORT_DEFERRED, 0, text_format(j->arena,
		    "%s has ended, but its exit status is lost", path));
	else if (!WIFEXITED(c->status))
		transport_job_say(j, TRANSPORT_DEFERRED, 0, text_format(j->arena,
		    "%s was ended by signal %d", path, WTERMSIG(c->status)));
	else
		judge_exit(path, c, j);
}

static void
run(const struct transport_command *command, int in, struct transport_job *j)
{
	struct transport_command c = *command;
	struct child child = {.said = -1};

	c.argv[c.count++] = (char[]) {"-i"};
	c.argv[c.count++] = (char[]) {"-f"};
	c.argv[c.count++] = j->sender.n > 0 ? str_cstr(j->sender, j->arena) :
	    (char[]) {"<>"};
	/* Behind it, no address is an option. */
	c.argv[c.count++] = (char[]) {"--"};
	c.argv[c.count++] = str_cstr(j->recipient, j->arena);
	c.argv[c.count] = NULL;
	int error = start(c.argv, in, &child);
	if (error != 0) {
		transport_job_no_service(j, text_format(j->arena, "%s cannot be "
		    "run: %s", c.argv[0], strerror(error)));
	} else {
		bool is_late = !wait_until(&child, clock_mono_ms() + j->limit);
		if (is_late)
			end(&child);
		judge(c.argv[0], &child, is_late, j);
	}
	if (child.said >= 0)
		close(child.said);
}

void
transport_command_send(const struct transport_command *c,
    struct transport_job *j)
{
	struct sigaction standard = {.sa_handler = SIG_DFL}, before;
	int in = message_file(j->source);

	if (in < 0) {
		transport_job_no_service(j, text_format(j->arena, "the message "
		    "cannot be copied to a temporary file for %s: %s",
		    c->argv[0], strerror(errno)));
		return;
	}
	/* Where it is ignored, as some parents leave it, the exit status of
	 * the command is lost. */
	sigaction(SIGCHLD, &standard, &before);
	run(c, in, j);
	sigaction(SIGCHLD, &before, NULL);
	close(in);
}
