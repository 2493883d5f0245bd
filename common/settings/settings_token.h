/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_SETTINGS_SETTINGS_TOKEN_H
#define APLOMB_SETTINGS_SETTINGS_TOKEN_H

/*
 * The words and signs of a configuration's text, as libconfuse would see them,
 * and the refusal of those that libconfuse would read otherwise than they
 * stand there: "+=", "${ENV}", the escapes of C, bytes outside quotes that it
 * drops. For the files of settings/ alone.
 */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/str.h"

struct arena;
struct problems;

/* The others are the signs themselves: = , { and }. */
enum token_kind { TOKEN_END, TOKEN_WORD };

struct token {
	int kind;
	unsigned line;
	struct str word; /* without its quotes */
	bool is_quoted;
	bool is_refused; /* with a byte that was complained of */
};

struct tokens {
	struct cursor c;
	struct arena *arena;
	struct problems *problems;
	unsigned line;
	char *text;       /* a copy with blanks for comments */
	bool is_readable; /* nothing was refused */
};

void tokens_init(struct tokens *t, struct str text, struct arena *a,
    struct problems *p);
void tokens_next(struct tokens *t, struct token *out);

#endif
