/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_read.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "net/suffix.h"
#include "settings/settings.h"
#include "settings/settings_name.h"
#include "settings/settings_option.h"
#include "settings/settings_override.h"
#include "settings/settings_problem.h"
#include "settings/settings_target.h"
#include "settings/settings_token.h"

/*
 *	file      = *(statement / block)
 *	block     = "override" word "{" *statement "}"
 *	statement = word "=" (word / list)
 *	list      = "{" [word *("," word) [","]] "}"
 *
 * What does not fit is told, and the reader goes on where the next statement
 * seems to begin, so that all mistakes of a file are told at once.
 */

/* Rules that a message is compared with, one after the other. */
#define MAX_BLOCKS 1000u
/* A list is compared with in the same way. */
#define MAX_VALUES 10000u
/* The name of a block stands in each log line and report that it decides. */
#define MAX_TITLE 100u
#define MAX_BLOCK_KEYS 32u
#define BLOCK_FORM SETTINGS_OVERRIDE " \"NAME\" { ... }"

struct reader {
	struct tokens tokens; /* after `now` */
	struct tokens before; /* after the token before it */
	struct token now;
	struct settings *out;
	struct arena *arena;   /* of the settings */
	struct arena *scratch; /* of this reading */
	struct problems *problems;
	size_t rule_capacity;
	unsigned lost; /* blocks that ended before their "}" */
	bool has_too_many;
};

struct block {
	struct override_rule rule;
	struct settings_at seen[MAX_BLOCK_KEYS];
};

#define EXCERPT(r, s) STR_ARG(problem_excerpt((r)->scratch, (s)))

/* ---- steps -------------------------------------------------------------- */

/* Passes over a token, whatever is wrong with it. */
static void
skip(struct reader *r)
{
	r->before = r->tokens;
	tokens_next(&r->tokens, &r->now);
}

static void
complain(const struct reader *r)
{
	if (r->now.fault.n > 0)
		problem_add(r->problems, r->now.fault_at, "%.*s",
		    STR_ARG(r->now.fault));
}

static void
advance(struct reader *r)
{
	complain(r);
	skip(r);
}

static bool
take(struct reader *r, int kind)
{
	if (r->now.kind != kind)
		return false;
	advance(r);
	return true;
}

/* "KEY =", "KIND {" or "KIND NAME {" */
static bool
is_start(const struct reader *r)
{
	struct tokens t = r->tokens;
	struct token next, second;
	if (r->now.kind != TOKEN_WORD || r->now.is_quoted)
		return false;
	tokens_next(&t, &next);
	if (next.kind == '=' || next.at.line > r->now.at.line)
		return next.kind == '=';
	if (next.kind == TOKEN_WORD)
		tokens_next(&t, &second);
	return next.kind == '{' ||
	    (next.kind == TOKEN_WORD && second.kind == '{');
}

/* To what seems to be the next statement, at the latest to the next line. */
static void
find_start(struct reader *r, unsigned line)
{
	while (r->now.kind != TOKEN_END && r->now.kind != '}' &&
	    r->now.at.line <= line && !is_start(r))
		skip(r);
}

