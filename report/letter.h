/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_LETTER_H
#define APLOMB_REPORT_LETTER_H

/*
 * A report as a message (RFC 9990 3.5.2): a text for people, and the gzip file
 * as an attachment, streamed. Lines end in CRLF, are ASCII, and none has more
 * than 998 characters.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "report/package.h"
#include "report/sink.h"

struct arena;
struct letter;
struct text;

/* What the header needs; printable ASCII, see letter_address(). */
struct letter_head {
	struct str from;  /* an address */
	struct str to;    /* an address; empty: not known yet */
	int64_t date;     /* seconds UTC */
	const struct package *package;
	struct str text;  /* printable ASCII, lines ended by LF */
};

/* Whether an address can stand in a field as it is: one mailbox with a domain,
 * printable ASCII, no quoting, at most 254 characters (RFC 5321 4.5.3.1.3).
 * *domain is what stands behind the "@", in the one form of mail/domain.h. */
bool letter_address(struct str address, struct arena *a, struct str *domain);

/* Adds a date-time of RFC 5322 3.3, in UTC; seconds up to the year 9999. */
void letter_date(struct text *t, int64_t seconds);

/* Writes what stands before the attachment. */
struct letter *letter_open(const struct letter_head *h, struct arena *a,
    struct sink to);

/* Takes the bytes of the gzip file; good until letter_close(). */
struct sink letter_sink(struct letter *l);

/* Writes what is left, and frees; false when any byte is lost. */
bool letter_close(struct letter *l);

#endif
