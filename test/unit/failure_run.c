/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "net/dns.h"
#include "net/dns_zone.h"
#include "report/failure/failure_run.h"
#include "report/failure/failure_group.h"
#include "report/row/sender.h"
#include "report/transport/transport.h"
#include "settings/settings.h"
#include "test/unit/dmarc_fixture.h"

/* Runs over a spool, with DNS from a zone and a mail server that is told what to
 * say. */

#define NOW 1795219200
#define MAX_SENT 64u

static const char zone_text[] =
    RECORD("acme.example", "p=reject; ruf=mailto:ruf@acme.example")
    RECORD("two.example", "p=reject; ruf=mailto:a@two.example,"
	"mailto:b@two.example")
    RECORD("many.example", "p=reject; ruf=mailto:ruf@many.example")
    RECORD("psd.example", "p=reject; psd=y; ruf=mailto:ruf@psd.example")
    RECORD("quiet.example", "p=reject; rua=mailto:rua@quiet.example")
    RECORD("outside.example", "p=reject; ruf=mailto:x@stranger.example,"
	"mailto:y@friend.example,mailto:z@moved.example")
    "outside.example._report._dmarc.friend.example TXT \"v=DMARC1\"\n"
    "outside.example._report._dmarc.moved.example TXT \"v=DMARC1; "
	"ruf=mailto:new@moved.example\"\n"
    RECORD("unsure.example", "p=reject; ruf=mailto:ruf@unsure.example,"
	"mailto:r@silent.example")
    "servfail unsure.example._report._dmarc.silent.example\n"
    RECORD("us.example", "p=reject; ruf=mailto:noreply@rcv.example")
    "us.example._report._dmarc.rcv.example TXT \"v=DMARC1\"\n"
    "servfail _dmarc.down.example\n";

