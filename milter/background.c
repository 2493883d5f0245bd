/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/background.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* The starting process: ends as the daemon's start does. */
static _Noreturn void
wait_for_daemon(int fd, pid_t daemon)
{
	char byte;
	int status;
	ssize_t got;

	do {
		got = read(fd, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got == 1)
		_exit(0);
	/* Its end of the pipe closed without a word: it has failed. */
	while (waitpid(daemon, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE);
}

bool
background_start(struct background *b)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid_t pid = fork();
	if (pid < 0)
		return false;
	if (pid > 0) {
		close(ends[1]);
		wait_for_daemon(ends[0], pid);
	}
	close(ends[0]);
	setsid();
	b->report = ends[1];
	return true;
}

void
background_ready(struct background *b, bool keep_stderr)
{
	if (b->report < 0)
		return;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd <= (keep_stderr ? 1 : 2); fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	ssize_t done;
	do {
		done = write(b->report, "", 1);
	} while (done < 0 && errno == EINTR);
	close(b->report);
	b->report = -1;
}
