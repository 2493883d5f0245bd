/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_FLIGHT_H
#define APLOMB_MILTER_FLIGHT_H

/*
 * The messages in flight: between MAIL and their answer. A daemon that is told
 * to stop lands them first and lets no other take off.
 *
 * Threads: any.
 */

#include <stdbool.h>

/* A message begins; false, and it must not, once flight_close() was called. */
bool flight_begin(void);

/* It was answered, or given up by the MTA. */
void flight_end(void);

/* From now on no message begins. */
void flight_close(void);
bool flight_is_closed(void);

/* Waits until none is in flight and the answer of the last has left, at most
 * `timeout_ms`. Returns how many still are. */
unsigned flight_wait(unsigned timeout_ms);

#endif