struct world {
	struct arena *arena;
	char folder[64];
	struct fixture fixture;
	struct settings settings;
	struct sender sender;
	struct failure_counts counts;
	struct str sent[MAX_SENT]; /* addresses, and whole messages */
	struct str letters[MAX_SENT];
	size_t sent_count;
	struct text said, complaints;
	const char *refused, *deferred; /* an address; NULL: none */
	bool is_down;
	unsigned files;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	w->arena = arena_new(0);
	strcpy(w->folder, "/tmp/report-run-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	fixture_begin(&w->fixture, zone_text);
	w->settings = (struct settings) {
		.failure_spool = w->folder,
		.failure_per_destination = 10,
		.failure_per_domain = 20,
		.failure_total = 200,
		.failure_message_id = true,
		.dns_timeout = 5,
	};
	w->sender = (struct sender) {
		.org_name = STR("Receiver"),
		.from = STR("noreply@rcv.example"),
		.domain = STR("rcv.example"),
		.email = STR("people@rcv.example"),
		.is_set = true,
	};
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	DIR *d = opendir(w->folder);
	struct dirent *e;
	while ((e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(w->folder);
	fixture_end(&w->fixture);
	arena_free(w->arena);
	free(w);
	return 0;
}

/* ---- the spool ------------------------------------------------------------- */

struct incident {
	const char *domain; /* author and policy domain */
	const char *client;
	int64_t time;       /* 0: NOW - 60 */
};

static void
put(struct world *w, struct incident f)
{
	struct str header = STR("From: a@b\r\nTo: ann@rcv.example\r\n");
	int64_t when = f.time != 0 ? f.time : NOW - 60;
	const char *client = f.client != NULL ? f.client : "192.0.2.7";
	struct str bytes = text_format(w->arena, "{\"version\":1,"
	    "\"type\":\"dmarc\",\"authserv_id\":\"rcv.example\",\"mta\":\"\","
	    "\"source_port\":0,\"recipients\":[\"ann@rcv.example\"],"
	    "\"faults\":[],\"spf_records\":[],\"is_cut\":false,"
	    "\"header\":%zu}\n"
	    "{\"time\":%lld,\"source_ip\":\"%s\",\"envelope_from\":\"e.example\","
	    "\"envelope_to\":[],\"recipients\":1,\"dmarc\":\"fail\","
	    "\"spf\":{\"domain\":\"e.example\",\"scope\":\"mfrom\","
	    "\"identity\":\"mailfrom\",\"result\":\"pass\"},\"dkim\":[],"
	    "\"authors\":[{\"header_from\":\"%s\",\"dmarc\":\"fail\","
	    "\"spf\":\"fail\",\"dkim\":\"fail\",\"aligned_dkim\":[],"
	    "\"org_domain\":\"%s\",\"disposition\":\"reject\","
	    "\"reasons\":[],\"published\":{\"domain\":\"%s\","
	    "\"discovery_method\":\"treewalk\",\"p\":\"reject\","
	    "\"sp\":\"reject\",\"np\":\"reject\",\"adkim\":\"r\","
	    "\"aspf\":\"r\",\"fo\":\"0\",\"testing\":\"n\",\"psd\":\"u\","
	    "\"pct\":100,\"rua\":false,\"ruf\":true},\"tag\":\"p\","
	    "\"policy\":\"reject\"}],\"decisive\":0,\"draw\":1,"
	    "\"mode\":\"enforce\",\"action\":\"reject\",\"reply\":550,"
	    "\"disposition\":\"reject\",\"reasons\":[]}\n%.*s",
	    header.n, (long long)when, client, f.domain, f.domain, f.domain,
	    STR_ARG(header));
	const char *path = text_format(w->arena, "%s/f-%012lld-%016x",
	    w->folder, (long long)when, w->files++).p;
	assert_true(file_replace(path, bytes, 0640));
}

static void
put_many(struct world *w, const char *domain, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		put(w, (struct incident) {domain, text_format(w->arena,
		    "198.51.100.%u", i).p, 0});
}

static size_t
left(const struct world *w, const char *prefix)
{
	DIR *d = opendir(w->folder);
	struct dirent *e;
	size_t n = 0;
	while ((e = readdir(d)) != NULL)
		n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	closedir(d);
	return n;
}

/* ---- a run ----------------------------------------------------------------- */

static void
send_it(void *arg, struct str recipient, FILE *message, struct arena *a,
    struct transport_result *out)
{
	struct world *w = arg;
	struct text t;
	char buffer[4096];
	size_t n;
	(void)a;
	*out = (struct transport_result) {.code = 250,
	    .text = STR("as it was told")};
	if (w->is_down) {
		out->status = TRANSPORT_DEFERRED;
		out->is_service = true;
		return;
	}
	if (w->deferred != NULL && str_eq(recipient, str_of(w->deferred))) {
		out->status = TRANSPORT_DEFERRED;
		return;
	}
	if (w->refused != NULL && str_eq(recipient, str_of(w->refused))) {
		out->status = TRANSPORT_REFUSED;
		return;
	}
	text_init(&t, w->arena);
	while ((n = fread(buffer, 1, sizeof buffer, message)) > 0)
		text_add(&t, (struct str) {buffer, n});
	assert_true(w->sent_count < MAX_SENT);
	w->sent[w->sent_count] = str_copy(recipient, w->arena);
	w->letters[w->sent_count++] = text_str(&t);
}

static void
say(void *arg, struct str sentence)
{
	struct world *w = arg;
	text_add(&w->said, sentence);
	text_add_char(&w->said, '\n');
}

static void
complain(void *arg, struct str sentence)
{
	struct world *w = arg;
	text_add(&w->complaints, sentence);
	text_add_char(&w->complaints, '\n');
}

static enum failure_run_status
run_at(struct world *w, int64_t now, bool is_dry)
{
	struct arena *a = arena_new(0);
	struct failure_run r = {
		.settings = &w->settings,
		.sender = &w->sender,
		.dns = w->fixture.dns,
		.discover = fixture_options(&w->fixture, DISCOVER_TREEWALK),
		.now = now,
		.is_dry = is_dry,
		.send = send_it,
		.say = say,
		.complain = complain,
		.arg = w,
	};
	w->sent_count = 0;
	text_init(&w->said, w->arena);
	text_init(&w->complaints, w->arena);
	enum failure_run_status status = failure_run(&r, a);
	w->counts = r.counts;
	arena_free(a);
	return status;
}

static void
check_run(struct world *w, int64_t now, const char *want)
{
	const struct failure_counts *c = &w->counts;
	struct text t;
	if (run_at(w, now, false) != FAILURE_RUN_OK)
		fail_msg("the run at NOW + %lld failed",
		    (long long)(now - NOW));
	text_init(&t, w->arena);
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"sent", c->sent}, {"told", c->told},
	    {"refused", c->refused}, {"deferred", c->deferred},
	    {"unusable", c->unusable}, {"dropped", c->dropped},
	    {"waiting", c->waiting}, {"limited", c->limited},
	    {"expired", c->expired}, {"bad", c->bad}};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i].n > 0)
			text_printf(&t, "%s%s=%u", t.n > 0 ? " " : "",
			    counts[i].name, (unsigned)counts[i].n);
	check_str(text_str(&t), want);
}

