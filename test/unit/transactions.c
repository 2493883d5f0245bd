/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include "base/clock.h"
#include "milter/transactions.h"

/* docs/THREADS, The end: also an answer that is being written when the stop
 * comes gets its time. */
static void
test_last_answer_leaves(void **state)
{
	assert_true(transactions_begin());
	transactions_end();
	int64_t begin = clock_mono_ms();
	transactions_close();
	/* Yet where none is left, nobody waits for the whole time. */
	assert_int_equal(transactions_wait(60000), 0);
	assert_in_range(clock_mono_ms() - begin, 200, 59999);
	assert_false(transactions_begin());
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_answer_leaves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
