/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/report_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/aggregate/report_message.h"

struct report_file {
	const struct aggregate_report *report;
	FILE *gz;
};

static bool
take(void *arg, struct str bytes)
{
	return fwrite(bytes.p, 1, bytes.n, arg) == bytes.n;
}

static struct str
explain(const char *what, struct arena *a)
{
	return text_format(a, "a temporary file cannot be %s: %s; make room in "
	    "/tmp and run the command again", what, strerror(errno));
}

/* Whole on the disk, and at its start again. */
static bool
rewind_whole(FILE *f)
{
	return fflush(f) == 0 && fseek(f, 0, SEEK_SET) == 0;
}

struct report_file *
report_file_open(struct store *s, const struct aggregate_report *o, struct arena *a,
    enum aggregate_report_status *status, struct str *reason)
{
	struct report_file *p = calloc(1, sizeof *p);
	if (p == NULL)
		abort();
	p->report = o;
	p->gz = tmpfile();
	*status = AGGREGATE_REPORT_SINK;
	if (p->gz != NULL)
		*status = aggregate_report_write(s, o, a, (struct sink) {take, p->gz});
	if (*status == AGGREGATE_REPORT_OK && !rewind_whole(p->gz))
		*status = AGGREGATE_REPORT_SINK;
	if (*status == AGGREGATE_REPORT_OK)
		return p;
	if (*status == AGGREGATE_REPORT_SINK)
		*reason = explain("written", a);
	else if (*status == AGGREGATE_REPORT_EMPTY)
		*reason = STR("its rows are gone");
	else
		*reason = str_copy(store_reason(s), a);
	report_file_close(p);
	return NULL;
}

/* Everything of the gzip file, from its start. */
static bool
copy(FILE *from, struct sink to)
{
	char piece[16384];
	size_t n;
	rewind(from);
	while ((n = fread(piece, 1, sizeof piece, from)) > 0)
		if (!sink_write(to, (struct str) {piece, n}))
			return false;
	return ferror(from) == 0;
}

FILE *
report_file_message(struct report_file *p, struct str to, int64_t date, struct arena *a,
    struct str *reason)
{
	const struct report_message_head head = {
		.from = p->report->sender->from,
		.to = to,
		.date = date,
		.report_name = &p->report->report_name,
		.text = p->report->text,
	};
	FILE *f = tmpfile();
	bool is_whole = f != NULL;
	if (is_whole) {
		struct report_message *l =
		    report_message_open(&head, a, (struct sink) {take, f});
		is_whole = copy(p->gz, report_message_sink(l));
		is_whole = report_message_close(l) && is_whole;
	}
	if (is_whole && rewind_whole(f))
		return f;
	*reason = explain("made", a);
	if (f != NULL)
		fclose(f);
	return NULL;
}

void
report_file_close(struct report_file *p)
{
	if (p == NULL)
		return;
	if (p->gz != NULL)
		fclose(p->gz);
	free(p);
}
