/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings_problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

/* Long enough for every sentence and the excerpts in it. */
#define MAX_SENTENCE 800u
#define MAX_EXCERPT  160u

void
problems_init(struct problems *p, const char *name, struct arena *a)
{
	*p = (struct problems) {.arena = a,
	    .name = name[0] != '\0' ? name : "(defaults)"};
}

bool
problems_are_enough(const struct problems *p)
{
	return p->more >= PROBLEMS_ENOUGH;
}

struct str
problem_excerpt(struct arena *a, struct str s)
{
	struct text t;
	text_init(&t, a);
	for (size_t i = 0; i < s.n && i < MAX_EXCERPT; i++)
		text_add_char(&t, ascii_is_print(s.p[i]) ? s.p[i] : '?');
	if (s.n > MAX_EXCERPT)
		text_add(&t, STR("..."));
	return text_str(&t);
}

static bool
is_before(struct settings_at a, struct settings_at b)
{
	return a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* Keeps the first ones of the file. */
__attribute__((format(printf, 4, 0))) static void
add(struct problems *p, struct settings_at at, bool is_warning,
    const char *format, va_list args)
{
	char sentence[MAX_SENTENCE], place[32] = "";
	size_t i = p->count;
	p->errors += !is_warning;
	while (i > 0 && is_before(at, p->at[i - 1].at))
		i--;
	if (p->count == SETTINGS_MAX_PROBLEMS) {
		p->more++;
		if (i == p->count)
			return;
		p->count--;
	}
	vsnprintf(sentence, sizeof sentence, format, args);
	if (at.line > 0)
		snprintf(place, sizeof place, "%u:%u:", at.line, at.column);
	memmove(&p->at[i + 1], &p->at[i], (p->count - i) * sizeof *p->at);
	p->at[i] = (struct problem) {at, {is_warning, text_format(p->arena,
	    "%s:%s %s%s", p->name, place, is_warning ? "warning: " : "",
	    sentence)}};
	p->count++;
}

void
problem_add(struct problems *p, struct settings_at at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(p, at, false, format, args);
	va_end(args);
}

void
problem_warn(struct problems *p, struct settings_at at, const char *format,
    ...)
{
	va_list args;
	va_start(args, format);
	add(p, at, true, format, args);
	va_end(args);
}

void
problems_list(struct problems *p, struct settings_problems *out)
{
	out->count = p->count;
	out->errors = p->errors;
	for (size_t i = 0; i < p->count; i++)
		out->at[i] = p->at[i].said;
	if (p->more > 0)
		out->at[out->count++] = (struct settings_problem) {
		    p->errors == 0, text_format(p->arena, "%s: and %zu more%s: "
		    "mend these, and look again", p->name, p->more,
		    problems_are_enough(p) ? " at least" : "")};
}
