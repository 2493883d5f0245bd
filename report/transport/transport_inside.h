/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_INSIDE_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_INSIDE_H

/* What the files of the transport have between them: for transport*.c alone. */

#include "base/str.h"
#include "report/transport/transport.h"

struct arena;
struct transport_source;

/* One transaction. */
struct transport_job {
	struct str sender; /* empty for <> */
	struct str recipient;
	struct transport_source *source; /* at its first byte */
	unsigned limit; /* milliseconds */
	struct arena *arena; /* of the result */
	struct transport_result *out;
};

/* Sets what *out says; the words are kept. */
void transport_say(struct transport_job *j, enum transport_status status,
    int code, struct str text);

/* A deferral that all messages would meet. */
void transport_no_service(struct transport_job *j, struct str text);

/* Words of outside: bounded, what is not printable ASCII as \xNN, trimmed. */
struct str transport_words(struct str outside, struct arena *a);

#endif
