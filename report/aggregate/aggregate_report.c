/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/aggregate_report.h"

#include <inttypes.h>

#include "base/date.h"
#include "base/text.h"
#include "report/aggregate/aggregate.h"
#include "report/aggregate/gzip.h"

#define DAY 86400

bool
aggregate_report_is_due(const struct store_day *d)
{
	return d->has_rua && d->rows > 0 && d->messages > d->optional;
}

/* ---- what it is --------------------------------------------------------- */

static struct str
make_text(const struct aggregate_report *o, struct arena *a)
{
	return text_format(a,
	    "This is a DMARC aggregate report. The attachment tells of "
	    "mail that\ncame in with an author address of the domain.\n"
	    "\n"
	    "Domain:    %.*s\n"
	    "Day:       %.*s (UTC)\n"
	    "Messages:  %" PRIu64 "\n"
	    "Submitter: %.*s\n"
	    "Contact:   %.*s\n"
	    "Report-ID: %.*s\n", STR_ARG(o->report_name.domain),
	    STR_ARG(date_print(o->day.day, a)), o->day.messages,
	    STR_ARG(o->sender->domain), STR_ARG(o->sender->email),
	    STR_ARG(o->report_name.id));
}

bool
aggregate_report_init(struct store *s, const struct sender *sender,
    const struct store_day *d, struct arena *a, struct aggregate_report *out)
{
	*out = (struct aggregate_report) {
		.sender = sender,
		.day = *d,
		.begin = d->day * DAY,
		.end = d->day * DAY + DAY - 1,
	};
	if (!store_policy(s, d->policy, a, &out->policy))
		return false;
	report_name_make(&(struct report_name_facts) {
		.submitter = sender->domain,
		.domain = d->domain,
		.policy = d->policy,
		.begin = out->begin,
		.end = out->end,
		.sequence = d->sequence,
	}, a, &out->report_name);
	out->text = make_text(out, a);
	return true;
}

/* ---- its bytes ---------------------------------------------------------- */

static struct str
what_is_missing(const struct aggregate_report *o, struct arena *a)
{
	if (o->day.remainder == 0)
		return STR("");
	return text_format(a, "%" PRIu64 " messages are in no record: this "
	    "day had too many different ones", o->day.remainder);
}

/* Pushes every row; false when the store fails. */
static bool
add_rows(struct store *s, int64_t tally, struct aggregate *g)
{
	const struct report_row *row;
	struct store_rows *rows = store_rows_open(s, tally);

	if (rows == NULL)
		return false;
	while (store_rows_next(rows, &row))
		if (!aggregate_add(g, row))
			break;
	return store_rows_close(rows);
}

enum aggregate_report_status
aggregate_report_write(struct store *s, const struct aggregate_report *o, struct arena *a,
    struct sink to)
{
	struct gzip *z = gzip_open(to);
	struct aggregate *g = aggregate_open(&(struct aggregate_head) {
		.format = o->sender->format,
		.org_name = o->sender->org_name,
		.email = o->sender->email,
		.contact = o->sender->contact,
		.generator = o->sender->generator,
		.id = o->report_name.id,
		.begin = o->begin,
		.end = o->end,
		.error = what_is_missing(o, a),
		.policy = &o->policy,
	}, gzip_sink(z));
	bool is_read = add_rows(s, o->day.tally, g);
	bool is_report = aggregate_close(g);
	bool is_written = gzip_close(z);

	if (!is_read)
		return AGGREGATE_REPORT_STORE;
	if (!is_written)
		return AGGREGATE_REPORT_SINK;
	return is_report ? AGGREGATE_REPORT_OK : AGGREGATE_REPORT_EMPTY;
}