static bool
says(const struct world *w, size_t i, const char *words)
{
	return memmem(w->letters[i].p, w->letters[i].n, words,
	    strlen(words)) != NULL;
}

/* ---- tests ----------------------------------------------------------------- */

static void
one_is_told_at_once(void **state)
{
	struct world *w = *state;
	check_run(w, NOW, "");
	put(w, (struct incident) {.domain = "acme.example"});
	check_run(w, NOW, "sent=1 told=1");
	check_str(w->sent[0], "ruf@acme.example");
	assert_true(says(w, 0, "\r\nReported-Domain: acme.example\r\n"));
	assert_false(says(w, 0, "Incidents:"));
	assert_false(says(w, 0, "ann@"));
	assert_int_equal(left(w, "f-"), 0);
	check_run(w, NOW + 1, "");
}

/* RFC 9991 8.1: those that come within a quarter of an hour are one report. */
static void
what_is_alike_is_gathered(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "acme.example"});
	put(w, (struct incident) {.domain = "acme.example",
	    .client = "192.0.2.8"});
	put(w, (struct incident) {.domain = "acme.example"});
	check_run(w, NOW, "sent=2 told=3");
	assert_true(says(w, 0, "\r\nIncidents: 2\r\n"));
	assert_false(says(w, 1, "Incidents:"));
	put(w, (struct incident) {.domain = "acme.example"});
	put(w, (struct incident) {.domain = "acme.example"});
	check_run(w, NOW + 60, "waiting=2");
	put(w, (struct incident) {.domain = "acme.example"});
	check_run(w, NOW + FAILURE_GROUP_QUIET - 1, "waiting=3");
	check_run(w, NOW + FAILURE_GROUP_QUIET, "sent=1 told=3");
	assert_true(says(w, 0, "\r\nIncidents: 3\r\n"));
	assert_int_equal(left(w, "f-"), 0);
}

static void
destinations_are_verified(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "outside.example"});
	check_run(w, NOW, "sent=2 told=1 unusable=1");
	check_str(w->sent[0], "y@friend.example");
	check_str(w->sent[1], "new@moved.example");
	put(w, (struct incident) {.domain = "psd.example"});
	put(w, (struct incident) {.domain = "quiet.example"});
	put(w, (struct incident) {.domain = "nowhere.example"});
	check_run(w, NOW, "dropped=3");
	put(w, (struct incident) {.domain = "us.example"});
	check_run(w, NOW, "unusable=1 dropped=1");
	assert_int_equal(left(w, "f-"), 0);
}

static void
both_addresses_get_it(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "two.example"});
	check_run(w, NOW, "sent=2 told=1");
	check_str(w->sent[0], "a@two.example");
	check_str(w->sent[1], "b@two.example");
	put(w, (struct incident) {.domain = "two.example",
	    .client = "192.0.2.8"});
	w->refused = "a@two.example";
	check_run(w, NOW, "sent=1 told=1 refused=1");
	assert_int_equal(left(w, "f-"), 0);
}

