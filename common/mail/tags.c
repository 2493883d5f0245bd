/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/tags.h"

#include "base/arena.h"
#include "base/ascii.h"

static const struct tag *
find(const struct tags *t, struct str name)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->at[i].has_equals && str_ieq(t->at[i].name, name))
			return &t->at[i];
	return NULL;
}

const struct tag *
tags_find(const struct tags *t, const char *name)
{
	return find(t, str_of(name));
}

/* tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS] (RFC 6376 3.2);
 * the value may hold more "=". */
static struct tag
read(struct str segment, size_t at)
{
	struct tag tag = {.at = at, .n = segment.n};
	struct str value = segment;
	tag.has_equals = str_find(segment, '=') < segment.n;
	tag.is_empty = str_trim(segment).n == 0;
	if (tag.has_equals)
		tag.name = str_trim(str_cut(&value, '='));
	while (value.n > 0 && ascii_is_fws(value.p[0]))
		value = str_sub(value, 1, value.n - 1);
	tag.value_at = at + segment.n - value.n;
	tag.value = str_trim(value);
	return tag;
}

void
tags_parse(struct str list, struct arena *a, struct tags *out)
{
	*out = (struct tags) {.at = ARENA_ARRAY(a, struct tag, TAGS_MAX)};
	for (size_t at = 0; at <= list.n; ) {
		struct str rest = str_sub(list, at, list.n);
		struct tag tag = read(str_cut(&rest, ';'), at);
		if (out->count == TAGS_MAX) {
			out->too_many = true;
			return;
		}
		tag.is_repeated = tag.has_equals && find(out, tag.name) != NULL;
		out->at[out->count++] = tag;
		at += tag.n + 1;
	}
}
