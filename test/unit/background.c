/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/background.h"

/* What a daemon tells of itself when it is ready. */
struct self {
	pid_t pid, sid;
	bool is_null[3];
	int report;
};

static bool
is_null(int fd)
{
	struct stat st, null;
	return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0 &&
	    S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev;
}

/* The exit status of the process that starts a daemon, which plays `daemon`
 * with the writing end of a pipe; its other end is left in *fd. */
static int
start(void (*daemon)(struct background *b, int fd), int *fd)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct background b = {.report = -1};
		/* Not what the test happens to have. */
		FILE *f = tmpfile();
		for (int i = 0; f != NULL && i < 3; i++)
			dup2(fileno(f), i);
		close(ends[0]);
		if (!background_start(&b))
			_exit(99);
		daemon(&b, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	*fd = ends[0];
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
tell(const struct background *b, int fd)
{
	struct self s = {.pid = getpid(), .sid = getsid(0),
	    .report = b->report};
	for (int i = 0; i < 3; i++)
		s.is_null[i] = is_null(i);
	if (write(fd, &s, sizeof s) != sizeof s)
		_exit(1);
}

static void
quiet(struct background *b, int fd)
{
	background_ready(b, false);
	tell(b, fd);
	background_ready(b, false); /* nothing is left to do */
}

static void
heard(struct background *b, int fd)
{
	background_ready(b, true);
	tell(b, fd);
}

static void
fails(struct background *b, int fd)
{
	(void)b, (void)fd;
	_exit(EX_CONFIG);
}

static void
ends_well_too_soon(struct background *b, int fd)
{
	(void)b, (void)fd;
	_exit(0);
}

static void
dies(struct background *b, int fd)
{
	(void)b, (void)fd;
	raise(SIGKILL);
}

static void
ready(void **state)
{
	(void)state;
	for (int keeps = 0; keeps < 2; keeps++) {
		struct self s;
		int fd;
		assert_int_equal(start(keeps ? heard : quiet, &fd), EX_OK);
		assert_int_equal(read(fd, &s, sizeof s), sizeof s);
		assert_int_equal(s.sid, s.pid);
		assert_int_not_equal(s.sid, getsid(0));
		assert_true(s.is_null[0] && s.is_null[1]);
		assert_int_equal(s.is_null[2], !keeps);
		assert_int_equal(s.report, -1);
		close(fd);
	}
}

/* The starting process ends as the daemon did. */
static void
not_ready(void **state)
{
	static const struct {
		void (*daemon)(struct background *b, int fd);
		int want;
	} rows[] = {
		{fails, EX_CONFIG},
		{ends_well_too_soon, EX_OK},
		{dies, EX_SOFTWARE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int fd;
		assert_int_equal(start(rows[i].daemon, &fd), rows[i].want);
		close(fd);
	}
}

/* In the foreground, being ready changes nothing. */
static void
foreground(void **state)
{
	struct background b = {.report = -1};
	struct stat before, after;
	(void)state;
	assert_int_equal(fstat(STDOUT_FILENO, &before), 0);
	background_ready(&b, false);
	assert_int_equal(fstat(STDOUT_FILENO, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_rdev, after.st_rdev);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready),
		cmocka_unit_test(not_ready),
		cmocka_unit_test(foreground),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
