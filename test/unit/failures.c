/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "net/dns_zone.h"
#include "test/lib/daemon.h"
#include "test/lib/mta.h"
#include "test/lib/responder.h"

/* A failure's whole way: the real aplombd writes it down, the real `aplomb
 * report send-failures` (the environment's APLOMB, else ./aplomb) hands it to a
 * sendmail that is a script. */

static const char zone_text[] =
    "_dmarc.told.example TXT \"v=DMARC1; p=reject; fo=0:s; "
    "ruf=mailto:ruf@told.example,mailto:x@stranger.example\"\n"
    "told.example A 192.0.2.1\n"
    "told.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";

struct world {
	struct arena *arena;
	struct responder *dns;
	struct daemon daemon;
	const char *spool, *out, *mail, *sendmail;
};

static const char *
in_folder(const struct world *w, const char *name)
{
	return text_format(w->arena, "%s/%s", w->daemon.folder, name).p;
}

/* "mail" holds what came, with its arguments in front; "status" what sendmail
 * exits with. */
static void
make_sendmail(struct world *w)
{
	w->sendmail = in_folder(w, "sendmail");
	w->mail = in_folder(w, "mail");
	struct str script = text_format(w->arena, "#!/bin/sh\n"
	    "cd '%s' || exit 70\n"
	    "[ ! -e status ] || exit \"$(cat status)\"\n"
	    "{ echo \"args: $*\"; cat; } >>mail\n", w->daemon.folder);
	assert_true(file_replace(w->sendmail, script, 0755));
}

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	size_t line;
	const char *why;
	w->arena = arena_new(0);
	daemon_init(&w->daemon, w->arena);
	struct zone *z = zone_parse(str_of(zone_text), w->arena, &line, &why);
	assert_non_null(z);
	w->dns = responder_start(z, &(struct responder_options) {0});
	w->spool = in_folder(w, "failures");
	w->out = in_folder(w, "out");
	make_sendmail(w);
	*state = w;
	return 0;
}

