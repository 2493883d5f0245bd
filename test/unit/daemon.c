/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "net/dns_zone.h"
#include "test/lib/daemon.h"
#include "test/lib/mta.h"
#include "test/lib/responder.h"

/* The life of the real daemon: start, signals, sessions, bad days. */

/* What an answer that waits for nothing takes at most, on a loaded machine. */
#define AT_ONCE_MS 700
#define SLOW_MS    1500

static const char zone_text[] =
    "_dmarc.acme.example TXT \"v=DMARC1; p=reject\"\n"
    "acme.example TXT \"v=spf1 -all\"\n"
    "acme.example A 192.0.2.1\n"
    "_dmarc.told.example TXT \"v=DMARC1; p=reject; ruf=mailto:r@told.example\"\n"
    "told.example A 192.0.2.1\n";

struct world {
	struct arena *arena;
	struct responder *dns;
	struct daemon daemon;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	w->arena = arena_new(0);
	daemon_init(&w->daemon, w->arena);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	daemon_free(&w->daemon);
	if (w->dns != NULL)
		responder_stop(w->dns);
	arena_free(w->arena);
	free(w);
	return 0;
}

static void
serve_dns(struct world *w, unsigned delay_ms)
{
	size_t line;
	const char *why;
	struct zone *z = zone_parse(str_of(zone_text), w->arena, &line, &why);
	assert_non_null(z);
	w->dns = responder_start(z,
	    &(struct responder_options) {.delay_ms = delay_ms,
	    .has_zero_ttl = delay_ms > 0});
}

static void
configure(struct world *w, const char *more)
{
	daemon_configure(&w->daemon,
	    w->dns != NULL ? responder_port(w->dns) : 0, more);
}

static void
show_log(const struct world *w)
{
	print_error("its log:\n%s\n", daemon_log(&w->daemon).p);
}

static void
start(struct world *w, unsigned delay_ms, const char *more)
{
	serve_dns(w, delay_ms);
	configure(w, more);
	if (!daemon_start(&w->daemon)) {
		show_log(w);
		fail_msg("aplombd does not serve");
	}
}

static void
check_says(const struct world *w, const char *words)
{
	if (daemon_says(&w->daemon, words))
		return;
	show_log(w);
	fail_msg("the log does not say: %s", words);
}

static void
check_exit(struct world *w, int want, int ms)
{
	int got = daemon_wait(&w->daemon, ms);
	if (got == want)
		return;
	show_log(w);
	fail_msg("ended with %d, not %d", got, want);
}

static void
stop(struct world *w)
{
	daemon_signal(&w->daemon, SIGTERM);
	check_exit(w, 0, 10000);
}

static bool
log_has(const struct world *w, const char *words)
{
	return strstr(daemon_log(&w->daemon).p, words) != NULL;
}

