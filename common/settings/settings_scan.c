/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_scan.h"

#include <string.h>

#include "base/arena.h"
#include "settings/settings_name.h"
#include "settings/settings_problem.h"
#include "settings/settings_token.h"

/*
 *	file      = *(statement / block)
 *	block     = "override" word "{" *statement "}"
 *	statement = word "=" (word / list)
 *	list      = "{" [word *("," word) [","]] "}"
 *
 * The first error of this grammar ends the scan: what follows would be taken
 * for something else. A rule returns false then.
 */
struct scanner {
	struct tokens tokens;
	struct token now;
	struct arena *arena;
	struct scan *out;
	struct problems *problems;
	enum settings_place place;
	size_t top_count; /* keys of the top level */
	bool is_unknown; /* in a block of an unknown kind: so are its keys */
};

#define BLOCK_FORM "override \"NAME\" { ... }"

/* After a word that was refused, such an error is its consequence. */
#define FAIL(s, line, ...)                                                     \
	do {                                                                   \
		if ((s)->tokens.is_readable)                                   \
			problem_add((s)->problems, (line), __VA_ARGS__);       \
		(s)->tokens.is_readable = false;                               \
		return false;                                                  \
	} while (0)

#define EXCERPT(s, text) STR_ARG(problem_excerpt((s)->problems, (text)))

static void
advance(struct scanner *s)
{
	tokens_next(&s->tokens, &s->now);
}

static bool
take(struct scanner *s, int kind)
{
	if (s->now.kind != kind)
		return false;
	advance(s);
	return true;
}

/* Room for one more entry of an array. */
static void *
grow(struct arena *a, void *at, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return at;
	*capacity = *capacity * 2 + 16;
	void *more = arena_zalloc(a, arena_array_size(*capacity, size));
	if (count > 0)
		memcpy(more, at, count * size);
	return more;
}

/* ---- keys and values ---------------------------------------------------- */

static const struct scan_key *
find_among(const struct scan *s, size_t first, size_t count, bool is_in_block,
    struct str key)
{
	for (size_t i = first + count; i-- > first;) {
		const struct scan_key *k = &s->keys[i];
		if (k->is_in_block == is_in_block && str_eq(k->key, key))
			return k;
	}
	return NULL;
}

static const struct scan_key *
find_here(const struct scanner *s, struct str key)
{
	const struct scan *out = s->out;
	bool is_in_block = s->place == SETTINGS_IN_BLOCK;
	size_t first =
	    is_in_block ? out->blocks[out->block_count - 1].first_key : 0;
	return find_among(out, first, out->key_count - first, is_in_block,
	    key);
}

static bool
has_room(struct scanner *s)
{
	const struct scan *out = s->out;
	if (s->place == SETTINGS_TOP)
		return s->top_count++ < SCAN_MAX_KEYS;
	return out->key_count - out->blocks[out->block_count - 1].first_key <
	    SCAN_MAX_KEYS;
}

static void
add_key(struct scanner *s, const struct token *key)
{
	struct scan *out = s->out;
	bool is_unknown = !s->is_unknown &&
	    settings_name_find(s->place, key->word) == SETTINGS_UNKNOWN;
	const struct scan_key *before = find_here(s, key->word);
	if (is_unknown && !key->is_refused)
		settings_name_refuse(s->place, key->word, key->line,
		    s->problems);
	else if (before != NULL && !is_unknown)
		problem_add(s->problems, key->line, "%.*s stands here again, "
		    "after line %u: keep one of the two",
		    EXCERPT(s, key->word), before->line);
	out->keys = grow(s->arena, out->keys, out->key_count,
	    &out->key_capacity, sizeof *out->keys);
	out->keys[out->key_count++] = (struct scan_key) {.key = key->word,
	    .line = key->line, .is_in_block = s->place == SETTINGS_IN_BLOCK,
	    .is_unknown = is_unknown, .first_value = out->line_count};
}

