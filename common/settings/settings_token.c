/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_token.h"

#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "settings/settings_problem.h"

/* The longest path. */
#define MAX_WORD 4096u

/* The first fault of a word is the one that is told. */
#define FAULT(t, out, at_, ...)                                                \
	do {                                                                   \
		if ((out)->fault.n == 0) {                                     \
			(out)->fault = text_format((t)->arena, __VA_ARGS__);   \
			(out)->fault_at = (at_);                               \
		}                                                              \
	} while (0)

/* Columns count characters of UTF-8. */
static int
next(struct tokens *t)
{
	int c = cursor_next(&t->c);
	if (c == '\n')
		t->at = (struct settings_at) {t->at.line + 1, 1};
	else if ((c & 0xc0) != 0x80)
		t->at.column++;
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

static void
comment(struct tokens *t, struct token *out)
{
	const char *end = is_next(t, "/*") ? "*/" : "\n";
	struct settings_at from = t->at;
	while (!cursor_at_end(&t->c) && !is_next(t, end))
		next(t);
	if (*end == '*' && cursor_at_end(&t->c))
		FAULT(t, out, from, "the comment that starts here does not "
		    "end: add \"*/\"");
	else if (*end == '*')
		next(t), next(t);
}

/* A ";" of another language: before a comment, or after a setting. */
static void
semicolon(struct tokens *t, struct token *out)
{
	struct str before = str_trim(cursor_since(&t->c, 0));
	bool is_first = before.n == 0 || memchr(before.p + before.n, '\n',
	    (size_t)(cursor_rest(&t->c).p - before.p) - before.n) != NULL;
	if (is_first) {
		FAULT(t, out, t->at, "a line begins with \";\", but comments "
		    "begin with #: write # in its place");
		comment(t, out);
		return;
	}
	FAULT(t, out, t->at, "a \";\" ends nothing here: remove it, the line "
	    "end is enough");
	next(t);
}

static void
blanks_and_comments(struct tokens *t, struct token *out)
{
	for (;;) {
		if (is_comment_next(t))
			comment(t, out);
		else if (is_next(t, ";"))
			semicolon(t, out);
		else if (ascii_is_fws(cursor_peek(&t->c)))
			next(t);
		else
			return;
	}
}

/* ---- quoted words ------------------------------------------------------- */

/* One character of a string. The escapes of C would bring in bytes that
 * nobody sees. */
static void
character(struct tokens *t, int quote, struct text *word, struct token *out)
{
	struct settings_at at = t->at;
	int c = next(t), after = cursor_peek(&t->c);
	if (c == '$' && quote == '"' && after == '{')
		FAULT(t, out, at, "\"${...}\" is replaced by nothing, there "
		    "are no variables: write the value itself, or \"\\${\" for "
		    "these characters");
	if (c == '\\' && quote == '\'')
		FAULT(t, out, at, "a backslash in single quotes: use double "
		    "quotes, and two backslashes for one");
	else if (c == '\\' && (after == '"' || after == '\\' || after == '$'))
		c = next(t);
	else if (c == '\\')
		FAULT(t, out, at, "a backslash stands only before a double "
		    "quote, a dollar or another backslash: double it");
	if (c < ' ' || c == 0x7f)
		FAULT(t, out, at, "a control character (0x%02x) in a string: "
		    "remove it", (unsigned)c);
	text_add_char(word, (char)c);
}

static void
quoted(struct tokens *t, struct token *out)
{
	struct text word;
	int quote = next(t);
	text_init(&word, t->arena);
	while (!cursor_at_end(&t->c) && cursor_peek(&t->c) != quote &&
	    cursor_peek(&t->c) != '\n')
		character(t, quote, &word, out);
	out->word = text_str(&word);
	out->is_quoted = true;
	if (!cursor_at_end(&t->c) && cursor_peek(&t->c) == quote)
		next(t);
	else
		FAULT(t, out, out->at, "the string that starts here does not "
		    "end in its line: add the closing quote");
}

/* ---- bare words --------------------------------------------------------- */

static bool
is_sign(int c)
{
	return c == '=' || c == ',' || c == '{' || c == '}';
}

static bool
is_bare(int c)
{
	return ascii_is_alnum(c) || c == '.' || c == '_' || c == '-' ||
	    c == ':' || c == '/' || c == '@' || c == '[' || c == ']' ||
	    c == '*';
}

bool
token_is_bare(struct str word)
{
	struct tokens t = {.arena = NULL};
	cursor_init(&t.c, word);
	while (is_bare(cursor_peek(&t.c)) && !is_comment_next(&t))
		cursor_next(&t.c);
	return word.n > 0 && cursor_at_end(&t.c);
}

static bool
is_bare_end(const struct tokens *t)
{
	int c = cursor_peek(&t->c);
	return c < 0 || ascii_is_fws(c) || is_sign(c) || c == '"' ||
	    c == '\'' || is_comment_next(t) || is_next(t, "+=") ||
	    is_next(t, ":=");
}

/* The quotes of word processors: U+2018 to U+201F, and the guillemets. */
static size_t
typographic(struct str s)
{
	if (s.n >= 3 && s.p[0] == '\xe2' && s.p[1] == '\x80' &&
	    ((unsigned char)s.p[2] & 0xf8) == 0x98)
		return 3;
	return str_has_prefix(s, STR("\xc2\xab")) ||
	    str_has_prefix(s, STR("\xc2\xbb")) ? 2 : 0;
}

static bool
is_typographic(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (typographic(str_sub(word, i, word.n)) > 0)
			return true;
	return false;
}

/* What another language would take for one value, up to its end in this line,
 * so that its fault is told once. */
static void
foreign_value(struct tokens *t)
{
	bool is_list = is_next(t, "(");
	size_t n = is_list ? 1 : typographic(cursor_rest(&t->c));
	struct tokens end = *t;
	while (n-- > 0)
		next(&end);
	while (cursor_peek(&end.c) >= 0 && cursor_peek(&end.c) != '\n') {
		n = is_list ? is_next(&end, ")") :
		    typographic(cursor_rest(&end.c));
		if (n == 0) {
			next(&end);
			continue;
		}
		while (n-- > 0)
			next(&end);
		*t = end;
		return;
	}
}

/* As the value that was meant, so that the reader keeps its pace. */
static void
variable(struct tokens *t, struct token *out)
{
	FAULT(t, out, t->at, "\"${...}\" is replaced by nothing, there are no "
	    "variables: write the value itself");
	while (cursor_peek(&t->c) > ' ' && cursor_peek(&t->c) != '}')
		next(t);
	if (cursor_peek(&t->c) == '}')
		next(t);
}

/* The byte that may not stand without quotes, in a word that has been read. */
static void
refuse_byte(struct tokens *t, struct token *out, struct settings_at at, int c)
{
	struct str word = problem_excerpt(t->arena, out->word);
	if (c == ';' && out->word.n > 1 && str_find(out->word, ';') ==
	    out->word.n - 1) {
		out->word.n--;
		FAULT(t, out, at, "a \";\" at the end of a setting: remove "
		    "it, the line end is enough");
	} else if (is_typographic(out->word)) {
		FAULT(t, out, at, "typographic quotes are not taken: write "
		    "plain quotes (\")");
	} else if (c == '(' && out->word.p[0] == '(')
		FAULT(t, out, at, "a list stands in braces, not in "
		    "parentheses: write {...}");
	else if (c == '(' || c == ')')
		FAULT(t, out, at, "\"%.*s\" has a parenthesis: there are no "
		    "functions and no include(), write everything into this "
		    "file; a string stands in quotes", STR_ARG(word));
	else if (ascii_is_print(c)) {
		out->lacks_quotes = out->fault.n == 0;
		FAULT(t, out, at, "a string with \"%c\" must stand in quotes: "
		    "write \"%.*s\"", c, STR_ARG(word));
	} else if (str_has_prefix(out->word, STR("\xef\xbb\xbf")))
		FAULT(t, out, at, "a byte order mark (0xef, 0xbb, 0xbf) stands "
		    "here: save the file as UTF-8 without it");
	else
		FAULT(t, out, at, "the byte 0x%02x stands outside quotes: put "
		    "the string in quotes, or remove it", (unsigned)c);
}

static void
refuse_comment(struct tokens *t, struct token *out, size_t from)
{
	struct cursor c = t->c;
	while (cursor_peek(&c) > ' ')
		cursor_next(&c);
	FAULT(t, out, t->at, "a comment begins within a word: put a blank "
	    "before it, or write \"%.*s\"",
	    STR_ARG(problem_excerpt(t->arena, cursor_since(&c, from))));
}

static void
bare(struct tokens *t, struct token *out)
{
	struct settings_at bad_at = t->at;
	size_t from = t->c.at;
	int bad = -1;
	if (is_next(t, "(") || typographic(cursor_rest(&t->c)) > 0) {
		bad = cursor_peek(&t->c);
		foreign_value(t);
	}
	while (!is_bare_end(t)) {
		int c = cursor_peek(&t->c);
		if (is_next(t, "${")) {
			variable(t, out);
			continue;
		}
		if (!is_bare(c) && bad < 0) {
			bad = c;
			bad_at = t->at;
		}
		next(t);
	}
	out->word = cursor_since(&t->c, from);
	if (bad >= 0)
		refuse_byte(t, out, bad_at, bad);
	if (is_comment_next(t))
		refuse_comment(t, out, from);
}

/* ------------------------------------------------------------------------- */

void
tokens_init(struct tokens *t, struct str text, struct arena *a)
{
	*t = (struct tokens) {.arena = a, .at = {1, 1}};
	cursor_init(&t->c, text);
}

void
tokens_next(struct tokens *t, struct token *out)
{
	*out = (struct token) {.kind = TOKEN_END};
	blanks_and_comments(t, out);
	int c = cursor_peek(&t->c);
	out->at = t->at;
	if (c < 0)
		return;
	if (is_next(t, "+=")) {
		FAULT(t, out, t->at, "\"+=\" is not taken: give the whole "
		    "value with \"=\"");
		next(t);
		c = '=';
	} else if (is_next(t, ":=") || is_next(t, "==")) {
		FAULT(t, out, t->at, "\"%c=\" is not taken: write \"=\"", c);
		next(t);
		c = '=';
	}
	if (is_sign(c)) {
		out->kind = c;
		next(t);
		return;
	}
	out->kind = TOKEN_WORD;
	if (c == '"' || c == '\'')
		quoted(t, out);
	else
		bare(t, out);
	if (out->word.n > MAX_WORD)
		FAULT(t, out, out->at, "a string of more than %u bytes: make "
		    "it shorter", MAX_WORD);
}

struct str
tokens_skip_line(struct tokens *t)
{
	size_t from = t->c.at;
	while (!cursor_at_end(&t->c) && cursor_peek(&t->c) != '\n')
		next(t);
	struct str line = cursor_since(&t->c, from);
	return str_trim(str_sub(line, 0, str_find(line, '#')));
}
