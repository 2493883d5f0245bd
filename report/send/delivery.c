/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/send/delivery.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/dns.h"
#include "report/recipient/destination.h"
#include "report/aggregate/report_file.h"
#include "report/recipient/suppression.h"
#include "report/transport/transport.h"
#include "report/row/verp.h"
#include "settings/settings.h"

#define FIRST_DELAY   (15 * 60)
#define LONGEST_DELAY (4 * 3600)
/* A destination that has had its share of today waits so long. */
#define SHARE_DELAY 3600
#define SHARE_TIME  86400
/* A store that is locked makes each wait half a minute. */
#define RECORD_TRIES 5
/* What is kept of the words of others. */
#define MAX_REASON 500u

/* One report in work. */
struct work {
	struct delivery *d;
	struct queue_report *report;
	struct aggregate_report outgoing;
	struct report_file *parcel;  /* once it is needed */
	struct arena *arena;
	bool is_lost;           /* the claim is somebody else's now */
};

static enum delivery_status
fail(struct delivery *d, enum delivery_status status, struct str reason)
{
	d->reason = str_copy(reason, d->arena);
	return status;
}

static enum delivery_status
store_fails(struct delivery *d)
{
	return fail(d, DELIVERY_STORE, store_reason(d->store));
}

static struct queue_claim
claim_of(const struct delivery *d)
{
	return (struct queue_claim) {d->owner, clock_wall()};
}

static bool
is_old(const struct queue_report *r)
{
	return clock_wall() - r->made > STORE_REPORT_LIFETIME;
}

int64_t
delivery_delay(unsigned failures)
{
	int64_t delay = FIRST_DELAY;
	uint16_t draw = 0;
	for (unsigned i = 1; i < failures && delay < LONGEST_DELAY; i++)
		delay *= 2;
	if (getrandom(&draw, sizeof draw, 0) != (ssize_t)sizeof draw)
		abort();
	delay = delay < LONGEST_DELAY ? delay : LONGEST_DELAY;
	return delay + delay * draw / (8 * UINT16_MAX);
}

/* ---- destinations ------------------------------------------------------- */

static bool
is_excluded(const struct work *w, struct str domain)
{
	return override_has_domain(&w->d->settings->report_exclude, domain);
}

static bool
add_destination(struct work *w, const struct destination *t)
{
	struct queue_delivery e = {
		.report = w->report->id,
		.address = t->address.n > 0 ? t->address :
		    str_sub(t->uri, 0, MAX_REASON),
		.domain = t->domain,
		.changed = clock_wall(),
		.reason = str_sub(t->reason, 0, MAX_REASON),
	};
	if (t->status == DESTINATION_TEMPERROR)
		e.fate = QUEUE_UNVERIFIED;
	else if (t->status != DESTINATION_OK)
		e.fate = QUEUE_UNUSABLE;
	else if (is_excluded(w, t->domain)) {
		e.fate = QUEUE_UNUSABLE;
		e.reason = STR("report-exclude has its domain");
	}
	if (e.fate == QUEUE_UNVERIFIED && is_old(w->report))
		e.fate = QUEUE_GIVEN_UP;
	w->d->counts.unusable += e.fate == QUEUE_UNUSABLE;
	w->d->counts.given_up += e.fate == QUEUE_GIVEN_UP;
	return queue_add(w->d->store, &e);
}

static void
end_without(struct work *w, struct str reason)
{
	w->report->state = QUEUE_DONE;
	w->report->reason = str_sub(reason, 0, MAX_REASON);
	w->d->counts.dropped++;
}

/* Organizational domains are found as they were for the policy. */
void
delivery_look_up(const struct delivery *d, const struct store_day *day,
    enum discover_method method, struct arena *a, struct destinations *out)
{
	struct discover_options o = d->discover;
	struct lookups *l = lookups_new(d->dns,
	    (unsigned)d->settings->dns_timeout * 1000, NULL, NULL, a);
	o.method = method;
	destinations_find(l, &o, DESTINATION_RUA, day->domain, a, out);
}

/* Asks for the record anew: reports go where it says now. Each destination is
 * in the outbox before anything is sent. */
