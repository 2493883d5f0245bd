/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast a history is imported, on each engine: lines a second, the peak of
 * memory, and what the store holds afterwards.
 *
 *   import [LINES [KINDS]]   default 1000000 lines, which make 100000 rows
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "report/import/import.h"
#include "test/lib/pgsql.h"
#include "test/lib/traffic.h"

static void
write_history(const char *path, unsigned lines, unsigned kinds)
{
	struct arena *a = arena_new(0);
	FILE *f = fopen(path, "w");
	struct str head = traffic_head(1, a);
	if (f == NULL)
		abort();
	fwrite(head.p, 1, head.n, f);
	for (unsigned i = 0; i < lines; i++) {
		/* As scattered as real senders are. */
		struct str line = traffic_line(i * 2654435761u % lines, kinds,
		    a);
		fwrite(line.p, 1, line.n, f);
		if (i % 1000 == 0) {
			arena_free(a);
			a = arena_new(0);
		}
	}
	fclose(f);
	arena_free(a);
}

static uint64_t
rows_of(struct store *s, struct arena *a)
{
	const struct store_filter all = {0};
	struct store_day *days;
	size_t count = 0;
	uint64_t rows = 0;
	if (store_days(s, &all, a, &days, &count))
		for (size_t i = 0; i < count; i++)
			rows += days[i].rows;
	return rows;
}

static int
measure(const char *engine, const char *store, const char *path)
{
	struct arena *a = arena_new(0);
	struct str reason;
	struct import_result r;
	struct rusage u;
	const struct import_options o = {.path = path, .max_rows = 1000000};
	struct store *s = store_open(store, STORE_READ, a, &reason);
	int64_t start = clock_mono_ms();
	if (s == NULL || import_run(s, &o, a, &r, &reason) != IMPORT_OK) {
		fprintf(stderr, "%.*s\n", STR_ARG(reason));
		return 1;
	}
	int64_t ms = clock_mono_ms() - start;
	getrusage(RUSAGE_SELF, &u);
	printf("%-10s %8.0f lines/s  %6.1f s  peak %ld MB  %llu rows\n",
	    engine, (double)r.counts.lines * 1000 / (double)(ms > 0 ? ms : 1),
	    (double)ms / 1000, u.ru_maxrss / 1024,
	    (unsigned long long)rows_of(s, a));
	store_close(s);
	arena_free(a);
	return 0;
}

/* In a process of its own, so that its memory is its own. */
static int
measure_apart(const char *engine, const char *store, const char *path)
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		int code = measure(engine, store, path);
		fflush(stdout);
		_exit(code);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void
print_size(const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0)
		printf("%-10s %.1f MB on disk\n", "", (double)st.st_size / 1e6);
}

int
main(int argc, char **argv)
{
	unsigned lines = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000;
	unsigned kinds = argc > 2 ? (unsigned)atoi(argv[2]) : 100000;
	char folder[] = "/tmp/aplomb-bench-XXXXXX", history[64], store[256];
	struct pgsql_server server;
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(history, sizeof history, "%s/history", folder);
	snprintf(store, sizeof store, "sqlite:%s/store.db", folder);
	write_history(history, lines, kinds);
	int failed = measure_apart("sqlite", store, history);
	print_size(store + 7);
	switch (pgsql_start(&server)) {
	case PGSQL_UP:
		write_history(history, lines, kinds);
		pgsql_database(&server, store);
		failed |= measure_apart("postgresql", store, history);
		break;
	case PGSQL_MISSING:
		puts("postgresql is missing (package postgresql)");
		break;
	case PGSQL_BROKEN:
		failed = 1;
		break;
	}
	pgsql_stop(&server);
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) != 0 || failed != 0;
}
