/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast reports are built and sent, on each engine: seconds and the peak of
 * memory to write their files (rows, XML, gzip), then for whole rounds: DNS from
 * a zone, the outbox, a message for each, and a mail server that takes all.
 * Then what the store holds.
 *
 *   reports [REPORTS [ROWS]]   default 10000 reports of 100 rows
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/dns_zone.h"
#include "report/row/tally.h"
#include "report/aggregate/aggregate_report.h"
#include "report/send/queue_run.h"
#include "report/store/store_inside.h"
#include "report/store/store_import.h"
#include "report/transport/transport.h"
#include "settings/settings.h"
#include "test/lib/pgsql.h"

#define DAY 86400
/* Rows that one transaction adds. */
#define BATCH 20000u

struct size {
	unsigned reports, rows;
};

static void
must(struct store *s, bool is_good)
{
	if (is_good)
		return;
	fprintf(stderr, "%.*s\n", STR_ARG(store_reason(s)));
	exit(1);
}

/* ---- the mail server ---------------------------------------------------- */

struct transport {
	uint64_t messages, bytes;
};

void
transport_send(struct transport *t, struct str sender, struct str recipient,
    FILE *message, struct arena *a, struct transport_result *out)
{
	char piece[16384];
	size_t n;
	(void)sender, (void)recipient, (void)a;
	while ((n = fread(piece, 1, sizeof piece, message)) > 0)
		t->bytes += n;
	t->messages++;
	*out = (struct transport_result) {.status = TRANSPORT_SENT,
	    .code = 250, .text = STR("250 taken")};
}

/* ---- filling ------------------------------------------------------------ */

static void
add_row(struct tally *f, int64_t day, unsigned domain, unsigned n,
    struct arena *a)
{
	const struct report_policy p = {
		.domain = text_format(a, "d%u.example", domain),
		.p = RECORD_REJECT,
		.fo = STR("0"),
		.pct = 100,
		.has_rua = true,
	};
	struct report_row r = {
		.count = 1 + n % 7,
		.source_ip = text_format(a, "198.51.%u.%u", n / 250 % 250,
		    n % 250),
		.is_spf_aligned = n % 3 == 0,
		.is_dkim_aligned = n % 2 == 0,
		.disposition = n % 6 == 1 ? REPORT_REJECT : REPORT_PASS,
		.header_from = p.domain,
		.envelope_from = p.domain,
		.spf = {p.domain, STR("mfrom"), SPF_PASS},
		.dkim = {{p.domain, STR("s1"), SIGNATURE_PASS, STR("")}},
		.dkim_count = 1,
	};
	tally_add(f, day, &p, &r);
}

static void
fill(struct store *s, const struct size *size)
{
	int64_t day = clock_wall() / DAY - 2;
	uint64_t all = (uint64_t)size->reports * size->rows, remainder = 0;
	for (uint64_t n = 0; n < all;) {
		struct arena *a = arena_new(0);
		struct tally *f = tally_new();
		for (unsigned i = 0; i < BATCH && n < all; i++, n++)
			add_row(f, day, (unsigned)(n / size->rows),
			    (unsigned)(n % size->rows), a);
		must(s, store_begin(s) &&
		    store_add(s, f, UINT32_MAX, &remainder) &&
		    store_commit(s));
		tally_free(f);
		arena_free(a);
	}
}

/* ---- measuring ---------------------------------------------------------- */

static const struct sender sender = {
	.org_name = STR_INIT("Receiver"),
	.from = STR_INIT("noreply@rcv.example"),
	.domain = STR_INIT("rcv.example"),
	.email = STR_INIT("noreply@rcv.example"),
	.generator = STR_INIT("bench"),
	.bounce = STR_INIT("noreply@rcv.example"),
	.is_set = true,
};

static void
tell(const char *engine, const char *what, int64_t start, uint64_t count)
{
	struct rusage u;
	int64_t ms = clock_mono_ms() - start;
	getrusage(RUSAGE_SELF, &u);
	printf("%-10s %-6s %6.1f s for %llu reports  peak %ld MB\n", engine,
	    what, (double)ms / 1000, (unsigned long long)count,
	    u.ru_maxrss / 1024);
	fflush(stdout);
}

static bool
discard(void *arg, struct str bytes)
{
	*(uint64_t *)arg += bytes.n;
	return true;
}