static bool
find_destinations(struct work *w)
{
	struct delivery *d = w->d;
	struct destinations found;
	delivery_look_up(d, &w->report->day, w->outgoing.policy.method,
	    w->arena, &found);
	w->report->attempts++;
	w->report->reason = str_sub(found.reason, 0, MAX_REASON);
	if (found.status == DESTINATIONS_TEMPERROR && is_old(w->report)) {
		d->counts.given_up++;
		w->report->state = QUEUE_DONE;
	} else if (found.status == DESTINATIONS_NONE)
		end_without(w, found.reason);
	if (found.status != DESTINATIONS_FOUND)
		return true;
	w->report->state = QUEUE_SENDING;
	for (size_t i = 0; i < found.count; i++)
		if (found.at[i].status != DESTINATION_REPEATED &&
		    !add_destination(w, &found.at[i]))
			return false;
	return true;
}

/* ---- one message -------------------------------------------------------- */

static void
settle(struct queue_delivery *e, enum queue_fate fate, struct str reason)
{
	e->fate = fate;
	e->reason = str_sub(reason, 0, MAX_REASON);
	e->changed = clock_wall();
}

/* Put off, or given up when its time is over. */
static void
put_off(struct work *w, struct queue_delivery *e, int64_t delay,
    struct str reason)
{
	settle(e, is_old(w->report) ? QUEUE_GIVEN_UP : QUEUE_WAITING,
	    reason);
	e->next = e->changed + delay;
	w->d->counts.given_up += e->fate == QUEUE_GIVEN_UP;
	w->d->counts.deferred += e->fate == QUEUE_WAITING;
}

/* What keeps a message from being sent now: settles it. False when the store
 * fails. */
static bool
is_held_back(struct work *w, struct queue_delivery *e, bool *is_held)
{
	struct delivery *d = w->d;
	struct suppression s;
	uint64_t sent = 0;
	int64_t now = clock_wall();
	bool is_listed = false;
	if (!suppression_find(d->store, e->address, e->domain, now, w->arena,
	    &s, &is_listed) ||
	    !queue_count_sent(d->store, e->domain, now - SHARE_TIME, &sent))
		return false;
	bool is_over = sent >= d->settings->report_max_per_destination;
	if (is_listed)
		settle(e, QUEUE_SUPPRESSED, s.reason);
	else if (is_over)
		put_off(w, e, SHARE_DELAY, STR("its domain has had "
		    "report-max-per-destination reports in 24 hours"));
	d->counts.suppressed += is_listed;
	*is_held = is_listed || is_over;
	return true;
}

/* Whether the message may go out now: the claim still holds. */
static bool
renew(struct work *w)
{
	struct queue_claim c = claim_of(w->d);
	bool is_ours = false;
	if (!queue_renew(w->d->store, &c, w->report->id, &is_ours))
		return false;
	w->is_lost = !is_ours;
	return true;
}

static void
pause_between(const struct delivery *d)
{
	struct timespec t = {.tv_sec = (time_t)d->settings->report_pause};
	if (d->counts.sent + d->counts.refused + d->counts.deferred > 0)
		nanosleep(&t, NULL);
}

static enum delivery_status
need_parcel(struct work *w)
{
	struct str reason;
	enum aggregate_report_status status;
	if (w->parcel != NULL)
		return DELIVERY_OK;
	w->parcel = report_file_open(w->d->store, &w->outgoing, w->arena, &status,
	    &reason);
	if (w->parcel != NULL)
		return DELIVERY_OK;
	return fail(w->d, status == AGGREGATE_REPORT_SINK ? DELIVERY_LOCAL :
	    DELIVERY_STORE, reason);
}

static bool
judge(struct work *w, struct queue_delivery *e,
    const struct transport_result *t)
{
	struct delivery_counts *c = &w->d->counts;
	int64_t until;
	e->attempts++;
	switch (t->status) {
	case TRANSPORT_SENT:
		settle(e, QUEUE_SENT, t->text);
		c->sent++;
		return true;
	case TRANSPORT_DEFERRED:
		put_off(w, e, delivery_delay(e->attempts), t->text);
		return true;
	case TRANSPORT_REFUSED:
		break;
	}
	settle(e, QUEUE_REFUSED, t->text);
	c->refused++;
	return !t->is_address || suppression_bounce(w->d->store, e->address,
	    e->changed, e->reason, &until);
}

/* A message that was sent and is not written down goes out again: who holds
 * the store is waited for. */
static bool
record(struct store *s, const struct queue_delivery *e)
{
	const struct timespec second = {.tv_sec = 1};
	for (int i = 0; i < RECORD_TRIES; i++) {
		if (queue_record(s, e))
			return true;
		nanosleep(&second, NULL);
	}
	return false;
}

