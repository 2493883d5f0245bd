/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/aplomb.conf.in and the lists of docs/aplomb.conf.5.in say what the
 * tables of settings/ say, with the paths that configure chose left open. With
 * --update they are made to; the folder of the sources is the environment's
 * srcdir.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "settings/settings.h"

#define MAX_FILE (1024u * 1024)

static bool is_update, is_bad;

static _Noreturn void
give_up(const char *path, const char *what)
{
	fprintf(stderr, "docs: %s: %s\n", path, what);
	exit(1);
}

static const char *
source(const char *name, struct arena *a)
{
	const char *folder = getenv("srcdir");
	return text_format(a, "%s/%s", folder != NULL ? folder : ".", name).p;
}

static struct str
read_source(const char *path, struct arena *a)
{
	struct str text, reason;
	if (file_read(path, MAX_FILE, a, &text, &reason))
		return text;
	if (!is_update)
		give_up(path, "cannot be read");
	return STR("");
}

static void
hold_against(const char *path, struct str got, struct str want)
{
	if (str_eq(got, want))
		return;
	if (is_update) {
		if (!file_replace(path, want, 0644))
			give_up(path, "cannot be written");
		return;
	}
	is_bad = true;
	size_t n = 0, line = 1;
	for (; n < got.n && n < want.n && got.p[n] == want.p[n]; n++)
		line += got.p[n] == '\n';
	fprintf(stderr, "docs: %s:%zu: not what the tables say; run "
	    "\"make update-settings-docs\"\n", path, line);
}

/* With "@statedir@" and "@sendmail@" where the text has these paths. */
static struct str
leave_open(struct str s, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	while (s.n > 0) {
		struct str path = STR(PATHS_STATE), mark = STR("@statedir@");
		if (!str_has_prefix(s, path))
			path = STR(PATHS_SENDMAIL), mark = STR("@sendmail@");
		if (!str_has_prefix(s, path))
			path = mark = str_sub(s, 0, 1);
		text_add(&t, mark);
		s = str_sub(s, path.n, s.n);
	}
	return text_str(&t);
}

/* Puts what lies between the line `begin` and the next end mark from *rest in
 * the place of what the page has there. */
static void
replace_list(struct text *t, struct str *rest, const char *path,
    const char *begin, struct str list)
{
	static const char end[] = ".\\\" end\n";
	const char *at = rest->n > 0 ?
	    memmem(rest->p, rest->n, begin, strlen(begin)) : NULL;
	if (at == NULL)
		give_up(path, "a mark is missing");
	size_t n = (size_t)(at - rest->p) + strlen(begin);
	text_add(t, str_sub(*rest, 0, n));
	*rest = str_sub(*rest, n, rest->n);
	at = rest->n > 0 ? memmem(rest->p, rest->n, end, strlen(end)) : NULL;
	if (at == NULL)
		give_up(path, "an end mark is missing");
	text_add(t, list);
	*rest = str_sub(*rest, (size_t)(at - rest->p), rest->n);
}

static void
check_sample(struct arena *a)
{
	const char *path = source("conf/aplomb.conf.in", a);
	hold_against(path, read_source(path, a),
	    leave_open(settings_sample(a), a));
}

static void
check_manual(struct arena *a)
{
	const char *path = source("docs/aplomb.conf.5.in", a);
	struct str page = read_source(path, a), rest = page;
	struct text t;
	text_init(&t, a);
	replace_list(&t, &rest, path,
	    ".\\\" settings: made by \"make update-settings-docs\"\n",
	    leave_open(settings_manual(a), a));
	replace_list(&t, &rest, path,
	    ".\\\" override: made by \"make update-settings-docs\"\n",
	    settings_manual_override(a));
	text_add(&t, rest);
	hold_against(path, page, text_str(&t));
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	is_update = argc > 1 && strcmp(argv[1], "--update") == 0;
	check_sample(a);
	check_manual(a);
	arena_free(a);
	return is_bad ? 1 : 0;
}
