/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define PATIENCE_MS 60000
#define MAX_LOG     (16u * 1024 * 1024)

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "test/lib/daemon: %s: %s\n", what, strerror(errno));
	abort();
}

static const char *
in_folder(const struct daemon *d, const char *name)
{
	return text_format(d->arena, "%s/%s", d->folder, name).p;
}

void
daemon_init(struct daemon *d, struct arena *a)
{
	const char *base = getenv("TMPDIR");
	char *folder = str_cstr(text_format(a, "%s/aplombd-test-XXXXXX",
	    base != NULL ? base : "/tmp"), a);

	*d = (struct daemon) {.arena = a};
	d->folder = mkdtemp(folder);
	if (d->folder == NULL)
		give_up(folder);
	d->conf = in_folder(d, "conf");
	d->path = in_folder(d, "sock");
	d->log = in_folder(d, "log");
	d->history = in_folder(d, "history");
	d->socket = text_format(a, "unix:%s", d->path).p;
}

static void
remove_files(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(folder);
}

void
daemon_free(struct daemon *d)
{
	if (d->pid > 0) {
		kill(d->pid, SIGKILL);
		waitpid(d->pid, NULL, 0);
	}
	remove_files(d->folder);
}

/* ---- configuration ------------------------------------------------------ */

static bool
has_key(const char *lines, const char *key)
{
	const char *at = strstr(lines, key);

	return at != NULL && (at == lines || at[-1] == '\n') &&
	    strchr(" =", at[strlen(key)]) != NULL;
}

static void
line(struct text *t, const char *more, const char *key, struct str value)
{
	if (!has_key(more, key))
		text_printf(t, "%s = %.*s\n", key, STR_ARG(value));
}

void
daemon_configure(struct daemon *d, unsigned dns_port, const char *more)
{
	struct arena *a = d->arena;
	struct text t;

	text_init(&t, a);
	line(&t, more, "socket", text_format(a, "\"%s\"", d->socket));
	line(&t, more, "history", text_format(a, "\"%s\"", d->history));
	line(&t, more, "dns-servers", text_format(a, "{\"127.0.0.1:%u\"}",
	    dns_port > 0 ? dns_port : 9));
	line(&t, more, "trusted-networks", STR("{}"));
	text_add(&t, str_of(more));
	if (!file_replace(d->conf, text_str(&t), 0644))
		give_up(d->conf);
}

/* ---- the process -------------------------------------------------------- */

static pid_t
launch(const struct daemon *d, const char *const *arguments)
{
	const char *program = getenv("APLOMBD"), *argv[12];
	size_t n = 0;

	argv[n++] = program != NULL ? program : "./aplombd";
	while (*arguments != NULL && n < 11)
		argv[n++] = *arguments++;
	argv[n] = NULL;
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int fd = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

static void
nap(void)
{
	nanosleep(&(struct timespec) {.tv_nsec = 2 * 1000 * 1000}, NULL);
}

int
daemon_wait(struct daemon *d, int ms)
{
	int64_t deadline = clock_mono_ms() + ms;
	int status;

	while (waitpid(d->pid, &status, WNOHANG) == 0) {
		if (clock_mono_ms() >= deadline)
			return -2;
		nap();
	}
	d->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
answers(const struct daemon *d)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, d->path, strlen(d->path) + 1);
	bool is_there = connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0;
	close(fd);
	return is_there;
}

bool
daemon_start(struct daemon *d)
{
	const char *const arguments[] = {"-f", "-c", d->conf, NULL};

	unlink(d->log);
	d->pid = launch(d, arguments);
	for (int64_t end = clock_mono_ms() + PATIENCE_MS;
	     clock_mono_ms() < end; nap()) {
		int status;
		if (waitpid(d->pid, &status, WNOHANG) == d->pid) {
			d->pid = 0;
			return false;
		}
		if (str_find(daemon_log(d), '\n') < daemon_log(d).n &&
		    answers(d) && strstr(daemon_log(d).p, " is ready on "))
			return true;
	}
	return false;
}

int
daemon_run(struct daemon *d, const char *const *arguments)
{
	unlink(d->log);
	d->pid = launch(d, arguments);
	return daemon_wait(d, PATIENCE_MS);
}

void
daemon_signal(const struct daemon *d, int number)
{
	kill(d->pid, number);
}

struct str
daemon_log(const struct daemon *d)
{
	struct str text, reason;

	if (!file_read(d->log, MAX_LOG, d->arena, &text, &reason))
		return (struct str) {"", 0};
	return (struct str) {str_cstr(text, d->arena), text.n};
}

bool
daemon_says(const struct daemon *d, const char *words)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (strstr(daemon_log(d).p, words) == NULL) {
		if (clock_mono_ms() >= end)
			return false;
		nap();
	}
	return true;
}
