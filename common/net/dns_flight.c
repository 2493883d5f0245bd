/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_flight.h"

#include <stddef.h>

#include <utlist.h>

static void
take_off(struct dns_flight *f, struct dns_flight_mark *m)
{
	DL_DELETE(f->first, m);
	m->is_old = true;
	f->new_count--;
}

bool
dns_flight_has_room(struct dns_flight *f, int64_t now_ms)
{
	while (f->first != NULL &&
	    f->first->since_ms + DNS_FLIGHT_NEW_MS <= now_ms)
		take_off(f, f->first);
	return f->new_count < DNS_FLIGHT_MAX_NEW && f->count < DNS_FLIGHT_MAX;
}

void
dns_flight_begin(struct dns_flight *f, struct dns_flight_mark *m,
    int64_t now_ms)
{
	*m = (struct dns_flight_mark) {.since_ms = now_ms};
	DL_APPEND(f->first, m);
	f->count++;
	f->new_count++;
}

void
dns_flight_end(struct dns_flight *f, struct dns_flight_mark *m)
{
	if (!m->is_old)
		take_off(f, m);
	f->count--;
}

int
dns_flight_wait_ms(const struct dns_flight *f, int64_t now_ms)
{
	if (f->new_count < DNS_FLIGHT_MAX_NEW || f->count >= DNS_FLIGHT_MAX)
		return -1;
	int64_t ms = f->first->since_ms + DNS_FLIGHT_NEW_MS - now_ms;
	return ms > 0 ? (int)ms : 0;
}
