/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_SMTP_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_SMTP_H

/*
 * SMTP to a server that relays, by libcurl, which is known here alone. For
 * transport.c alone.
 *
 * Each message has a connection of its own: libcurl counts its time-outs from
 * the start of a connection, and does not repeat a transaction that met a dead
 * one, so that a kept one would turn into deferrals.
 */

#include "base/str.h"

struct arena;
struct settings;
struct transport_job;
struct transport_smtp;

/* From the settings report-smtp-*. NULL with a sentence in *reason. */
struct transport_smtp *transport_smtp_open(const struct settings *s,
    struct arena *a, struct str *reason);
void transport_smtp_close(struct transport_smtp *t);

void transport_smtp_send(struct transport_smtp *t, struct transport_job *j);

#endif
