/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_TOKEN_H
#define APLOMB_SETTINGS_SETTINGS_TOKEN_H

/*
 * The words and signs of a configuration's text, each with its place and with
 * what is wrong with it, if anything is. For the files of settings/ alone.
 */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/str.h"
#include "settings/settings.h"

struct arena;

/* The others are the signs themselves: = , { and }. */
enum token_kind { TOKEN_END, TOKEN_WORD };

struct token {
	int kind;
	struct settings_at at;
	struct str word; /* without its quotes */
	bool is_quoted;
	bool lacks_quotes; /* and that is its fault */
	struct str fault; /* its first, as a sentence; empty if it has none */
	struct settings_at fault_at;
};

/* A plain value: a copy looks ahead. */
struct tokens {
	struct cursor c;
	struct arena *arena; /* of words in quotes and of faults */
	struct settings_at at;
};

void tokens_init(struct tokens *t, struct str text, struct arena *a);
void tokens_next(struct tokens *t, struct token *out);

/* Takes the rest of the line and returns it, without a comment that begins
 * with "#" and without blanks at its ends. */
struct str tokens_skip_line(struct tokens *t);

/* Whether a string may stand without quotes. */
bool token_is_bare(struct str word);

#endif