static void
add_value(struct scanner *s)
{
	struct scan *out = s->out;
	out->lines = grow(s->arena, out->lines, out->line_count,
	    &out->line_capacity, sizeof *out->lines);
	out->lines[out->line_count++] = s->now.line;
	out->keys[out->key_count - 1].values++;
	advance(s);
}

static bool
end_list(struct scanner *s, const struct token *key)
{
	if (s->now.kind == TOKEN_END)
		FAIL(s, key->line, "the list of %.*s does not end: add \"}\"",
		    EXCERPT(s, key->word));
	if (s->now.kind == TOKEN_WORD)
		FAIL(s, s->now.line, "in the list of %.*s a \",\" is missing "
		    "before this, or the \"}\" at its end: add it",
		    EXCERPT(s, key->word));
	if (!take(s, '}'))
		FAIL(s, s->now.line, "in the list of %.*s a \"%c\" stands in "
		    "place of a value: remove it", EXCERPT(s, key->word),
		    s->now.kind);
	return true;
}

static bool
list(struct scanner *s, const struct token *key)
{
	struct scan_key *k = &s->out->keys[s->out->key_count - 1];
	k->is_list = true;
	while (s->now.kind == TOKEN_WORD) {
		if (k->values == SCAN_MAX_VALUES)
			FAIL(s, s->now.line, "the list of %.*s has more than "
			    "%u values, and each is compared with: join some",
			    EXCERPT(s, key->word), SCAN_MAX_VALUES);
		add_value(s);
		if (!take(s, ','))
			break;
	}
	return end_list(s, key);
}

/* A value in a later line that an "=" follows is the next key. */
static bool
assignment(struct scanner *s, const struct token *key)
{
	unsigned line = s->now.line;
	if (!has_room(s))
		FAIL(s, key->line, "more keys than aplomb.conf(5) has: remove "
		    "what is wrong with those before");
	add_key(s, key);
	if (take(s, '{'))
		return list(s, key);
	bool has_value = s->now.kind == TOKEN_WORD;
	if (has_value)
		add_value(s);
	if (!has_value || (s->now.kind == '=' && line > key->line))
		FAIL(s, key->line, "%.*s has no value: write %.*s = VALUE",
		    EXCERPT(s, key->word), EXCERPT(s, key->word));
	return true;
}

static bool
statement(struct scanner *s, const struct token *key, enum settings_name name)
{
	if (name == SETTINGS_BLOCK && s->now.kind == '=')
		FAIL(s, key->line, SETTINGS_OVERRIDE " is a block and no key: "
		    "write " BLOCK_FORM);
	if (take(s, '='))
		return assignment(s, key);
	if (name == SETTINGS_BLOCK)
		FAIL(s, key->line, "a block within a block: close the first "
		    "with \"}\" before this line");
	if (s->now.kind == '{')
		FAIL(s, key->line, "%.*s is a key and no block: write %.*s = "
		    "VALUE", EXCERPT(s, key->word), EXCERPT(s, key->word));
	FAIL(s, key->line, "%.*s has no \"=\" behind it: write %.*s = VALUE",
	    EXCERPT(s, key->word), EXCERPT(s, key->word));
}

/* ---- blocks ------------------------------------------------------------- */

static bool
check_title(struct scanner *s, const struct token *title)
{
	struct scan *out = s->out;
	if (title->word.n == 0 || title->word.n > SCAN_MAX_TITLE)
		FAIL(s, title->line, "the name of a block has 1 to %u bytes: "
		    "give it another", SCAN_MAX_TITLE);
	if (out->block_count == SCAN_MAX_BLOCKS)
		FAIL(s, title->line, "there are more than %u blocks, and each "
		    "failed message is compared with all: join some",
		    SCAN_MAX_BLOCKS);
	for (size_t i = 0; i < out->block_count; i++)
		if (str_eq(out->blocks[i].title, title->word))
			FAIL(s, title->line, "the name \"%.*s\" is taken by "
			    "the block in line %u: choose another",
			    EXCERPT(s, title->word), out->blocks[i].line);
	return true;
}

static bool statements(struct scanner *s);

