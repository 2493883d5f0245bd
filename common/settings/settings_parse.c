/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_parse.h"

#include <assert.h>
#include <confuse.h>

#include "base/arena.h"
#include "net/suffix.h"
#include "settings/settings.h"
#include "settings/settings_name.h"
#include "settings/settings_option.h"
#include "settings/settings_override.h"
#include "settings/settings_problem.h"
#include "settings/settings_scan.h"

struct reader {
	struct settings *out;
	struct arena *arena;   /* of the settings */
	struct arena *scratch; /* of this reading */
	struct problems *problems;
	struct scan scan;
	cfg_t *cfg;
};

/* ---- what libconfuse is told -------------------------------------------- */

/* Everything is a string to it: the tables read values, and say why not. */
static cfg_opt_t
list_of(const char *key, char *standard)
{
	cfg_opt_t o = CFG_STR_LIST(key, standard, CFGF_NONE);
	return o;
}

static bool
is_list_somewhere(const struct scan *s, const char *key)
{
	for (size_t i = 0; i < s->key_count; i++)
		if (s->keys[i].is_list && str_eq(s->keys[i].key, str_of(key)))
			return true;
	return false;
}

/* A value that stands in braces against the table is read all the same, so
 * that the rest of the file is. */
static cfg_opt_t
option_for(const struct reader *r, const struct option *o)
{
	cfg_opt_t one = CFG_STR(o->key, o->standard, CFGF_NONE);
	if (option_is_list(o))
		return list_of(o->key, str_cstr(str_of(o->standard),
		    r->scratch));
	return is_list_somewhere(&r->scan, o->key) ? list_of(o->key, NULL) :
						     one;
}

/* Keys that are reported as unknown, each once. */
static void
add_unknown(const struct reader *r, bool is_in_block, cfg_opt_t *at,
    size_t count)
{
	cfg_opt_t end = CFG_END();
	size_t known = count;
	for (size_t i = 0; i < r->scan.key_count; i++) {
		const struct scan_key *k = &r->scan.keys[i];
		size_t j = known;
		while (j < count && !str_eq(str_of(at[j].name), k->key))
			j++;
		if (k->is_unknown && k->is_in_block == is_in_block &&
		    j == count)
			at[count++] = list_of(str_cstr(k->key, r->scratch),
			    NULL);
	}
	at[count] = end;
}

static cfg_opt_t *
block_options(const struct reader *r)
{
	size_t count = settings_override_key_count;
	cfg_opt_t *at = ARENA_ARRAY(r->scratch, cfg_opt_t,
	    count + SETTINGS_MAX_PROBLEMS + 1);
	for (size_t i = 0; i < count; i++)
		at[i] = list_of(settings_override_keys[i].key, NULL);
	add_unknown(r, true, at, count);
	return at;
}

static cfg_opt_t *
options(const struct reader *r)
{
	size_t count = settings_option_count;
	cfg_opt_t *at = ARENA_ARRAY(r->scratch, cfg_opt_t,
	    count + 1 + SETTINGS_MAX_PROBLEMS + 1);
	cfg_opt_t block = CFG_SEC(SETTINGS_OVERRIDE, block_options(r),
	    CFGF_MULTI | CFGF_TITLE);
	for (size_t i = 0; i < count; i++)
		at[i] = option_for(r, &settings_options[i]);
	at[count] = block;
	add_unknown(r, false, at, count + 1);
	return at;
}

/* ---- values ------------------------------------------------------------- */

static void
refuse_value(const struct reader *r, const struct scan_key *k, size_t i,
    struct str value, struct str reason)
{
	problem_add(r->problems, scan_line(&r->scan, k, i), "%.*s cannot be "
	    "\"%.*s\": it %.*s", STR_ARG(k->key),
	    STR_ARG(problem_excerpt(r->problems, value)), STR_ARG(reason));
}

static bool
is_one_value(const struct reader *r, const struct scan_key *k)
{
	if (k->is_list)
		problem_add(r->problems, k->line, "%.*s takes one value and "
		    "no list: remove the braces", STR_ARG(k->key));
	return !k->is_list;
}

static void
read_option(const struct reader *r, const struct option *o)
{
	struct settings *s = r->out;
	const struct scan_key *k = scan_find(&r->scan, o->key);
	cfg_opt_t *values = cfg_getopt(r->cfg, o->key);
	struct str reason;
	*(bool *)((char *)s + o->is_set) = k != NULL;
	if (k != NULL && !option_is_list(o) && !is_one_value(r, k))
		return;
	for (unsigned i = 0; i < cfg_opt_size(values); i++) {
		struct str v = str_of(cfg_opt_getnstr(values, i));
		if (option_read(o, s, v, r->arena, &reason))
			continue;
		assert(k != NULL); /* else the table's default is none */
		refuse_value(r, k, i, v, reason);
	}
}

/* ---- override blocks ---------------------------------------------------- */

