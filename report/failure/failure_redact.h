/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_FAILURE_FAILURE_REDACT_H
#define APLOMB_REPORT_FAILURE_FAILURE_REDACT_H

/*
 * What is private in a reported message, made unreadable (RFC 6590): the
 * local-part of each recipient becomes the same word wherever it stands, so that
 * who reads several reports can tell what belongs together and no more. The
 * word is HMAC-SHA-256 under a key of ours, of the local-part as it was first
 * seen, in the letters of base64url.
 *
 * Private are the recipients of the envelope, and who is named in To and its
 * like or behind "for" in Received; names beside the addresses go. If the
 * operator wants it so, those of the reported domain are too.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct redactor;

#define REDACT_KEY  32u /* bytes of a key */
#define REDACT_WORD 22u /* letters of a word: 132 bits */
/* Private addresses that are found outside of the fields that name them; of a
 * message with more the later ones are made unreadable in those alone. */
#define REDACT_MAX 300u

struct redact_options {
	const char *key;              /* REDACT_KEY bytes */
	const struct str *recipients; /* of the envelope */
	size_t recipient_count;
	struct str reported;          /* the organization that is reported to */
	bool is_sender_hidden;        /* addresses within it are private */
	bool is_message_id_hidden;    /* Message-ID and its like go */
};

/* Learns who is private from the options and the header: fields as they came,
 * "NAME:VALUE" and CRLF each. Keeps views of both. */
struct redactor *redact_new(const struct redact_options *o,
    struct str header, struct str mail_from, struct arena *a);

/* The same header, of which some fields may be gone. */
struct str redact_header(struct redactor *r, struct str header);

/* The value of the first field of a name in such a header, as it stands there;
 * empty where there is none. */
struct str redact_find(struct str header, const char *name);

/* Any other text: private addresses in it, written with "@" or one of the signs
 * that stand for it in return-paths and links. */
struct str redact_text(struct redactor *r, struct str text);

/* An address whose local-part is private wherever it comes from. */
struct str redact_address(struct redactor *r, struct str address);

#endif
