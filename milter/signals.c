/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static sigset_t
ours(void)
{
	static const int numbers[] = {
		SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	return set;
}

void
signals_init(void)
{
	sigset_t set = ours();

	/* An MTA that hung up and a limit on file sizes are errors of a write,
	 * not ends of the daemon. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

enum signals_event
signals_wait(void)
{
	sigset_t set = ours();

	for (;;) {
		switch (sigwaitinfo(&set, NULL)) {
		case SIGTERM:
		case SIGHUP:
		case SIGINT:
			return SIGNALS_STOP;
		case SIGUSR1:
			return SIGNALS_RELOAD;
		case SIGUSR2:
			return SIGNALS_COUNT;
		default: /* EINTR */
			break;
		}
	}
}

void
signals_stop(void)
{
	kill(getpid(), SIGTERM);
}

/*
 * libmilter has a thread of its own that waits for TERM, HUP and INT in
 * sigwait(), and cannot be told not to. It would stop the workers, and so leave
 * every message in flight where it is, and which of two waiting threads gets a
 * signal is the system's choice. The program's own sigwait() comes before the C
 * library's wherever a library calls it: here that thread sleeps for ever.
 */
__attribute__((visibility("default"))) int
sigwait(const sigset_t *set, int *number)
{
	(void)set, (void)number;
	for (;;)
		pause();
}
