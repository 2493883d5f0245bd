/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/aggregate/aggregate.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/text.h"
#include "report/aggregate/gzip.h"
#include "test/lib/check.h"
#include "test/report/schema.h"
#include "test/report/specimen.h"

#define MAX_GOLDEN 65536u

/* ---- one specimen ------------------------------------------------------- */

static bool
add_to_text(void *arg, struct str bytes)
{
	text_add(arg, bytes);
	return true;
}

/* A report of one row. */
static struct str
write_one(enum report_format format, const struct specimen *s,
    struct arena *a)
{
	struct text t;
	struct aggregate_head h;

	text_init(&t, a);
	specimen_head(format, s->policy, &h);
	struct aggregate *g =
	    aggregate_open(&h, (struct sink) {add_to_text, &t});
	assert_true(aggregate_add(g, &s->row));
	assert_true(aggregate_close(g));
	return text_str(&t);
}

static const char *
golden(const struct specimen *s, enum report_format format, struct arena *a)
{
	const char *folder = getenv("srcdir");

	return text_format(a, "%s/test/report/golden/%s.%s.xml",
	    folder != NULL ? folder : ".", s->name,
	    table_name(report_format_names, (int)format)).p;
}

/* With UPDATE_GOLDEN in the environment the files are made, to be looked at. */
static void
hold_against_golden(const char *path, struct str got, struct arena *a)
{
	struct str want, reason;

	if (getenv("UPDATE_GOLDEN") != NULL &&
	    !file_replace(path, got, 0644))
		fail_msg("%s cannot be written", path);
	if (!file_read(path, MAX_GOLDEN, a, &want, &reason))
		fail_msg("%.*s", STR_ARG(reason));
	if (!str_eq(got, want))
		print_error("%s:\n", path);
	check_str(got, str_cstr(want, a));
}

/* Every row of the mapping, in both forms (RFC 9990 3.1, Appendix A; RFC 7489
 * Appendix C). */
static void
mapping(void **state)
{
	(void)state;
	for (const struct specimen *s = specimens; s->name != NULL; s++) {
		for (int f = REPORT_RFC9990; f <= REPORT_RFC7489; f++) {
			struct arena *a = arena_new(0);
			enum report_format format = (enum report_format)f;
			struct str got = write_one(format, s, a);
			if (!schema_holds(format, got))
				fail_msg("%s is not valid", s->name);
			hold_against_golden(golden(s, format, a), got, a);
			arena_free(a);
		}
	}
}

/* The schemas tell the forms apart: neither takes the other's report. */
static void
schemas(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	assert_false(schema_holds(REPORT_RFC9990,
	    write_one(REPORT_RFC7489, &specimens[0], a)));
	assert_false(schema_holds(REPORT_RFC7489,
	    write_one(REPORT_RFC9990, &specimens[0], a)));
	arena_free(a);
}

/* ---- limits ------------------------------------------------------------- */

/* RFC 9990 3.1.1.2: a report has a record. */
static void
no_row(void **state)
{
	struct arena *a = arena_new(0);
	struct aggregate_head h;
	struct text t;

	(void)state;
	text_init(&t, a);
	specimen_head(REPORT_RFC9990, specimens[0].policy, &h);
	struct aggregate *g =
	    aggregate_open(&h, (struct sink) {add_to_text, &t});
	assert_false(aggregate_close(g));
	arena_free(a);
}

/* RFC 9990 3.1.3: a hundred signatures are told. */
static void
hundred_signatures(void **state)
{
	static struct specimen s;
	struct arena *a = arena_new(0);
	size_t count = 0;

	(void)state;
	s = specimens[0];
	s.row.dkim_count = REPORT_MAX_DKIM;
	for (size_t i = 0; i < REPORT_MAX_DKIM; i++)
		s.row.dkim[i] = (struct report_dkim) {
			text_format(a, "d%zu.example", i), STR("s"),
			SIGNATURE_FAIL, STR("no")};
	struct str got = write_one(REPORT_RFC9990, &s, a);
	assert_true(schema_holds(REPORT_RFC9990, got));
	for (const char *p = got.p; (p = strstr(p, "<selector>")) != NULL; p++)
		count++;
	assert_int_equal(count, REPORT_MAX_DKIM);
	arena_free(a);
}

/* A disk that is full after `room` bytes. */
struct disk {
	size_t room, used;
	bool is_full;
};

static bool
fill(void *arg, struct str bytes)
{
	struct disk *d = arg;

	assert_false(d->is_full); /* nobody writes on after a failure */
	d->is_full = d->used + bytes.n > d->room;
	d->used += bytes.n;
	return !d->is_full;
}

static bool
write_to_disk(struct disk *d, unsigned rows, bool *was_told)
{
	struct aggregate_head h;
	struct gzip *z = gzip_open((struct sink) {fill, d});

	specimen_head(REPORT_RFC9990, specimens[0].policy, &h);
	struct aggregate *g = aggregate_open(&h, gzip_sink(z));
	for (unsigned i = 0; i < rows; i++) {
		/* Addresses that do not repeat, as a botnet has them. */
		struct report_row r = {.source_ip = STR("192.0.2.7")};
		char from[32], ip[16];
		unsigned noise = i * 2654435761u;
		r.count = i + 1;
		r.source_ip = (struct str) {ip, (size_t)snprintf(ip,
		    sizeof ip, "%u.%u.%u.%u", noise >> 24, noise >> 16 & 255,
		    noise >> 8 & 255, noise & 255)};
		r.header_from = (struct str) {from, (size_t)snprintf(from,
		    sizeof from, "d%u.acme.example", i)};
		r.spf = (struct report_spf) {r.header_from, STR("mfrom"),
		    SPF_FAIL};
		if (!aggregate_add(g, &r))
			*was_told = true;
	}
	bool is_whole = aggregate_close(g);
	return gzip_close(z) && is_whole;
}

static void
full_disk(void **state)
{
	struct disk d = {.room = 20000};
	bool was_told = false;

	(void)state;
	assert_false(write_to_disk(&d, 20000, &was_told));
	assert_true(was_told);
	d = (struct disk) {.room = 100}; /* only the end does not fit */
	assert_false(write_to_disk(&d, 1, &was_told));
}

static long
peak_kilobytes(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* The address sanitizer makes rows five times as slow, and keeps what is freed
 * for a while: it is told to keep little. ./dev test runs the million too. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifdef IS_SANITIZED
#define ROWS 100000u
const char *__asan_default_options(void)
    __attribute__((visibility("default")));
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
}
#else
#define ROWS 1000000u
#endif

/* Memory does not depend on the number of rows: a million of them would be
 * 700 MB of XML. */
static void
constant_memory(void **state)
{
	struct disk d = {.room = SIZE_MAX / 2};
	bool was_told = false;

	(void)state;
	assert_true(write_to_disk(&d, 20000, &was_told));
	long before = peak_kilobytes();
	d = (struct disk) {.room = SIZE_MAX / 2};
	assert_true(write_to_disk(&d, ROWS, &was_told));
	assert_false(was_told);
	assert_true(d.used > 10 * ROWS);
	assert_in_range(peak_kilobytes() - before, 0, 8192);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_memory), /* first: peaks stay */
		cmocka_unit_test(mapping),
		cmocka_unit_test(schemas),
		cmocka_unit_test(no_row),
		cmocka_unit_test(hundred_signatures),
		cmocka_unit_test(full_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
