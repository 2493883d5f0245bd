/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "milter/pidfile.h"

/* The pid file: written over whatever is there, removed if it is still ours. */

struct room {
	struct arena *arena;
	const char *folder, *path, *other, *ours;
};

static int
set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	struct room *r = calloc(1, sizeof(*r));
	struct arena *a = r->arena = arena_new(0);
	char *folder = str_cstr(text_format(a, "%s/aplomb-pid-XXXXXX",
	    base != NULL ? base : "/tmp"), a);
	r->folder = mkdtemp(folder);
	if (r->folder == NULL)
		return -1;
	r->path = text_format(a, "%s/pid", folder).p;
	r->other = text_format(a, "%s/other", folder).p;
	r->ours = text_format(a, "%ld\n", (long)getpid()).p;
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct room *r = *state;
	unlink(r->path);
	unlink(r->other);
	rmdir(r->path);
	rmdir(r->folder);
	arena_free(r->arena);
	free(r);
	return 0;
}

static void
check_holds(const struct room *r, const char *path, const char *want)
{
	struct str text, reason;
	assert_true(file_read(path, 100, r->arena, &text, &reason));
	check_str(text, want);
}

static void
check_written(const struct room *r)
{
	struct str reason;
	struct stat st;
	assert_true(pidfile_write(r->path, r->arena, &reason));
	check_holds(r, r->path, r->ours);
	assert_int_equal(lstat(r->path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	/* Scripts of anybody may read it, under whatever umask. */
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void
put(const char *path, const char *text)
{
	assert_true(file_replace(path, str_of(text), 0600));
}

static void
written_and_removed(void **state)
{
	const struct room *r = *state;
	mode_t mask = umask(077);
	check_written(r);
	umask(mask);
	pidfile_remove(r->path, r->arena);
	assert_int_not_equal(access(r->path, F_OK), 0);
	pidfile_remove(r->path, r->arena);
}

static void
old_one_is_replaced(void **state)
{
	static const char *const old[] = {"2147483646\n", "1\n", "", "junk",
	    "a much longer line than any process id could ever be\n"};
	const struct room *r = *state;
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		put(r->path, old[i]);
		check_written(r);
	}
}

/* Root writes it: what a link points to must not be lost. */
static void
link_is_replaced(void **state)
{
	const struct room *r = *state;
	put(r->other, "precious");
	assert_int_equal(symlink("other", r->path), 0);
	check_written(r);
	check_holds(r, r->other, "precious");
}

/* One that started meanwhile, or something else, has written it. */
static void
that_of_others_stays(void **state)
{
	const struct room *r = *state;
	const char *const others[] = {"1\n", "", "junk\n",
	    text_format(r->arena, "%s%s", r->ours, r->ours).p,
	    text_format(r->arena, "1%s", r->ours).p};
	struct str reason;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_true(pidfile_write(r->path, r->arena, &reason));
		put(r->path, others[i]);
		pidfile_remove(r->path, r->arena);
		check_holds(r, r->path, others[i]);
	}
}

static void
no_path_is_no_file(void **state)
{
	const struct room *r = *state;
	struct str reason;
	assert_true(pidfile_write("", r->arena, &reason));
	pidfile_remove("", r->arena);
	assert_int_equal(rmdir(r->folder), 0);
}

static void
where_it_cannot_be_written(void **state)
{
	const struct room *r = *state;
	struct str reason = {NULL, 0};
	const char *path = text_format(r->arena, "%s/none/pid", r->folder).p;
	assert_false(pidfile_write(path, r->arena, &reason));
	check_str(reason, text_format(r->arena, "pid-file %s cannot be "
	    "written: No such file or directory; create its directory or "
	    "choose another path", path).p);
	assert_int_equal(mkdir(r->path, 0700), 0);
	assert_false(pidfile_write(r->path, r->arena, &reason));
	check_str(reason, text_format(r->arena, "pid-file %s cannot be "
	    "written: Is a directory; create its directory or choose another "
	    "path", r->path).p);
	pidfile_remove(r->path, r->arena);
	assert_int_equal(access(r->path, F_OK), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(written_and_removed),
		TEST(old_one_is_replaced),
		TEST(link_is_replaced),
		TEST(that_of_others_stays),
		TEST(no_path_is_no_file),
		TEST(where_it_cannot_be_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
