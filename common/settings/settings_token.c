/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_token.h"

#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "settings/settings_problem.h"

/* The longest path; libconfuse makes room for every 32 bytes anew. */
#define MAX_WORD 4096u

#define REFUSE(t, ...)                                                         \
	do {                                                                   \
		problem_add((t)->problems, (t)->line, __VA_ARGS__);            \
		(t)->is_readable = false;                                      \
	} while (0)

static int
next(struct tokens *t)
{
	int c = cursor_next(&t->c);
	if (c == '\n')
		t->line++;
	return c;
}

static bool
is_next(const struct tokens *t, const char *literal)
{
	return str_has_prefix(cursor_rest(&t->c), str_of(literal));
}

static bool
is_comment_next(const struct tokens *t)
{
	return is_next(t, "#") || is_next(t, "//") || is_next(t, "/*");
}

/* libconfuse counts lines wrongly behind comments, so it gets blanks. */
static void
comment(struct tokens *t)
{
	const char *end = is_next(t, "/*") ? "*/" : "\n";
	size_t from = t->c.at;
	unsigned line = t->line;
	while (!cursor_at_end(&t->c) && !is_next(t, end))
		next(t);
	if (*end == '*' && cursor_at_end(&t->c))
		problem_add(t->problems, line, "the comment that starts here "
		    "does not end: add \"*/\"");
	else if (*end == '*')
		next(t), next(t);
	for (size_t i = from; i < t->c.at; i++)
		if (t->text[i] != '\n')
			t->text[i] = ' ';
}

static void
blanks_and_comments(struct tokens *t)
{
	for (;;) {
		if (is_comment_next(t))
			comment(t);
		else if (ascii_is_fws(cursor_peek(&t->c)))
			next(t);
		else
			return;
	}
}

/* ---- quoted words ------------------------------------------------------- */

static void
refuse_environment(struct tokens *t)
{
	REFUSE(t, "\"${...}\" would be replaced from the environment of "
	    "whoever starts the program: write the value itself, or \"\\${\" "
	    "for these characters");
}

/* One character of a string. The escapes of C would bring in bytes that
 * nobody sees. */
static void
character(struct tokens *t, int quote, struct text *word)
{
	int c = next(t), after = cursor_peek(&t->c);
	if (c == '$' && quote == '"' && after == '{')
		refuse_environment(t);
	if (c == '\\' && quote == '\'')
		REFUSE(t, "a backslash in single quotes: use double quotes, "
		    "and two backslashes for one");
	else if (c == '\\' && (after == '"' || after == '\\' || after == '$'))
		c = next(t);
	else if (c == '\\')
		REFUSE(t, "a backslash stands only before a double quote, a "
		    "dollar or another backslash: double it");
	if (c < ' ' || c == 0x7f)
		REFUSE(t, "a control character (0x%02x) in a string: remove "
		    "it", (unsigned)c);
	text_add_char(word, (char)c);
}

static struct str
quoted(struct tokens *t)
{
	struct text word;
	int quote = next(t);
	text_init(&word, t->arena);
	while (!cursor_at_end(&t->c) && cursor_peek(&t->c) != quote &&
	    cursor_peek(&t->c) != '\n')
		character(t, quote, &word);
	if (!cursor_take(&t->c, (char)quote))
		REFUSE(t, "the string does not end in its line: add the "
		    "closing quote");
	return text_str(&word);
}

/* ---- bare words --------------------------------------------------------- */

static bool
is_sign(int c)
{
	return c == '=' || c == ',' || c == '{' || c == '}';
}

/* What a bare word is made of here. libconfuse takes more, and drops some. */
static bool
is_bare(int c)
{
	return ascii_is_alnum(c) || c == '.' || c == '_' || c == '-' ||
	    c == ':' || c == '/' || c == '@' || c == '[' || c == ']';
}

static void
refuse_byte(struct tokens *t, int c)
{
	if (c == '(' || c == ')')
		REFUSE(t, "there are no functions, and no include(): write "
		    "everything into this file");
	else if (ascii_is_print(c))
		REFUSE(t, "a string with \"%c\" must stand in quotes", c);
	else
		REFUSE(t, "the byte 0x%02x stands outside quotes: put the "
		    "string in quotes, or remove it", (unsigned)c);
}

/* As the value that was meant, so that the reader keeps its pace. */
static void
environment(struct tokens *t)
{
	refuse_environment(t);
	while (cursor_peek(&t->c) > ' ' && cursor_peek(&t->c) != '}')
		next(t);
	cursor_take(&t->c, '}');
}

static bool
is_bare_end(const struct tokens *t)
{
	int c = cursor_peek(&t->c);
	return c < 0 || ascii_is_fws(c) || is_sign(c) || c == '"' ||
	    c == '\'' || is_comment_next(t) || is_next(t, "+=");
}

/* libconfuse takes "//" into a word, and breaks it at "#". */
static void
refuse_comment(struct tokens *t)
{
	REFUSE(t, "a comment begins within a word: put a blank before it, or "
	    "the string in quotes");
}

/* A word in which a byte is refused is still one word, complained of once. */
static void
bare(struct tokens *t, struct token *out)
{
	size_t from = t->c.at;
	while (!is_bare_end(t)) {
		int c = cursor_peek(&t->c);
		bool is_environment = is_next(t, "${");
		if (is_environment)
			environment(t);
		else if (!is_bare(c) && !out->is_refused)
			refuse_byte(t, c);
		if (is_environment || !is_bare(c))
			out->is_refused = true;
		if (!is_environment)
			next(t);
	}
	if (is_comment_next(t) && !out->is_refused) {
		refuse_comment(t);
		out->is_refused = true;
	}
	out->word = cursor_since(&t->c, from);
}

/* ------------------------------------------------------------------------- */

void
tokens_init(struct tokens *t, struct str text, struct arena *a,
    struct problems *p)
{
	*t = (struct tokens) {.arena = a, .problems = p, .line = 1,
	    .text = str_cstr(text, a), .is_readable = true};
	cursor_init(&t->c, text);
}

void
tokens_next(struct tokens *t, struct token *out)
{
	blanks_and_comments(t);
	int c = cursor_peek(&t->c);
	if (is_next(t, "+=")) {
		REFUSE(t, "\"+=\" is not taken: give the whole value with "
		    "\"=\"");
		next(t);
		c = '=';
	}
	*out = (struct token) {.kind = c < 0 ? TOKEN_END : c, .line = t->line};
	if (c < 0)
		return;
	if (is_sign(c)) {
		next(t);
		return;
	}
	out->kind = TOKEN_WORD;
	out->is_quoted = c == '"' || c == '\'';
	if (out->is_quoted)
		out->word = quoted(t);
	else
		bare(t, out);
	if (out->word.n > MAX_WORD)
		REFUSE(t, "a string of more than %u bytes: make it shorter",
		    MAX_WORD);
}
