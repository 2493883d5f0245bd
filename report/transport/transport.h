/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_H

/*
 * How a message leaves this host: by the command sendmail, or by SMTP to a
 * server that relays it (RFC 5321), with a DKIM signature of ours if settings
 * name a key. One message, one recipient, one transaction; what happened is a
 * value, and whether and when to try again is for the caller to decide.
 *
 * One transaction ends within five minutes, whatever the other side does.
 * Threads: a transport belongs to one thread. While it sends, SIGPIPE is
 * blocked in that thread.
 */

#include <stdio.h>

#include "base/str.h"
#include "report/transport/transport_job.h"

struct arena;
struct settings;
struct transport;

/* From the settings report-sendmail, report-smtp-* and report-dkim-*.
 * `from_domain` is d= of the signature. NULL with a sentence in *reason. Takes
 * nothing from `s` that must stay; lives in the arena until it is closed. */
struct transport *transport_open(const struct settings *s,
    struct str from_domain, struct arena *a, struct str *reason);

/* Sends the message of a seekable file, read from its start: header and body,
 * ASCII, lines that end in CRLF. `sender` is the envelope's, empty for <>. Both
 * addresses are such as address_is_plain() takes; others are refused. */
void transport_send(struct transport *t, struct str sender,
    struct str recipient, FILE *message, struct arena *a,
    struct transport_result *out);

void transport_close(struct transport *t);

/* For tests: the longest that one transaction may take. */
void transport_set_limit(struct transport *t, unsigned milliseconds);

#endif