static void
nap(long ms)
{
	nanosleep(&(struct timespec) {.tv_sec = ms / 1000,
	    .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static const char *const one_recipient[] = {"<you@rcv.example>", NULL};

static struct mta *
hello(const struct world *w, const char *address)
{
	struct mta *m = mta_connect(w->daemon.socket, NULL, w->arena);
	assert_non_null(m);
	assert_int_equal(mta_session(m, &(struct mta_client) {
	    .address = address, .helo = "mx.other.test"}), MTA_CONTINUE);
	return m;
}

static struct mta_message
from(const char *author)
{
	return (struct mta_message) {.queue_id = "Q1",
	    .mail_from = "<a@bounce.test>", .recipients = one_recipient,
	    .text = str_of(author)};
}

#define FROM_ACME "From: Ann <ann@acme.example>\r\n\r\nhello\r\n"

/* ---- start ---------------------------------------------------------------- */

static void
usage_and_configuration(void **state)
{
	struct world *w = *state;
	struct daemon *d = &w->daemon;
	static const char broken[] = "no-such-key = 1\n";
	const struct {
		const char *arguments[5];
		int want;
		const char *says;
	} rows[] = {
		{{"-V"}, EX_OK, "aplombd "},
		{{"-h"}, EX_OK, "usage: aplombd"},
		{{"-x"}, EX_USAGE, "unknown option -x"},
		{{"-c"}, EX_USAGE, "missing after -c"},
		{{"-t", "-c", ""}, EX_USAGE, "file name after -c is empty"},
		{{"now"}, EX_USAGE, "unexpected argument now"},
		{{"-t", "-c", "/nonexistent"}, EX_CONFIG, "/nonexistent"},
		{{"-f", "-p", "tcp:1", "-c", "/dev/null"}, EX_CONFIG,
		    "tcp:1: write inet:PORT@HOST"},
		{{"-f", "-p", "inet:1@", "-c", d->conf}, EX_CONFIG,
		    "no-such-key"},
	};
	assert_true(file_replace(d->conf, str_of(broken), 0644));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *arguments[6] = {0};
		memcpy(arguments, rows[i].arguments, sizeof(rows[i].arguments));
		int got = daemon_run(d, arguments);
		if (got != rows[i].want || !log_has(w, rows[i].says)) {
			show_log(w);
			fail_msg("row %zu: exit %d", i, got);
		}
	}
}

static void
test_prints_what_is_in_force(void **state)
{
	struct world *w = *state;
	const char *const arguments[] = {"-t", "-c", w->daemon.conf, NULL};
	configure(w, "dns-timeout = 7\n");
	assert_int_equal(daemon_run(&w->daemon, arguments), 0);
	assert_true(log_has(w, "dns-timeout = 7"));
	assert_int_not_equal(access(w->daemon.path, F_OK), 0);
}

static void
history_that_cannot_be_written_is_refused(void **state)
{
	struct world *w = *state;
	const char *const test[] = {"-t", "-c", w->daemon.conf, NULL};
	configure(w, "history = \"/nonexistent/history\"\n");
	assert_int_equal(daemon_run(&w->daemon, test), EX_CONFIG);
	assert_true(log_has(w, "/nonexistent/history"));
	assert_false(daemon_start(&w->daemon));
	assert_int_not_equal(access(w->daemon.path, F_OK), 0);
}

static pid_t
pid_in(const char *path, struct arena *a)
{
	struct str text, reason;
	uint64_t pid = 0;
	if (file_read(path, 100, a, &text, &reason))
		str_to_uint(str_trim(text), 1 << 30, &pid);
	return (pid_t)pid;
}

static void
background_is_ready_when_it_returns(void **state)
{
	struct world *w = *state;
	const char *const arguments[] = {"-c", w->daemon.conf, NULL};
	const char *pid_file =
	    text_format(w->arena, "%s/pid", w->daemon.folder).p;
	configure(w, text_format(w->arena, "pid-file = \"%s\"\n"
	    "log-target = stderr\n", pid_file).p);
	assert_int_equal(daemon_run(&w->daemon, arguments), 0);
	pid_t pid = pid_in(pid_file, w->arena);
	assert_true(pid > 1 && kill(pid, 0) == 0);
	assert_int_not_equal(getsid(pid), getsid(0));
	mta_quit(hello(w, "192.0.2.7"));

	/* A second one says that the first is alive, and leaves it alone. */
	assert_int_equal(daemon_run(&w->daemon, arguments), EX_UNAVAILABLE);
	assert_true(log_has(w, "another program listens there"));
	mta_quit(hello(w, "192.0.2.7"));

	kill(pid, SIGTERM);
	for (int i = 0; i < 500 && access(pid_file, F_OK) == 0; i++)
		nap(10);
	assert_int_not_equal(access(pid_file, F_OK), 0);
	assert_int_not_equal(access(w->daemon.path, F_OK), 0);
}

static void
stale_socket_is_removed(void **state)
{
	struct world *w = *state;
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(sa.sun_path, w->daemon.path, strlen(w->daemon.path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	close(fd);
	start(w, 0, "");
	mta_quit(hello(w, "192.0.2.7"));
	stop(w);
}

static void
file_in_the_way_stays(void **state)
{
	struct world *w = *state;
	assert_true(file_replace(w->daemon.path, STR("precious"), 0644));
	configure(w, "");
	assert_false(daemon_start(&w->daemon));
	assert_true(log_has(w, "no socket is in the way"));
	assert_int_equal(access(w->daemon.path, F_OK), 0);
}

static void
socket_has_its_mode(void **state)
{
	struct world *w = *state;
	struct stat st;
	start(w, 0, "socket-mode = \"0640\"\n");
	assert_int_equal(stat(w->daemon.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	stop(w);
	assert_int_not_equal(access(w->daemon.path, F_OK), 0);
}

/* The line of /proc/PID/status that begins with a word. */
static struct str
proc_status(const struct world *w, const char *word)
{
	const char *path = text_format(w->arena, "/proc/%d/status",
	    (int)w->daemon.pid).p;
	struct str text, reason;
	assert_true(file_read(path, 65536, w->arena, &text, &reason));
	while (text.n > 0) {
		struct str l = str_cut(&text, '\n');
		if (str_has_prefix(l, str_of(word)))
			return str_trim(str_sub(l, strlen(word), l.n));
	}
	return (struct str) {NULL, 0};
}

static void
privileges_are_dropped(void **state)
{
	struct world *w = *state;
	const struct passwd *nobody = getpwnam("nobody");
	struct stat st;
	if (geteuid() != 0)
		check_skip("root is needed to become another user");
	assert_non_null(nobody);
	uid_t uid = nobody->pw_uid;
	gid_t gid = nobody->pw_gid;
	assert_int_equal(chmod(w->daemon.folder, 0777), 0);
	start(w, 0, "user = nobody\nsocket-group = mail\n"
	    "socket-mode = \"0660\"\n");
	const char *want = text_format(w->arena, "%u\t%u\t%u\t%u", uid, uid,
	    uid, uid).p;
	check_str(proc_status(w, "Uid:"), want);
	want = text_format(w->arena, "%u\t%u\t%u\t%u", gid, gid, gid, gid).p;
	check_str(proc_status(w, "Gid:"), want);
	check_str(proc_status(w, "Groups:"),
	    text_format(w->arena, "%u", gid).p);
	assert_int_equal(stat(w->daemon.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_uid, uid);
	assert_int_not_equal(st.st_gid, gid);
	assert_false(log_has(w, "running as root"));
	assert_false(log_has(w, "cannot connect to ourselves"));
	stop(w);
	assert_int_not_equal(access(w->daemon.path, F_OK), 0);
}

static void
history_without_permission(void **state)
{
	struct world *w = *state;
	const char *const test[] = {"-t", "-c", w->daemon.conf, NULL};
	const char *closed =
	    text_format(w->arena, "%s/closed", w->daemon.folder).p;
	/* Root may write anywhere, so it becomes somebody else. */
	configure(w, text_format(w->arena, "history = \"%s/history\"\n%s",
	    closed, geteuid() == 0 ? "user = nobody\n" : "").p);
	assert_int_equal(mkdir(closed, 0500), 0);
	int got = daemon_run(&w->daemon, test);
	bool says = log_has(w, "give the user of the daemon the right");
	bool serves = daemon_start(&w->daemon);
	rmdir(closed);
	assert_int_equal(got, EX_CONFIG);
	assert_true(says);
	assert_false(serves);
}

/* Where nobody has asked for a history, its absence is no reason to refuse. */
static void
default_history_may_be_missing(void **state)
{
	struct world *w = *state;
	if (access("/var/lib/aplomb", F_OK) == 0)
		check_skip("/var/lib/aplomb exists, as Aplomb is installed here");
	assert_true(file_replace(w->daemon.conf, text_format(w->arena,
	    "socket = \"%s\"\n", w->daemon.socket), 0644));
	assert_true(daemon_start(&w->daemon));
	check_says(w, "no history is kept");
	stop(w);
}

/* ---- sessions -------------------------------------------------------------- */

static void
judges_and_says_why(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, 0, "");
	struct mta *m = hello(w, "192.0.2.7");
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(m, &msg, &answer), MTA_REJECT);
	check_str(answer.code, "550");
	check_str(answer.status, "5.7.1");
	msg = from("From: a@plain.example\r\n"
	    "Authentication-Results: mx.test.example; dmarc=pass\r\n\r\nx\r\n");
	assert_int_equal(mta_message(m, &msg, &answer), MTA_ACCEPT);
	assert_int_equal(answer.edit_count, 2);
	assert_int_equal(answer.edits[0].kind, MTA_DELETE);
	assert_int_equal(answer.edits[0].index, 1);
	assert_int_equal(answer.edits[1].kind, MTA_INSERT);
	assert_int_equal(answer.edits[1].index, 0);
	assert_true(answer.edits[1].value.p[0] == ' ');
	assert_true(str_has_prefix(mta_inserted(&answer,
	    "Authentication-Results"), STR("mx.test.example;")));
	check_says(w, "Q1 from=acme.example client=192.0.2.7 "
	    "helo=mx.other.test mail-from=a@bounce.test spf=none:bounce.test "
	    "dkim=none dmarc=fail policy=reject policy-domain=acme.example "
	    "disposition=reject action=reject ms=");
	stop(w);
}

static void
works_with_a_plain_mta(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	const struct mta_offer plain = {.version = 6, .actions = MTA_ACTIONS,
	    .steps = 0};
	start(w, 0, "");
	struct mta *m = mta_connect(w->daemon.socket, &plain, w->arena);
	assert_non_null(m);
	assert_int_equal(mta_steps(m), 0);
	assert_int_equal(mta_session(m, &(struct mta_client) {
	    .address = "192.0.2.7", .helo = "x"}), MTA_CONTINUE);
	struct mta_message msg = from("From: a@plain.example\r\n\r\nx\r\n");
	assert_int_equal(mta_message(m, &msg, &answer), MTA_ACCEPT);
	/* The MTA puts the blank behind the colon itself. */
	assert_int_equal(answer.edit_count, 1);
	assert_true(answer.edits[0].value.p[0] != ' ');
	stop(w);
}

/* RFC 8601 2.2, 5: a field without a name says nothing, and nobody's forged
 * field would be ours. */
static void
mta_without_a_name(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	char host[256] = "";
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	start(w, 0, "");
	struct mta *m = mta_connect(w->daemon.socket, NULL, w->arena);
	assert_int_equal(mta_session(m, &(struct mta_client) {
	    .address = "192.0.2.7", .helo = "x", .mta = ""}), MTA_CONTINUE);
	struct mta_message msg = from(text_format(w->arena,
	    "Authentication-Results: %s; dmarc=pass\r\n"
	    "From: a@plain.example\r\n\r\nx\r\n", host).p);
	assert_int_equal(mta_message(m, &msg, &answer), MTA_ACCEPT);
	assert_int_equal(answer.edit_count, 2);
	assert_int_equal(answer.edits[0].kind, MTA_DELETE);
	assert_true(str_has_iprefix(mta_inserted(&answer,
	    "Authentication-Results"), str_of(host)));
	stop(w);
}

static void
mta_without_edits_is_refused(void **state)
{
	struct world *w = *state;
	const struct mta_offer poor = {.version = 6, .actions = 0,
	    .steps = MTA_STEPS};
	start(w, 0, "");
	assert_null(mta_connect(w->daemon.socket, &poor, w->arena));
	check_says(w, "does not let filters add and change header fields");
	stop(w);
}

static void
reset_and_second_helo(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, 0, "");
	struct mta *m = hello(w, "192.0.2.7");
	mta_mail(m, "<a@b.test>", NULL);
	mta_rcpt(m, "<you@rcv.example>");
	mta_header(m, STR("From"), STR(" a@plain.example"));
	mta_abort(m);
	assert_int_equal(mta_helo(m, "second.helo.test"), MTA_CONTINUE);
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(m, &msg, &answer), MTA_REJECT);
	check_says(w, "helo=second.helo.test");
	assert_false(log_has(w, "plain.example"));
	mta_quit(m);
	stop(w);
	assert_true(log_has(w, "messages=1 aborted=1 "));
}

static void
exempt_clients_are_not_judged(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, 0, "trusted-networks = {203.0.113.0/24}\n");
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(hello(w, "203.0.113.9"), &msg, &answer),
	    MTA_ACCEPT);
	check_says(w, "exempt=trusted action=accept");
	assert_int_equal(mta_message(hello(w, NULL), &msg, &answer),
	    MTA_ACCEPT);
	check_says(w, "exempt=local action=accept");
	msg.login = "ann";
	assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg, &answer),
	    MTA_ACCEPT);
	check_says(w, "exempt=authenticated action=accept");
	assert_int_not_equal(access(w->daemon.history, F_OK), 0);
	stop(w);
}

