/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_TRANSACTIONS_H
#define APLOMB_MILTER_TRANSACTIONS_H

/*
 * The mail transactions under way: between MAIL and their answer. A daemon that
 * is told to stop finishes them, and lets no other begin.
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

/* Waits until none is under way and the answer of the last has left, at most
 * `timeout_ms`. Returns how many still are. */
unsigned transactions_wait(unsigned timeout_ms);

#endif
