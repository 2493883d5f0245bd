/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_SIGNALS_H
#define APLOMB_MILTER_SIGNALS_H

/*
 * What the main thread waits for: a signal, or the end of libmilter. All
 * threads block the signals, and the main thread alone takes them.
 */

enum signals_event {
	SIGNALS_STOP,   /* TERM, HUP, INT, or libmilter has ended */
	SIGNALS_RELOAD, /* USR1 */
	SIGNALS_COUNT   /* USR2 */
};

/* Blocks the signals, for this thread and those that it starts from now on. To
 * be called before any thread is started. */
void signals_init(void);

/* The next event. */
enum signals_event signals_wait(void);

/* Says that libmilter has ended; from any thread. */
void signals_stop(void);

#endif
