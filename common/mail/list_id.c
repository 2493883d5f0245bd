/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/list_id.h"

#include "base/ascii.h"
#include "mail/header.h"

#define FIELD STR("List-Id")

/* list-label "." list-id-namespace: dot-atom-text (RFC 2919 2). */
static bool
is_identifier(struct str s)
{
	bool was_dot = true, has_dot = false;
	for (size_t i = 0; i < s.n; i++) {
		bool is_dot = s.p[i] == '.';
		if (!ascii_is_print(s.p[i]) || s.p[i] == ' ' ||
		    s.p[i] == '<' || s.p[i] == '>' || s.p[i] == '"' ||
		    (is_dot && was_dot))
			return false;
		has_dot = has_dot || is_dot;
		was_dot = is_dot;
	}
	return has_dot && !was_dot && s.n <= LIST_ID_MAX;
}

/* [phrase] "<" list-id ">" (RFC 2919 3): nothing may follow. */
static struct str
read_value(struct str value)
{
	struct str s = str_trim(value);
	size_t open = str_find_last(s, '<');
	if (s.n == 0 || s.p[s.n - 1] != '>' || open == s.n)
		return (struct str) {0};
	struct str id = str_sub(s, open + 1, s.n - open - 2);
	return is_identifier(id) ? id : (struct str) {0};
}

bool
list_id_find(const struct header_list *headers, struct arena *a,
    struct str *out)
{
	*out = (struct str) {0};
	if (header_count(headers, FIELD) != 1)
		return false;
	for (size_t i = 0; i < headers->count; i++)
		if (header_is(&headers->at[i], FIELD))
			*out = str_lower(read_value(headers->at[i].value), a);
	return out->n > 0;
}
