/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_BACKGROUND_H
#define APLOMB_MILTER_BACKGROUND_H

/*
 * Going to the background: the process that the operator started waits until
 * the daemon is ready or has failed, and ends with its exit code. Until then
 * the daemon still speaks to the terminal.
 */

#include <stdbool.h>

struct background {
	int report; /* where readiness is told, or -1 in the foreground */
};

/* Splits off the daemon, in a session of its own, and returns in it; before any
 * thread is started. False with errno set. */
bool background_start(struct background *b);

/* The daemon is ready: lets the waiting process go, and the terminal.
 * `keep_stderr`: the log is written there. */
void background_ready(struct background *b, bool keep_stderr);

#endif
