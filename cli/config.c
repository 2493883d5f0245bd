/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/config.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "report/row/sender.h"
#include "report/transport/transport.h"
#include "settings/settings.h"

/* A warning in the form of the others; the text mostly begins with the key that
 * it is about. */
static void
warn(const struct settings *s, struct settings_at otherwise,
    const char *consequence, struct str text)
{
	struct str rest = text;
	struct settings_at at = settings_find(s, str_cut(&rest, ' '));

	if (at.line == 0)
		at = otherwise;
	fputs(s->file[0] != '\0' ? s->file : "(defaults)", stderr);
	if (at.line > 0)
		fprintf(stderr, ":%u:%u", at.line, at.column);
	fprintf(stderr, ": warning: %s%.*s\n", consequence, STR_ARG(text));
}

/* The daemon tells of it as its own user. */
static size_t
check_history(const struct settings *s, struct arena *a)
{
	struct str path = str_of(s->history);
	const char *folder =
	    str_cstr(str_sub(path, 0, str_find_last(path, '/')), a);

	if (s->history_at.line > 0 || access(folder, F_OK) == 0 ||
	    errno != ENOENT)
		return 0;
	warn(s, s->history_at, "", text_format(a, "no history is kept at %s: the "
	    "directory %s: %s; make it, or set history to another path, or to "
	    "\"\"", s->history, folder, strerror(errno)));
	return 1;
}

/* What keeps reports from being sent: files of secrets, the command, words. To
 * open the transport is the check. */
static size_t
check_reports(const struct settings *s, struct arena *a)
{
	struct sender sender;
	struct transport *t = NULL;
	struct str reason;

	if (!sender_init(s, a, &sender, &reason)) {
		warn(s, s->report_from_at, "", reason);
		return 1;
	}
	if (!sender.is_set)
		return 0;
	t = transport_open(s, sender.domain, a, &reason);
	if (t == NULL)
		warn(s, s->report_from_at, "no report can be sent: ", reason);
	transport_close(t);
	return t == NULL;
}

static void
print_verdict(const char *file, size_t warnings)
{
	if (file[0] == '\0')
		printf("%s: no such file, the defaults are in force: ",
		    PATHS_CONF);
	else
		printf("%s: ", file);
	if (warnings > 0)
		printf("no problems, %zu warning%s\n", warnings,
		    warnings > 1 ? "s" : "");
	else
		puts("no problems");
}

int
config_check(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct settings_problems found;
	int code = EX_CONFIG;

	command_arguments(self, argc, argv, 0);
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	if (s != NULL) {
		bool is_good = settings_lint(s, a, &found);
		setup_print_problems(&found);
		size_t more = check_history(s, a) + check_reports(s, a);
		if (is_good) {
			print_verdict(s->file, found.count + more);
			code = EX_OK;
		}
	}
	settings_drop(s);
	arena_free(a);
	return code;
}

int
config_show(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	int code = EX_CONFIG;

	command_arguments(self, argc, argv, 0);
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	if (s != NULL) {
		struct str dump = settings_dump(s, a);
		fwrite(dump.p, 1, dump.n, stdout);
		code = EX_OK;
	}
	settings_drop(s);
	arena_free(a);
	return code;
}
