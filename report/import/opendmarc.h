/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_REPORT_IMPORT_OPENDMARC_H
#define APLOMB_REPORT_IMPORT_OPENDMARC_H

/*
 * The history files of OpenDMARC: for each message some lines "KEY VALUE", of
 * which "job" is the first. Numbers stand for names, as in its source. What the
 * file does not tell (np, fo, human results) has its default.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "report/import/history_row.h"

/* More signatures of a message are passed over. */
#define OPENDMARC_MAX_DKIM REPORT_MAX_DKIM

struct arena;
struct opendmarc;

struct opendmarc *opendmarc_new(void);
void opendmarc_free(struct opendmarc *o);

/* The line begins a message; the one before is complete. */
bool opendmarc_is_first(struct str line);

/* Takes a line of the message at hand. */
void opendmarc_take(struct opendmarc *o, struct str line);

/* The message at hand is bad, whatever it says: `what` is constant. */
void opendmarc_spoil(struct opendmarc *o, const char *what);

/* The message is complete: what it counts as. False with a sentence in *reason
 * for a bad one. Views are good until opendmarc_clear(). */
bool opendmarc_end(struct opendmarc *o, enum message_kind *kind,
    struct message_row *out, struct str *reason);

/* Forgets it. */
void opendmarc_clear(struct opendmarc *o);

/* Whether any line was taken since. */
bool opendmarc_is_empty(const struct opendmarc *o);

#endif
