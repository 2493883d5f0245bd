/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>

#include "base/arena.h"
#include "test/lib/check.h"

static void
allocate(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 15, 16, 17, 2047, 2048, 2049, 8191,
	    8192, 8193, 100000, 3};
	struct arena *a = arena_new(0);
	size_t before = 0;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *p = arena_alloc(a, sizes[i]);
		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, 0xaa, sizes[i]);
		char *z = arena_zalloc(a, sizes[i]);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(z[j], 0);
		assert_true(arena_used(a) >= before + 2 * sizes[i]);
		before = arena_used(a);
	}
	arena_free(a);
}

static void
copy(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	char bytes[] = "a\0b";
	char *p = arena_copy(a, bytes, 3);
	bytes[0] = 'x';
	assert_memory_equal(p, "a\0b", 4);
	assert_string_equal(arena_copy(a, NULL, 0), "");
	uint64_t *numbers = ARENA_ARRAY(a, uint64_t, 3);
	assert_int_equal(numbers[0] | numbers[1] | numbers[2], 0);
	arena_free(a);
}

static void
room(void **state)
{
	(void)state;
	struct arena *a = arena_new(64);
	assert_true(arena_has_room(a, 64));
	assert_false(arena_has_room(a, 65));
	arena_alloc(a, 32);
	assert_true(arena_has_room(a, 32));
	assert_false(arena_has_room(a, 33));
	arena_alloc(a, 64);
	assert_false(arena_has_room(a, 0));
	assert_false(arena_has_room(a, SIZE_MAX));
	arena_free(a);
}

struct mark {
	char *log;
	char name;
};

static void
note(void *arg)
{
	struct mark *m = arg;
	m->log[strlen(m->log)] = m->name;
}

/* Newest first, so that a hook may use what was there before it. */
static void
hooks(void **state)
{
	(void)state;
	char log[4] = "";
	struct mark marks[] = {{log, 'a'}, {log, 'b'}, {log, 'c'}};
	struct arena *a = arena_new(0);
	for (unsigned i = 0; i < 3; i++)
		arena_on_free(a, note, &marks[i]);
	assert_string_equal(log, "");
	arena_free(a);
	assert_string_equal(log, "cba");
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocate),
		cmocka_unit_test(copy),
		cmocka_unit_test(room),
		cmocka_unit_test(hooks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
