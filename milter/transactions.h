/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_TRANSACTIONS_H
#define APLOMB_MILTER_TRANSACTIONS_H

/*
 * The messages in flight: between MAIL and their answer. A daemon that is told
 * to stop lands them first and lets no other take off.
 *
 * Threads: any.
 */

#include <stdbool.h>

/* A message begins; false, and it must not, once transactions_close() was called. */
bool transactions_begin(void);

/* It was answered, or given up by the MTA. */
void transactions_end(void);

/* From now on no message begins. */
void transactions_close(void);
bool transactions_is_closed(void);

/* Waits until none is in flight and the answer of the last has left, at most
 * `timeout_ms`. Returns how many still are. */
unsigned transactions_wait(unsigned timeout_ms);

#endif