static void
large_fields_arrive(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	struct text t;
	text_init(&t, w->arena);
	text_add(&t, STR("X-Large: "));
	for (int i = 0; i < 102400; i++)
		text_add_char(&t, 'x');
	text_add(&t, STR("\r\n" FROM_ACME));
	start(w, 0, "");
	struct mta_message msg = from(text_cstr(&t));
	assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg, &answer),
	    MTA_REJECT);
	stop(w);
}

/* Says the first `steps` things of a message, and hangs up. */
static void
talk(const struct world *w, unsigned steps)
{
	struct mta *m = mta_connect(w->daemon.socket, NULL, w->arena);
	assert_non_null(m);
	if (steps > 0)
		mta_client(m, &(struct mta_client) {.address = "192.0.2.7"});
	if (steps > 1)
		mta_helo(m, "mx.other.test");
	if (steps > 2)
		mta_mail(m, "<a@acme.example>", NULL);
	if (steps > 3)
		mta_rcpt(m, "<you@rcv.example>");
	if (steps > 4)
		mta_header(m, STR("From"), STR(" ann@acme.example"));
	if (steps > 5)
		mta_eoh(m, "Q1");
	if (steps > 6)
		mta_body(m, STR("half a bo"));
	if (steps > 7)
		mta_ask_eom(m, "Q1");
	mta_close(m);
}

