/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "judge/spool.h"

struct place {
	struct arena *arena;
	char folder[64];
	const char *path;
};

static void
clear(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	p->arena = arena_new(0);
	strcpy(p->folder, "/tmp/judge-spool-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	p->path = text_format(p->arena, "%s/failures", p->folder).p;
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	clear(p->path);
	clear(p->folder);
	arena_free(p->arena);
	free(p);
	return 0;
}

static void
prepare(struct place *p)
{
	struct str reason = {NULL, 0};
	if (!spool_prepare(p->path, p->arena, &reason))
		fail_msg("%.*s", STR_ARG(reason));
}

/* The names, in no order; *count of them, at most eight are kept. */
static void
list(const struct place *p, const char *out[8], size_t *count)
{
	DIR *d = opendir(p->path);
	struct dirent *e;
	*count = 0;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (*count < 8)
			out[*count] = str_cstr(str_of(e->d_name), p->arena);
		(*count)++;
	}
	closedir(d);
}

static void
a_file_is_whole_and_private(void **state)
{
	struct place *p = *state;
	struct str reason, got;
	struct stat st;
	const char *names[8];
	size_t count;
	prepare(p);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	struct spool *s = spool_new(p->path, 1 << 20);
	assert_int_equal(spool_write(s, STR("one\r\n\0two"), 1795219201,
	    p->arena, &reason), SPOOL_WRITTEN);
	list(p, names, &count);
	assert_int_equal(count, 1);
	assert_memory_equal(names[0], "f-001795219201-", 15);
	assert_int_equal(strlen(names[0]), 31);
	const char *path =
	    text_format(p->arena, "%s/%s", p->path, names[0]).p;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_true(file_read(path, 100, p->arena, &got, &reason));
	assert_true(str_eq(got, STR("one\r\n\0two")));
	spool_drop(s);
}

/* Each file counts as a block, and what others put there counts. */
static void
it_does_not_outgrow_its_bound(void **state)
{
	struct place *p = *state;
	struct str reason;
	const char *names[8];
	size_t count;
	prepare(p);
	assert_true(file_replace(
	    text_format(p->arena, "%s/strange", p->path).p, STR("x"), 0600));
	struct spool *s = spool_new(p->path, 4 * SPOOL_MIN_FILE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(spool_write(s, STR("x"), 1, p->arena,
		    &reason), SPOOL_WRITTEN);
	assert_int_equal(spool_write(s, STR("x"), 1, p->arena, &reason),
	    SPOOL_FULL);
	list(p, names, &count);
	assert_int_equal(count, 4);
	spool_drop(s);
	/* A bigger one at once; too big a file never. */
	s = spool_new(p->path, 5 * SPOOL_MIN_FILE);
	char big[SPOOL_MIN_FILE + 1];
	memset(big, 'x', sizeof big);
	assert_int_equal(spool_write(s, (struct str) {big, sizeof big}, 1,
	    p->arena, &reason), SPOOL_FULL);
	assert_int_equal(spool_write(s, STR("x"), 1, p->arena, &reason),
	    SPOOL_WRITTEN);
	spool_drop(s);
}

static void
trouble_is_told(void **state)
{
	struct place *p = *state;
	struct str reason = {NULL, 0};
	struct spool *s = spool_new(p->path, 1 << 20);
	assert_int_equal(spool_write(s, STR("x"), 1, p->arena, &reason),
	    SPOOL_FAILED);
	assert_non_null(strstr(reason.p, "failures: a message to report is "
	    "lost: No such file"));
	prepare(p);
	assert_int_equal(spool_write(s, STR("x"), -5, p->arena, &reason),
	    SPOOL_WRITTEN);
	assert_int_equal(spool_write(s, STR("x"), INT64_MAX, p->arena,
	    &reason), SPOOL_WRITTEN);
	spool_drop(s);
	const char *file = text_format(p->arena, "%s/file", p->folder).p;
	assert_true(file_replace(file, STR("x"), 0600));
	assert_false(spool_prepare(file, p->arena, &reason));
	assert_non_null(strstr(reason.p, "must be a directory"));
	const char *other = text_format(p->arena, "%s/other", p->folder).p;
	assert_true(spool_is_usable(other, p->arena, &reason));
	assert_int_not_equal(access(other, F_OK), 0);
	assert_false(spool_is_usable(file, p->arena, &reason));
	assert_false(spool_prepare("/nonexistent/x", p->arena, &reason));
	assert_non_null(strstr(reason.p, "cannot be made"));
	assert_int_equal(chmod(p->path, 0755), 0);
	assert_false(spool_prepare(p->path, p->arena, &reason));
	assert_non_null(strstr(reason.p, "chmod o= it"));
}

static void
it_is_held_and_compared(void **state)
{
	struct place *p = *state;
	struct spool *s = spool_new(p->path, 100);
	assert_true(spool_hold(s) == s);
	spool_drop(s);
	assert_true(spool_is(s, p->path, 100));
	assert_false(spool_is(s, p->path, 101));
	assert_false(spool_is(s, p->folder, 100));
	assert_false(spool_is(NULL, p->path, 100));
	assert_null(spool_hold(NULL));
	spool_drop(NULL);
	spool_drop(s);
}

static void *
write_ten(void *arg)
{
	struct spool *s = arg;
	struct arena *a = arena_new(0);
	struct str reason;
	for (int i = 0; i < 10; i++)
		spool_write(s, STR("x"), 7, a, &reason);
	arena_free(a);
	return NULL;
}

static void
threads_share_it(void **state)
{
	struct place *p = *state;
	pthread_t threads[4];
	const char *names[8];
	size_t count;
	prepare(p);
	struct spool *s = spool_new(p->path, 30 * SPOOL_MIN_FILE);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_ten,
		    s), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	list(p, names, &count);
	assert_int_equal(count, 30);
	spool_drop(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_whole_and_private),
		TEST(it_does_not_outgrow_its_bound),
		TEST(trouble_is_told),
		TEST(it_is_held_and_compared),
		TEST(threads_share_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
