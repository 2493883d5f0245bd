/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays case files. usage: case [--in-process] FILE ...
 *
 * Each case is played in every mode that it speaks of, in process and, unless
 * it fixes the clock, through the socket of the daemon named by $APLOMBD
 * (./aplombd without it). Exit 0: all hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "test/case/outcome.h"
#include "test/case/play.h"
#include "test/case/script.h"
#include "test/case/stage.h"

static const char *const made[] = {"psl", "conf", "history", "log", "sock"};

static bool
play(const struct stage *st, unsigned mode, const char *daemon,
    const char *folder, struct arena *a, struct str *problem)
{
	const struct script *s = st->script;
	struct outcome alone, socket, again;
	unsigned draw = s->draw;
	if (!play_in_process(st, mode, draw, folder, a, &alone, problem) ||
	    !outcome_meets(&alone, s, mode, a, problem))
		return false;
	if (daemon == NULL || s->has_time)
		return true;
	return play_socket(st, mode, daemon, folder, a, &socket, &draw,
	    problem) &&
	    play_in_process(st, mode, draw, folder, a, &again, problem) &&
	    outcome_is_same(&again, &socket, a, problem);
}

/* The suffix list of the case, as a file. */
static bool
write_suffixes(const struct script *s, const char *folder, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	text_add(&t, STR("// ===BEGIN ICANN DOMAINS===\n"));
	struct str rest = s->psl, word;
	while ((word = script_word(&rest)).n > 0)
		text_printf(&t, "%.*s\n", STR_ARG(word));
	text_add(&t, STR("// ===END ICANN DOMAINS===\n"));
	return file_replace(text_format(a, "%s/psl", folder).p, text_str(&t),
	    0600);
}

static bool
play_file(const char *file, const char *daemon, const char *folder)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct script s;
	struct stage st;
	struct str problem = STR("its files could not be written");
	unsigned played = 0;
	bool is_well = script_read(file, a, &s, &problem) &&
	    write_suffixes(&s, folder, a) &&
	    stage_build(&s, a, &st, &problem);
	for (unsigned mode = SCRIPT_TREEWALK; is_well && mode <= SCRIPT_PSL;
	     mode <<= 1) {
		if ((s.modes & mode) == 0)
			continue;
		is_well = play(&st, mode, daemon, folder, a, &problem);
		if (!is_well)
			printf("in mode %s: ",
			    mode == SCRIPT_PSL ? "psl" : "treewalk");
		played++;
	}
	if (is_well)
		printf("ok %s: %u mode%s%s\n", file, played,
		    played == 1 ? "" : "s", daemon == NULL || s.has_time ?
		    ", in process only" : "");
	else
		printf("%.*s\n%s: %.*s\n", STR_ARG(problem), file,
		    STR_ARG(s.title));
	arena_free(a);
	return is_well;
}

static void
clear(const char *folder)
{
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", folder, made[i]);
		unlink(path);
	}
	rmdir(folder);
}

int
main(int argc, char **argv)
{
	const char *daemon = getenv("APLOMBD");
	int first = 1, failed = 0;
	if (daemon == NULL)
		daemon = "./aplombd";
	if (argc > 1 && strcmp(argv[1], "--in-process") == 0)
		daemon = NULL, first = 2;
	if (first >= argc) {
		fprintf(stderr, "usage: case [--in-process] FILE ...\n");
		return 64;
	}
	char folder[] = "/tmp/aplomb-case-XXXXXX";
	if (mkdtemp(folder) == NULL) {
		perror("case: no folder in /tmp");
		return 1;
	}
	for (int i = first; i < argc; i++)
		failed += !play_file(argv[i], daemon, folder);
	if (!play_socket_end()) {
		printf("the daemon did not end well\n");
		failed++;
	}
	clear(folder);
	return failed > 0;
}