static void
mta_hangs_up_anywhere(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, 50, "");
	for (unsigned steps = 0; steps <= 8; steps++)
		talk(w, steps);
	/* Half a packet, and nonsense. */
	struct mta *m = hello(w, "192.0.2.7");
	mta_packet(m, 'M', STR("<no NUL>"));
	mta_close(m);
	m = hello(w, "192.0.2.7");
	mta_packet(m, '!', STR("what"));
	mta_close(m);
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg, &answer),
	    MTA_REJECT);
	/* Leaks are the sanitizer's to find when it ends. */
	stop(w);
}

static void
three_hundred_connections(void **state)
{
	struct world *w = *state;
	struct mta *all[300];
	size_t n = sizeof(all) / sizeof(all[0]);
	start(w, 100, "");
	for (size_t i = 0; i < n; i++)
		all[i] = hello(w, "192.0.2.7");
	for (size_t i = 0; i < n; i++) {
		mta_mail(all[i], "<a@bounce.test>", NULL);
		mta_rcpt(all[i], "<you@rcv.example>");
		mta_text(all[i], STR(FROM_ACME), "Q1");
		assert_true(mta_ask_eom(all[i], "Q1"));
	}
	for (size_t i = 0; i < n; i++) {
		struct mta_answer answer;
		assert_int_equal(mta_await(all[i], &answer), MTA_REJECT);
		mta_quit(all[i]);
	}
	stop(w);
	assert_true(log_has(w, "sessions=300 messages=300 aborted=0 "));
}

