/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/text.h"

/* Long enough for every sentence and an excerpt in it. */
#define MAX_SENTENCE 600u
#define MAX_EXCERPT  80u

struct str
problem_excerpt(struct problems *p, struct str s)
{
	struct text t;
	text_init(&t, p->arena);
	for (size_t i = 0; i < s.n && i < MAX_EXCERPT; i++)
		text_add_char(&t, ascii_is_print(s.p[i]) ? s.p[i] : '?');
	if (s.n > MAX_EXCERPT)
		text_add(&t, STR("..."));
	return text_str(&t);
}

/* Said before of the same line. */
static bool
is_known(const struct problems *p, struct str text)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_eq(p->at[i].text, text))
			return true;
	return false;
}

void
problem_add(struct problems *p, unsigned line, const char *format, ...)
{
	char sentence[MAX_SENTENCE];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	struct str text = line > 0 ?
	    text_format(p->arena, "%s:%u: %s", p->name, line, sentence) :
	    text_format(p->arena, "%s: %s", p->name, sentence);
	if (is_known(p, text))
		return;
	if (p->count == SETTINGS_MAX_PROBLEMS - 1) {
		p->has_more = true;
		return;
	}
	size_t i = p->count++;
	for (; i > 0 && p->at[i - 1].line > line; i--)
		p->at[i] = p->at[i - 1];
	p->at[i] = (struct problem) {line, text};
}

void
problem_list(struct problems *p, struct settings_problems *out)
{
	out->count = p->count;
	for (size_t i = 0; i < p->count; i++)
		out->at[i] = p->at[i].text;
	if (p->has_more)
		out->at[out->count++] = text_format(p->arena, "%s: there are "
		    "more problems than these: mend them and look again",
		    p->name);
}
