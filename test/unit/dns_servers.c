/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/dns.h"
#include "net/dns_ares.h"
#include "net/dns_flight.h"
#include "test/lib/check.h"

#define HEADER 12u
/* Of a wait whose end is not the question: ends a test that would hang. */
#define PATIENCE_MS 60000u
#define AVOID_MS    3000

/* What a server does with every question. */
enum manner {
	ANSWERS,        /* TXT "x" of the name, one string */
	ANSWERS_LARGE,  /* the same, 1000 octets of it */
	ANSWERS_ONCE,   /* the same, with TTL 0 */
	SAYS_NODATA,
	SAYS_NXDOMAIN,
	SAYS_SERVFAIL,
	SAYS_REFUSED,
	SAYS_NOTIMP,
	SAYS_FORMERR,   /* with and without EDNS */
	KNOWS_NO_EDNS,  /* FORMERR to a question with OPT (RFC 6891 7) */
	BABBLES,        /* says that an answer follows, and none does */
	FOLDS_CASE,     /* the same, and writes the name of the question anew */
	FOLDS_FAILS,    /* SERVFAIL, and writes the name anew */
	FOLDS_ONCE,     /* so with its first answer alone */
	IS_SILENT,
	KNOWS_SOME,     /* the same as ANSWERS, but for names that begin in e */
	BABBLES_SOME,   /* does so for these, and answers others when it has been
			   asked for BABBLED of them */
	IS_LATE,        /* answers to the first of these after LATE_MS */
	IS_SLOW         /* answers after SLOW_MS */
};
#define SLOW_MS 700
#define BABBLED 10u
#define LATE_MS 2500
#define SEEN_MAX 64u

/* A server on loopback, of UDP alone, at a port that the kernel chose. */
struct server {
	enum manner manner;
	int fd, stop[2];
	unsigned port;
	int family;
	pthread_t thread;
	atomic_uint questions;
	bool was_late;
	unsigned babbled;
	struct kept { /* of BABBLES_SOME, the last that waits for its answer */
		struct sockaddr_storage from;
		char question[512];
		size_t n;
	} kept;
	unsigned with_edns; /* of the questions */
	/* Of the first of them: where from, and the name, in its own case. */
	unsigned from[SEEN_MAX];
	char names[SEEN_MAX][256];
};

static unsigned
rcode_of(const struct server *s, bool has_opt)
{
	switch (s->manner) {
	case SAYS_NXDOMAIN:
		return 3;
	case SAYS_SERVFAIL:
	case FOLDS_FAILS:
		return 2;
	case SAYS_REFUSED:
		return 5;
	case SAYS_NOTIMP:
		return 4;
	case SAYS_FORMERR:
		return 1;
	case KNOWS_NO_EDNS:
		return has_opt ? 1 : 0;
	default:
		return 0;
	}
}

static void
put_strings(struct text *t, size_t octets, bool has_ttl)
{
	size_t n = octets + (octets + 254) / 255;
	text_add(t, STR("\300\14\0\20\0\1\0\0\0"));
	text_add_char(t, has_ttl ? 60 : 0);
	text_add_char(t, (char)(n >> 8));
	text_add_char(t, (char)n);
	for (; octets > 0; octets -= octets < 255 ? octets : 255) {
		size_t part = octets < 255 ? octets : 255;
		text_add_char(t, (char)part);
		for (size_t i = 0; i < part; i++)
			text_add_char(t, 'x');
	}
}

/* The question alone: name, type and class. An OPT record may follow, with a
 * cookie or without (RFC 7873). */
static struct str
asked_in(struct str packet)
{
	size_t end = HEADER;
	while (end < packet.n && packet.p[end] != 0)
		end += 1 + (size_t)packet.p[end];
	return str_sub(packet, HEADER, end + 1 + 4 - HEADER);
}