static void
ask_slow(struct mta *m)
{
	mta_mail(m, "<a@bounce.test>", NULL);
	mta_rcpt(m, "<you@rcv.example>");
	mta_text(m, STR(FROM_ACME), "Q1");
	mta_ask_eom(m, "Q1");
}

/* Sessions that become ready together: ten wait for DNS, again and again, while
 * others need none. Without the kick some of them wait for a worker. */
static void
nobody_waits_for_others(void **state)
{
	struct world *w = *state;
	struct mta *slow[10], *quick[5];
	struct mta_answer answer;
	start(w, SLOW_MS, "trusted-networks = {203.0.113.0/24}\n");
	for (size_t i = 0; i < 10; i++)
		slow[i] = hello(w, "192.0.2.7");
	for (size_t i = 0; i < 5; i++)
		quick[i] = hello(w, "203.0.113.9");
	for (unsigned round = 0; round < 3; round++) {
		int64_t begin = clock_mono_ms();
		for (size_t i = 0; i < 10; i++)
			ask_slow(slow[i]);
		for (size_t i = 0; i < 5; i++)
			ask_slow(quick[i]);
		for (size_t i = 0; i < 5; i++)
			assert_int_equal(mta_await(quick[i], &answer),
			    MTA_ACCEPT);
		assert_in_range(clock_mono_ms() - begin, 0, AT_ONCE_MS);
		for (size_t i = 0; i < 10; i++)
			assert_int_equal(mta_await(slow[i], &answer),
			    MTA_REJECT);
		/* All questions of a message are asked at once. */
		assert_in_range(clock_mono_ms() - begin, 0, 2 * SLOW_MS);
	}
	stop(w);
}

