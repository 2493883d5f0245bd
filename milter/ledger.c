/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ledger.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/history.h"
#include "judge/journal.h"
#include "judge/message.h"
#include "settings/settings.h"

struct ledger {
	atomic_uint holds;
	char *path;
	struct journal *journal;
};

bool
ledger_find(const struct settings *s, struct arena *a, const char **path,
    struct str *reason)
{
	struct str problem;

	*path = NULL;
	*reason = (struct str) {NULL, 0};
	if (s->history[0] == '\0')
		return true;
	if (journal_is_writable(s->history, a, &problem)) {
		*path = s->history;
		return true;
	}
	if (s->history_at.line > 0) {
		*reason = text_format(a, "history %s: %.*s; give the user of "
		    "the daemon the right to write there, or set another "
		    "path, or \"\" for no history", s->history,
		    STR_ARG(problem));
		return false;
	}
	*reason = text_format(a, "no history is kept: %s: %.*s; make the "
	    "directory, or set history to another path, or to \"\"",
	    s->history, STR_ARG(problem));
	return true;
}

struct ledger *
ledger_open(const char *path)
{
	if (path == NULL)
		return NULL;
	struct ledger *l = calloc(1, sizeof(*l));
	if (l == NULL)
		abort();
	l->path = strdup(path);
	if (l->path == NULL)
		abort();
	l->journal = journal_new(path);
	atomic_init(&l->holds, 1);
	return l;
}

struct ledger *
ledger_hold(struct ledger *l)
{
	if (l != NULL)
		atomic_fetch_add(&l->holds, 1);
	return l;
}

void
ledger_drop(struct ledger *l)
{
	if (l == NULL || atomic_fetch_sub(&l->holds, 1) > 1)
		return;
	journal_free(l->journal);
	free(l->path);
	free(l);
}

bool
ledger_is_at(const struct ledger *l, const char *path)
{
	return l != NULL && path != NULL && strcmp(l->path, path) == 0;
}

bool
ledger_write(struct ledger *l, const struct message *m,
    const struct verdict *v, const struct plan *p, struct str *reason)
{
	if (l == NULL || !history_is_due(m))
		return true;
	return journal_append(l->journal, history_print(m, v, p, m->arena),
	    m->arena, reason);
}