static struct str
reply(const struct server *s, struct str question, struct arena *a)
{
	bool has_opt = question.n > HEADER && question.p[11] != 0;
	unsigned rcode = rcode_of(s, has_opt);
	bool has_answer = rcode == 0 && s->manner != SAYS_NODATA;
	struct text t;
	text_init(&t, a);
	text_add(&t, str_sub(question, 0, 2));
	text_add(&t, STR("\201"));
	text_add_char(&t, (char)(0x80 | rcode));
	text_add(&t, STR("\0\1\0"));
	text_add_char(&t, has_answer);
	text_add(&t, STR("\0\0\0\0"));
	struct str asked = asked_in(question);
	bool is_folded = s->manner == FOLDS_CASE ||
	    s->manner == FOLDS_FAILS ||
	    (s->manner == FOLDS_ONCE && atomic_load(&s->questions) == 1);
	text_add(&t, is_folded ? str_lower(asked, a) : asked);
	if (s->manner == BABBLES || (s->manner == BABBLES_SOME &&
	    (question.p[HEADER + 1] | 0x20) == 'e'))
		text_add(&t, STR("\377"));
	else if (has_answer)
		put_strings(&t, s->manner == ANSWERS_LARGE ? 1000 : 1,
		    s->manner != ANSWERS_ONCE);
	return text_str(&t);
}

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec) {.tv_sec = ms / 1000,
	    .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static void
send_reply(struct server *s, struct str question,
    const struct sockaddr_storage *to)
{
	struct arena *a = arena_new(0);
	struct str out = reply(s, question, a);
	/* Lost is lost, as on a network. */
	if (sendto(s->fd, out.p, out.n, 0, (const struct sockaddr *)to,
	    s->family == AF_INET6 ? sizeof(struct sockaddr_in6) :
				    sizeof(struct sockaddr_in)) < 0)
		atomic_fetch_add(&s->questions, 0);
	arena_free(a);
}

/* Whether this one is kept; and answers the one that was, when it is time. */
static bool
keeps(struct server *s, struct str question, const struct sockaddr_storage *from)
{
	if (s->manner != BABBLES_SOME)
		return false;
	bool is_e = (question.p[HEADER + 1] | 0x20) == 'e';
	if (is_e && ++s->babbled == BABBLED && s->kept.n > 0)
		send_reply(s, (struct str) {s->kept.question, s->kept.n},
		    &s->kept.from);
	if (is_e || s->babbled >= BABBLED || question.n > sizeof s->kept.question)
		return false;
	s->kept.from = *from;
	s->kept.n = question.n;
	memcpy(s->kept.question, question.p, question.n);
	return true;
}

static void
serve(struct server *s)
{
	char in[1024];
	struct sockaddr_storage from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(s->fd, in, sizeof in, MSG_DONTWAIT,
	    (struct sockaddr *)&from, &size);
	if (n < (ssize_t)HEADER)
		return;
	unsigned number = atomic_load(&s->questions);
	if (number < SEEN_MAX && from.ss_family == AF_INET) {
		struct str name = str_sub((struct str) {in, (size_t)n}, HEADER,
		    sizeof s->names[0] - 1);
		memcpy(s->names[number], name.p, name.n);
		s->from[number] =
		    ntohs(((struct sockaddr_in *)(void *)&from)->sin_port);
	}
	atomic_fetch_add(&s->questions, 1);
	s->with_edns += in[11] != 0;
	bool is_e = (in[HEADER + 1] | 0x20) == 'e';
	if (s->manner == IS_SILENT || (s->manner == KNOWS_SOME && is_e))
		return;
	if (s->manner == IS_SLOW && atomic_load(&s->questions) == 1)
		pause_ms(SLOW_MS);
	if (s->manner == IS_LATE && is_e && !s->was_late) {
		s->was_late = true;
		pause_ms(LATE_MS);
	}
	struct str question = {in, (size_t)n};
	if (!keeps(s, question, &from))
		send_reply(s, question, &from);
}

static void *
run(void *arg)
{
	struct server *s = arg;
	struct pollfd fds[2] = {{.fd = s->fd, .events = POLLIN},
	    {.fd = s->stop[0], .events = POLLIN}};
	while (poll(fds, 2, -1) < 0 || fds[1].revents == 0)
		if (fds[0].revents != 0)
			serve(s);
	return NULL;
}

/* A socket on loopback; false when the family is not to be had. */
static bool
bind_to(struct server *s, int family)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
	    .sin6_addr = in6addr_loopback};
	struct sockaddr_in v4 = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	bool is_v6 = family == AF_INET6;
	struct sockaddr *sa = is_v6 ? (void *)&v6 : (void *)&v4;
	socklen_t size = is_v6 ? sizeof v6 : sizeof v4;
	s->family = family;
	s->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return false;
	if (bind(s->fd, sa, size) != 0 || getsockname(s->fd, sa, &size) != 0) {
		close(s->fd);
		return false;
	}
	s->port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
	return true;
}

