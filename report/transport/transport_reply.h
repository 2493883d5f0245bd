/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_TRANSPORT_TRANSPORT_REPLY_H
#define APLOMB_REPORT_TRANSPORT_TRANSPORT_REPLY_H

/*
 * What an SMTP server answers (RFC 5321 4.2, RFC 3463), and what it means for a
 * message: for transport*.c alone. Replies are hostile: of one that has no end
 * the start is kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "report/transport/transport_job.h"

/* Where the dialogue is: what was sent last. */
enum transport_stage {
	TRANSPORT_CONNECT, /* nothing yet, EHLO, STARTTLS or AUTH */
	TRANSPORT_MAIL,
	TRANSPORT_RCPT,
	TRANSPORT_DATA,
	TRANSPORT_MESSAGE  /* bytes of the message */
};

struct transport_reply {
	int code;          /* 0: none yet */
	char text[TRANSPORT_MAX_WORDS]; /* lines, joined by a blank, without
					   the code */
	size_t n;
};

/* Takes what we send, which is never a line of outside: the stage that it
 * leads to from `now`. */
enum transport_stage transport_stage_after(enum transport_stage now,
    struct str line);

/* Adds a line of a reply. */
void transport_reply_add(struct transport_reply *r, struct str line);

/* Sets all but the text for a reply that is no success: code 400 to 599. Of
 * another code, which should not come at this place, it makes a deferral. */
void transport_reply_judge(const struct transport_reply *r,
    enum transport_stage stage, struct transport_result *out);

#endif
