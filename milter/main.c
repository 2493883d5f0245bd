/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aplombd: start, the wait for signals, the end. The order of the start is
 * decided by what each step needs: the terminal is told of every failure, the
 * address is opened with the rights of who started us, the history is tried
 * with those that are left.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "milter/background.h"
#include "milter/counters.h"
#include "milter/endpoint.h"
#include "milter/failures.h"
#include "milter/filter.h"
#include "milter/transactions.h"
#include "milter/pool_wake.h"
#include "milter/ledger.h"
#include "milter/running.h"
#include "milter/options.h"
#include "milter/pidfile.h"
#include "milter/privileges.h"
#include "milter/signals.h"
#include "settings/settings.h"

/* Outside bytes of one step: a configuration and what is said of it. */
#define STEP_CAP (4u * 1024 * 1024)
/* A message in flight may still be on its way from its sender, and then waits
 * for DNS: so long beyond dns-timeout, a stop waits for it. */
#define DRAIN_MS 20000u

struct daemon {
	struct options options;
	struct arena *arena;
	struct settings *settings; /* those of the start */
	struct settings_problems problems; /* then warnings only */
	struct endpoint endpoint;
	struct privileges privileges;
	gid_t socket_group;
	struct background background;
	bool is_open, has_pidfile;
};

static void
clean_up(const struct daemon *d)
{
	if (d->is_open)
		endpoint_remove(&d->endpoint);
	if (d->has_pidfile)
		pidfile_remove(d->settings->pid_file, d->arena);
}

static _Noreturn void
refuse(const struct daemon *d, int code, struct str reason)
{
	clean_up(d);
	fprintf(stderr, "aplombd: %.*s\n", STR_ARG(reason));
	exit(code);
}

static _Noreturn void
refuse_errno(const struct daemon *d, const char *what)
{
	refuse(d, EX_OSERR, text_format(d->arena, "%s: %s", what,
	    strerror(errno)));
}

/* ---- start -------------------------------------------------------------- */

/* Files that are opened later must not get the numbers of the terminal. */
static void
occupy_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* libmilter spins while accept(2) fails for want of them, and each connection
 * takes one. Nothing here uses select(2), for which the soft limit is low. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Reads the file, puts -p in its place, and looks at what is said of this
 * machine. NULL when anything is wrong; *problems has that, or warnings. */
static struct settings *
load(const struct daemon *d, struct arena *a,
    struct settings_problems *problems)
{
	struct settings *s =
	    settings_load(options_file(&d->options), a, problems);

	if (s != NULL && d->options.socket != NULL) {
		s->socket = d->options.socket;
		s->socket_at = (struct settings_at) {0, 0};
	}
	if (s == NULL || settings_lint(s, a, problems))
		return s;
	settings_drop(s);
	return NULL;
}

static void
print_problems(const struct settings_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(problems->at[i].text));
}

static void
log_problems(const struct settings_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		(problems->at[i].is_warning ? log_warning : log_error)("%.*s",
		    STR_ARG(problems->at[i].text));
}

/* What the settings name outside of themselves. */
static void
resolve(struct daemon *d)
{
	const struct settings *s = d->settings;
	struct str reason;

	if (!endpoint_parse(s->socket, d->arena, &d->endpoint, &reason) ||
	    !privileges_find(s->user, d->arena, &d->privileges, &reason) ||
	    !privileges_find_group(s->socket_group, d->arena,
		&d->socket_group, &reason))
		refuse(d, EX_CONFIG, reason);
}

static void
drop_privileges(const struct daemon *d)
{
	struct str reason;

	if (!privileges_drop(&d->privileges, d->arena, &reason))
		refuse(d, EX_NOPERM, reason);
}

/* -t: prints what is in force, and tries the history, and the spool of failure
 * reports, as the daemon's user. */
static int
test(const struct daemon *d)
{
	struct str dump = settings_dump(d->settings, d->arena), reason;
	const char *path;

	print_problems(&d->problems);
	fwrite(dump.p, 1, dump.n, stdout);
	if (fflush(stdout) != 0)
		refuse_errno(d, "standard output");
	drop_privileges(d);
	bool is_fine = ledger_find(d->settings, d->arena, &path, &reason) &&
	    failures_are_possible(d->settings, d->arena, &reason);
	if (reason.n > 0)
		fprintf(stderr, "aplombd: %s%.*s\n", is_fine ? "warning: " : "",
		    STR_ARG(reason));
	return is_fine ? EX_OK : EX_CONFIG;
}

static void
open_log(const struct daemon *d)
{
	const struct settings *s = d->settings;
	enum log_target target = (enum log_target)s->log_target;

	if (d->options.is_foreground && s->log_target_at.line == 0)
		target = LOG_TO_STDERR;
	log_open(target, "aplombd", (enum log_level)s->log_level);
}

/* Opens the address; until it has its owner and mode nobody may in. */
static void
listen_there(struct daemon *d)
{
	struct str reason;

	if (!endpoint_clear(&d->endpoint, d->arena, &reason))
		refuse(d, EX_UNAVAILABLE, reason);
	mode_t mask = umask(0777);
	d->is_open = filter_open(d->endpoint.text);
	umask(mask);
	if (!d->is_open)
		refuse(d, EX_UNAVAILABLE, text_format(d->arena, "socket %s: "
		    "libmilter cannot listen there; its line in the mail log "
		    "says why", d->endpoint.text));
	if (!endpoint_own(&d->endpoint, d->privileges.uid, d->socket_group,
		(mode_t)d->settings->socket_mode, d->arena, &reason))
		refuse(d, EX_NOPERM, reason);
}