static void
start(struct server *s, enum manner manner)
{
	*s = (struct server) {.manner = manner};
	atomic_init(&s->questions, 0);
	assert_true(bind_to(s, AF_INET));
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
}

static void
stop(struct server *s)
{
	assert_int_equal(write(s->stop[1], "", 1), 1);
	pthread_join(s->thread, NULL);
	close(s->fd);
	close(s->stop[0]);
	close(s->stop[1]);
}

/* A port at which nobody listens, nor will while the tests run: its socket stays,
 * connected to itself, and the kernel refuses what others send. */
static unsigned
closed_port(void)
{
	struct sockaddr_in self;
	socklen_t size = sizeof self;
	struct server s;
	assert_true(bind_to(&s, AF_INET));
	assert_int_equal(getsockname(s.fd, (struct sockaddr *)&self, &size), 0);
	assert_int_equal(connect(s.fd, (struct sockaddr *)&self, size), 0);
	return s.port;
}

static struct dns *
engine(const unsigned *ports, size_t count)
{
	struct arena *a = arena_new(0);
	struct str servers[DNS_ARES_MAX_SERVERS];
	const char *reason = NULL;
	for (size_t i = 0; i < count; i++)
		servers[i] = text_format(a, "127.0.0.1:%u", ports[i]);
	/* A server that is found silent stays so, however slow the machine. */
	struct dns *dns = dns_ares_new(&(struct dns_ares_options) {
	    .servers = servers, .server_count = count, .cache_bytes = 1 << 20,
	    .avoid_ms = 3600 * 1000}, &reason);
	arena_free(a);
	assert_non_null(dns);
	return dns;
}

/* One question in a message of its own; its text's size in *n. */
static enum dns_status
ask(struct dns *dns, const char *name, unsigned timeout_ms, size_t *n)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct lookups *l = lookups_new(dns, timeout_ms, NULL, NULL, a);
	const struct dns_answer *got =
	    dns_wait(dns_ask(l, DNS_FOR_POLICY, DNS_TXT, str_of(name)));
	enum dns_status status = got->status;
	if (n != NULL)
		*n = got->count > 0 ? got->rr[0].txt.n : 0;
	arena_free(a);
	return status;
}

/* How many different names the server was asked for, after the first `from`
 * questions; it has stopped. A question is repeated while it is not answered. */
static unsigned
names_seen(const struct server *s, unsigned from)
{
	unsigned n = atomic_load(&s->questions), count = 0;
	assert_in_range(n, from, SEEN_MAX);
	for (unsigned i = from; i < n; i++) {
		bool is_new = true;
		for (unsigned k = from; k < i; k++)
			is_new = is_new && !str_ieq(str_of(s->names[i]),
			    str_of(s->names[k]));
		count += is_new;
	}
	return count;
}