static void
read_override_key(const struct reader *r, const struct override_key *key,
    const struct scan_key *k, cfg_opt_t *values, struct override_rule *rule)
{
	struct str reason;
	if (!key->is_list && !is_one_value(r, k))
		return;
	if (cfg_opt_size(values) == 0)
		problem_add(r->problems, k->line, "%s is an empty list, which "
		    "no message can match: give it a value or remove it",
		    key->key);
	for (unsigned i = 0; i < cfg_opt_size(values); i++) {
		struct str v = str_of(cfg_opt_getnstr(values, i));
		if (!key->read(rule, v, r->arena, &reason))
			refuse_value(r, k, i, v, reason);
	}
}

/* One effect, neither none nor two. */
static void
check_effect(const struct reader *r, const struct scan_block *b)
{
	const struct scan_key *x = scan_find_in(&r->scan, b, "disposition");
	const struct scan_key *y = scan_find_in(&r->scan, b, "treat-as");
	if (x == NULL && y == NULL)
		problem_add(r->problems, b->line, "the block \"%.*s\" has no "
		    "effect: add disposition or treat-as",
		    STR_ARG(problem_excerpt(r->problems, b->title)));
	if (x != NULL && y != NULL)
		problem_add(r->problems, x->line > y->line ? x->line : y->line,
		    "the block \"%.*s\" has two effects, disposition and "
		    "treat-as: keep one",
		    STR_ARG(problem_excerpt(r->problems, b->title)));
}

/* Without a look at chains the block could never match. */
static void
check_chain(const struct reader *r, const struct scan_block *b)
{
	const struct scan_key *k = scan_find_in(&r->scan, b, "arc-sealer");
	if (k != NULL && !r->out->arc)
		problem_add(r->problems, k->line, "the block \"%.*s\" asks for "
		    "an arc-sealer, but chains are not looked at: set arc = "
		    "yes, or remove the condition",
		    STR_ARG(problem_excerpt(r->problems, b->title)));
}

static void
read_override(const struct reader *r, unsigned index)
{
	const struct scan_block *b = &r->scan.blocks[index];
	cfg_t *section = cfg_getnsec(r->cfg, SETTINGS_OVERRIDE, index);
	struct override_rule *rule = &r->out->overrides.at[index];
	*rule = (struct override_rule) {.name = str_copy(b->title, r->arena),
	    .index = index, .reason = REASON_LOCAL_POLICY};
	for (size_t i = 0; i < settings_override_key_count; i++) {
		const struct override_key *key = &settings_override_keys[i];
		const struct scan_key *k = scan_find_in(&r->scan, b, key->key);
		if (k != NULL)
			read_override_key(r, key, k,
			    cfg_getopt(section, key->key), rule);
	}
	check_effect(r, b);
	check_chain(r, b);
}

static void
read_overrides(const struct reader *r)
{
	size_t count = r->scan.block_count;
	r->out->overrides = (struct override_rules) {
	    .at = ARENA_ARRAY(r->arena, struct override_rule, count),
	    .count = count};
	for (unsigned i = 0; i < count; i++)
		read_override(r, i);
}

/* ------------------------------------------------------------------------- */

static void
load_suffixes(const struct reader *r)
{
	const char *path = r->out->public_suffix_list, *reason;
	const struct scan_key *k = scan_find(&r->scan, "public-suffix-list");
	r->out->suffixes = suffix_load(path, &reason);
	if (r->out->suffixes != NULL)
		return;
	if (path[0] == '\0')
		problem_add(r->problems, k != NULL ? k->line : 0, "%s: "
		    "install one (package publicsuffix), or name a file with "
		    "public-suffix-list", reason);
	else
		problem_add(r->problems, k->line, "public-suffix-list %.*s: "
		    "%s: name another file, or \"\" for the newest that "
		    "libpsl finds",
		    STR_ARG(problem_excerpt(r->problems, str_of(path))),
		    reason);
}

/* What libconfuse complains of, the scan has refused with a better sentence. */
static void
be_silent(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg;
	(void)format;
	(void)args;
}

static void
read_all(struct reader *r)
{
	r->cfg = cfg_init(options(r), CFGF_NONE);
	assert(r->cfg != NULL);
	cfg_set_error_function(r->cfg, be_silent);
	if (cfg_parse_buf(r->cfg, r->scan.text) != CFG_SUCCESS) {
		problem_add(r->problems, (unsigned)r->cfg->line, "libconfuse "
		    "cannot read this: compare it with aplomb.conf(5)");
	} else {
		for (size_t i = 0; i < settings_option_count; i++)
			read_option(r, &settings_options[i]);
		read_overrides(r);
		load_suffixes(r);
	}
	cfg_free(r->cfg);
}

void
settings_read(struct str text, struct settings *s, struct arena *a,
    struct problems *p)
{
	struct reader r = {.out = s, .arena = a, .problems = p};
	r.scratch = arena_new(0);
	scan_text(text, r.scratch, &r.scan, p);
	if (r.scan.is_readable)
		read_all(&r);
	arena_free(r.scratch);
}
