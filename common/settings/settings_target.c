/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_target.h"

#include <string.h>

#include "base/text.h"
#include "settings/settings_option.h"
#include "settings/settings_override.h"
#include "settings/settings_problem.h"

#define EXCERPT(t, s) STR_ARG(problem_excerpt((t)->scratch, (s)))

/* As they stand there, or nearly so. */
struct str
values_join(const struct values *v, struct arena *scratch)
{
	struct text t;
	text_init(&t, scratch);
	for (size_t i = 0; i < v->count; i++) {
		const struct token *x = &v->at[i];
		bool is_close = i > 0 && x->at.column ==
		    x[-1].at.column + x[-1].word.n + 1;
		if (i > 0 && v->comma_at.line > 0)
			text_add_char(&t, ',');
		if (i > 0 && !(is_close && v->comma_at.line > 0))
			text_add_char(&t, ' ');
		text_add(&t, x->word);
	}
	return text_str(&t);
}

/* ---- what a key takes --------------------------------------------------- */

const char *
target_name(const struct target *t)
{
	return t->option != NULL ? t->option->key : t->key.key;
}

bool
target_is_list(const struct target *t)
{
	return t->option != NULL ? option_is_list(t->option) :
	    t->key.condition != NULL;
}

static bool
is_text(const struct target *t)
{
	return (t->option != NULL ? t->option->type : t->key.type) ==
	    OPTION_TEXT;
}

static bool
read_one(const struct target *t, struct str value,
    struct str *reason)
{
	return t->option != NULL ?
	    option_read(t->option, t->settings, value, t->arena, reason) :
	    settings_override_read(&t->key, t->rule, value, t->arena, reason);
}

static struct str
suggest(const struct target *t, struct str value)
{
	struct option shape = {.type = t->key.type, .names = t->key.names};
	return option_suggest(t->option != NULL ? t->option : &shape, value,
	    t->scratch);
}

static void
print_value(struct text *t, struct str value)
{
	if (token_is_bare(value))
		text_add(t, value);
	else
		option_print_string(t, value);
}

struct str
target_correct(const struct target *t, const struct values *v)
{
	struct text out;
	struct str whole = values_join(v, t->scratch), reason;
	text_init(&out, t->scratch);
	if (v->count == 0)
		return target_is_list(t) && v->is_list ? STR("{}") : STR("VALUE");
	if (!target_is_list(t)) {
		struct str meant = suggest(t, whole);
		if (meant.n > 0)
			return meant;
		if (!is_text(t) && !read_one(t, whole, &reason))
			return STR("VALUE");
		print_value(&out, whole);
	} else if (v->count == 1 && !v->is_list) {
		print_value(&out, v->at[0].word);
	} else {
		for (size_t i = 0; i < v->count; i++) {
			text_add(&out, i > 0 ? STR(", ") : STR("{"));
			print_value(&out, v->at[i].word);
		}
		text_add_char(&out, '}');
	}
	return problem_excerpt(t->scratch, text_str(&out));
}

/* A value that is a list of several in one string, or in brackets. */
static bool
refuse_list(const struct target *t, struct settings_at at, struct str value)
{
	struct text out;
	struct str rest = value, reason;
	/* A local-part may have blanks. */
	const char *gaps = is_text(t) ? "," : ", \t";
	size_t count = 0;
	bool has_brackets = value.n > 2 && value.p[0] == '[' &&
	    value.p[value.n - 1] == ']';
	if (has_brackets)
		rest = str_sub(value, 1, value.n - 2);
	text_init(&out, t->scratch);
	while (rest.n > 0) {
		size_t n = 0;
		while (n < rest.n && strchr(gaps, rest.p[n]) == NULL)
			n++;
		struct str one = str_trim(str_sub(rest, 0, n));
		rest = str_sub(rest, n + (n < rest.n), rest.n);
		if (one.n == 0)
			continue;
		if (!read_one(t, one, &reason))
			return false;
		text_add(&out, count++ > 0 ? STR(", ") : STR("{"));
		print_value(&out, one);
	}
	text_add_char(&out, '}');
	if (count == 0 || (count == 1 && !has_brackets))
		return false;
	problem_add(t->problems, at, "%s cannot be \"%.*s\": %s: write %s = "
	    "%.*s", target_name(t), EXCERPT(t, value), has_brackets ?
	    "a list stands in braces" : "each value of a list stands for "
	    "itself", target_name(t), EXCERPT(t, text_str(&out)));
	return true;
}

static void
refuse_value(const struct target *t,
    struct settings_at at, struct str value, struct str reason)
{
	struct str meant = suggest(t, value);
	if (target_is_list(t) && refuse_list(t, at, value))
		return;
	problem_add(t->problems, at, "%s cannot be \"%.*s\": %.*s%s%.*s",
	    target_name(t), EXCERPT(t, value), STR_ARG(reason),
	    meant.n > 0 ? "; write " : "", STR_ARG(meant));
}

/* Several words without braces, where one value is taken. */
static void
read_words(const struct target *t, const struct values *v)
{
	struct str whole = values_join(v, t->scratch), reason;
	if (read_one(t, whole, &reason))
		problem_add(t->problems, v->at[0].at, "%s has several words, "
		    "and such a string stands in quotes: write %s = %.*s",
		    target_name(t), target_name(t), STR_ARG(target_correct(t, v)));
	else
		refuse_value(t, v->at[0].at, whole, reason);
}

/* Braces where none belong, or none where they do. False: nothing can be made
 * of the values. */
static bool
check_form(const struct target *t, const struct values *v)
{
	const char *key = target_name(t);
	if (v->is_list && !target_is_list(t)) {
		problem_add(t->problems, v->count > 0 ? v->at[0].at : *t->at,
		    "%s takes one value and no list: "
		    "write %s = %.*s", key, key, STR_ARG(v->count == 1 ?
		    target_correct(t, v) : STR("VALUE")));
		return false;
	}
	if (!v->is_list && v->count == 1 && v->comma_at.line > 0)
		problem_add(t->problems, v->comma_at, "a \",\" stands after "
		    "the value of %s: remove it", key);
	else if (!v->is_list && v->count > 1 && target_is_list(t))
		problem_add(t->problems, v->at[0].at, "%s has several values, "
		    "and a list stands in braces: write %s = %.*s", key, key,
		    STR_ARG(target_correct(t, v)));
	return true;
}

void
target_read(const struct target *t, const struct values *v)
{
	struct str reason;
	if (!check_form(t, v))
		return;
	if (t->option != NULL)
		option_clear(t->option, t->settings);
	if (!target_is_list(t) && v->count > 1) {
		read_words(t, v);
		return;
	}
	for (size_t i = 0; i < v->count; i++)
		if (v->at[i].fault.n == 0 &&
		    !read_one(t, v->at[i].word, &reason))
			refuse_value(t, v->at[i].at, v->at[i].word, reason);
	if (v->count == 0 && t->option == NULL)
		problem_add(t->problems, *t->at, "%s is an empty list, which "
		    "no message can match: give it a value or remove it",
		    t->key.key);
}