static bool
body(struct scanner *s, unsigned line)
{
	struct scan *out = s->out;
	size_t i = out->block_count - 1;
	s->place = SETTINGS_IN_BLOCK;
	if (!statements(s))
		return false;
	if (s->now.kind == TOKEN_END)
		FAIL(s, line, "the block that starts here does not end: add "
		    "\"}\"");
	if (!take(s, '}'))
		FAIL(s, s->now.line, "a \"%c\" stands where a key is due: "
		    "write KEY = VALUE", s->now.kind);
	out->blocks[i].key_count = out->key_count - out->blocks[i].first_key;
	s->place = SETTINGS_TOP;
	s->is_unknown = false;
	return true;
}

static bool
block(struct scanner *s, const struct token *kind)
{
	struct scan *out = s->out;
	struct token title = s->now;
	if (!take(s, TOKEN_WORD))
		FAIL(s, kind->line, "a block needs a name: write " BLOCK_FORM);
	if (!check_title(s, &title))
		return false;
	if (!take(s, '{'))
		FAIL(s, kind->line, "a \"{\" is missing behind the block's "
		    "name: write " BLOCK_FORM);
	out->blocks = grow(s->arena, out->blocks, out->block_count,
	    &out->block_capacity, sizeof *out->blocks);
	out->blocks[out->block_count++] = (struct scan_block) {
	    .title = title.word, .line = kind->line,
	    .first_key = out->key_count};
	return body(s, kind->line);
}

/* Its keys are passed over: nobody knows what they would be. */
static bool
unknown_block(struct scanner *s, const struct token *kind)
{
	if (!kind->is_refused)
		settings_name_refuse(SETTINGS_TOP, kind->word, kind->line,
		    s->problems);
	s->tokens.is_readable = false;
	s->is_unknown = true;
	return block(s, kind);
}

/* ------------------------------------------------------------------------- */

static bool
statement_or_block(struct scanner *s)
{
	struct token first = s->now;
	enum settings_name name = settings_name_find(s->place, first.word);
	bool is_top = s->place == SETTINGS_TOP;
	if (first.is_quoted)
		FAIL(s, first.line, "\"%.*s\" stands where a key is due, and "
		    "keys have no quotes: write KEY = VALUE",
		    EXCERPT(s, first.word));
	advance(s);
	bool is_block = s->now.kind == TOKEN_WORD || s->now.kind == '{';
	if (is_top && is_block && name == SETTINGS_BLOCK)
		return block(s, &first);
	if (is_top && is_block && name == SETTINGS_UNKNOWN)
		return unknown_block(s, &first);
	return statement(s, &first, name);
}

static bool
statements(struct scanner *s)
{
	while (s->now.kind == TOKEN_WORD && !s->problems->has_more)
		if (!statement_or_block(s))
			return false;
	return !s->problems->has_more;
}

static bool
file(struct scanner *s)
{
	advance(s);
	if (!statements(s))
		return false;
	if (s->now.kind == '}')
		FAIL(s, s->now.line, "a \"}\" without a \"{\" before it: "
		    "remove it");
	if (s->now.kind != TOKEN_END)
		FAIL(s, s->now.line, "a \"%c\" stands where a key is due: "
		    "write KEY = VALUE", s->now.kind);
	return true;
}

void
scan_text(struct str text, struct arena *a, struct scan *out,
    struct problems *p)
{
	struct scanner s = {.arena = a, .out = out, .problems = p};
	*out = (struct scan) {.keys = NULL};
	tokens_init(&s.tokens, text, a, p);
	bool is_read = file(&s);
	out->text = s.tokens.text;
	out->is_readable = is_read && s.tokens.is_readable;
}

const struct scan_key *
scan_find(const struct scan *s, const char *key)
{
	return find_among(s, 0, s->key_count, false, str_of(key));
}

const struct scan_key *
scan_find_in(const struct scan *s, const struct scan_block *b, const char *key)
{
	return find_among(s, b->first_key, b->key_count, true, str_of(key));
}

unsigned
scan_line(const struct scan *s, const struct scan_key *k, size_t i)
{
	return i < k->values ? s->lines[k->first_value + i] : k->line;
}