static void
remove_spool(const struct world *w)
{
	DIR *dir = opendir(w->spool);
	struct dirent *e;
	while (dir != NULL && (e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(w->spool);
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	remove_spool(w);
	daemon_free(&w->daemon);
	responder_stop(w->dns);
	arena_free(w->arena);
	free(w);
	return 0;
}

static void
configure(struct world *w, const char *more)
{
	daemon_configure(&w->daemon, responder_port(w->dns),
	    text_format(w->arena, "failure-spool = \"%s\"\n"
	    "report-sendmail = \"%s\"\nlog-target = stderr\n%s", w->spool,
	    w->sendmail, more).p);
}

#define SET "failure-reports = yes\nreport-from = noreply@rcv.example\n"       \
	"report-org-name = Receiver\n"

/* The exit status of aplomb; what it says is in "out". */
static int
aplomb(const struct world *w, const char *const *arguments)
{
	const char *program = getenv("APLOMB");
	const char *argv[10] = {program != NULL ? program : "./aplomb", "-c",
	    w->daemon.conf};
	int status;
	for (size_t i = 0; arguments[i] != NULL; i++)
		argv[3 + i] = arguments[i];
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open(w->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct str
content(const struct world *w, const char *path)
{
	struct str text = {NULL, 0}, reason;
	return file_read(path, 1 << 20, w->arena, &text, &reason) ?
	    text_format(w->arena, "%.*s", STR_ARG(text)) : STR("");
}

static void
send_failures(const struct world *w, int want, const char *says)
{
	static const char *const words[] = {"report", "send-failures", NULL};
	int got = aplomb(w, words);
	struct str out = content(w, w->out);
	if (got != want || strstr(out.p, says) == NULL)
		fail_msg("exit %d, not %d: %.*s", got, want, STR_ARG(out));
}

static void
receive(struct world *w, const char *client, const char *text)
{
	static const char *const recipients[] = {"<ann@rcv.example>", NULL};
	struct mta_answer answer;
	struct mta_message msg = {.queue_id = "Q1",
	    .mail_from = "<boss@told.example>", .recipients = recipients,
	    .text = str_of(text)};
	struct mta *mta = mta_connect(w->daemon.socket, NULL, w->arena);
	assert_non_null(mta);
	mta_session(mta, &(struct mta_client) {.address = client,
	    .helo = "mx.other.test"});
	assert_int_equal(mta_message(mta, &msg, &answer), MTA_REJECT);
	mta_quit(mta);
}

#define MESSAGE                                                                \
	"To: Ann <ann@rcv.example>\r\nFrom: Boss <boss@told.example>\r\n"      \
	"Subject: for ann@rcv.example\r\n\r\nsecret body\r\n"

static size_t
count(const struct str s, const char *words)
{
	size_t n = 0;
	for (const char *at = s.p; (at = strstr(at, words)) != NULL;
	    at += strlen(words))
		n++;
	return n;
}

static void
a_failure_is_told(void **state)
{
	struct world *w = *state;
	configure(w, SET);
	assert_true(daemon_start(&w->daemon));
	receive(w, "2001:db8::7", MESSAGE);
	static const char *const dry[] = {"report", "send-failures",
	    "--dry-run", NULL};
	assert_int_equal(aplomb(w, dry), EX_OK);
	assert_non_null(strstr(content(w, w->out).p, "would tell "
	    "ruf@told.example of 1 dmarc failure of told.example from "
	    "2001:db8::7\n"));
	assert_int_equal(content(w, w->mail).n, 0);
	send_failures(w, EX_OK, "failure reports: 2 sent for 2 failures, 2 not "
	    "to be written to\n");
	assert_non_null(strstr(content(w, w->out).p, "report-send-failures "
	    "sent=2 told=2 deferred=0 refused=0 unusable=2 "));
	struct str mail = content(w, w->mail);
	assert_int_equal(count(mail, "args: "), 2);
	assert_int_equal(count(mail, "-- ruf@told.example\n"), 2);
	assert_int_equal(count(mail, "-f <>"), 2);
	assert_int_equal(count(mail, "stranger"), 0);
	assert_int_equal(count(mail, "\nAuth-Failure: dmarc"), 1);
	assert_int_equal(count(mail, "\nAuth-Failure: spf"), 1);
	assert_int_equal(count(mail, "\nSource-IP: IPv6:2001:db8::7"), 2);
	assert_int_equal(count(mail, "\nSPF-DNS: txt : told.example : "
	    "\"v=spf1 ip4:192.0.2.1 -all\""), 2);
	assert_int_equal(count(mail, "\nDelivery-Result: reject"), 2);
	assert_int_equal(count(mail, "ann@"), 0);
	assert_int_equal(count(mail, "Boss <boss@told.example>"), 2);
	assert_int_equal(count(mail, "secret"), 0);
	send_failures(w, EX_OK, "failure reports: nothing to send\n");
	/* A report that comes back makes no other. */
	receive(w, "2001:db8::7", "From: a@told.example\r\n"
	    "Content-Type: multipart/report; report-type=feedback-report\r\n"
	    "\r\nx\r\n");
	send_failures(w, EX_OK, "failure reports: nothing to send\n");
}

static void
trouble_puts_it_off(void **state)
{
	struct world *w = *state;
	configure(w, SET);
	assert_true(daemon_start(&w->daemon));
	receive(w, "192.0.2.7", MESSAGE);
	assert_true(file_replace(in_folder(w, "status"), STR("75"), 0644));
	send_failures(w, EX_OK, "failure reports: 2 put off");
	send_failures(w, EX_OK, "failure reports: 2 failures waiting");
	assert_int_equal(content(w, w->mail).n, 0);
}

static void
nothing_without_settings(void **state)
{
	struct world *w = *state;
	configure(w, "");
	send_failures(w, EX_OK, "failure reports: off");
	configure(w, "failure-reports = yes\n");
	send_failures(w, EX_OK, "sending is off until report-from");
	configure(w, "failure-reports = yes\nreport-from = nobody\n"
	    "report-org-name = Receiver\n");
	send_failures(w, EX_CONFIG, "is no address");
	configure(w, SET);
	send_failures(w, EX_OK, "failure reports: nothing to send\n");
	assert_true(file_replace(w->spool, STR("x"), 0600));
	send_failures(w, EX_IOERR, "/failures: cannot be opened: Not a "
	    "directory; what is left waits for the next run\n");
	assert_int_equal(unlink(w->spool), 0);
	static const char *const wrong[] = {"report", "send-failures", "now",
	    NULL};
	assert_int_equal(aplomb(w, wrong), EX_USAGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_is_told),
		TEST(trouble_puts_it_off),
		TEST(nothing_without_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