/* ---- signals ------------------------------------------------------------- */

static void
stop_answers_what_is_in_flight(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, SLOW_MS, "");
	struct mta *m = hello(w, "192.0.2.7"), *idle = hello(w, "192.0.2.8");
	struct mta *half = hello(w, "192.0.2.9");
	mta_mail(half, "<a@bounce.test>", NULL);
	mta_rcpt(half, "<you@rcv.example>");
	ask_slow(m);
	nap(100);
	daemon_signal(&w->daemon, SIGTERM);
	nap(100);

	/* What begins now is sent back. */
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(idle, &msg, &answer), MTA_TEMPFAIL);
	check_str(answer.code, "451");
	/* What has begun goes on, body and all. */
	mta_text(half, STR(FROM_ACME), "Q2");
	assert_int_equal(mta_eom(half, "Q2", &answer), MTA_REJECT);
	assert_int_equal(mta_await(m, &answer), MTA_REJECT);
	int64_t last = clock_mono_ms();
	check_exit(w, 0, 5000);
	assert_in_range(clock_mono_ms() - last, 0, 1000);
}

/* libmilter spins where accept(2) fails for want of files, and each connection
 * of the MTA takes one: all that the system allows are used. */
static void
all_files_are_used(void **state)
{
	struct world *w = *state;
	struct rlimit before, low;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	start(w, 0, "");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(prlimit(w->daemon.pid, RLIMIT_NOFILE, NULL, &low), 0);
	assert_int_equal(low.rlim_cur, low.rlim_max);
	stop(w);
}

static void
stops_within_a_second(void **state)
{
	struct world *w = *state;
	static const int numbers[] = {SIGTERM, SIGTERM, SIGHUP, SIGINT};
	serve_dns(w, 0);
	configure(w, "");
	for (int i = 0; i < 50; i++) {
		assert_true(daemon_start(&w->daemon));
		struct mta *m = hello(w, "192.0.2.7");
		int64_t begin = clock_mono_ms();
		/* Signals that come together: libmilter must get none. */
		daemon_signal(&w->daemon, SIGUSR2);
		daemon_signal(&w->daemon, SIGUSR1);
		daemon_signal(&w->daemon, numbers[i % 4]);
		daemon_signal(&w->daemon, SIGTERM);
		check_exit(w, 0, 5000);
		assert_in_range(clock_mono_ms() - begin, 0, 1000);
		mta_close(m);
	}
}

static void
reload_serves_old_and_new(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	/* An MTA that has each step answered: its message has begun then. */
	const struct mta_offer plain = {.version = 6, .actions = MTA_ACTIONS,
	    .steps = 0};
	start(w, 0, "mode = enforce\n");
	struct mta *old = mta_connect(w->daemon.socket, &plain, w->arena);
	assert_non_null(old);
	mta_session(old, &(struct mta_client) {.address = "192.0.2.7",
	    .helo = "mx.other.test"});
	assert_int_equal(mta_mail(old, "<a@bounce.test>", NULL), MTA_CONTINUE);
	configure(w, "mode = monitor\nsocket-mode = \"0600\"\n");
	daemon_signal(&w->daemon, SIGUSR1);
	check_says(w, "reloaded ");
	check_says(w, "socket-mode: changed, but taken over by a restart");
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg, &answer),
	    MTA_ACCEPT);
	mta_rcpt(old, "<you@rcv.example>");
	mta_text(old, STR(FROM_ACME), "Q1");
	assert_int_equal(mta_eom(old, "Q1", &answer), MTA_REJECT);
	stop(w);
}

static void
reload_of_a_bad_file_is_refused(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	static const char *const bad[] = {"no-such-key = 1\n",
	    "dns-timeout = 0\n", "history = \"/nonexistent/history\"\n"};
	start(w, 0, "");
	struct mta_message msg = from(FROM_ACME);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		configure(w, bad[i]);
		daemon_signal(&w->daemon, SIGUSR1);
		check_says(w, "the old settings stay in force");
		struct str key = str_of(bad[i]);
		check_says(w, str_cstr(str_cut(&key, ' '), w->arena));
		assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg,
		    &answer), MTA_REJECT);
	}
	assert_false(log_has(w, "reloaded "));
	stop(w);
}

