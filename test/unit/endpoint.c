/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "milter/endpoint.h"

/* Whoever may write to the socket's directory (the daemon's user) must not be
 * able to have root change the mode or the owner of another file. */
static void
test_own_follows_no_link(void **state)
{
	char folder[] = "/tmp/endpoint-XXXXXX";
	struct arena *a = arena_new(1u << 16);
	struct endpoint e;
	struct str reason;
	struct stat st;
	assert_non_null(mkdtemp(folder));
	const char *target = text_format(a, "%s/target", folder).p;
	const char *path = text_format(a, "%s/sock", folder).p;
	close(open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(symlink(target, path), 0);
	assert_true(endpoint_parse(text_format(a, "unix:%s", path).p, a, &e,
	    &reason));
	assert_false(endpoint_own(&e, (uid_t)-1, (gid_t)-1, 0666, a, &reason));
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(path);
	unlink(target);
	rmdir(folder);
	arena_free(a);
	(void)state;
}

/* libmilter would listen at another port than is said, and cuts a number to 16
 * bits without a word. */
static void
test_bad_addresses(void **state)
{
	static const char *const texts[] = {"inet:80000@127.0.0.1",
	    "inet:0@127.0.0.1", "inet:@127.0.0.1", "inet:127.0.0.1:8893",
	    "unix:", "tcp:25@127.0.0.1"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct arena *a = arena_new(1u << 16);
		struct endpoint e;
		struct str reason = {NULL, 0};
		if (endpoint_parse(texts[i], a, &e, &reason))
			fail_msg("%s", texts[i]);
		assert_true(str_find(reason, ' ') < reason.n);
		arena_free(a);
	}
}

/* A socket gets its mode. */
static void
test_own(void **state)
{
	char folder[] = "/tmp/endpoint-XXXXXX";
	struct arena *a = arena_new(1u << 16);
	struct endpoint e;
	struct str reason;
	struct stat st;
	assert_non_null(mkdtemp(folder));
	const char *path = text_format(a, "%s/sock", folder).p;
	assert_true(endpoint_parse(text_format(a, "unix:%s", path).p, a, &e,
	    &reason));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&e.address,
	    e.length), 0);
	assert_true(endpoint_own(&e, (uid_t)-1, (gid_t)-1, 0640, a, &reason));
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	endpoint_remove(&e);
	assert_int_not_equal(access(path, F_OK), 0);
	close(fd);
	rmdir(folder);
	arena_free(a);
	(void)state;
}

/* What would be listened on is what is written. */
static void
test_ports(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{"inet:1@127.0.0.1", true},
		{"inet:65535@127.0.0.1", true},
		{"inet6:8893@[::1]", true},
		{"inet:65536@127.0.0.1", false},
		{"inet:99999999@127.0.0.1", false},
		{"inet:0@127.0.0.1", false},
		{"inet:@127.0.0.1", false},
		{"inet:", false},
		{"inet:8893x@127.0.0.1", false},
		{"inet:127.0.0.1:8893", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(1u << 16);
		struct endpoint e;
		struct str reason = {NULL, 0};
		bool got = endpoint_parse(rows[i].text, a, &e, &reason);
		if (got != rows[i].want || got != str_is_empty(reason))
			fail_msg("%s: got %d, %.*s", rows[i].text, got,
			    STR_ARG(reason));
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_follows_no_link),
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_ports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
