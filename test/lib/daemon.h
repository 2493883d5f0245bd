/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_TEST_LIB_DAEMON_H
#define APLOMB_TEST_LIB_DAEMON_H

/*
 * The real aplombd for tests, in a temporary folder of its own: the program
 * that the environment's APLOMBD names, else ./aplombd. What it takes to run it
 * may end the test; what the daemon does never does.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

struct arena;

struct daemon {
	struct arena *arena;
	const char *folder;
	const char *conf, *path, *log, *history; /* path: of the socket */
	const char *socket; /* "unix:PATH" */
	pid_t pid;          /* 0: not running */
};

/* Makes the folder. It goes, and the daemon with it, in daemon_free(). */
void daemon_init(struct daemon *d, struct arena *a);
void daemon_free(struct daemon *d);

/* Writes the configuration: socket, history, resolvers on `dns_port` (0: a port
 * that is silent), nobody trusted; then the lines of `more`, which must not
 * repeat a key unless it is one of those: then they replace it. */
void daemon_configure(struct daemon *d, unsigned dns_port, const char *more);

/* Starts it in the foreground, and waits until it serves or has ended; true if
 * it serves. */
bool daemon_start(struct daemon *d);

/* Runs the program with arguments (NULL-ended) until it exits, its output
 * in the log file; returns its exit status, -1 for a signal. */
int daemon_run(struct daemon *d, const char *const *arguments);

/* Waits until it has exited, at most `ms`; its exit status, -1 for a signal, -2
 * when it still runs. */
int daemon_wait(struct daemon *d, int ms);

void daemon_signal(const struct daemon *d, int number);

/* All that was logged so far; and whether it says something within 10 s. */
struct str daemon_log(const struct daemon *d);
bool daemon_says(const struct daemon *d, const char *words);

#endif
