/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "judge/journal.h"

#define ARENA_CAP (1u << 20)

struct place {
	struct arena *arena;
	char folder[64];
	char *path;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	p->arena = arena_new(ARENA_CAP);
	strcpy(p->folder, "/tmp/judge-journal-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	p->path = str_cstr(text_format(p->arena, "%s/history", p->folder),
	    p->arena);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	DIR *d = opendir(p->folder);
	struct dirent *e;
	while ((e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(p->folder);
	arena_free(p->arena);
	free(p);
	return 0;
}

static struct str
content(const struct place *p, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct text t;
	char buffer[4096];
	ssize_t n;
	text_init(&t, p->arena);
	while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
		text_add(&t, (struct str) {buffer, (size_t)n});
	close(fd);
	return text_str(&t);
}

/* What stands behind the first line. */
static struct str
body(const struct place *p)
{
	struct str s = content(p, p->path);
	struct str head = str_cut(&s, '\n');
	assert_true(str_has_prefix(head, STR("{\"version\":1,\"host\":\"")));
	return s;
}

static bool
add(struct journal *j, const struct place *p, const char *line)
{
	struct str reason;
	return journal_append(j, str_of(line), p->arena, &reason);
}

static void
test_new_file(void **state)
{
	struct place *p = *state;
	struct journal *j = journal_new(p->path);
	struct stat st;
	uint64_t written, lost;
	assert_true(add(j, p, "one\n"));
	assert_true(add(j, p, "two\n"));
	check_str(body(p), "one\ntwo\n");
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1); /* the temporary name is gone */
	journal_count(j, &written, &lost);
	assert_int_equal(written, 2);
	assert_int_equal(lost, 0);
	journal_free(j);
	journal_free(NULL);
}

static void
test_renamed_away(void **state)
{
	struct place *p = *state;
	struct journal *j = journal_new(p->path);
	char *away = str_cstr(text_format(p->arena, "%s.1", p->path), p->arena);
	assert_true(add(j, p, "one\n"));
	assert_int_equal(rename(p->path, away), 0);
	assert_true(add(j, p, "two\n"));
	check_str(body(p), "two\n");
	assert_true(str_has_isuffix(content(p, away), STR("}\none\n")));
	journal_free(j);
}

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A crash in the middle of a write leaves a torn line: the next one must not
 * be glued to it. */
static void
test_torn_line_is_closed(void **state)
{
	struct place *p = *state;
	struct journal *j = journal_new(p->path);
	put(p->path, "one\ntor");
	assert_true(add(j, p, "two\n"));
	check_str(content(p, p->path), "one\ntor\ntwo\n");
	journal_free(j);
}

static void
test_emptied_file(void **state)
{
	struct place *p = *state;
	struct journal *j = journal_new(p->path);
	put(p->path, "");
	assert_true(add(j, p, "one\n"));
	check_str(content(p, p->path), "one\n");
	journal_free(j);
}

/* Runs in a child, whose file size limit makes the write a short one. */
static int
write_short(const struct place *p)
{
	struct journal *j = journal_new(p->path);
	struct str reason, before;
	struct rlimit limit;
	bool is_good = add(j, p, "one\n");
	before = content(p, p->path);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = before.n + 2;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	is_good = is_good &&
	    !journal_append(j, STR("second\n"), p->arena, &reason) &&
	    !str_is_empty(reason) && str_eq(content(p, p->path), before);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	uint64_t written, lost;
	is_good = is_good && add(j, p, "third\n");
	journal_count(j, &written, &lost);
	journal_free(j);
	return is_good && written == 2 && lost == 1 ? 0 : 1;
}

static int
status_of(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void
test_short_write_is_taken_back(void **state)
{
	struct place *p = *state;
	pid_t child = fork();
	if (child == 0)
		_exit(write_short(p));
	assert_int_equal(status_of(child), 0);
	check_str(body(p), "one\nthird\n");
}

static void
test_unwritable(void **state)
{
	struct place *p = *state;
	struct str reason;
	char *path = str_cstr(
	    text_format(p->arena, "%s/none/history", p->folder), p->arena);
	struct journal *j = journal_new(path);
	uint64_t written, lost;
	assert_false(journal_append(j, STR("x\n"), p->arena, &reason));
	assert_true(str_has_prefix(reason, str_of("history /tmp/judge-")));
	assert_true(str_has_isuffix(reason,
	    STR("the line is lost: No such file or directory")));
	journal_count(j, &written, &lost);
	assert_int_equal(lost, 1);
	journal_free(j);
	assert_false(journal_is_writable(path, p->arena, &reason));
	assert_true(journal_is_writable(p->path, p->arena, &reason));
	assert_int_equal(access(p->path, F_OK), -1); /* creates nothing */
}

static void
test_no_regular_file(void **state)
{
	struct place *p = *state;
	struct str reason;
	assert_int_equal(mkfifo(p->path, 0600), 0);
	struct journal *j = journal_new(p->path);
	assert_false(journal_append(j, STR("x\n"), p->arena, &reason));
	assert_false(journal_is_writable(p->path, p->arena, &reason));
	journal_free(j);
}

/* Root may write anywhere, so another user asks. */
static int
ask_as_nobody(const struct place *p, const char *path)
{
	struct str reason;
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 2;
	return journal_is_writable(path, p->arena, &reason) ? 1 : 0;
}

static void
test_permissions(void **state)
{
	static const struct {
		mode_t folder, file;
		int want;
	} rows[] = {{0500, 0666, 0}, {0777, 0444, 0}, {0777, 0666, 1}};
	struct place *p = *state;
	put(p->path, "");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		chmod(p->path, rows[i].file);
		chmod(p->folder, rows[i].folder);
		pid_t child = fork();
		if (child == 0)
			_exit(ask_as_nobody(p, p->path));
		assert_int_equal(status_of(child), rows[i].want);
	}
	chmod(p->folder, 0700);
}

/* Someone holds the lock and sleeps: the line is given up, mail goes on. */
static void
test_lock_held(void **state)
{
	struct place *p = *state;
	struct journal *j = journal_new(p->path);
	struct str reason;
	assert_true(add(j, p, "one\n"));
	int fd = open(p->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_false(journal_append(j, STR("two\n"), p->arena, &reason));
	close(fd);
	assert_true(add(j, p, "three\n"));
	check_str(body(p), "one\nthree\n");
	journal_free(j);
}

/*
 * Processes with threads append while a reader takes the file away again and
 * again, by the protocol of docs/FORMATS: every line arrives, none is torn.
 */
#define WRITERS 3
#define THREADS 3
#define LINES   300

struct writer {
	const struct place *place;
	struct journal *journal;
	unsigned first; /* number of its first line */
	bool is_good;
};

static void *
write_lines(void *arg)
{
	struct writer *w = arg;
	char line[128];
	for (unsigned i = 0; i < LINES; i++) {
		struct arena *a = arena_new(ARENA_CAP);
		struct str reason;
		int n = snprintf(line, sizeof line, "<%08u %060u>\n",
		    w->first + i, i);
		if (!journal_append(w->journal,
			(struct str) {line, (size_t)n}, a, &reason))
			w->is_good = false;
		arena_free(a);
	}
	return NULL;
}

static int
run_writer(const struct place *p, unsigned number)
{
	pthread_t threads[THREADS];
	struct writer w[THREADS];
	struct journal *j = journal_new(p->path);
	bool is_good = true;
	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct writer) {.place = p, .journal = j,
		    .first = (number * THREADS + i) * LINES, .is_good = true};
		pthread_create(&threads[i], NULL, write_lines, &w[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		is_good = is_good && w[i].is_good;
	}
	journal_free(j);
	return is_good ? 0 : 1;
}

/* Counts the lines of one file; -1 for a torn one. An empty line is none: a
 * writer that looks while another one's write crosses a page sees half of it,
 * and closes it. */
static int
count_lines(struct str text, bool *seen)
{
	int count = 0;
	str_cut(&text, '\n');
	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');
		uint64_t number;
		if (line.n == 0)
			continue;
		if (line.n != 71 || line.p[0] != '<' ||
		    line.p[line.n - 1] != '>' ||
		    !str_to_uint(str_sub(line, 1, 8),
			WRITERS * THREADS * LINES - 1, &number) ||
		    seen[number])
			return -1;
		seen[number] = true;
		count++;
	}
	return count;
}

static int
take_away(const struct place *p, const char *away, bool *seen)
{
	if (rename(p->path, away) != 0)
		return 0;
	int fd = open(away, O_RDONLY | O_CLOEXEC);
	while (flock(fd, LOCK_EX) != 0)
		assert_int_equal(errno, EINTR);
	close(fd); /* the barrier: who wrote is through */
	int count = count_lines(content(p, away), seen);
	unlink(away);
	return count;
}

static void
test_no_line_is_lost(void **state)
{
	static bool seen[WRITERS * THREADS * LINES];
	struct place *p = *state;
	char *away = str_cstr(text_format(p->arena, "%s.1", p->path), p->arena);
	pid_t children[WRITERS];
	for (unsigned i = 0; i < WRITERS; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(run_writer(p, i));
	}
	int total = 0, running = WRITERS;
	while (running > 0) {
		int n = take_away(p, away, seen);
		assert_true(n >= 0);
		total += n;
		for (unsigned i = 0; i < WRITERS; i++) {
			int status;
			if (children[i] == 0 ||
			    waitpid(children[i], &status, WNOHANG) == 0)
				continue;
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 0);
			children[i] = 0;
			running--;
		}
	}
	int n = take_away(p, away, seen);
	assert_true(n >= 0);
	assert_int_equal(total + n, WRITERS * THREADS * LINES);
}

