/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_MAIL_LEXEME_H
#define APLOMB_MAIL_LEXEME_H

/*
 * What all structured fields are made of: comments, folding white space and
 * quoted-strings (RFC 5322 3.2 and 4.1, RFC 6532 3.2). NUL, and a CR or LF that
 * folds nothing, are errors everywhere: readers disagree on what follows them.
 */

#include "base/cursor.h"
#include "base/text.h"

/* Nested comments; RFC 5322 sets no bound. */
#define LEXEME_MAX_NESTING 16u

/* Passes over [CFWS]. */
void lexeme_cfws(struct cursor *c);

/* Passes over a quoted-string, which must come next, and adds its content to
 * `out`, quotes, quoted-pairs and line ends undone. */
void lexeme_quoted_string(struct cursor *c, struct text *out);

/* atext, with RFC 6532's UTF-8 and any other byte over 127. */
bool lexeme_is_atext(int c);

#endif