static void
counters_are_logged(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, 0, "");
	struct mta_message msg = from(FROM_ACME);
	mta_message(hello(w, "192.0.2.7"), &msg, &answer);
	msg = from("From: a@plain.example\r\n\r\nx\r\n");
	mta_message(hello(w, "192.0.2.7"), &msg, &answer);
	daemon_signal(&w->daemon, SIGUSR2);
	check_says(w, "counters sessions=2 messages=2 aborted=0 exempt=0 "
	    "none=1 pass=0 fail=1 temperror=0 permerror=0 accepted=1 "
	    "rejected=1 deferred=0 held=0 history-lost=0 unperformed=0 "
	    "reloads=0 failures=0 failures-loop=0 failures-full=0 "
	    "failures-lost=0 dns-asked=");
	stop(w);
}

/* Each block as it was asked, at log-level debug; those behind the one that
 * decides are not. Each counts what it decided, or would have. */
static void
override_blocks_are_traced(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	start(w, 0, "log-level = debug\n"
	    "override far { client = 198.51.100.0/24 disposition = reject }\n"
	    "override \"on trial\" { from = \"*\" disposition = reject\n"
	    "dry-run = yes }\n"
	    "override errors { result = temperror disposition = reject }\n"
	    "override ours { from = acme.example disposition = none }\n"
	    "override last { disposition = reject }\n");
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg, &answer),
	    MTA_ACCEPT);
	check_says(w, "Q1: override blocks, from=acme.example: far=client "
	    "on\\x20trial=dry-run errors=result ours=decides\n");
	check_says(w, " override=ours dry-run=on\\x20trial ");
	daemon_signal(&w->daemon, SIGUSR2);
	check_says(w, " override:far=0 override:on\\x20trial=1 "
	    "override:errors=0 override:ours=1 override:last=0");
	stop(w);
}

/* ---- bad days ------------------------------------------------------------- */

/* A limit on file sizes stands for a full disk. */
static void
full_disk(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	const rlim_t size = 4u << 20;
	struct rlimit saved, limit;
	const struct {
		const char *more;
		enum mta_reply want;
	} rows[] = {{"history-failure = accept\n", MTA_REJECT},
	    {"history-failure = tempfail\n", MTA_TEMPFAIL}};
	int fd = open(w->daemon.history, O_CREAT | O_WRONLY, 0644);
	assert_int_equal(pwrite(fd, "\n", 1, (off_t)size - 1), 1);
	close(fd);
	getrlimit(RLIMIT_FSIZE, &saved);
	limit = (struct rlimit) {size, saved.rlim_max};
	serve_dns(w, 0);
	for (size_t i = 0; i < 2; i++) {
		configure(w, rows[i].more);
		setrlimit(RLIMIT_FSIZE, &limit);
		bool serves = daemon_start(&w->daemon);
		setrlimit(RLIMIT_FSIZE, &saved);
		assert_true(serves);
		struct mta_message msg = from(FROM_ACME);
		assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg,
		    &answer), rows[i].want);
		check_says(w, "Q1: its history line is lost: ");
		check_says(w, " history=lost ");
		stop(w);
		assert_true(log_has(w, "history-lost=1"));
	}
}

/* The files of the spool, at most one is read. */
static size_t
count_spooled(const char *folder, struct arena *a, struct str *first)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	struct str reason;
	size_t n = 0;
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		const char *path =
		    text_format(a, "%s/%s", folder, e->d_name).p;
		assert_true(file_read(path, 1 << 20, a, first, &reason));
		n++;
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