/* A failure of one server is a question for the next; an answer is not. */
static void
next_server(void **state)
{
	static const struct {
		enum manner first, second;
		enum dns_status want;
		bool is_asked; /* the second */
	} rows[] = {
		{ANSWERS, SAYS_NODATA, DNS_OK, 0},
		{SAYS_NODATA, ANSWERS, DNS_NODATA, 0},
		{SAYS_NXDOMAIN, ANSWERS, DNS_NXDOMAIN, 0},
		{SAYS_SERVFAIL, ANSWERS, DNS_OK, 1},
		{SAYS_REFUSED, ANSWERS, DNS_OK, 1},
		{SAYS_NOTIMP, ANSWERS, DNS_OK, 1},
		{SAYS_FORMERR, ANSWERS, DNS_OK, 1},
		{BABBLES, ANSWERS, DNS_OK, 1},
		{SAYS_SERVFAIL, SAYS_NXDOMAIN, DNS_NXDOMAIN, 1},
		{SAYS_SERVFAIL, SAYS_REFUSED, DNS_SERVFAIL, 1},
		{SAYS_REFUSED, BABBLES, DNS_MALFORMED, 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct server one, two;
		start(&one, rows[i].first);
		start(&two, rows[i].second);
		struct dns *dns =
		    engine((unsigned[]) {one.port, two.port}, 2);
		enum dns_status got = ask(dns, "a.test", PATIENCE_MS, NULL);
		if (got != rows[i].want)
			fail_msg("row %zu: %s", i, dns_status_text(got));
		assert_int_equal(atomic_load(&two.questions) > 0,
		    rows[i].is_asked);
		struct dns_counters n;
		dns_count(dns, &n);
		assert_int_equal(n.sent, 1);
		assert_int_equal(n.failed, dns_is_error(got));
		dns_drop(dns);
		stop(&one);
		stop(&two);
	}
}

/* A server that is not there, or silent, is passed over. */
static void
dead_server(void **state)
{
	struct server two;
	(void)state;
	start(&two, ANSWERS);
	struct dns *dns = engine((unsigned[]) {closed_port(), two.port}, 2);
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	dns_drop(dns);
	stop(&two);
}

/* Every server that may be named is asked in the end. */
static void
many_servers(void **state)
{
	unsigned ports[DNS_ARES_MAX_SERVERS];
	size_t last = DNS_ARES_MAX_SERVERS - 1;
	struct server s;
	(void)state;
	start(&s, ANSWERS);
	for (size_t i = 0; i < last; i++)
		ports[i] = closed_port();
	ports[last] = s.port;
	struct dns *dns = engine(ports, DNS_ARES_MAX_SERVERS);
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	dns_drop(dns);
	stop(&s);
}

/* Questions that follow each other, as in an SPF record's includes, do not wait
 * for a silent server each time: the first alone goes there. */
static void
silent_server(void **state)
{
	struct server one, two;
	struct arena *a = arena_new(0);
	(void)state;
	start(&one, IS_SILENT);
	start(&two, ANSWERS);
	struct dns *dns = engine((unsigned[]) {one.port, two.port}, 2);
	struct lookups *l = lookups_new(dns, PATIENCE_MS, NULL, NULL, a);
	for (int i = 0; i < 10; i++)
		assert_int_equal(dns_wait(dns_ask(l, DNS_FOR_SPF, DNS_TXT,
		    text_format(a, "n%d.test", i)))->status, DNS_OK);
	arena_free(a);
	dns_drop(dns);
	stop(&one);
	stop(&two);
	assert_int_equal(names_seen(&one, 0), 1);
}

/* When the time is over for which a silent server is passed over, one question
 * finds out whether it answers again, and all others do not go there: a message
 * may have less time than that takes. */
static void
one_finds_out(void **state)
{
	struct server one, two;
	struct arena *a = arena_new(0);
	const char *reason;
	(void)state;
	start(&one, IS_SILENT);
	start(&two, ANSWERS);
	struct str servers[] = {text_format(a, "127.0.0.1:%u", one.port),
	    text_format(a, "127.0.0.1:%u", two.port)};
	struct dns *dns = dns_ares_new(&(struct dns_ares_options) {
	    .servers = servers, .server_count = 2, .cache_bytes = 1 << 20,
	    .avoid_ms = AVOID_MS}, &reason);
	assert_non_null(dns);
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	unsigned before = atomic_load(&one.questions);
	pause_ms(AVOID_MS + 100);
	/* Together: the time to avoid it must not be over once more. */
	struct lookups *l = lookups_new(dns, PATIENCE_MS, NULL, NULL, a);
	for (int i = 0; i < 5; i++)
		dns_ask(l, DNS_FOR_SPF, DNS_TXT, text_format(a, "n%d.test", i));
	for (int i = 0; i < 5; i++)
		assert_int_equal(dns_wait(dns_ask(l, DNS_FOR_SPF, DNS_TXT,
		    text_format(a, "n%d.test", i)))->status, DNS_OK);
	arena_free(a);
	dns_drop(dns);
	stop(&one);
	stop(&two);
	assert_int_equal(names_seen(&one, before), 1);
}

/* No server at all: a failure at once, not an absence. */
static void
no_server(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct dns *dns = engine((unsigned[]) {closed_port()}, 1);
	int64_t start_ms = clock_mono_ms();
	/* Each would take six seconds, if a server were waited for. */
	for (int i = 0; i < 12; i++)
		assert_int_equal(ask(dns, text_format(a, "n%d.test", i).p,
		    PATIENCE_MS, NULL), DNS_TIMEOUT);
	assert_in_range(clock_mono_ms() - start_ms, 0, 12 * 6000 - 1);
	dns_drop(dns);
	arena_free(a);
	dns = engine((unsigned[]) {closed_port(), closed_port()}, 2);
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_TIMEOUT);
	dns_drop(dns);
}

