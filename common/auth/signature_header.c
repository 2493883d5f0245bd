/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/signature_header.h"

#include "auth/signature_field.h"
#include "base/arena.h"
#include "mail/header.h"

void
signature_header_feed(const struct signature_field *f,
    const struct header_list *headers, const struct header_field *own,
    canon_sink_fn sink, void *arg)
{
	struct arena *scratch = arena_new(0);
	struct header_uses uses;
	header_uses_init(&uses, headers, scratch);
	for (size_t i = 0; i < f->name_count; i++) {
		const struct header_field *field =
		    header_take_last(&uses, f->names[i]);
		/* It does not sign itself by name (RFC 6376 3.5). */
		if (field == own)
			field = header_take_last(&uses, f->names[i]);
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
