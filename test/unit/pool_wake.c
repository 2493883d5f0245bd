/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "milter/endpoint.h"
#include "milter/pool_wake.h"

/* Whether somebody connects within `ms`. */
static bool
is_called(int listener, int ms)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	return poll(&p, 1, ms) == 1;
}

/* A connection that was lost is made again, whatever the last error of the
 * calling thread was. */
static void
test_connects_again(void **state)
{
	char folder[] = "/tmp/kick-XXXXXX";
	static struct endpoint e;
	struct arena *a = arena_new(1u << 16);
	struct str reason;
	assert_non_null(mkdtemp(folder));
	assert_true(endpoint_parse(text_format(a, "unix:%s/s", folder).p, a,
	    &e, &reason));
	assert_false(pool_wake_open(&e));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&e.address,
	    e.length), 0);
	assert_int_equal(listen(fd, 5), 0);
	errno = EAGAIN;
	pool_wake(NULL);
	assert_true(is_called(fd, 1000));
	close(fd);
	unlink(e.path);
	rmdir(folder);
	arena_free(a);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connects_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
