/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/config.h"

#include <sysexits.h>

#include "base/arena.h"
#include "base/paths.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "cli/site.h"
#include "settings/settings.h"

static int
print_verdict(const char *file, const struct findings *f)
{
	const char *name = file[0] != '\0' ? file : "(defaults)";

	for (size_t i = 0; i < f->count; i++)
		fprintf(stderr, "%s: %s%.*s\n", name,
		    f->at[i].is_warning ? "warning: " : "",
		    STR_ARG(f->at[i].text));
	if (f->problems > 0)
		return EX_CONFIG;
	if (file[0] == '\0')
		printf("%s: no such file, the defaults are in force: ",
		    PATHS_CONF);
	else
		printf("%s: ", file);
	if (f->count > 0)
		printf("no problems, %zu warning%s\n", f->count,
		    f->count > 1 ? "s" : "");
	else
		puts("no problems");
	return EX_OK;
}

int
config_check(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct findings found;
	int code = EX_CONFIG;

	command_arguments(self, argc, argv, 0);
	struct arena *a = arena_new(0);
	struct settings *s = setup_load(o, a);
	if (s != NULL) {
		site_check(s, a, &found);
		code = print_verdict(s->file, &found);
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