static void
build(const char *engine, struct store *s)
{
	const struct store_filter all = {.has_day = false};
	struct arena *a = arena_new(0);
	struct store_day *days;
	size_t count;
	uint64_t bytes = 0;
	int64_t start = clock_mono_ms();
	must(s, store_days(s, &all, a, &days, &count));
	for (size_t i = 0; i < count; i++) {
		struct arena *b = arena_new(0);
		struct aggregate_report o;
		must(s, aggregate_report_init(s, &sender, &days[i], b, &o));
		must(s, aggregate_report_write(s, &o, b,
		    (struct sink) {discard, &bytes}) == AGGREGATE_REPORT_OK);
		arena_free(b);
	}
	tell(engine, "built", start, count);
	arena_free(a);
}

static struct dns *
zone_of(unsigned reports, struct arena *a)
{
	struct text t;
	size_t line;
	const char *reason;
	text_init(&t, a);
	for (unsigned i = 0; i < reports; i++)
		text_printf(&t, "_dmarc.d%u.example TXT \"v=DMARC1; p=reject; "
		    "rua=mailto:rua@d%u.example\"\n", i, i);
	return dns_zone_new(zone_parse(text_str(&t), a, &line, &reason));
}

static void
send_all(const char *engine, struct store *s, const struct size *size)
{
	static const volatile sig_atomic_t never;
	struct settings_problems problems = {.count = 0};
	struct transport t = {0};
	struct arena *a = arena_new(0);
	struct settings *settings = settings_parse(
	    STR("report-pause = 0\n"), "bench", a, &problems);
	struct queue_run r = {
		.dispatch = {
			.store = s,
			.transport = &t,
			.dns = zone_of(size->reports, a),
			.discover = {DISCOVER_TREEWALK, true,
			    settings->suffixes},
			.settings = settings,
			.bounce = sender.bounce,
			.owner = STR("bench"),
			.arena = a,
		},
		.sender = &sender,
		.is_over = &never,
	};
	int64_t start = clock_mono_ms();
	must(s, queue_run_start(&r) == DELIVERY_OK);
	tell(engine, "sent", start, t.messages);
	dns_drop(r.dispatch.dns);
	settings_drop(settings);
	arena_free(a);
}

static void
take_size(void *arg, const struct engine_value *c)
{
	*(int64_t *)arg = c[0].number;
}

static void
tell_size(const char *engine, struct store *s, const struct size *size)
{
	uint64_t rows = (uint64_t)size->reports * size->rows;
	int64_t bytes = 0;
	const char *sql = strcmp(engine, "sqlite") == 0 ?
	    "SELECT page_count * page_size FROM pragma_page_count(), "
	    "pragma_page_size()" :
	    "SELECT pg_database_size(current_database())";
	must(s, store_run(s, sql, NULL, 0, take_size, &bytes, NULL));
	printf("%-10s %-6s %6.1f MB for %llu rows: %.0f bytes a row\n",
	    engine, "store", (double)bytes / 1e6, (unsigned long long)rows,
	    (double)bytes / (double)rows);
}

static int
measure(const char *engine, const char *name, const struct size *size)
{
	struct arena *a = arena_new(0);
	struct str reason;
	struct store *s = store_open(name, STORE_READ, a, &reason);
	if (s == NULL) {
		fprintf(stderr, "%.*s\n", STR_ARG(reason));
		return 1;
	}
	int64_t start = clock_mono_ms();
	fill(s, size);
	tell(engine, "filled", start, size->reports);
	tell_size(engine, s, size);
	build(engine, s);
	send_all(engine, s, size);
	store_close(s);
	arena_free(a);
	return 0;
}

/* In a process of its own, so that its memory is its own. */
static int
measure_apart(const char *engine, const char *name, const struct size *size)
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		int code = measure(engine, name, size);
		fflush(stdout);
		_exit(code);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

int
main(int argc, char **argv)
{
	struct size size = {
		.reports = argc > 1 ? (unsigned)atoi(argv[1]) : 10000,
		.rows = argc > 2 ? (unsigned)atoi(argv[2]) : 100,
	};
	char folder[] = "/tmp/aplomb-bench-XXXXXX", name[256], command[128];
	struct pgsql_server server;
	if (mkdtemp(folder) == NULL || size.reports == 0 || size.rows == 0)
		return 1;
	snprintf(name, sizeof name, "sqlite:%s/store.db", folder);
	int failed = measure_apart("sqlite", name, &size);
	switch (pgsql_start(&server)) {
	case PGSQL_UP:
		pgsql_database(&server, name);
		failed |= measure_apart("postgresql", name, &size);
		break;
	case PGSQL_MISSING:
		puts("postgresql is missing (package postgresql)");
		break;
	case PGSQL_BROKEN:
		failed = 1;
		break;
	}
	pgsql_stop(&server);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) != 0 || failed != 0;
}
