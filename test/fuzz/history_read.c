/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of history lines takes what its oracle takes, and what it makes of
 * a line comes back from the store's texts as it was. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/text.h"
#include "judge/history.h"
#include "report/import/history_read.h"
#include "report/import/history_row.h"
#include "report/row/row_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_texts(const struct message_row *m, struct arena *a)
{
	struct str columns[ROW_COLUMNS], policy[POLICY_COLUMNS];
	struct text first, second;
	struct message_row *again = ARENA_NEW(a, struct message_row);
	text_init(&first, a);
	row_print(&first, &m->row);
	row_text_split(text_str(&first), columns, ROW_COLUMNS);
	must(row_parse(columns, &again->row));
	text_init(&second, a);
	row_print(&second, &again->row);
	must(str_eq(text_str(&first), text_str(&second)));
	text_init(&first, a);
	policy_print(&first, &m->policy);
	row_text_split(text_str(&first), policy, POLICY_COLUMNS);
	must(policy_parse(policy, &again->policy));
	text_init(&second, a);
	policy_print(&second, &again->policy);
	must(str_eq(text_str(&first), text_str(&second)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str line = {(const char *)data, size}, reason, unused;
	union history_entry *e = ARENA_NEW(a, union history_entry);
	bool is_head, is_good = history_check(line, a, &is_head, &unused);
	enum history_read kind = history_read(line, a, e, &reason);
	bool is_read = kind == HISTORY_READ_MESSAGE ||
	    kind == HISTORY_READ_HEAD;
	/* Too deep a nesting is the one thing that it refuses alone. */
	must(is_read == is_good || (is_good && !is_read &&
	    str_eq(reason, STR("it is nested deeper than any writer nests"))));
	must(!is_read || is_head == (kind == HISTORY_READ_HEAD));
	struct message_row *m = ARENA_NEW(a, struct message_row);
	if (kind == HISTORY_READ_MESSAGE &&
	    history_row(&e->message, true, m) == MESSAGE_COUNTS)
		check_texts(m, a);
	arena_free(a);
	return 0;
}
