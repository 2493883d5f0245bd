/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_tags.h"

#include "base/arena.h"
#include "base/ascii.h"

const struct tag *
dkim_tags_find(const struct tags *t, const char *name)
{
	struct str wanted = str_of(name);
	for (size_t i = 0; i < t->count; i++)
		if (t->at[i].has_equals && str_eq(t->at[i].name, wanted))
			return &t->at[i];
	return NULL;
}

struct str
dkim_tags_value(const struct tags *t, const char *name)
{
	const struct tag *tag = dkim_tags_find(t, name);
	return tag != NULL ? tag->value : (struct str) {NULL, 0};
}

/* tag-name = ALPHA *ALNUMPUNC */
static bool
is_name(struct str name)
{
	if (name.n == 0 || !ascii_is_alpha(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (!ascii_is_alnum(name.p[i]) && name.p[i] != '_')
			return false;
	return true;
}

static bool
is_text(struct str list)
{
	for (size_t i = 0; i < list.n; i++) {
		unsigned char c = (unsigned char)list.p[i];
		if (c == 0x7f || (c < 0x20 && !ascii_is_fws(c)))
			return false;
	}
	return true;
}

static bool
is_repeated(const struct tags *t, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(t->at[i].name, t->at[at].name))
			return true;
	return false;
}

bool
dkim_tags_parse(struct str list, struct arena *a, struct tags *out)
{
	tags_parse(list, a, out);
	if (out->too_many || !is_text(list))
		return false;
	/* tag-list = tag-spec *( ";" tag-spec ) [ ";" ] */
	if (out->count > 1 && out->at[out->count - 1].is_empty)
		out->count--;
	for (size_t i = 0; i < out->count; i++)
		if (!out->at[i].has_equals || !is_name(out->at[i].name) ||
		    is_repeated(out, i))
			return false;
	return true;
}

bool
dkim_tags_has_word(struct str list, struct str word)
{
	while (list.n > 0)
		if (str_ieq(str_trim(str_cut(&list, ':')), word))
			return true;
	return false;
}

static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
dkim_tags_base64(struct str text, struct arena *a, struct str *out)
{
	unsigned char *p = arena_alloc(a, text.n / 4 * 3 + 3);
	size_t n = 0, digits = 0, padding = 0;
	uint32_t bits = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (ascii_is_fws(c))
			continue;
		if (c == '=') {
			padding++;
			continue;
		}
		int value = sextet(c);
		if (value < 0 || padding > 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		/* The first digit of a group completes no octet. */
		if (digits++ % 4 != 0)
			p[n++] = (unsigned char)(
			    bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	*out = (struct str) {(char *)p, n};
	return n > 0 && digits % 4 != 1 && padding <= 2;
}