static void
write_pidfile(struct daemon *d)
{
	struct str reason;

	if (!pidfile_write(d->settings->pid_file, d->arena, &reason))
		refuse(d, EX_CANTCREAT, reason);
	d->has_pidfile = true;
}

static void
take_settings(struct daemon *d)
{
	struct str reason, warning = {NULL, 0};

	/* The daemon keeps its own hold, to compare reloads with. */
	if (!running_take(settings_hold(d->settings), d->arena, &reason, &warning))
		refuse(d, EX_CONFIG, reason);
	if (warning.n > 0)
		log_warning("%.*s", STR_ARG(warning));
}

/* Whoever supervises the daemon must see that nobody asked for this end. */
static atomic_bool has_failed;

static void *
serve(void *arg)
{
	(void)arg;
	if (!filter_run())
		log_error("libmilter has failed; its own line in the mail log "
		    "says why");
	atomic_store(&has_failed, true);
	signals_stop();
	return NULL;
}

static void
start_filter(const struct daemon *d)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, serve, NULL);

	if (rc != 0) {
		errno = rc;
		refuse_errno(d, "a thread cannot be started");
	}
	pthread_detach(thread);
}

static void
start(struct daemon *d)
{
	signals_init();
	raise_file_limit();
	if (!d->options.is_foreground && !background_start(&d->background))
		refuse_errno(d, "cannot go to the background");
	open_log(d);
	log_problems(&d->problems);
	listen_there(d);
	write_pidfile(d);
	if (geteuid() == 0 && d->privileges.user == NULL)
		log_warning("running as root; set user to an account of its "
		    "own");
	drop_privileges(d);
	take_settings(d);
	/* The address is open, so this connects before anybody is served. */
	if (!pool_wake_open(&d->endpoint))
		log_warning("socket %s: cannot connect to ourselves: messages "
		    "may wait for each other", d->endpoint.text);
	start_filter(d);
	log_info("aplombd %s is ready on %s", APLOMB_VERSION,
	    d->endpoint.text);
	background_ready(&d->background,
	    d->settings->log_target == LOG_TO_STDERR);
}

/* ---- signals ------------------------------------------------------------ */

static void
reload(const struct daemon *d)
{
	struct arena *a = arena_new(STEP_CAP);
	struct settings_problems problems = {.count = 0};
	struct str reason = {NULL, 0}, warning = {NULL, 0}, pending;
	const char *file = options_file(&d->options);
	struct settings *s = load(d, a, &problems);

	log_problems(&problems);
	if (s != NULL)
		pending = settings_pending(d->settings, s, a);
	if (s == NULL || !running_take(s, a, &reason, &warning)) {
		log_error("reload refused, the old settings stay in force%s"
		    "%.*s", reason.n > 0 ? ": " : "", STR_ARG(reason));
	} else {
		if (warning.n > 0)
			log_warning("%.*s", STR_ARG(warning));
		if (pending.n > 0)
			log_warning("%.*s: changed, but taken over by a "
			    "restart alone", STR_ARG(pending));
		counters_add(COUNTER_RELOADS);
		log_info("reloaded %s", file[0] != '\0' ? file : "(defaults)");
	}
	arena_free(a);
}

static void
log_counters(void)
{
	struct arena *a = arena_new(STEP_CAP);
	struct running *l = running_hold();
	struct text t;

	text_init(&t, a);
	counters_print(&t);
	running_print_counters(l, &t);
	log_info("counters %s", text_cstr(&t));
	running_drop(l);
	arena_free(a);
}

static void
run(const struct daemon *d)
{
	for (;;) {
		switch (signals_wait()) {
		case SIGNALS_RELOAD:
			reload(d);
			break;
		case SIGNALS_COUNT:
			log_counters();
			break;
		case SIGNALS_STOP:
			return;
		}
	}
}

/* libmilter is not asked to stop: its workers would leave messages in flight
 * where they are. Nothing new begins, they are answered, the process ends. */
static int
stop(struct daemon *d)
{
	int code = atomic_load(&has_failed) ? EX_SOFTWARE : EX_OK;

	transactions_close();
	clean_up(d);
	unsigned left =
	    transactions_wait(d->settings->dns_timeout * 1000 + DRAIN_MS);
	log_counters();
	if (left > 0) {
		log_warning("stopped; %u messages were not answered, their "
		    "senders will come again", left);
		/* Workers still run: they must not meet a library that its
		 * own exit handlers have torn down. */
		_exit(code);
	}
	log_info("stopped");
	return code;
}

static int
live(struct daemon *d)
{
	start(d);
	run(d);
	return stop(d);
}

int
main(int argc, char **argv)
{
	struct daemon d = {.background = {.report = -1}};
	int code;

	occupy_standard_files();
	umask(027);
	options_read(argc, argv, &d.options);
	d.arena = arena_new(STEP_CAP);
	d.settings = load(&d, d.arena, &d.problems);
	if (d.settings == NULL) {
		print_problems(&d.problems);
		code = EX_CONFIG;
	} else {
		resolve(&d);
		code = d.options.is_test ? test(&d) : live(&d);
	}
	settings_drop(d.settings);
	arena_free(d.arena);
	return code;
}
