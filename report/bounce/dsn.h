/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_BOUNCE_DSN_H
#define APLOMB_REPORT_BOUNCE_DSN_H

/*
 * What came back to the envelope address of a report: which delivery it is
 * about, and what became of it. Read are delivery status notifications (RFC
 * 3464, in or out of RFC 6522's multipart/report), qmail's text form, and mail
 * with Exim's X-Failed-Recipients.
 *
 * Anybody can write to that address, so a word of it is believed only as far as
 * its token is known: nobody can guess one (report/row/verp.h), and without a known
 * token nothing may follow from a bounce. Who has one, since a report was sent
 * to him, can do no more than keep further reports from himself.
 *
 * Time and memory grow with the message alone.
 */

#include <stdbool.h>

#include "base/str.h"

struct arena;

/* What is looked at of a message; reports return with it in full, and what says
 * what happened stands in front of them. */
#define DSN_MAX_BYTES (1024u * 1024)

/* Of a text for people. */
#define DSN_MAX_TEXT 500u

/* The first three from bad to good: of several recipients the first counts. */
enum dsn_status {
	DSN_FAILED,    /* it was not delivered and will not be */
	DSN_DELAYED,   /* not yet; a further notice may come */
	DSN_DELIVERED, /* delivered, relayed or expanded to a list */
	DSN_AUTOREPLY, /* an answer of a program: says nothing of delivery */
	DSN_UNREADABLE /* says nothing that can be read */
};

/* Everything lives in the arena, and what is not known is empty. */
struct dsn {
	enum dsn_status status;

	/* The delivery's, with every status, from the first place that has one:
	 *  1. X-Original-To, Delivered-To, Envelope-To, X-Envelope-To, the
	 *     topmost first: there the receiving host puts the address that
	 *     the message came to;
	 *  2. To, which the bouncing host fills with the envelope address;
	 *  3. Original-Envelope-Id (RFC 3464 2.2.1), the address or the token
	 *     alone;
	 *  4. Return-Path of the returned message. */
	struct str token;

	/* Final-Recipient, else Original-Recipient: may be another address than
	 * the report was sent to, where that one forwards. address_is_plain()
	 * takes it. */
	struct str recipient;

	/* The enhanced status, such as "5.1.1"; where Status says no more than
	 * a class ("5.0.0"), the one in the text. */
	struct str code;

	/* DSN_FAILED because the address is bad: whatever is sent to it will
	 * fail. Not when another recipient of the same delivery got it. */
	bool is_address;

	/* What the refusing host said (Diagnostic-Code), else what the text for
	 * people says of the recipient; printable ASCII, one line. */
	struct str text;

	/* The report's, by the returned message's Message-ID or Subject, else by
	 * the Subject of the bounce. */
	struct str report_id;

	/* With DSN_UNREADABLE: why, as the end of a sentence. */
	struct str reason;
};

/* Reads a message as a pipe or an mbox has it: "From " line or none, LF or
 * CRLF. `mailbox` is the one that verp_print() was given. */
void dsn_parse(struct str message, struct str mailbox, struct arena *a,
    struct dsn *out);

/* "failed", "delayed", ... */
const char *dsn_status_text(enum dsn_status s);

#endif
