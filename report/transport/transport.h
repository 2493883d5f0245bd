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

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"

struct arena;
struct settings;
struct transport;

/* Bytes of what a server or command said that results carry, unescaped. */
#define TRANSPORT_MAX_WORDS 400u

enum transport_status {
	TRANSPORT_SENT,     /* the other side has taken responsibility */
	TRANSPORT_DEFERRED, /* worth another try: 4xx, no connection, time-out */
	TRANSPORT_REFUSED   /* final: 5xx */
};

struct transport_result {
	enum transport_status status;
	int code;        /* the SMTP reply or the exit status; 0: none */
	bool is_address; /* refused: the address itself was, not the message */
	bool is_service; /* deferred: the server or command cannot be used at
			    all, so that other messages need not be tried */
	struct str text; /* for people, printable ASCII: what was said, or what
			    went wrong and what to do */
};

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