/* One of two processes runs into a full disk (its file size limit) again and
 * again: what it says it wrote is there, what the other wrote too, and nothing
 * is glued to a torn line but what is repeated. */
static int
run_limited(const struct place *p, unsigned number)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 1000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	run_writer(p, number);
	return 0;
}

static void
test_full_beside_another(void **state)
{
	struct place *p = *state;
	bool seen[WRITERS * THREADS * LINES] = {false};
	pid_t limited = fork();
	if (limited == 0)
		_exit(run_limited(p, 1));
	pid_t other = fork();
	if (other == 0)
		_exit(run_writer(p, 0));
	assert_int_equal(status_of(other), 0);
	assert_int_equal(status_of(limited), 0);
	struct str text = content(p, p->path);
	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');
		uint64_t number;
		if (line.n == 71 && line.p[0] == '<' &&
		    str_to_uint(str_sub(line, 1, 8),
			WRITERS * THREADS * LINES - 1, &number))
			seen[number] = true;
	}
	for (size_t i = 0; i < THREADS * LINES; i++)
		assert_true(seen[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#define IN_VAIN 32u

struct waiter {
	struct journal *journal;
	int64_t ms; /* how long it took */
};

static void *
wait_in_vain(void *arg)
{
	struct waiter *w = arg;
	struct arena *a = arena_new(ARENA_CAP);
	struct str reason;
	int64_t begin = clock_mono_ms();
	journal_append(w->journal, STR("{}\n"), a, &reason);
	w->ms = clock_mono_ms() - begin;
	arena_free(a);
	return NULL;
}

/* docs/FORMATS, Writing: a line is given up after two seconds, however many
 * threads have one to write: if they waited in turn, the last of them would take
 * a minute. */
static void
test_nobody_queues_for_the_lock(void **state)
{
	struct place *p = *state;
	struct journal *j = journal_new(p->path);
	struct waiter w[IN_VAIN];
	pthread_t threads[IN_VAIN];
	struct str reason;
	assert_true(journal_append(j, STR("{}\n"), p->arena, &reason));
	int fd = open(p->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (size_t i = 0; i < IN_VAIN; i++) {
		w[i] = (struct waiter) {.journal = j};
		pthread_create(&threads[i], NULL, wait_in_vain, &w[i]);
	}
	for (size_t i = 0; i < IN_VAIN; i++)
		pthread_join(threads[i], NULL);
	close(fd);
	for (size_t i = 0; i < IN_VAIN; i++)
		assert_in_range(w[i].ms, 1900, IN_VAIN * 2000 - 1000);
	journal_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_new_file),
		TEST(test_renamed_away),
		TEST(test_torn_line_is_closed),
		TEST(test_emptied_file),
		TEST(test_short_write_is_taken_back),
		TEST(test_unwritable),
		TEST(test_no_regular_file),
		TEST(test_permissions),
		TEST(test_lock_held),
		TEST(test_nobody_queues_for_the_lock),
		TEST(test_no_line_is_lost),
		TEST(test_full_beside_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
