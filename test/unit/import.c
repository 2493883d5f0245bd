/* SPDX-License-Identifier: BSD-2-Clause */
/* The import, on each engine: what it counts, and what it loses: nothing. */
#include "test/lib/stores.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "judge/journal.h"
#include "report/import/import.h"
#include "test/lib/traffic.h"

#define KINDS 60

static char *
path_of(const struct stores_place *p, const char *suffix)
{
	return str_cstr(text_format(p->arena, "%s/history%s", p->folder,
	    suffix), p->arena);
}

static void
put(const char *path, struct str bytes)
{
	FILE *f = fopen(path, "a");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	fclose(f);
}

static struct str
content(const char *path, struct arena *a)
{
	char buffer[4096];
	struct text t;
	size_t n;
	FILE *f = fopen(path, "r");
	text_init(&t, a);
	while (f != NULL && (n = fread(buffer, 1, sizeof buffer, f)) > 0)
		text_add(&t, (struct str) {buffer, n});
	if (f != NULL)
		fclose(f);
	return text_str(&t);
}

static bool
exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

/* Messages from .. from + count - 1. */
static struct str
messages(unsigned from, unsigned count, struct arena *a)
{
	struct text t;
	text_init(&t, a);
	for (unsigned i = from; i < from + count; i++)
		text_add(&t, traffic_line(i, KINDS, a));
	return text_str(&t);
}

static enum import_status
import_at(struct store *s, const struct stores_place *p, const char *path,
    enum import_format format, struct import_result *out, struct str *reason)
{
	const struct import_options o = {
		.path = path,
		.format = format,
		.max_rows = 100000,
	};
	*reason = (struct str) {0};
	return import_run(s, &o, p->arena, out, reason);
}

static struct import_result
import(struct store *s, const struct stores_place *p)
{
	struct import_result r;
	struct str reason;
	if (import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r, &reason) !=
	    IMPORT_OK)
		fail_msg("%.*s", STR_ARG(reason));
	return r;
}

static void
check_counts(const struct import_result *r, uint64_t lines, uint64_t counted,
    uint64_t deferred, uint64_t unreported, uint64_t bad)
{
	assert_int_equal(r->counts.lines, lines);
	assert_int_equal(r->counts.messages, counted);
	assert_int_equal(r->counts.deferred, deferred);
	assert_int_equal(r->counts.unreported, unreported);
	assert_int_equal(r->counts.bad, bad);
}

/* ---- what is counted ---------------------------------------------------- */

static void
test_counts(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	put(path_of(p, ""), traffic_head(1, p->arena));
	put(path_of(p, ""), messages(0, 200, p->arena));
	struct import_result r = import(s, p);
	assert_int_equal(r.files, 1);
	check_counts(&r, 200, 192, 4, 4, 0);
	assert_int_equal(stores_messages(s, p->arena), 192);
	assert_false(exists(path_of(p, "")));
	assert_false(exists(path_of(p, ".importing")));
	assert_false(exists(path_of(p, ".bad")));
	r = import(s, p);
	assert_int_equal(r.files, 0);
	store_close(s);
}

/* A file that comes again, with its UUID, is only deleted. */
static void
test_known(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	for (int i = 0; i < 2; i++) {
		put(path_of(p, ""), traffic_head(1, p->arena));
		put(path_of(p, ""), messages(0, 10, p->arena));
		struct import_result r = import(s, p);
		assert_int_equal(r.is_known, i);
		assert_false(exists(path_of(p, ".importing")));
	}
	assert_int_equal(stores_messages(s, p->arena), 9);
	store_close(s);
}

static void
test_leftover_first(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	put(path_of(p, ".importing"), traffic_head(1, p->arena));
	put(path_of(p, ".importing"), messages(0, 5, p->arena));
	put(path_of(p, ""), traffic_head(2, p->arena));
	put(path_of(p, ""), messages(0, 5, p->arena));
	struct import_result r = import(s, p);
	assert_int_equal(r.files, 2);
	assert_int_equal(stores_messages(s, p->arena), 10);
	store_close(s);
}

/* Emptied in place: its lines are good, and count once if it comes again. */
static void
test_no_head(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	for (int i = 0; i < 2; i++) {
		put(path_of(p, ""), messages(0, 5, p->arena));
		struct import_result r = import(s, p);
		assert_true(r.has_no_uuid);
		assert_int_equal(r.is_known, i);
	}
	assert_int_equal(stores_messages(s, p->arena), 5);
	put(path_of(p, ""), STR(""));
	assert_int_equal(import(s, p).files, 1);
	store_close(s);
}

/* ---- bad lines ---------------------------------------------------------- */

static struct str
filled(char c, size_t n, struct arena *a)
{
	char *p = arena_alloc(a, n);
	memset(p, c, n);
	return (struct str) {p, n};
}