/* The system's servers are taken where none is named; none is asked here. */
static void
system_servers(void **state)
{
	const char *reason = NULL;
	(void)state;
	struct dns *dns = dns_ares_new(
	    &(struct dns_ares_options) {.cache_bytes = 1 << 20}, &reason);
	assert_non_null(dns);
	dns_drop(dns);
}

/* A text that is no server starts nothing, and says why. */
static void
bad_servers(void **state)
{
	static const char *const texts[] = {"", "localhost", "192.0.2.1:0",
	    "[::1", "192.0.2.1 53"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *reason = NULL;
		struct str servers[] = {STR_INIT("127.0.0.1"),
		    str_of(texts[i])};
		assert_null(dns_ares_new(&(struct dns_ares_options) {
		    .servers = servers, .server_count = 2}, &reason));
		assert_non_null(reason);
	}
}

/* RFC 6891 7: a server that does not know EDNS is asked without, every time. */
static void
without_edns(void **state)
{
	struct server s;
	struct arena *a = arena_new(0);
	(void)state;
	start(&s, KNOWS_NO_EDNS);
	struct dns *dns = engine(&s.port, 1);
	for (int i = 0; i < 5; i++) {
		struct str name = text_format(a, "n%d.test", i);
		assert_int_equal(ask(dns, name.p, PATIENCE_MS, NULL), DNS_OK);
	}
	dns_drop(dns);
	stop(&s);
	arena_free(a);
	/* It is remembered: the first alone is asked with it. */
	assert_int_equal(s.with_edns, 1);
}

/* RFC 6891 6.2.5: an answer of 1000 octets needs no TCP. */
static void
large_answer(void **state)
{
	struct server s;
	size_t n;
	(void)state;
	start(&s, ANSWERS_LARGE);
	struct dns *dns = engine(&s.port, 1);
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, &n), DNS_OK);
	assert_int_equal(n, 1000);
	dns_drop(dns);
	stop(&s);
}

/* RFC 1035 3.2.1: TTL 0 is for who has asked already. A message that begins
 * when another has its answer asks anew, however soon it comes. */
static void
zero_ttl(void **state)
{
	struct server s;
	(void)state;
	start(&s, ANSWERS_ONCE);
	struct dns *dns = engine(&s.port, 1);
	for (int i = 0; i < 300; i++)
		assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	struct dns_counters n;
	dns_count(dns, &n);
	assert_int_equal(n.sent, 300);
	assert_true(atomic_load(&s.questions) >= 300);
	dns_drop(dns);
	stop(&s);
}

