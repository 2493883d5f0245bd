/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "mail/domain.h"
#include "report/preview.h"
#include "settings/settings.h"

#define DAY 86400

struct preview {
	struct store_filter filter;
	const char *folder; /* NULL: only what would be written */
	const struct sender *sender;
	int64_t now;
	uint64_t reports, unasked; /* unasked: no report is to be made */
};

static const struct option longs[] = {
	{"day", required_argument, NULL, 'd'},
	{"domain", required_argument, NULL, 'D'},
	{"help", no_argument, NULL, 'h'},
	{"output-dir", required_argument, NULL, 'o'},
	{NULL, 0, NULL, 0},
};

/* ---- arguments ---------------------------------------------------------- */

/* A date as ISO 8601 writes it, which the calendar has. */
static bool
read_date(struct str s, store_day_number *out)
{
	uint64_t year, month, day;
	struct str rest = s;

	if (s.n != sizeof "2026-11-25" - 1 ||
	    !str_to_uint(str_cut(&rest, '-'), 9999, &year) ||
	    !str_to_uint(str_cut(&rest, '-'), 12, &month) ||
	    !str_to_uint(rest, 31, &day) || year < 1970)
		return false;
	struct tm tm = {.tm_year = (int)year - 1900,
	    .tm_mon = (int)month - 1, .tm_mday = (int)day};
	time_t when = timegm(&tm);
	*out = when / DAY;
	return tm.tm_mday == (int)day && tm.tm_mon == (int)month - 1;
}

static void
read_day(const char *written, struct preview *p)
{
	p->filter.has_day = true;
	p->filter.day = p->now / DAY;
	if (str_eq(str_of(written), STR("yesterday")))
		p->filter.day--;
	else if (!str_eq(str_of(written), STR("today")) &&
	    !read_date(str_of(written), &p->filter.day))
		command_misuse("--day is a date like 2026-11-25, today or "
		    "yesterday, not ", written);
}

static void
read_domain(const char *written, struct arena *a, struct preview *p)
{
	if (domain_parse(str_of(written), a, &p->filter.domain) != DOMAIN_OK)
		command_misuse("--domain is no domain: ", written);
}

static void
read_arguments(const struct command *self, int argc, char **argv,
    struct arena *a, struct preview *p)
{
	int option;

	optind = 0; /* begin anew, glibc */
	while ((option = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		switch (option) {
		case 'd':
			read_day(optarg, p);
			break;
		case 'D':
			read_domain(optarg, a, p);
			break;
		case 'o':
			p->folder = optarg;
			break;
		case 'h':
			command_print_help(stdout, self);
			exit(output_end(EX_OK));
		case ':':
			command_misuse("an argument is missing after ",
			    argv[optind - 1]);
		default:
			options_refuse(argv);
		}
	}
	if (optind < argc)
		command_misuse("unexpected argument ", argv[optind]);
}

/* ---- one report --------------------------------------------------------- */

static void
print_line(const struct preview *p, const struct outgoing *o, struct str stem)
{
	time_t when = (time_t)o->begin;
	struct tm tm = {.tm_year = 0};
	bool is_running = o->day.day >= p->now / DAY;

	gmtime_r(&when, &tm);
	printf("%04d-%02d-%02d %.*s: %" PRIu64 " message%s in %" PRIu64
	    " row%s%s%s: %.*s.xml.gz\n", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, STR_ARG(o->package.domain), o->day.messages,
	    o->day.messages == 1 ? "" : "s", o->day.rows,
	    o->day.rows == 1 ? "" : "s",
	    is_running ? ", partial: the day is running" : "",
	    o->day.is_frozen ? ", made before" : "", STR_ARG(stem));
}

/* The exit status so far. */
static int
preview_one(struct preview *p, struct store *s, const struct store_day *d)
{
	struct arena *a = arena_new(0);
	struct outgoing o;
	struct str stem, reason;
	bool is_made = outgoing_init(s, p->sender, d, a, &o);

	if (!is_made)
		reason = store_reason(s);
	else if (p->folder == NULL)
		stem = o.package.stem;
	else
		is_made = preview_write(s, &o, p->folder, p->now, a, &stem,
		    &reason);
	if (is_made)
		print_line(p, &o, stem);
	else
		setup_complain(reason);
	p->reports += is_made;
	arena_free(a);
	return is_made ? EX_OK : EX_CANTCREAT;
}

/* ---- all ---------------------------------------------------------------- */

/* Without a day: what no report has been made of yet. */
static bool
is_meant(const struct preview *p, const struct store_day *d)
{
	return p->filter.has_day || !d->is_frozen;
}

static int
preview_days(struct preview *p, struct store *s, struct arena *a)
{
	struct store_day *days;
	size_t count;
	struct str reason;

	if (!store_days(s, &p->filter, a, &days, &count)) {
		setup_complain(store_reason(s));
		return EX_TEMPFAIL;
	}
	if (p->folder != NULL && !preview_folder(p->folder, a, &reason)) {
		setup_complain(reason);
		return EX_CANTCREAT;
	}
	int code = EX_OK;
	for (size_t i = 0; i < count && code == EX_OK; i++) {
		if (!is_meant(p, &days[i]))
			continue;
		if (outgoing_is_due(&days[i]))
			code = preview_one(p, s, &days[i]);
		else
			p->unasked++;
	}
	return code;
}

static void
print_summary(const struct preview *p)
{
	if (p->reports == 0)
		printf("nothing to report");
	else
		printf("%" PRIu64 " report%s", p->reports,
		    p->reports == 1 ? "" : "s");
	if (p->unasked > 0)
		printf("; left out: %" PRIu64 " whose domain has no usable "
		    "rua, or where nothing but bounces and reports came in",
		    p->unasked);
	putchar('\n');
}

static int
run(const struct settings *settings, struct preview *p, struct arena *a)
{
	struct sender sender;
	struct str reason;

	if (!sender_init(settings, a, &sender, &reason)) {
		setup_complain(reason);
		return EX_CONFIG;
	}
	if (!sender.is_set)
		setup_complain(STR("report-from and report-org-name are not "
		    "both set: no report is sent before they are"));
	p->sender = &sender;
	struct store *s = setup_store(settings, STORE_READ, a);
	if (s == NULL)
		return EX_UNAVAILABLE;
	int code = preview_days(p, s, a);
	if (code == EX_OK)
		print_summary(p);
	store_close(s);
	return code;
}

int
report_preview(const struct command *self, const struct options *o, int argc,
    char **argv)
{
	struct arena *a = arena_new(0);
	struct preview p = {.now = clock_wall()};

	read_arguments(self, argc, argv, a, &p);
	struct settings *s = setup_load(o, a);
	int code = s != NULL ? run(s, &p, a) : EX_CONFIG;

	settings_drop(s);
	arena_free(a);
	return code;
}
