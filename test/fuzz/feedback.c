/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mail that is a report: the input is a Subject, a byte 0, and a Content-Type.
 * How a field is folded must not matter.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mail/feedback.h"
#include "mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_report(const char *name, struct str value, struct arena *a)
{
	struct header_list l;

	header_init(&l, a);
	return header_add(&l, str_of(name), value) && feedback_is_report(&l);
}

/* The value with other white space at the same places. */
static struct str
folded(struct str value, struct arena *a)
{
	struct text t;

	text_init(&t, a);
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_is_fws(value.p[i]))
			text_add_char(&t, value.p[i]);
		else if (i == 0 || !ascii_is_fws(value.p[i - 1]))
			text_add(&t, STR("\r\n\t "));
	return text_str(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str type = {(const char *)data, size};
	struct str subject = str_cut(&type, '\0');
	bool is_one = is_report("Subject", subject, a);

	if (is_one != is_report("subject ", folded(subject, a), a))
		abort();
	if (is_one && !str_has_iprefix(str_trim(subject), STR("report")))
		abort();
	/* Not the reverse: a CR alone folds nothing. A blank behind a backslash
	 * is no place to fold at. */
	if (is_report("Content-Type", type, a) &&
	    str_find(type, '\\') == type.n &&
	    !is_report("Content-Type", folded(type, a), a))
		abort();
	arena_free(a);
	return 0;
}
