/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MILTER_POOL_WAKE_H
#define APLOMB_MILTER_POOL_WAKE_H

/*
 * The cure for a defect of libmilter's worker pool (Debian builds it): two
 * sessions that become ready together may count on the same idle worker, and
 * one then waits until some callback ends. Whoever is about to block writes an
 * empty macro packet to a connection of our own: no callback, no answer, but
 * the pool looks around and finds the forgotten session a worker.
 *
 * Threads: any.
 */

#include <stdbool.h>

struct endpoint;

/* Connects to our own listening socket, which outlives it. False when that is
 * not possible: everything works then, only slower under load. */
bool pool_wake_open(const struct endpoint *e);

/* A dns_wait_fn: never blocks; `arg` is not used. */
void pool_wake(void *arg);

#endif
