/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_header.h"

#include "auth/signature_field.h"
#include "base/arena.h"
#include "mail/header.h"

/* The last field of this name that no earlier name of h= has taken. A signature
 * does not sign its own field by name (RFC 6376 3.5). */
static const struct header_field *
last_unused(const struct header_list *headers, struct str name,
    const struct header_field *own, bool *is_used)
{
	for (size_t i = headers->count; i > 0; i--) {
		const struct header_field *f = &headers->at[i - 1];
		if (f == own || is_used[i - 1] || !header_is(f, name))
			continue;
		is_used[i - 1] = true;
		return f;
	}
	return NULL;
}

void
signature_header_feed(const struct signature_field *f,
    const struct header_list *headers, const struct header_field *own,
    canon_sink_fn sink, void *arg)
{
	struct arena *scratch = arena_new(0);
	bool *is_used = ARENA_ARRAY(scratch, bool, headers->count);
	for (size_t i = 0; i < f->name_count; i++) {
		const struct header_field *field =
		    last_unused(headers, f->names[i], own, is_used);
		if (field != NULL)
			canon_header(f->has_relaxed_header, field, sink, arg);
	}
	canon_header_own(f->has_relaxed_header, own, f->b_at, f->b_n, sink,
	    arg);
	arena_free(scratch);
}

bool
signature_header_is_odd(const struct header_field *f)
{
	struct str value = f->value;
	if (str_find(f->name, '\t') < f->name.n)
		return true;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool is_fold = c == '\r' && i + 1 < value.n &&
		    value.p[i + 1] == '\n';
		if (is_fold)
			i++;
		else if (c == '\0' || (c >= '\n' && c <= '\r'))
			return true;
	}
	return false;
}
