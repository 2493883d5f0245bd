/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* Files as an operator names them: there, missing, and in the way. */

struct room {
	struct arena *arena;
	char folder[PATH_MAX];
};

static int
set_up(void **state)
{
	struct room *r = calloc(1, sizeof(*r));
	const char *base = getenv("TMPDIR");
	r->arena = arena_new(0);
	snprintf(r->folder, sizeof(r->folder), "%s/aplomb-file-XXXXXX",
	    base != NULL ? base : "/tmp");
	if (mkdtemp(r->folder) == NULL)
		return -1;
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct room *r = *state;
	DIR *dir = opendir(r->folder);
	struct dirent *e;
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (unlinkat(dirfd(dir), e->d_name, 0) != 0)
			unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
	if (dir != NULL)
		closedir(dir);
	rmdir(r->folder);
	arena_free(r->arena);
	free(r);
	return 0;
}

static const char *
in_room(const struct room *r, const char *name)
{
	return text_format(r->arena, "%s/%s", r->folder, name).p;
}

/* How many files there are, temporary ones too. */
static int
count(const struct room *r)
{
	DIR *dir = opendir(r->folder);
	int n = 0;
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static const char *
make(const struct room *r, const char *name, size_t size)
{
	const char *path = in_room(r, name);
	char *bytes = arena_alloc(r->arena, size + 1);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)('a' + i % 26);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_true(file_write_all(fd, (struct str) {bytes, size}));
	assert_int_equal(close(fd), 0);
	return path;
}

static void
check_refused(const struct room *r, const char *path, size_t max,
    const char *why)
{
	struct str text, reason = {NULL, 0};
	assert_false(file_read(path, max, r->arena, &text, &reason));
	check_str(reason, text_format(r->arena, "%s: %s", path, why).p);
}

/* ---- reading -------------------------------------------------------------- */

static void
what_cannot_be_read(void **state)
{
	const struct room *r = *state;
	check_refused(r, in_room(r, "none"), 10,
	    "cannot be read: No such file or directory");
	check_refused(r, in_room(r, "none/file"), 10,
	    "cannot be read: No such file or directory");
	check_refused(r, r->folder, 10, "cannot be read: Is a directory");
	check_refused(r, text_format(r->arena, "%s/x", make(r, "file", 1)).p,
	    10, "cannot be read: Not a directory");
	check_refused(r, "", 10, "cannot be read: No such file or directory");
	assert_int_equal(symlink("itself", in_room(r, "itself")), 0);
	check_refused(r, in_room(r, "itself"), 10,
	    "cannot be read: Too many levels of symbolic links");
	assert_int_equal(symlink("gone", in_room(r, "dangling")), 0);
	check_refused(r, in_room(r, "dangling"), 10,
	    "cannot be read: No such file or directory");
}

/* In a process that is nobody special, since root may do everything. */
static int
try_without_rights(const struct room *r, const char *path)
{
	struct str text, reason = {NULL, 0};
	const char *want = text_format(r->arena,
	    "%s: cannot be read: Permission denied", path).p;
	if (geteuid() == 0 && (setgroups(0, NULL) != 0 ||
	    setresgid(65534, 65534, 65534) != 0 ||
	    setresuid(65534, 65534, 65534) != 0))
		return 1;
	if (file_read(path, 10, r->arena, &text, &reason) ||
	    !str_eq(reason, str_of(want)))
		return 2;
	return !file_replace(path, STR("new"), 0600) && errno == EACCES ? 0 : 3;
}

static void
without_the_right(void **state)
{
	const struct room *r = *state;
	const char *path = make(r, "secret", 10);
	int status;
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(r->folder, 0555), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(try_without_rights(r, path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	chmod(r->folder, 0700);
	assert_int_equal(status, 0);
	assert_int_equal(count(r), 1);
}

/* Around the limit, and around the first capacity of what tells no size. */
static void
sizes(void **state)
{
	static const size_t limits[] = {0, 1, 4095, 4096, 4097, 20000};
	const struct room *r = *state;
	struct str text, reason;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		size_t n = limits[i];
		const char *path = make(r, "file", n);
		assert_true(file_read(path, n, r->arena, &text, &reason));
		assert_int_equal(text.n, n);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(text.p[k], 'a' + k % 26);
		check_refused(r, make(r, "file", n + 1), n, text_format(
		    r->arena, "has more than %zu bytes", n).p);
	}
}

/* Standard input, a pipe: nothing tells its size before. */
static void
standard_input(void **state)
{
	static const size_t sizes[] = {0, 1, 4097, 4098, 9000, 30000};
	const struct room *r = *state;
	struct str text, reason;
	int saved = dup(STDIN_FILENO), ends[2];
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct str want;
		assert_true(file_read(make(r, "file", sizes[i]), 1 << 20,
		    r->arena, &want, &reason));
		for (int more = 0; more < 2; more++) {
			assert_int_equal(pipe(ends), 0);
			assert_true(file_write_all(ends[1], want));
			if (more)
				assert_int_equal(write(ends[1], "!", 1), 1);
			close(ends[1]);
			dup2(ends[0], STDIN_FILENO);
			close(ends[0]);
			bool is_read = file_read("-", want.n, r->arena, &text,
			    &reason);
			assert_int_equal(is_read, !more);
			if (is_read)
				assert_true(str_eq(text, want));
			else
				check_str(reason, text_format(r->arena,
				    "standard input: has more than %zu bytes",
				    want.n).p);
		}
	}
	/* It is not ours to close; and it may be something that has no bytes. */
	int fd = open(r->folder, O_RDONLY);
	dup2(fd, STDIN_FILENO);
	close(fd);
	bool is_read = file_read("-", 10, r->arena, &text, &reason);
	bool is_open = fcntl(STDIN_FILENO, F_GETFD) >= 0;
	dup2(saved, STDIN_FILENO);
	close(saved);
	assert_false(is_read);
	assert_true(is_open);
	check_str(reason, "standard input: cannot be read: Is a directory");
}

