/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates, read and written. */
#include "test/lib/check.h"

#include "base/arena.h"
#include "base/date.h"

static const struct {
	const char *text;
	int64_t day; /* -1: it is none */
} dates[] = {
	{"1970-01-01", 0},
	{"2000-02-29", 11016},
	{"2026-11-21", 20778},
	{"9999-12-31", 2932896},
	{"1969-12-31", -1},
	{"2026-02-29", -1},
	{"2026-00-10", -1},
	{"2026-13-01", -1},
	{"2026-11-31", -1},
	{"2026-11-00", -1},
	{"2026-1-011", -1},
	{"2026/11/21", -1},
	{" 2026-11-2", -1},
	{"2026-11-2x", -1},
	{"", -1},
};

static void
test_parse(void **state)
{
	struct arena *a = arena_new(0);
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		int64_t got = -1;
		bool is_date = date_parse(str_of(dates[i].text), &got);
		if (got != dates[i].day || is_date != (dates[i].day >= 0))
			fail_msg("%s: %lld", dates[i].text, (long long)got);
		if (is_date)
			check_str(date_print(got, a), dates[i].text);
	}
	arena_free(a);
	(void)state;
}

static void
test_print_time(void **state)
{
	struct arena *a = arena_new(0);
	check_str(date_print_time(0, a), "1970-01-01 00:00:00");
	check_str(date_print_time(1795305599, a), "2026-11-21 23:59:59");
	check_str(date_print_time(INT64_MAX, a), "1970-01-01 00:00:00");
	arena_free(a);
	(void)state;
}

static void
test_print_message(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{0, "Thu, 1 Jan 1970 00:00:00 +0000"},
		{1795305599, "Sat, 21 Nov 2026 23:59:59 +0000"},
		{1709251200, "Fri, 1 Mar 2024 00:00:00 +0000"},
		{253402300799, "Fri, 31 Dec 9999 23:59:59 +0000"},
		{253402300800, "Thu, 1 Jan 1970 00:00:00 +0000"},
		{INT64_MIN, "Thu, 1 Jan 1970 00:00:00 +0000"},
	};
	struct arena *a = arena_new(0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_str(date_print_message(rows[i].seconds, a), rows[i].text);
	arena_free(a);
	(void)state;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_print_time),
		cmocka_unit_test(test_print_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
