/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_JOB_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_JOB_H

/* One message to one recipient, as each way of sending takes it, and what
 * became of it. */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct transport_source;

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

/* One transaction; for transport*.c only. */
struct transport_job {
	struct str sender; /* empty for <> */
	struct str recipient;
	struct transport_source *source; /* at its first byte */
	unsigned limit; /* milliseconds */
	struct arena *arena; /* of the result */
	struct transport_result *out;
};

/* Sets what *out says; the words are kept. */
void transport_job_say(struct transport_job *j, enum transport_status status,
    int code, struct str text);

/* A deferral that all messages would meet. */
void transport_job_no_service(struct transport_job *j, struct str text);

/* Outside text for people: trimmed, at most TRANSPORT_MAX_WORDS bytes of it,
 * what is not printable ASCII as \xNN. */
struct str transport_job_words(struct str outside, struct arena *a);

#endif
