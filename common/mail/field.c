/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/field.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"

static bool
is_empty_line(struct str line)
{
	return line.n == 0 || (line.n == 1 && line.p[0] == '\r');
}

void
field_split(struct str entity, struct str *lines, struct str *rest)
{
	*rest = entity;
	for (;;) {
		size_t at = entity.n - rest->n;
		struct str line = str_cut(rest, '\n');
		if (is_empty_line(line)) {
			*lines = str_sub(entity, 0, at);
			return;
		}
	}
}

/* A line, and the lines behind it that begin with a blank (RFC 5322 2.2.3). */
static struct str
take_folded(struct str *lines)
{
	struct str all = *lines;

	do
		str_cut(lines, '\n');
	while (lines->n > 0 && ascii_is_wsp(lines->p[0]));
	return str_sub(all, 0, all.n - lines->n);
}

/* ftext (RFC 5322 2.2), with blanks before the colon (4.5). */
static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_print(s.p[i]) || s.p[i] == ' ')
			return false;
	return s.n > 0;
}

bool
field_next(struct str *lines, struct field *out)
{
	while (lines->n > 0) {
		struct str value = take_folded(lines);
		size_t colon = str_find(value, ':');
		struct str name = str_sub(value, 0, colon);
		while (name.n > 0 && ascii_is_wsp(name.p[name.n - 1]))
			name.n--;
		if (colon == value.n || !is_name(name))
			continue;
		out->name = name;
		out->value = str_trim(str_sub(value, colon + 1, value.n));
		return true;
	}
	return false;
}

bool
field_is(const struct field *f, const char *name)
{
	return str_ieq(f->name, str_of(name));
}

struct str
field_find(struct str lines, const char *name)
{
	struct field f;

	while (field_next(&lines, &f))
		if (field_is(&f, name))
			return f.value;
	return (struct str) {0};
}

struct str
field_plain(struct str s, size_t max, struct arena *a)
{
	struct text t;
	bool was_blank = false;

	text_init(&t, a);
	s = str_trim(s);
	for (size_t i = 0; i < s.n && t.n < max; i++) {
		bool is_blank = ascii_is_fws(s.p[i]);
		if (is_blank && !was_blank)
			text_add_char(&t, ' ');
		else if (!is_blank)
			text_add_char(&t, ascii_is_print(s.p[i]) ? s.p[i] : '?');
		was_blank = is_blank;
	}
	return str_trim(text_str(&t));
}