/* What one has and another does not is not sent to the one again, and what comes
 * meanwhile is not mixed into it. */
static void
deferral_is_tried_again(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "two.example"});
	w->deferred = "a@two.example";
	check_run(w, NOW, "sent=1 deferred=1 waiting=1");
	check_str(w->sent[0], "b@two.example");
	put(w, (struct incident) {.domain = "two.example", .time = NOW + 1});
	check_run(w, NOW + FAILURE_GROUP_FIRST - 1, "waiting=2");
	check_run(w, NOW + FAILURE_GROUP_FIRST, "deferred=1 waiting=1");
	w->deferred = NULL;
	check_run(w, NOW + 3 * FAILURE_GROUP_FIRST, "sent=1 told=1");
	check_str(w->sent[0], "a@two.example");
	assert_false(says(w, 0, "Incidents:"));
	assert_int_equal(left(w, "f-"), 1);
	check_run(w, NOW + 3 * FAILURE_GROUP_FIRST + FAILURE_GROUP_QUIET, "sent=2 told=1");
	assert_int_equal(left(w, "f-"), 0);
}

/* The same Message-ID, whenever it is tried: a double can be told. */
static void
a_crash_costs_a_double(void **state)
{
	struct world *w = *state;
	struct str reason, bytes;
	put(w, (struct incident) {.domain = "acme.example"});
	const char *name = text_format(w->arena, "%s/f-%012d-%016x",
	    w->folder, NOW - 60, 0).p;
	assert_true(file_read(name, 65536, w->arena, &bytes, &reason));
	check_run(w, NOW, "sent=1 told=1");
	struct str id = w->letters[0];
	const char *at = strstr(id.p, "Message-ID: <f.");
	assert_non_null(at);
	/* The file is back, and the state is lost. */
	assert_true(file_replace(name, bytes, 0640));
	assert_int_equal(unlink(text_format(w->arena, "%s/state",
	    w->folder).p), 0);
	check_run(w, NOW + 5, "sent=1 told=1");
	assert_memory_equal(at, strstr(w->letters[0].p, "Message-ID: <f."),
	    60);
}

static void
unknown_is_no_yes(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "unsure.example"});
	check_run(w, NOW, "sent=1 waiting=1");
	check_str(w->sent[0], "ruf@unsure.example");
	put(w, (struct incident) {.domain = "down.example"});
	check_run(w, NOW, "waiting=2");
	check_run(w, NOW + FAILURE_GROUP_FIRST, "waiting=2");
	assert_int_equal(w->sent_count, 0);
	/* In the end it is given up. */
	check_run(w, NOW - 60 + FAILURE_RUN_LIFETIME, "waiting=2");
	check_run(w, NOW - 59 + FAILURE_RUN_LIFETIME, "expired=2");
	assert_int_equal(left(w, "f-"), 0);
}

static void
limits_hold(void **state)
{
	struct world *w = *state;
	put_many(w, "acme.example", 15);
	check_run(w, NOW, "sent=10 told=10 limited=5");
	check_run(w, NOW + 359, "limited=5");
	check_run(w, NOW + 360, "sent=1 told=1 limited=4");
	assert_int_equal(left(w, "f-"), 4);
	/* Two addresses, so that of the domain comes first. */
	w->settings.failure_per_domain = 6;
	put_many(w, "two.example", 5);
	check_run(w, NOW + 360, "sent=6 told=3 limited=6");
	w->settings.failure_total = 1;
	put_many(w, "many.example", 3);
	check_run(w, NOW + 360, "limited=9");
}

/* Who has it does not get it again when the limit lets the other have it. */
static void
limit_between_two_addresses(void **state)
{
	struct world *w = *state;
	w->settings.failure_per_domain = 1;
	put(w, (struct incident) {.domain = "two.example"});
	check_run(w, NOW, "sent=1 limited=1");
	check_str(w->sent[0], "a@two.example");
	check_run(w, NOW + 3600, "sent=1 told=1");
	check_str(w->sent[0], "b@two.example");
	assert_int_equal(left(w, "f-"), 0);
}