static void
check_has(struct str s, struct str part)
{
	assert_non_null(memmem(s.p, s.n, part.p, part.n));
}

static void
test_bad_lines(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	const char *path = path_of(p, "");
	put(path, traffic_head(1, p->arena));
	put(path, messages(0, 1, p->arena));
	put(path, STR("\n{\"time\":1,\"to\n"));          /* torn, closed */
	put(path, STR("a\0b\n"));                        /* a NUL */
	put(path, filled('\0', 3000, p->arena));
	put(path, STR("\n"));
	put(path, filled('x', 1 << 20, p->arena));       /* 1 MB */
	put(path, STR("\n"));
	put(path, filled('y', 128u * 1024, p->arena));   /* a byte too long */
	put(path, STR("\n"));
	put(path, traffic_head(2, p->arena));            /* in the middle */
	put(path, STR("{\"time\":-1}\n\xff\xfe\n[]\n"));
	put(path, messages(1, 1, p->arena));
	put(path, STR("{\"time\":1795219200,"));         /* torn at the end */
	struct import_result r = import(s, p);
	check_counts(&r, 12, 2, 0, 0, 10);
	struct str bad = content(path_of(p, ".bad"), p->arena);
	assert_true(str_has_prefix(bad, STR("# file=0f8fad5b-d9cb-469f-a165-"
	    "000000000001 byte=")));
	check_has(bad, STR(": it is torn: no newline ends it\n"
	    "{\"time\":1795219200,\n"));
	check_has(bad, STR("\na\0b\n"));
	assert_true(bad.n < 400 * 1024); /* of 1 MB the start */
	store_close(s);
}

/* A torn line that a crash left, and the newline that closes it later. */
static void
test_torn_by_a_crash(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct journal *j = journal_new(path_of(p, ""));
	struct str reason;
	assert_true(journal_append(j, traffic_line(0, KINDS, p->arena),
	    p->arena, &reason));
	put(path_of(p, ""), STR("{\"time\":17952"));
	assert_true(journal_append(j, traffic_line(1, KINDS, p->arena),
	    p->arena, &reason));
	struct import_result r = import(s, p);
	check_counts(&r, 3, 2, 0, 0, 1);
	journal_free(j);
	store_close(s);
}

static void
test_newer_version(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct import_result r;
	struct str reason;
	struct str line = STR("{\"version\":2,\"uuid\":\"?\"}\n{\"new\":1}\n");
	put(path_of(p, ""), line);
	assert_int_equal(import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason), IMPORT_NEWER);
	assert_true(str_eq(content(path_of(p, ""), p->arena), line));
	assert_int_equal(rename(path_of(p, ""), path_of(p, ".importing")), 0);
	assert_int_equal(import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason), IMPORT_NEWER);
	assert_true(exists(path_of(p, ".importing")));
	store_close(s);
}

/* ---- trouble ------------------------------------------------------------ */

static void
test_busy(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct import_result r;
	struct str reason;
	put(path_of(p, ""), messages(0, 1, p->arena));
	int fd = open(path_of(p, ".lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason), IMPORT_BUSY);
	assert_true(exists(path_of(p, "")));
	close(fd);
	assert_int_equal(import(s, p).files, 1);
	store_close(s);
}

static void
test_no_regular_file(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct import_result r;
	struct str reason;
	assert_int_equal(symlink("/etc/passwd", path_of(p, "")), 0);
	assert_int_equal(import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason), IMPORT_FAILED);
	assert_true(exists(path_of(p, "")));
	assert_int_equal(unlink(path_of(p, "")), 0);
	put(path_of(p, ""), STR("junk\n"));
	assert_int_equal(symlink("/dev/null", path_of(p, ".bad")), 0);
	assert_int_equal(import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason), IMPORT_FAILED);
	assert_true(exists(path_of(p, ".importing"))); /* nothing is lost */
	assert_int_equal(unlink(path_of(p, ".bad")), 0);
	assert_int_equal(import(s, p).counts.bad, 1);
	store_close(s);
}

/* In a process of its own, whose files cannot grow, as on a full disk. Of
 * PostgreSQL's the client writes none. */
static int
import_without_room(const struct stores_place *p)
{
	struct import_result r;
	struct str reason;
	struct store *s =
	    store_open(p->name, STORE_READ, p->arena, &reason);
	const struct rlimit limit = {40960, 40960};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	bool is_failed = import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason) == IMPORT_FAILED;
	bool is_clear = memmem(reason.p, reason.n, "nothing is lost", 15) !=
	    NULL;
	store_close(s);
	return is_failed && is_clear ? 0 : 1;
}