/* "[::1]:port", where the system has IPv6. */
static void
over_ipv6(void **state)
{
	struct server s = {.manner = ANSWERS};
	(void)state;
	if (!bind_to(&s, AF_INET6))
		check_skip("this system has no IPv6");
	assert_int_equal(pipe(s.stop), 0);
	assert_int_equal(pthread_create(&s.thread, NULL, run, &s), 0);
	struct arena *a = arena_new(0);
	struct str server = text_format(a, "[::1]:%u", s.port);
	const char *reason;
	struct dns *dns = dns_ares_new(&(struct dns_ares_options) {
	    .servers = &server, .server_count = 1, .cache_bytes = 1 << 20},
	    &reason);
	assert_non_null(dns);
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	dns_drop(dns);
	stop(&s);
	arena_free(a);
}

/* RFC 5452 9.2: who cannot see a question must not know where its answer has to
 * go. The port changes whenever no question is under way. */
static void
ports_change(void **state)
{
	struct server s;
	bool is_other = false;
	(void)state;
	start(&s, ANSWERS);
	struct dns *dns = engine(&s.port, 1);
	for (int i = 0; i < 4; i++) {
		char name[] = "n0.test";
		name[1] = (char)('0' + i);
		assert_int_equal(ask(dns, name, PATIENCE_MS, NULL), DNS_OK);
	}
	dns_drop(dns);
	stop(&s); /* from here on nobody writes what it saw */
	for (int i = 1; i < 4; i++)
		is_other = is_other || s.from[i] != s.from[0];
	assert_true(is_other);
}

/* Questions that no server answers, of mail that somebody sends for it, do not
 * keep those of other mail from being asked. */
static void
silent_names(void **state)
{
	struct server s;
	struct arena *a = arena_new(0);
	(void)state;
	start(&s, KNOWS_SOME);
	struct dns *dns = engine(&s.port, 1);
	for (int m = 0; m < 7; m++) {
		struct lookups *l = lookups_new(dns, PATIENCE_MS, NULL, NULL, a);
		for (unsigned i = 0; i < DNS_MAX_SPF; i++)
			dns_ask(l, DNS_FOR_SPF, DNS_TXT,
			    text_format(a, "e%dn%u.test", m, i));
	}
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	/* And it has not waited until one of them was given up. */
	struct dns_counters n;
	dns_count(dns, &n);
	assert_int_equal(n.failed, 0);
	arena_free(a);
	dns_drop(dns);
	stop(&s);
}

/* A name whose own servers are far gets the time that it takes, also where all
 * other answers came at once. */
