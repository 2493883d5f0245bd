/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration. What is refused has a reason for each refusal, what is taken
 * is taken again as it is printed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* One printable line each, "f:LINE:COLUMN: SENTENCE", in the file's order. */
static void
check_problems(const struct settings_problems *p)
{
	uint64_t line = 0, column = 0, before_line = 0, before_column = 0;
	must(p->count <= SETTINGS_MAX_PROBLEMS + 1);
	must(p->errors >= p->count || p->count > SETTINGS_MAX_PROBLEMS);
	for (size_t i = 0; i < p->count; i++) {
		struct str rest = p->at[i].text;
		must(str_has_prefix(rest, STR("f:")) && rest.n > 20);
		for (size_t j = 0; j < rest.n; j++)
			must(ascii_is_print(rest.p[j]));
		str_cut(&rest, ':');
		if (str_has_prefix(rest, STR(" ")))
			continue; /* of the whole */
		must(str_to_uint(str_cut(&rest, ':'), UINT32_MAX, &line));
		must(str_to_uint(str_cut(&rest, ':'), UINT32_MAX, &column));
		must(line > before_line || (line == before_line &&
		    column >= before_column));
		before_line = line;
		before_column = column;
	}
}

static void
check_settings(const struct settings *s, struct arena *a)
{
	struct settings_problems problems;
	struct str dump = settings_dump(s, a);
	struct settings *again = settings_parse(dump, "f", a, &problems);
	must(again != NULL && problems.count == 0);
	must(str_eq(settings_dump(again, a), dump));
	must(again->overrides.count == s->overrides.count);
	settings_drop(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A public suffix list that never ends would be read for ever. */
	if (memmem(data, size, "/dev", 4) != NULL)
		return 0;
	struct arena *a = arena_new(0);
	struct settings_problems problems;
	struct str text = {(const char *)data, size};
	struct settings *s = settings_parse(text, "f", a, &problems);
	must((s == NULL) == (problems.count > 0));
	check_problems(&problems);
	if (s != NULL)
		check_settings(s, a);
	settings_drop(s);
	arena_free(a);
	return 0;
}