static void
test_full_disk(void **state)
{
	struct stores_place *p = *state;
	int status;
	put(path_of(p, ""), traffic_head(1, p->arena));
	for (unsigned i = 0; i < 2000; i++)
		put(path_of(p, ""), traffic_line(i, 2000, p->arena));
	struct store *s = stores_open(p);
	store_close(s);
	pid_t pid = fork();
	if (pid == 0)
		_exit(import_without_room(p));
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	s = stores_open(p);
	assert_int_equal(stores_messages(s, p->arena), 0);
	assert_int_equal(import(s, p).counts.messages, 1920);
	assert_int_equal(stores_messages(s, p->arena), 1920);
	store_close(s);
}

/* Imports as soon as a byte comes through the pipe. */
static int
import_on_call(const struct stores_place *p, int fd)
{
	struct import_result r;
	struct str reason;
	char c;
	if (read(fd, &c, 1) != 1)
		return 1;
	struct store *s = store_open(p->name, STORE_READ, p->arena, &reason);
	if (s == NULL || import_at(s, p, path_of(p, ""), IMPORT_APLOMB, &r,
	    &reason) != IMPORT_OK)
		return 1;
	store_close(s);
	return 0;
}

/* Another process holds the store for a moment. The importer is forked before
 * the store is open here: SQLite's locks do not survive a fork. */
static void
test_locked(void **state)
{
	struct stores_place *p = *state;
	int status, fds[2];
	put(path_of(p, ""), messages(0, 10, p->arena));
	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(import_on_call(p, fds[0]));
	struct store *s = stores_open(p);
	stores_must(s, store_begin(s));
	assert_int_equal(write(fds[1], "", 1), 1);
	usleep(300000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0); /* it waits */
	store_rollback(s);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(stores_messages(s, p->arena), 9);
	store_close(s);
	close(fds[0]);
	close(fds[1]);
}

/* As an ordinary user, before whom the store is read-only. */
static int
import_without_rights(const struct stores_place *p)
{
	struct str reason;
	if (getuid() == 0 && setuid(65534) != 0)
		return 1;
	struct store *s = store_open(p->name, STORE_READ, p->arena, &reason);
	if (s == NULL)
		return memmem(reason.p, reason.n, "writable for this user",
		    22) == NULL;
	struct import_result r;
	enum import_status status = import_at(s, p, path_of(p, ""),
	    IMPORT_APLOMB, &r, &reason);
	store_close(s);
	return status != IMPORT_FAILED;
}

static void
test_read_only(void **state)
{
	struct stores_place *p = *state;
	int status;
	store_close(stores_open(p));
	put(path_of(p, ""), messages(0, 10, p->arena));
	const char *db = p->name + sizeof "sqlite:" - 1;
	assert_int_equal(chmod(db, 0444), 0);
	assert_int_equal(chmod(p->folder, 0555), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(import_without_rights(p));
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(p->folder, 0755), 0);
	assert_int_equal(chmod(db, 0644), 0);
	struct store *s = stores_open(p);
	assert_int_equal(import(s, p).counts.messages, 9);
	store_close(s);
}

/* ---- OpenDMARC ---------------------------------------------------------- */

static void
test_opendmarc(void **state)
{
	static const char message[] = "job 4A\nreporter mx\n"
	    "received 1795219201\nipaddr 192.0.2.1\nfrom acme.example\n"
	    "mfrom esp.example\nspf 0\npdomain acme.example\npolicy 15\n"
	    "rua mailto:a@acme.example\npct 100\nadkim 114\naspf 114\np 114\n"
	    "sp 0\nalign_dkim 4\nalign_spf 5\naction 2\n";
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct import_result r;
	struct str reason;
	for (int i = 0; i < 2; i++) { /* the same content counts once */
		put(path_of(p, ""), STR(message));
		put(path_of(p, ""), STR(message));
		put(path_of(p, ""), STR("job 4B\nreceived soon\n"));
		put(path_of(p, ""), STR(message));
		assert_int_equal(import_at(s, p, path_of(p, ""),
		    IMPORT_OPENDMARC, &r, &reason), IMPORT_OK);
		assert_int_equal(r.is_known, i);
		if (i == 0)
			check_counts(&r, 4, 3, 0, 0, 1);
	}
	assert_int_equal(stores_messages(s, p->arena), 3);
	struct str bad = content(path_of(p, ".bad"), p->arena);
	assert_true(str_has_isuffix(bad, STR(": received is no time\njob 4B\n"
	    "received soon\n\n")));
	store_close(s);
}

/* ---- killed at any instruction ------------------------------------------ */

/* The importer, which stops at each system call for its tracer. */
static void
import_traced(const struct stores_place *p)
{
	struct import_result r;
	struct str reason;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	raise(SIGSTOP);
	struct store *s =
	    store_open(p->name, STORE_READ, p->arena, &reason);
	if (s == NULL)
		_exit(1);
	enum import_status status = import_at(s, p, path_of(p, ""),
	    IMPORT_APLOMB, &r, &reason);
	store_close(s);
	_exit(status == IMPORT_OK ? 0 : 1);
}