static void
clocks_jump(void **state)
{
	struct world *w = *state;
	put_many(w, "acme.example", 12);
	check_run(w, NOW, "sent=10 told=10 limited=2");
	/* Back for an hour: nothing goes, nothing is lost. */
	check_run(w, NOW - 3600, "limited=2");
	check_run(w, NOW, "sent=2 told=2");
	put(w, (struct incident) {.domain = "acme.example",
	    .time = NOW + 86401});
	check_run(w, NOW, "bad=1");
	assert_int_equal(left(w, "bad-f-"), 1);
}

static void
server_that_is_down(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "acme.example"});
	put(w, (struct incident) {.domain = "two.example"});
	w->is_down = true;
	assert_int_equal(run_at(w, NOW, false), FAILURE_RUN_SERVICE);
	assert_int_equal(w->counts.deferred, 1);
	assert_int_equal(w->counts.waiting, 2);
	assert_int_equal(left(w, "f-"), 2);
	w->is_down = false;
	check_run(w, NOW + FAILURE_GROUP_FIRST, "sent=3 told=2");
}

static void
excluded_domains(void **state)
{
	struct world *w = *state;
	struct str names[] = {STR("acme.example")};
	w->settings.report_exclude = (struct override_patterns) {
	    .at = names, .count = 1};
	put(w, (struct incident) {.domain = "acme.example"});
	check_run(w, NOW, "dropped=1");
}

static void
bad_files_are_kept_aside(void **state)
{
	struct world *w = *state;
	const char *name = text_format(w->arena, "%s/f-%012d-%016x",
	    w->folder, NOW, 0xbad).p;
	assert_true(file_replace(name, STR("{\"version\":1"), 0640));
	put(w, (struct incident) {.domain = "acme.example"});
	check_run(w, NOW, "sent=1 told=1 bad=1");
	assert_non_null(strstr(text_cstr(&w->complaints),
	    "0bad: its first line is none of version 1\n"));
	assert_int_equal(left(w, "bad-"), 1);
	check_run(w, NOW, "");
}

static void
dry_run_changes_nothing(void **state)
{
	struct world *w = *state;
	put(w, (struct incident) {.domain = "two.example"});
	put(w, (struct incident) {.domain = "two.example"});
	put(w, (struct incident) {.domain = "two.example", .time = 1});
	assert_int_equal(run_at(w, NOW, true), FAILURE_RUN_OK);
	assert_int_equal(w->sent_count, 0);
	check_str(text_str(&w->said), "would tell a@two.example of 2 dmarc "
	    "failures of two.example from 192.0.2.7\n"
	    "would tell b@two.example of 2 dmarc failures of two.example from "
	    "192.0.2.7\n");
	assert_int_equal(left(w, "f-"), 3);
	assert_int_equal(left(w, "state"), 0);
	check_run(w, NOW, "sent=2 told=2 expired=1");
}

static void
no_spool_no_work(void **state)
{
	struct world *w = *state;
	w->settings.failure_spool = "/nonexistent/failures";
	check_run(w, NOW, "");
	w->settings.failure_spool = "/dev/null";
	assert_int_equal(run_at(w, NOW, false), FAILURE_RUN_FOLDER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	log_set_level(LOG_AT_ERROR);
	const struct CMUnitTest tests[] = {
		TEST(one_is_told_at_once),
		TEST(what_is_alike_is_gathered),
		TEST(destinations_are_verified),
		TEST(both_addresses_get_it),
		TEST(deferral_is_tried_again),
		TEST(a_crash_costs_a_double),
		TEST(unknown_is_no_yes),
		TEST(limits_hold),
		TEST(limit_between_two_addresses),
		TEST(clocks_jump),
		TEST(server_that_is_down),
		TEST(excluded_domains),
		TEST(bad_files_are_kept_aside),
		TEST(dry_run_changes_nothing),
		TEST(no_spool_no_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