static void
remove_spool(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	while ((e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(folder);
}

/* RFC 9991: what asks for reports is written down; the rest is not. */
static void
failures_are_written_down(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	struct str file = {NULL, 0};
	const char *spool =
	    text_format(w->arena, "%s/failures", w->daemon.folder).p;
	start(w, 0, text_format(w->arena, "failure-reports = yes\n"
	    "failure-spool = \"%s\"\nfailure-spool-size = 64k\n", spool).p);
	struct mta *mta = hello(w, "192.0.2.7");
	struct mta_message unasked = from(FROM_ACME);
	struct mta_message asked = from("To: you@rcv.example\r\n"
	    "From: a@told.example\r\nSubject: folded\r\n here\r\n\r\nbody\r\n");
	struct mta_message report = from("From: a@told.example\r\n"
	    "Content-Type: multipart/report; boundary=x\r\n\r\nbody\r\n");
	assert_int_equal(mta_message(mta, &unasked, &answer), MTA_REJECT);
	assert_int_equal(count_spooled(spool, w->arena, &file), 0);
	assert_int_equal(mta_message(mta, &asked, &answer), MTA_REJECT);
	assert_int_equal(count_spooled(spool, w->arena, &file), 1);
	assert_true(str_has_prefix(file, STR("{\"version\":1,"
	    "\"type\":\"dmarc\",\"authserv_id\":\"mx.test.example\",")));
	assert_true(str_has_isuffix(file, STR("}\nTo: you@rcv.example\r\n"
	    "From: a@told.example\r\nSubject: folded\r\n here\r\n")));
	assert_int_equal(mta_message(mta, &report, &answer), MTA_REJECT);
	assert_int_equal(count_spooled(spool, w->arena, &file), 1);
	/* Sixteen files of a block each fill it; mail is judged as before. */
	for (int i = 0; i < 17; i++)
		assert_int_equal(mta_message(mta, &asked, &answer),
		    MTA_REJECT);
	assert_int_equal(count_spooled(spool, w->arena, &file), 16);
	check_says(w, "Q1: it is not reported to its domain: failure-spool is "
	    "full");
	stop(w);
	assert_true(log_has(w, " failures=16 failures-loop=1 failures-full=2 "
	    "failures-lost=0"));
	remove_spool(spool);
}

static void
spool_that_cannot_be_made_is_refused(void **state)
{
	struct world *w = *state;
	const char *const test[] = {"-t", "-c", w->daemon.conf, NULL};
	configure(w, "failure-reports = yes\n"
	    "failure-spool = /nonexistent/failures\n");
	assert_int_equal(daemon_run(&w->daemon, test), EX_CONFIG);
	assert_true(log_has(w, "failure-spool /nonexistent/failures: cannot "
	    "be made"));
	assert_false(daemon_start(&w->daemon));
	configure(w, "failure-spool = /nonexistent/failures\n");
	assert_int_equal(daemon_run(&w->daemon, test), EX_OK);
	/* -t makes nothing: it may be root who asks. */
	const char *spool =
	    text_format(w->arena, "%s/failures", w->daemon.folder).p;
	configure(w, text_format(w->arena, "failure-reports = yes\n"
	    "failure-spool = \"%s\"\n", spool).p);
	assert_int_equal(daemon_run(&w->daemon, test), EX_OK);
	assert_int_not_equal(access(spool, F_OK), 0);
}

static void
no_dns_at_all(void **state)
{
	struct world *w = *state;
	struct mta_answer answer;
	configure(w, "dns-timeout = 1\n");
	assert_true(daemon_start(&w->daemon));
	struct mta_message msg = from(FROM_ACME);
	assert_int_equal(mta_message(hello(w, "192.0.2.7"), &msg, &answer),
	    MTA_TEMPFAIL);
	check_str(answer.code, "451");
	stop(w);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(usage_and_configuration),
		TEST(test_prints_what_is_in_force),
		TEST(history_that_cannot_be_written_is_refused),
		TEST(background_is_ready_when_it_returns),
		TEST(stale_socket_is_removed),
		TEST(file_in_the_way_stays),
		TEST(socket_has_its_mode),
		TEST(privileges_are_dropped),
		TEST(history_without_permission),
		TEST(default_history_may_be_missing),
		TEST(judges_and_says_why),
		TEST(works_with_a_plain_mta),
		TEST(mta_without_a_name),
		TEST(mta_without_edits_is_refused),
		TEST(reset_and_second_helo),
		TEST(exempt_clients_are_not_judged),
		TEST(large_fields_arrive),
		TEST(mta_hangs_up_anywhere),
		TEST(three_hundred_connections),
		TEST(nobody_waits_for_others),
		TEST(stop_answers_what_is_in_flight),
		TEST(all_files_are_used),
		TEST(stops_within_a_second),
		TEST(reload_serves_old_and_new),
		TEST(reload_of_a_bad_file_is_refused),
		TEST(counters_are_logged),
		TEST(override_blocks_are_traced),
		TEST(full_disk),
		TEST(failures_are_written_down),
		TEST(spool_that_cannot_be_made_is_refused),
		TEST(no_dns_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
