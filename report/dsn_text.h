/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_DSN_TEXT_H
#define APLOMB_REPORT_DSN_TEXT_H

/* Bounces that are text for people, and yet have a form. */

#include <stdbool.h>

#include "base/str.h"

struct dsn_outcome;

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
