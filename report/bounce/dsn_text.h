/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_BOUNCE_DSN_TEXT_H
#define APLOMB_REPORT_BOUNCE_DSN_TEXT_H

/* What can be read of text for people, and bounces that are nothing else. */

#include <stdbool.h>

#include "base/str.h"

struct dsn_outcome;

/* What a text says of an address: from behind its first place to the end of the
 * paragraph. */
struct str dsn_text_about(struct str text, struct str address);

/* qmail's (QSBMF): paragraphs of which those that begin with an address in
 * brackets say what became of it, up to one that begins with "-". *original is
 * what follows that one, the returned message. False leaves both. */
bool dsn_text_read_qmail(struct str text, struct dsn_outcome *out,
    struct str *original);

/* Exim's of old: the header field names the addresses, and the text has a
 * paragraph for each. *original is empty when no copy of the message follows. */
bool dsn_text_read_exim(struct str failed_recipients, struct str text,
    struct dsn_outcome *out, struct str *original);

#endif