/* Runs it up to the n-th stop at a system call, and kills it there. True if it
 * came to its end before. */
static bool
run_until(const struct stores_place *p, unsigned n, bool *can_trace)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		import_traced(p);
	waitpid(pid, &status, 0);
	*can_trace = WIFSTOPPED(status);
	for (unsigned i = 0; i < n; i++) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) != 0)
			break;
		waitpid(pid, &status, 0);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return true;
		}
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return false;
}

#define CRASH_FILES 2
#define CRASH_LINES 40

/* One history, left over and in place; killed at every place that the outside
 * can see, it counts each message once after one more run. */
static void
test_crash(void **state)
{
	struct stores_place *p = *state;
	bool is_through = false, can_trace = true;
	uint64_t want = 0;
	unsigned kills = 0, step = p->is_pgsql ? 13 : 11;
	struct store *s = stores_open(p);
	store_close(s);
	for (unsigned n = 1; !is_through; n += step) {
		for (unsigned k = 0; k < CRASH_FILES; k++) {
			const char *path = path_of(p, k > 0 ? "" : ".importing");
			put(path, traffic_head(2 * n + k, p->arena));
			put(path, messages(0, CRASH_LINES, p->arena));
		}
		want += CRASH_FILES * (CRASH_LINES - 2);
		is_through = run_until(p, n, &can_trace);
		if (!can_trace)
			check_skip("ptrace is not allowed");
		kills += !is_through;
		s = stores_open(p);
		import(s, p);
		assert_int_equal(stores_messages(s, p->arena), want);
		store_close(s);
		assert_false(exists(path_of(p, ".importing")));
	}
	assert_true(kills > 20);
}

/* ---- while the daemon writes -------------------------------------------- */

#define WRITERS     3
#define WRITER_LINES 3000

struct writer {
	const struct stores_place *p;
	struct journal *journal;
	unsigned from;
	bool is_good;
};

static void *
write_lines(void *arg)
{
	struct writer *w = arg;
	struct str reason;
	w->is_good = true;
	for (unsigned i = 0; i < WRITER_LINES && w->is_good; i++) {
		struct arena *a = arena_new(0);
		/* 200 is neither deferred nor without a policy. */
		w->is_good = journal_append(w->journal,
		    traffic_line((w->from + i) * 50, 3000, a), a, &reason);
		if (!w->is_good)
			fprintf(stderr, "%.*s\n", STR_ARG(reason));
		arena_free(a);
	}
	return NULL;
}

static void
test_beside_writers(void **state)
{
	struct stores_place *p = *state;
	struct store *s = stores_open(p);
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	uint64_t counted = 0;
	unsigned files = 0;
	/* Two journals, as of two processes. */
	struct journal *journals[] = {journal_new(path_of(p, "")),
	    journal_new(path_of(p, ""))};
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer) {p, journals[i % 2],
		    i * WRITER_LINES, false};
		pthread_create(&threads[i], NULL, write_lines, &writers[i]);
	}
	while (counted < WRITERS * WRITER_LINES) {
		struct import_result r = import(s, p);
		assert_int_equal(r.counts.bad, 0);
		assert_int_equal(r.counts.lines, r.counts.messages);
		counted += r.counts.messages;
		files += r.files;
		usleep(1000);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(writers[i].is_good);
	}
	counted += import(s, p).counts.messages;
	assert_int_equal(counted, WRITERS * WRITER_LINES);
	assert_int_equal(stores_messages(s, p->arena), counted);
	assert_true(files > 1);
	journal_free(journals[0]);
	journal_free(journals[1]);
	store_close(s);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, stores_setup, stores_teardown)

static const struct CMUnitTest both[] = {
	BOTH(test_counts),
	BOTH(test_known),
	BOTH(test_leftover_first),
	BOTH(test_no_head),
	BOTH(test_bad_lines),
	BOTH(test_torn_by_a_crash),
	BOTH(test_newer_version),
	BOTH(test_busy),
	BOTH(test_no_regular_file),
	BOTH(test_opendmarc),
	BOTH(test_crash),
	BOTH(test_beside_writers),
};

static const struct CMUnitTest sqlite[] = {
	BOTH(test_full_disk),
	BOTH(test_locked),
	BOTH(test_read_only),
};

int
main(void)
{
	int failed = cmocka_run_group_tests_name("sqlite alone", sqlite,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("sqlite", both,
	    stores_use_sqlite, NULL);
	failed += cmocka_run_group_tests_name("postgresql", both,
	    stores_use_pgsql, stores_end);
	return failed != 0;
}