/* ---- replacing ------------------------------------------------------------ */

static void
check_holds(const struct room *r, const char *path, const char *want)
{
	struct str text, reason;
	assert_true(file_read(path, 1 << 20, r->arena, &text, &reason));
	check_str(text, want);
}

static void
replaced(void **state)
{
	const struct room *r = *state;
	const char *path = in_room(r, "file"), *link = in_room(r, "link");
	const mode_t modes[] = {0600, 0644};
	struct stat st;
	mode_t mask = umask(077);
	for (size_t i = 0; i < 2; i++) {
		const char *text = i == 0 ? "one\n" : "";
		assert_true(file_replace(path, str_of(text), modes[i]));
		check_holds(r, path, text);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
	}
	umask(mask);
	/* A link is replaced, and what it points to is left alone. */
	assert_int_equal(symlink("file", link), 0);
	assert_true(file_replace(link, STR("two"), 0600));
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	check_holds(r, link, "two");
	check_holds(r, path, "");
	assert_int_equal(count(r), 2);
}

static void
check_not_replaced(const char *path, int error)
{
	errno = 0;
	assert_false(file_replace(path, STR("new"), 0600));
	assert_int_equal(errno, error);
}

static void
what_cannot_be_replaced(void **state)
{
	const struct room *r = *state;
	char *deep = arena_alloc(r->arena, PATH_MAX);
	check_not_replaced(in_room(r, "none/file"), ENOENT);
	check_not_replaced(text_format(r->arena, "%s/x",
	    make(r, "file", 1)).p, ENOTDIR);
	assert_int_equal(mkdir(in_room(r, "folder"), 0700), 0);
	check_not_replaced(in_room(r, "folder"), EISDIR);
	/* No temporary file is left beside them. */
	assert_int_equal(count(r), 2);
	/* A path that fits, and whose temporary file does not. */
	memset(deep, '/', PATH_MAX - 1);
	memcpy(deep + PATH_MAX - 2, "x", 2);
	check_not_replaced(deep, ENAMETOOLONG);
}

/* A limit on file sizes stands for a full disk: what was there stays. */
static void
full_disk(void **state)
{
	const struct room *r = *state;
	const char *path = in_room(r, "file");
	struct rlimit saved, limit;
	char big[2000];
	memset(big, 'x', sizeof(big));
	assert_true(file_replace(path, STR("old"), 0600));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &saved), 0);
	limit = (struct rlimit) {1000, saved.rlim_max};
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	errno = 0;
	bool is_done =
	    file_replace(path, (struct str) {big, sizeof(big)}, 0600);
	int error = errno;
	setrlimit(RLIMIT_FSIZE, &saved);
	signal(SIGXFSZ, before);
	assert_false(is_done);
	assert_int_equal(error, EFBIG);
	check_holds(r, path, "old");
	assert_int_equal(count(r), 1);
}

/* A pipe takes less than it is given: the rest follows. */
static void
short_writes(void **state)
{
	const struct room *r = *state;
	const size_t size = 300000;
	struct str want, reason;
	char piece[1000];
	size_t n = 0;
	ssize_t got;
	int ends[2], status;
	assert_true(file_read(make(r, "file", size), size, r->arena, &want,
	    &reason));
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(file_write_all(ends[1], want) ? 0 : 1);
	}
	close(ends[1]);
	while ((got = read(ends[0], piece, sizeof(piece))) > 0) {
		assert_memory_equal(piece, want.p + n, (size_t)got);
		n += (size_t)got;
	}
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(n, size);
	int fd = open("/dev/full", O_WRONLY);
	errno = 0;
	assert_false(file_write_all(fd, STR("x")));
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_cannot_be_read),
		TEST(without_the_right),
		TEST(sizes),
		TEST(standard_input),
		TEST(replaced),
		TEST(what_cannot_be_replaced),
		TEST(full_disk),
		TEST(short_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
