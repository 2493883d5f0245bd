/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/settings.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "net/suffix.h"
#include "settings/settings_problem.h"
#include "settings/settings_read.h"

/* Settings as this file sees them; `base` comes first, so that one pointer
 * serves for both. */
struct snapshot {
	struct settings base;
	struct arena *arena; /* it lives there itself */
	atomic_uint holders;
};

const char *
settings_file(const char *given)
{
	if (given != NULL)
		return given;
	/* A file that exists but cannot be read is for the reader to report. */
	return access(PATHS_CONF, F_OK) != 0 && errno == ENOENT ? "" :
								   PATHS_CONF;
}

struct settings *
settings_parse(struct str text, const char *name, struct arena *a,
    struct settings_problems *problems)
{
	struct arena *own = arena_new(0);
	struct snapshot *s = ARENA_NEW(own, struct snapshot);
	struct problems p;
	problems_init(&p, name, a);
	s->arena = own;
	s->base.file = str_cstr(str_of(name), own);
	atomic_init(&s->holders, 1);
	if (text.n > SETTINGS_MAX_BYTES)
		problem_add(&p, (struct settings_at) {0, 0}, "the file has "
		    "more than %u bytes: make it smaller", SETTINGS_MAX_BYTES);
	else
		settings_read(text, &s->base, own, &p);
	problems_list(&p, problems);
	if (problems->errors == 0)
		return &s->base;
	settings_drop(&s->base);
	return NULL;
}

struct settings *
settings_load(const char *path, struct arena *a,
    struct settings_problems *problems)
{
	struct str text = {NULL, 0}, reason;
	if (path[0] == '\0' ||
	    file_read(path, SETTINGS_MAX_BYTES, a, &text, &reason))
		return settings_parse(text, path, a, problems);
	problems->count = problems->errors = 1;
	problems->at[0] = (struct settings_problem) {false, text_format(a,
	    "%.*s; a configuration is a readable file of at most %u bytes",
	    STR_ARG(reason), SETTINGS_MAX_BYTES)};
	return NULL;
}

struct settings *
settings_hold(struct settings *s)
{
	atomic_fetch_add_explicit(&((struct snapshot *)s)->holders, 1,
	    memory_order_relaxed);
	return s;
}

void
settings_drop(struct settings *s)
{
	struct snapshot *all = (struct snapshot *)s;
	if (s == NULL || atomic_fetch_sub_explicit(&all->holders, 1,
	    memory_order_acq_rel) > 1)
		return;
	suffix_drop(s->suffixes);
	arena_free(all->arena);
}