static enum delivery_status
hand_over(struct work *w, struct queue_delivery *e, FILE *letter)
{
	struct delivery *d = w->d;
	struct transport_result t = {.status = TRANSPORT_DEFERRED};
	transport_send(d->transport,
	    verp_print(d->bounce, e->token, w->arena), e->address,
	    letter, w->arena, &t);
	if (!judge(w, e, &t) || !record(d->store, e))
		return store_fails(d);
	if (t.status == TRANSPORT_DEFERRED && t.is_service)
		return fail(d, DELIVERY_SERVICE, t.text);
	return DELIVERY_OK;
}

static enum delivery_status
attempt(struct work *w, struct queue_delivery *e)
{
	struct delivery *d = w->d;
	struct str reason;
	bool is_held = false;
	if (!is_held_back(w, e, &is_held))
		return store_fails(d);
	if (is_held)
		return queue_record(d->store, e) ? DELIVERY_OK :
						    store_fails(d);
	enum delivery_status status = need_parcel(w);
	if (status != DELIVERY_OK)
		return status;
	FILE *letter = report_file_message(w->parcel, e->address, w->report->made,
	    w->arena, &reason);
	if (letter == NULL)
		return fail(d, DELIVERY_LOCAL, reason);
	pause_between(d);
	if (!renew(w))
		status = store_fails(d);
	else if (!w->is_lost)
		status = hand_over(w, e, letter);
	fclose(letter);
	return status;
}

/* ---- one report --------------------------------------------------------- */

/* What is left to be done, and when. */
static int64_t
look_ahead(struct work *w, const struct queue_delivery *at, size_t count)
{
	int64_t next = INT64_MAX;
	bool is_new = false;
	for (size_t i = 0; i < count; i++) {
		is_new |= at[i].fate == QUEUE_UNVERIFIED;
		if (at[i].fate == QUEUE_WAITING && at[i].next < next)
			next = at[i].next;
	}
	is_new |= w->report->state == QUEUE_NEW;
	if (is_new) {
		int64_t again = clock_wall() +
		    delivery_delay(w->report->attempts);
		next = again < next ? again : next;
	}
	if (w->report->state != QUEUE_DONE)
		w->report->state = is_new ? QUEUE_NEW :
		    next < INT64_MAX	  ? QUEUE_SENDING :
					    QUEUE_DONE;
	return next;
}

static enum delivery_status
send_all(struct work *w, struct queue_delivery *at, size_t count)
{
	enum delivery_status status = DELIVERY_OK;
	for (size_t i = 0; i < count && status == DELIVERY_OK && !w->is_lost;
	    i++)
		if (at[i].fate == QUEUE_WAITING &&
		    at[i].next <= clock_wall())
			status = attempt(w, &at[i]);
	return status;
}

/* Nobody asks for the report any more: so for what was still to be sent. */
static bool
drop_rest(struct work *w, struct queue_delivery *at, size_t count)
{
	bool is_good = true;
	for (size_t i = 0; i < count && is_good; i++) {
		if (at[i].fate != QUEUE_WAITING &&
		    at[i].fate != QUEUE_UNVERIFIED)
			continue;
		settle(&at[i], QUEUE_GIVEN_UP, w->report->reason);
		is_good = queue_record(w->d->store, &at[i]);
	}
	return is_good;
}

static enum delivery_status
work_on(struct work *w)
{
	struct delivery *d = w->d;
	struct queue_delivery *at;
	size_t count;
	if (!aggregate_report_init(d->store, &w->report->sender, &w->report->day,
	    w->arena, &w->outgoing) ||
	    (w->report->state == QUEUE_NEW && !find_destinations(w)) ||
	    !queue_deliveries(d->store, w->report->id, w->arena, &at, &count))
		return store_fails(d);
	if (w->report->state == QUEUE_DONE && !drop_rest(w, at, count))
		return store_fails(d);
	enum delivery_status status = send_all(w, at, count);
	int64_t next = look_ahead(w, at, count);
	struct queue_claim c = claim_of(d);
	if (!w->is_lost && !queue_release(d->store, &c, w->report, next) &&
	    status == DELIVERY_OK)
		status = store_fails(d);
	return status;
}

enum delivery_status
delivery_report(struct delivery *d, struct queue_report *r)
{
	struct work w = {.d = d, .report = r, .arena = arena_new(0)};
	enum delivery_status status = work_on(&w);
	report_file_close(w.parcel);
	arena_free(w.arena);
	return status;
}
