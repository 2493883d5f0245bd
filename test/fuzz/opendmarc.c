/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDMARC's history: any bytes end in counted messages or reasons, and a row
 * comes back from the store's texts. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/import/opendmarc.h"
#include "report/row/row_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
end_message(struct opendmarc *o, struct arena *a)
{
	struct message_row *m = ARENA_NEW(a, struct message_row);
	struct str columns[ROW_COLUMNS], policy[POLICY_COLUMNS], reason;
	enum message_kind kind;
	struct text t;
	if (opendmarc_is_empty(o))
		return;
	if (!opendmarc_end(o, &kind, m, &reason)) {
		must(reason.n > 0);
	} else if (kind == MESSAGE_COUNTS) {
		text_init(&t, a);
		row_print(&t, &m->row);
		row_text_split(text_str(&t), columns, ROW_COLUMNS);
		must(row_parse(columns, &m->row));
		text_init(&t, a);
		policy_print(&t, &m->policy);
		row_text_split(text_str(&t), policy, POLICY_COLUMNS);
		must(policy_parse(policy, &m->policy));
	}
	opendmarc_clear(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct opendmarc *o = opendmarc_new();
	struct str rest = {(const char *)data, size};
	while (rest.n > 0) {
		struct str line = str_cut(&rest, '\n');
		if (opendmarc_is_first(line))
			end_message(o, a);
		opendmarc_take(o, line);
	}
	end_message(o, a);
	opendmarc_free(o);
	arena_free(a);
	return 0;
}