static void
late_answer(void **state)
{
	struct server s;
	struct arena *a = arena_new(0);
	(void)state;
	start(&s, IS_LATE);
	struct dns *dns = engine(&s.port, 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(ask(dns, text_format(a, "n%d.test", i).p,
		    PATIENCE_MS, NULL), DNS_OK);
	assert_int_equal(ask(dns, "e.test", PATIENCE_MS, NULL), DNS_OK);
	dns_drop(dns);
	stop(&s);
	arena_free(a);
}

/* What a hostile zone has its server answer is the end of that question, and of
 * no other that is under way. */
static void
babble_harms_nobody(void **state)
{
	struct server s;
	struct arena *a = arena_new(0);
	(void)state;
	start(&s, BABBLES_SOME);
	struct dns *dns = engine(&s.port, 1);
	struct lookups *l = lookups_new(dns, PATIENCE_MS, NULL, NULL, a);
	struct lookup *good = dns_ask(l, DNS_FOR_POLICY, DNS_TXT, STR("a.test"));
	for (unsigned i = 0; i < BABBLED; i++)
		assert_int_equal(dns_wait(dns_ask(l, DNS_FOR_SPF, DNS_TXT,
		    text_format(a, "e%u.test", i)))->status, DNS_MALFORMED);
	assert_int_equal(dns_wait(good)->status, DNS_OK);
	arena_free(a);
	dns_drop(dns);
	stop(&s);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

/* The case of a name is chosen anew for each question, and an answer to it in
 * another is a forgery, not taken. */
static void
case_is_chosen(void **state)
{
	struct server s;
	(void)state;
	start(&s, FOLDS_ONCE);
	struct dns *dns = engine(&s.port, 1);
	assert_int_equal(ask(dns, LETTERS ".test", PATIENCE_MS, NULL), DNS_OK);
	assert_int_equal(atomic_load(&s.questions), 2);
	assert_int_not_equal(memcmp(s.names[0], s.names[1], 27), 0);
	assert_int_not_equal(memcmp(s.names[1] + 1, LETTERS, 26), 0);
	assert_true(str_ieq((struct str) {s.names[1] + 1, 26}, STR(LETTERS)));
	dns_drop(dns);
	stop(&s);
}

/* A server that never gives the case back is found out, once. */
static void
case_is_folded(void **state)
{
	struct server s;
	(void)state;
	start(&s, FOLDS_CASE);
	struct dns *dns = engine(&s.port, 1);
	assert_int_equal(ask(dns, LETTERS ".test", PATIENCE_MS, NULL), DNS_OK);
	unsigned before = atomic_load(&s.questions);
	assert_in_range(before, 4, 20);
	assert_int_equal(ask(dns, "b" LETTERS ".test", PATIENCE_MS, NULL), DNS_OK);
	assert_int_equal(atomic_load(&s.questions), before + 1);
	dns_drop(dns);
	stop(&s);
}

/* Each server is given as many tries to bring the case back. */
static void
case_is_folded_by_both(void **state)
{
	struct server s[2];
	(void)state;
	start(&s[0], FOLDS_FAILS);
	start(&s[1], FOLDS_CASE);
	struct dns *dns = engine((unsigned[]) {s[0].port, s[1].port}, 2);
	assert_int_equal(ask(dns, LETTERS ".test", PATIENCE_MS, NULL), DNS_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_in_range(atomic_load(&s[i].questions), 4, 20);
		stop(&s[i]);
	}
	dns_drop(dns);
}

/* Questions in the queue that nobody waits for any more are not sent: else a
 * failure of the servers would fill it with them. */
static void
abandoned(void **state)
{
	struct server s;
	struct dns_counters n;
	(void)state;
	start(&s, IS_SLOW);
	struct dns *dns = engine(&s.port, 1);
	int64_t start_ms = clock_mono_ms();
	for (int m = 0; m < 20; m++) {
		struct arena *a = arena_new(SIZE_MAX);
		struct lookups *l = lookups_new(dns, 0, NULL, NULL, a);
		for (unsigned i = 0; i < DNS_MAX_SPF; i++)
			dns_ask(l, DNS_FOR_SPF, DNS_TXT,
			    text_format(a, "m%dn%u.test", m, i));
		arena_free(a);
	}
	/* So many may have gone while the messages came. */
	uint64_t most = 1 + (1 + (uint64_t)(clock_mono_ms() - start_ms) /
	    DNS_FLIGHT_NEW_MS) * DNS_FLIGHT_MAX_NEW;
	/* One that somebody waits for comes behind them. */
	assert_int_equal(ask(dns, "a.test", PATIENCE_MS, NULL), DNS_OK);
	dns_count(dns, &n);
	assert_int_equal(n.asked, 20 * DNS_MAX_SPF + 1);
	assert_in_range(n.sent, 1, most);
	dns_drop(dns);
	stop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_server),
		cmocka_unit_test(dead_server),
		cmocka_unit_test(many_servers),
		cmocka_unit_test(silent_server),
		cmocka_unit_test(one_finds_out),
		cmocka_unit_test(no_server),
		cmocka_unit_test(system_servers),
		cmocka_unit_test(bad_servers),
		cmocka_unit_test(without_edns),
		cmocka_unit_test(large_answer),
		cmocka_unit_test(zero_ttl),
		cmocka_unit_test(over_ipv6),
		cmocka_unit_test(ports_change),
		cmocka_unit_test(silent_names),
		cmocka_unit_test(late_answer),
		cmocka_unit_test(babble_harms_nobody),
		cmocka_unit_test(case_is_chosen),
		cmocka_unit_test(case_is_folded),
		cmocka_unit_test(case_is_folded_by_both),
		cmocka_unit_test(abandoned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
