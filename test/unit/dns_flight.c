/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_flight.h"

#include <stdlib.h>

#include "test/lib/check.h"

static void
room(void **state)
{
	struct dns_flight f = {.count = 0};
	struct dns_flight_mark *marks = calloc(DNS_FLIGHT_MAX, sizeof *marks);
	unsigned n = 0;
	(void)state;
	assert_non_null(marks);
	assert_int_equal(dns_flight_wait_ms(&f, 0), -1);
	while (dns_flight_has_room(&f, 7))
		dns_flight_begin(&f, &marks[n++], 7);
	assert_int_equal(n, DNS_FLIGHT_MAX_NEW);
	assert_int_equal(dns_flight_wait_ms(&f, 10), DNS_FLIGHT_NEW_MS - 3);
	/* An answer makes room for one, time for all. */
	dns_flight_end(&f, &marks[3]);
	assert_true(dns_flight_has_room(&f, 10));
	dns_flight_begin(&f, &marks[3], 10);
	assert_false(dns_flight_has_room(&f, 6 + DNS_FLIGHT_NEW_MS));
	assert_true(dns_flight_has_room(&f, 7 + DNS_FLIGHT_NEW_MS));
	assert_int_equal(f.new_count, 1);
	/* Yet there is a bound of all. */
	for (int64_t now = 1000; n < DNS_FLIGHT_MAX; now += DNS_FLIGHT_NEW_MS)
		while (n < DNS_FLIGHT_MAX && dns_flight_has_room(&f, now))
			dns_flight_begin(&f, &marks[n++], now);
	assert_false(dns_flight_has_room(&f, 1000000));
	assert_int_equal(dns_flight_wait_ms(&f, 1000000), -1);
	for (unsigned i = 0; i < n; i++)
		dns_flight_end(&f, &marks[i]);
	assert_int_equal(f.count, 0);
	assert_int_equal(f.new_count, 0);
	assert_null(f.first);
	free(marks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