/* Over "{ ... }". */
static void
skip_braces(struct reader *r)
{
	struct settings_at from = r->now.at;
	size_t depth = 0;
	do {
		if (r->now.kind == TOKEN_END) {
			problem_add(r->problems, from, "what starts with this "
			    "\"{\" does not end: add \"}\"");
			return;
		}
		depth += r->now.kind == '{';
		depth -= r->now.kind == '}';
		skip(r);
	} while (depth > 0);
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

/* ---- the values after a key -------------------------------------------- */

static void
add_value(struct reader *r, struct values *v)
{
	if (v->count == MAX_VALUES) {
		problem_add(r->problems, r->now.at, "the list has more than %u "
		    "values, and each is compared with: join some", MAX_VALUES);
		while (r->now.kind == TOKEN_WORD || r->now.kind == ',')
			skip(r);
		return;
	}
	v->at = grow(r->scratch, v->at, v->count, &v->capacity, sizeof *v->at);
	v->at[v->count++] = r->now;
	skip(r);
}

/* Up to the "}"; what is missing before it is told once. */
static void
list(struct reader *r, const struct token *key, struct values *v)
{
	bool has_gap = false;
	v->is_list = true;
	advance(r);
	while (r->now.kind != '}' && !problems_are_enough(r->problems)) {
		bool is_word = r->now.kind == TOKEN_WORD;
		if (r->now.kind == TOKEN_END || (is_word && is_start(r))) {
			problem_add(r->problems, key->at, "the list of %.*s "
			    "does not end: add \"}\"", EXCERPT(r, key->word));
			return;
		}
		if (!is_word) {
			problem_add(r->problems, r->now.at, "in the list of "
			    "%.*s a \"%c\" stands in place of a value: remove "
			    "it", EXCERPT(r, key->word), r->now.kind);
			advance(r);
			continue;
		}
		complain(r);
		add_value(r, v);
		if (!take(r, ',') && r->now.kind == TOKEN_WORD &&
		    !is_start(r) && !has_gap) {
			has_gap = true;
			problem_add(r->problems, r->now.at, "in the list of "
			    "%.*s a \",\" is missing before \"%.*s\": add it",
			    EXCERPT(r, key->word), EXCERPT(r, r->now.word));
		}
	}
	advance(r);
}

/* One value, and what is written after it as though it were a list. */
static void
loose(struct reader *r, struct values *v, bool is_text)
{
	struct token first = r->now;
	unsigned line = r->now.at.line;
	while (r->now.kind == TOKEN_WORD && r->now.at.line == line &&
	    (v->count == 0 || !is_start(r))) {
		/* Of words that are one text, one sentence tells to quote. */
		if (!is_text || !r->now.lacks_quotes)
			complain(r);
		add_value(r, v);
		while (r->now.kind == ',') {
			v->comma_at = r->now.at;
			advance(r);
			line = r->now.at.line;
		}
	}
	if (is_text && v->count == 1 && first.lacks_quotes)
		problem_add(r->problems, first.fault_at, "%.*s",
		    STR_ARG(first.fault));
}

/* ---- statements --------------------------------------------------------- */

static bool
find_target(const struct reader *r, struct block *b, struct str name,
    struct target *out)
{
	*out = (struct target) {.settings = r->out, .arena = r->arena,
	    .scratch = r->scratch, .problems = r->problems};
	for (size_t i = 0; b != NULL && settings_override_key(i, &out->key);
	    i++) {
		out->rule = &b->rule;
		out->at = &b->seen[i];
		if (str_eq(str_of(out->key.key), name))
			return true;
	}
	for (size_t i = 0; b == NULL && i < settings_option_count; i++) {
		const struct option *o = &settings_options[i];
		out->option = o;
		out->at = (struct settings_at *)((char *)r->out + o->at);
		if (str_eq(str_of(o->key), name))
			return true;
	}
	return false;
}

/* A key that is not there, maybe in the way of OpenDMARC and OpenDKIM, which
 * have no "=". */
static void
unknown(struct reader *r, const struct block *b, const struct token *key)
{
	struct values v = {.count = 0};
	struct str value;
	bool has_sign = r->now.kind == '=';
	if (has_sign) {
		advance(r);
		if (r->now.kind == '{')
			list(r, key, &v);
		else if (!is_start(r) || r->now.at.line == key->at.line)
			loose(r, &v, false);
		value = values_join(&v, r->scratch);
	} else if (b == NULL) {
		r->tokens = r->before;
		value = tokens_skip_line(&r->tokens);
		skip(r);
	} else {
		value = STR("");
		find_start(r, key->at.line);
	}
	if (key->fault.n == 0)
		settings_name_refuse(b != NULL ? SETTINGS_IN_BLOCK :
		    SETTINGS_TOP, key, has_sign, value, r->scratch,
		    r->problems);
}

static void
lacks_sign(struct reader *r, const struct target *t, const struct token *key,
    struct values *v)
{
	const char *name = target_name(t);
	if (r->now.kind == '{' && !target_is_list(t)) {
		problem_add(r->problems, key->at, "%s is a key and no block: "
		    "write %s = VALUE", name, name);
		skip_braces(r);
		return;
	}
	if (r->now.kind == '{')
		list(r, key, v);
	else if (r->now.at.line == key->at.line && !is_start(r))
		loose(r, v, false);
	if (t->at->line == 0)
		*t->at = key->at;
	problem_add(r->problems, key->at, "%s has no \"=\" after it: write "
	    "%s = %.*s", name, name, STR_ARG(target_correct(t, v)));
}

static void
assignment(struct reader *r, const struct target *t, const struct token *key)
{
	struct values v = {.count = 0};
	const char *name = target_name(t);
	advance(r);
	if (r->now.kind == '{')
		list(r, key, &v);
	else if (!is_start(r) || r->now.at.line == key->at.line)
		loose(r, &v, !target_is_list(t));
	if (t->at->line > 0)
		problem_add(r->problems, key->at, "%s stands here again, "
		    "after line %u: keep one of the two", name, t->at->line);
	else
		*t->at = key->at;
	if (v.count == 0 && !v.is_list) {
		problem_add(r->problems, key->at, "%s has no value: write %s "
		    "= VALUE", name, name);
		find_start(r, key->at.line);
	} else {
		target_read(t, &v);
	}
}

static void
statement(struct reader *r, struct block *b)
{
	struct token key = r->now;
	struct values v = {.count = 0};
	struct target t;
	advance(r);
	bool has_sign = r->now.kind == '=';
	/* "KEY: VALUE" */
	if (!has_sign && key.word.n > 0 && key.word.p[key.word.n - 1] == ':')
		key.word.n--;
	if (key.is_quoted) {
		problem_add(r->problems, key.at, "\"%.*s\" stands where a key "
		    "is due, and keys have no quotes: write KEY = VALUE",
		    EXCERPT(r, key.word));
		find_start(r, key.at.line);
	} else if (b == NULL && str_eq(key.word, STR(SETTINGS_OVERRIDE))) {
		problem_add(r->problems, key.at, SETTINGS_OVERRIDE " is a "
		    "block and no key: write " BLOCK_FORM);
		find_start(r, key.at.line);
	} else if (!find_target(r, b, key.word, &t)) {
		unknown(r, b, &key);
	} else if (has_sign) {
		assignment(r, &t, &key);
	} else {
		lacks_sign(r, &t, &key, &v);
	}
}

/* ---- blocks ------------------------------------------------------------- */

static void statements(struct reader *r, struct block *b);

static void
check_title(struct reader *r, const struct token *title)
{
	const struct override_rules *rules = &r->out->overrides;
	if (title->word.n == 0 || title->word.n > MAX_TITLE)
		problem_add(r->problems, title->at, "the name of a block has "
		    "1 to %u bytes: give it another", MAX_TITLE);
	for (size_t i = 0; i < rules->count; i++)
		if (str_eq(rules->at[i].name, title->word) &&
		    title->word.n > 0)
			problem_add(r->problems, title->at, "the name "
			    "\"%.*s\" is taken by the block in line %u: "
			    "choose another", EXCERPT(r, title->word),
			    r->out->overrides_at[i].line);
}

static struct settings_at
seen_at(const struct block *b, const char *key)
{
	struct override_key k;
	for (size_t i = 0; settings_override_key(i, &k); i++)
		if (strcmp(k.key, key) == 0)
			return b->seen[i];
	assert(false);
	return (struct settings_at) {0, 0};
}

/* One effect, neither none nor two. */
static void
check_effect(struct reader *r, const struct block *b, struct settings_at at)
{
	struct settings_at x = seen_at(b, "disposition");
	struct settings_at y = seen_at(b, "treat-as");
	if (x.line == 0 && y.line == 0 && b->rule.name.n > 0)
		problem_add(r->problems, at, "the block \"%.*s\" has no "
		    "effect: add disposition or treat-as",
		    EXCERPT(r, b->rule.name));
	if (x.line > 0 && y.line > 0)
		problem_add(r->problems, x.line > y.line ||
		    (x.line == y.line && x.column > y.column) ? x : y,
		    "the block \"%.*s\" has two effects, disposition and "
		    "treat-as: keep one", EXCERPT(r, b->rule.name));
}

static void
add_rule(struct reader *r, struct override_rule *rule, struct settings_at at)
{
	struct settings *s = r->out;
	size_t capacity = r->rule_capacity;
	if (s->overrides.count == MAX_BLOCKS) {
		if (!r->has_too_many)
			problem_add(r->problems, at, "there are more than %u "
			    "blocks, and each failed message is compared with "
			    "all: join some", MAX_BLOCKS);
		r->has_too_many = true;
		return;
	}
	rule->index = (unsigned)s->overrides.count;
	s->overrides_at = grow(r->arena, s->overrides_at, rule->index,
	    &capacity, sizeof *s->overrides_at);
	s->overrides.at = grow(r->arena, s->overrides.at, rule->index,
	    &r->rule_capacity, sizeof *s->overrides.at);
	s->overrides_at[rule->index] = at;
	s->overrides.at[rule->index] = *rule;
	s->overrides.count++;
}

/* Up to its "}". A block within it ends it, too. */
static void
body(struct reader *r, struct block *b, struct settings_at at, bool has_brace)
{
	statements(r, b);
	if (r->now.kind == '}') {
		advance(r);
	} else if (r->now.kind != TOKEN_END) {
		problem_add(r->problems, r->now.at, "a block within a block: "
		    "close the first with \"}\" before this");
		r->lost++;
	} else if (has_brace) {
		problem_add(r->problems, at, "the block that starts here does "
		    "not end: add \"}\"");
	}
	check_effect(r, b, at);
	add_rule(r, &b->rule, at);
}

static void
block(struct reader *r)
{
	struct settings_at at = r->now.at;
	struct block b = {.rule = {.reason = REASON_LOCAL_POLICY}};
	advance(r);
	struct token title = r->now;
	if (take(r, TOKEN_WORD)) {
		check_title(r, &title);
		b.rule.name = str_copy(title.word, r->arena);
	} else {
		problem_add(r->problems, at, "a block needs a name: write "
		    BLOCK_FORM);
	}
	if (r->now.kind == '=') {
		problem_add(r->problems, r->now.at, "a \"=\" stands after "
		    "the block's name: remove it");
		skip(r);
	}
	bool has_brace = take(r, '{');
	if (!has_brace)
		problem_add(r->problems, at, "a \"{\" is missing after the "
		    "block's name: write " BLOCK_FORM);
	body(r, &b, at, has_brace);
}

/* Its keys are passed over: nobody knows what they would be. */
static void
unknown_block(struct reader *r, const struct block *b)
{
	struct token kind = r->now;
	advance(r);
	if (kind.fault.n == 0)
		settings_name_refuse(b != NULL ? SETTINGS_IN_BLOCK :
		    SETTINGS_TOP, &kind, true, STR(""), r->scratch,
		    r->problems);
	take(r, TOKEN_WORD);
	skip_braces(r);
}

/* The words of a block, of whatever kind. */
static bool
is_block(const struct reader *r)
{
	struct tokens t = r->tokens;
	struct token next;
	tokens_next(&t, &next);
	return next.kind == '{' || next.kind == TOKEN_WORD;
}

/* Of the top level, or of a block up to its end. */
static void
statements(struct reader *r, struct block *b)
{
	struct target t;
	while (r->now.kind != TOKEN_END && !problems_are_enough(r->problems)) {
		bool is_word = r->now.kind == TOKEN_WORD && !r->now.is_quoted;
		unsigned line = r->now.at.line;
		if (r->now.kind == '}' && b != NULL)
			return;
		if (r->now.kind == '}') {
			if (r->lost == 0)
				problem_add(r->problems, r->now.at, "a \"}\" "
				    "without a \"{\" before it: remove it");
			r->lost -= r->lost > 0;
			skip(r);
		} else if (r->now.kind != TOKEN_WORD) {
			problem_add(r->problems, r->now.at, "a \"%c\" stands "
			    "where a key is due: write KEY = VALUE",
			    r->now.kind);
			skip(r);
			find_start(r, line);
		} else if (is_word && is_block(r) &&
		    str_eq(r->now.word, STR(SETTINGS_OVERRIDE))) {
			if (b != NULL)
				return;
			block(r);
		} else if (is_word && is_block(r) && is_start(r) &&
		    !find_target(r, b, r->now.word, &t)) {
			unknown_block(r, b);
		} else {
			statement(r, b);
		}
	}
}

/* ---- the whole ---------------------------------------------------------- */

/* The default of a list stands in the table as a file would give it. */
static void
set_default(const struct reader *r, const struct option *o)
{
	struct str reason;
	struct tokens t;
	struct token word = {.kind = '{'};
	bool is_good = true;
	tokens_init(&t, str_of(o->standard), r->scratch);
	if (!option_is_list(o))
		is_good = option_read(o, r->out, str_of(o->standard),
		    r->arena, &reason);
	for (; option_is_list(o) && word.kind != TOKEN_END;
	    tokens_next(&t, &word))
		if (word.kind == TOKEN_WORD)
			is_good = is_good && option_read(o, r->out, word.word,
			    r->arena, &reason);
	assert(is_good);
	(void)is_good;
}

/* Without a look at chains such a block could never match. */
static void
check_chains(const struct reader *r)
{
	const struct settings *s = r->out;
	for (size_t i = 0; i < s->overrides.count && !s->arc; i++)
		if (s->overrides.at[i].arc_sealer.count > 0)
			problem_add(r->problems, s->overrides_at[i], "the "
			    "block \"%.*s\" asks for an arc-sealer, but chains "
			    "are not looked at: set arc = yes, or remove the "
			    "condition", EXCERPT(r, s->overrides.at[i].name));
}

static void
load_suffixes(const struct reader *r)
{
	struct settings *s = r->out;
	const char *path = s->public_suffix_list, *reason;
	s->suffixes = suffix_load(path, &reason);
	if (s->suffixes != NULL)
		return;
	if (path[0] == '\0')
		problem_add(r->problems, s->public_suffix_list_at, "%s: "
		    "install one (package publicsuffix), or name a file with "
		    "public-suffix-list", reason);
	else
		problem_add(r->problems, s->public_suffix_list_at,
		    "public-suffix-list %.*s: %s: name another file, or \"\" "
		    "for the newest that libpsl finds",
		    EXCERPT(r, str_of(path)), reason);
}

void
settings_read(struct str text, struct settings *s, struct arena *a,
    struct problems *p)
{
	struct reader r = {.out = s, .arena = a, .problems = p};
	r.scratch = arena_new(0);
	for (size_t i = 0; i < settings_option_count; i++)
		set_default(&r, &settings_options[i]);
	tokens_init(&r.tokens, text, r.scratch);
	skip(&r);
	statements(&r, NULL);
	complain(&r);
	check_chains(&r);
	/* It takes a while, and only a file that is in force needs it. */
	if (p->errors == 0 || s->public_suffix_list_at.line > 0)
		load_suffixes(&r);
	arena_free(r.scratch);
}
