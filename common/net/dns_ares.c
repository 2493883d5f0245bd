/* SPDX-License-Identifier: BSD-2-Clause */
#include "net/dns_ares.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "net/dns_cache.h"
#include "net/dns_channel.h"
#include "net/dns_engine.h"
#include "net/dns_flight.h"
#include "net/dns_packet.h"

/* c-ares doubles the time at every try: 1.5 + 3 + 6 s with one server, 1 + 2 s
 * each with several. */
#define ALONE_TIMEOUT_MS  1500
#define ALONE_TRIES       3
#define SHARED_TIMEOUT_MS 1000
#define SHARED_TRIES      2
/* What a server gets at least. From 1.32 on, c-ares waits five times as long as
 * it mostly takes, a quarter of a second say: too short for a name whose own
 * servers are far or slow. So the tries are repeated. */
#define ALONE_PATIENCE_MS  6000
#define SHARED_PATIENCE_MS 2000
#define MAX_ROUNDS         8u
/* Questions in the channels aside, each with a socket of its own. */
#define MAX_ASIDE 200u
/* A server that was silent is asked last for so long: a message has no time to
 * find that out at every question. */
#define AVOID_MS          30000
/* Answers in another case that a question gets before its server is taken for
 * one that never gives the case back. A forger would have to hit each time. */
#define CASE_TRIES        8u
#define EVENTS            64

/* A question on its way through the servers. */
struct job {
	struct dns_channel_asker asker; /* first: the job's own */
	struct ares_engine *engine;
	struct dns_entry *entry; /* held */
	struct dns_flight_mark mark;
	unsigned first;          /* the server that was asked first */
	unsigned failures;       /* servers that failed so far */
	unsigned rounds;         /* of tries, with this one */
	int64_t patience_until;
	bool is_plain;           /* asked without EDNS */
	bool is_aside;           /* asked in the channel aside */
	unsigned recased;        /* answers in another case */
	uint8_t question[DNS_PACKET_QUESTION_MAX]; /* as it was sent */
	struct job *next;        /* in the queue */
};

/* One channel a server: which server failed is ours to know, and c-ares goes to
 * the next only where it has two. An answer that newer versions cannot read ends
 * all questions of its socket: those are asked once more aside, where none has
 * to do with another. */
struct server {
	ares_channel channel, aside;
	int64_t avoid_until; /* of the monotonic clock */
	bool is_plain;       /* does not know EDNS */
	bool knows_edns;     /* has answered with it */
	bool folds_case;     /* writes the names of questions anew */
};

struct ares_engine {
	struct dns dns;
	struct dns_cache *cache;
	pthread_t thread;
	int epoll, wake;

	pthread_mutex_t lock; /* for the queue and is_stopping */
	struct job *first, **last;
	bool is_stopping;

	/* The thread's own. */
	struct server servers[DNS_ARES_MAX_SERVERS];
	unsigned server_count, aside_count;
	unsigned avoid_ms;
	struct dns_flight flight;
	atomic_uint_fast64_t sent, failed;
};

static void ask_server(struct job *job);

/* ---- the thread ------------------------------------------------------------- */

static void
drop_job(struct job *job)
{
	dns_entry_drop(job->entry);
	free(job);
}

/* Cache and counters know before anybody who waits does: what has a TTL of 0 is
 * for those who have asked already. */
static void
settle(struct job *job, const struct dns_answer *answer)
{
	struct ares_engine *e = job->engine;
	dns_entry_take(job->entry, answer);
	dns_cache_settled(e->cache, job->entry, clock_mono_ms());
	if (dns_is_error(answer->status))
		atomic_fetch_add(&e->failed, 1);
	dns_entry_publish(job->entry);
	dns_flight_end(&e->flight, &job->mark);
	e->aside_count -= job->is_aside;
	drop_job(job);
}

/* The first of the list that was not silent lately. Where that time is over, one
 * question finds out how the server is, and the others pass it over until then. */
static unsigned
first_server(struct ares_engine *e)
{
	int64_t now = clock_mono_ms();
	for (unsigned i = 0; i < e->server_count; i++) {
		struct server *s = &e->servers[i];
		if (s->avoid_until > now)
			continue;
		if (s->avoid_until > 0)
			s->avoid_until = now + e->avoid_ms;
		return i;
	}
	return 0;
}

static struct server *
server_of(const struct job *job)
{
	struct ares_engine *e = job->engine;
	return &e->servers[(job->first + job->failures) % e->server_count];
}

static void
read_reply(const struct job *job, int status, struct str packet,
    struct arena *a, struct dns_answer *out)
{
	*out = (struct dns_answer) {.status = DNS_TIMEOUT};
	if (packet.n > 0)
		dns_packet_read(packet, job->entry->type, job->entry->name, a,
		    out);
	else if (status == ARES_EBADRESP || status == ARES_EFORMERR)
		out->status = DNS_MALFORMED;
	else if (status == ARES_ESERVFAIL || status == ARES_EREFUSED ||
	    status == ARES_ENOTIMP)
		out->status = DNS_SERVFAIL;
	else if (status == ARES_EBADNAME)
		out->status = DNS_BADNAME;
}

/* The server that is next has its own time. */
static void
begin_server(struct job *job)
{
	job->rounds = job->recased = 0;
	job->patience_until = clock_mono_ms() +
	    (job->engine->server_count == 1 ? ALONE_PATIENCE_MS :
					      SHARED_PATIENCE_MS);
	ask_server(job);
}

/* RFC 6891 7: who answers without an OPT record does not know EDNS, and is asked
 * without from then on. Newer versions of c-ares find that out anew at each
 * question. */
static void
note_edns(const struct job *job, enum dns_status status, struct str packet)
{
	struct server *server = server_of(job);
	if (packet.n == 0 || job->is_plain || dns_is_error(status))
		return;
	if (!dns_packet_lacks_edns(packet))
		server->knows_edns = true;
	else if (!server->knows_edns)
		server->is_plain = true;
}

/* A failure of one server is a question for the next. c-ares asks without EDNS
 * by itself, but for one question of a channel alone. */
static bool
ask_again(struct job *job, enum dns_status status, struct str packet)
{
	struct server *server = server_of(job);
	server->avoid_until =
	    status == DNS_TIMEOUT ? clock_mono_ms() + job->engine->avoid_ms : 0;
	if (!job->is_plain && dns_packet_refuses_edns(packet))
		server->is_plain = true;
	else if (dns_is_error(status) &&
	    job->failures + 1 < job->engine->server_count)
		job->failures++;
	else
		return false;
	begin_server(job);
	return true;
}

static bool
is_impatient(struct job *job, int status)
{
	return status == ARES_ETIMEOUT && ++job->rounds < MAX_ROUNDS &&
	    clock_mono_ms() < job->patience_until;
}

/* Unreadable, that answer or one of the same socket. */
static bool
moves_aside(struct job *job, int status, struct str packet)
{
	struct ares_engine *e = job->engine;
	if (status != ARES_EBADRESP || packet.n > 0 || job->is_aside ||
	    e->aside_count >= MAX_ASIDE)
		return false;
	job->is_aside = true;
	e->aside_count++;
	return true;
}

/* draft-vixie-dnsext-dns0x20: the case of the name is for the asker to know, as
 * the id is. What gives another back is an answer of somebody else, or of a
 * server that always does. */
static bool
is_forged(struct job *job, struct str packet)
{
	struct server *server = server_of(job);
	if (packet.n == 0 || server->folds_case ||
	    dns_packet_is_echo(packet, job->question, job->entry->name))
		return false;
	server->folds_case = ++job->recased >= CASE_TRIES;
	return !server->folds_case;
}

static void
on_reply(struct dns_channel_asker *asker, int status, struct str packet)
{
	struct job *job = (struct job *)asker;
	struct arena *a = arena_new(0);
	struct dns_answer answer;
	read_reply(job, status, packet, a, &answer);
	bool is_over = status == ARES_EDESTRUCTION || status == ARES_ECANCELLED;
	if (!is_over && (is_impatient(job, status) ||
	    moves_aside(job, status, packet) || is_forged(job, packet))) {
		ask_server(job);
		arena_free(a);
		return;
	}
	note_edns(job, answer.status, packet);
	if (is_over || !ask_again(job, answer.status, packet))
		settle(job, &answer);
	arena_free(a);
}

static void
ask_server(struct job *job)
{
	static const struct dns_answer bad_name = {.status = DNS_BADNAME};
	uint8_t *question = job->question, random[DNS_PACKET_CASES];
	struct server *server = server_of(job);
	job->is_plain = server->is_plain;
	size_t n = dns_packet_question(job->entry->type, job->entry->name,
	    !job->is_plain, question);
	if (n == 0) {
		settle(job, &bad_name);
		return;
	}
	/* The id is the asker's to choose: nobody may guess it. */
	if (getrandom(question, 2, 0) != 2 ||
	    getrandom(random, sizeof random, 0) != sizeof random)
		abort();
	if (!server->folds_case)
		dns_packet_mix_case(question, job->entry->name, random);
	dns_channel_ask(job->is_aside ? server->aside : server->channel,
	    question, n, &job->asker);
}

static struct job *
next_job(struct ares_engine *e, bool *is_stopping)
{
	struct job *job = NULL;
	bool has_room = dns_flight_has_room(&e->flight, clock_mono_ms());
	pthread_mutex_lock(&e->lock);
	*is_stopping = e->is_stopping;
	if (has_room && e->first != NULL) {
		job = e->first;
		e->first = job->next;
		if (e->first == NULL)
			e->last = &e->first;
	}
	pthread_mutex_unlock(&e->lock);
	return job;
}

static bool
take_jobs(struct ares_engine *e)
{
	bool is_stopping;
	struct job *job;
	while ((job = next_job(e, &is_stopping)) != NULL) {
		/* Else a failure of the servers would fill the queue with what
		 * nobody waits for any more. */
		if (dns_cache_abandon(e->cache, job->entry)) {
			drop_job(job);
			continue;
		}
		dns_flight_begin(&e->flight, &job->mark, clock_mono_ms());
		atomic_fetch_add(&e->sent, 1);
		job->first = first_server(e);
		begin_server(job);
	}
	return !is_stopping;
}

static void
watch_socket(void *arg, ares_socket_t fd, int is_readable, int is_writable)
{
	struct ares_engine *e = arg;
	struct epoll_event ev = {.data.fd = fd,
	    .events = (is_readable ? EPOLLIN : 0u) |
		(is_writable ? EPOLLOUT : 0u)};
	if (ev.events == 0)
		epoll_ctl(e->epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(e->epoll, EPOLL_CTL_MOD, fd, &ev) != 0)
		epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static int
sooner(ares_channel channel, int least)
{
	struct timeval tv;
	if (ares_timeout(channel, NULL, &tv) == NULL)
		return least;
	int ms = (int)(tv.tv_sec * 1000 + tv.tv_usec / 1000) + 1;
	return least < 0 || ms < least ? ms : least;
}

/* Milliseconds until some channel has something to do, or questions may go; -1
 * for never. */
static int
next_timeout(const struct ares_engine *e)
{
	int least = dns_flight_wait_ms(&e->flight, clock_mono_ms());
	for (unsigned i = 0; i < e->server_count; i++) {
		least = sooner(e->servers[i].channel, least);
		if (e->aside_count > 0)
			least = sooner(e->servers[i].aside, least);
	}
	return least;
}

/* A channel passes over a socket that is another's. */
static void
process(struct ares_engine *e, ares_socket_t readable, ares_socket_t writable)
{
	for (unsigned i = 0; i < e->server_count; i++) {
		ares_process_fd(e->servers[i].channel, readable, writable);
		if (e->aside_count > 0)
			ares_process_fd(e->servers[i].aside, readable, writable);
	}
}

static void
handle(struct ares_engine *e, const struct epoll_event *ev)
{
	uint64_t ignored;
	if (ev->data.fd == e->wake) {
		if (read(e->wake, &ignored, sizeof ignored) < 0)
			return; /* another wake took it */
		return;
	}
	bool is_broken = (ev->events & (EPOLLERR | EPOLLHUP)) != 0;
	process(e,
	    (ev->events & EPOLLIN) != 0 || is_broken ? ev->data.fd :
						       ARES_SOCKET_BAD,
	    (ev->events & EPOLLOUT) != 0 ? ev->data.fd : ARES_SOCKET_BAD);
}

static void *
run(void *arg)
{
	struct ares_engine *e = arg;
	struct epoll_event events[EVENTS];
	while (take_jobs(e)) {
		int n = epoll_wait(e->epoll, events, EVENTS, next_timeout(e));
		for (int i = 0; i < n; i++)
			handle(e, &events[i]);
		process(e, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	}
	return NULL;
}

/* ---- the engine ------------------------------------------------------------- */

static void
wake(struct ares_engine *e)
{
	static const uint64_t one = 1;
	/* Full means that it will wake up anyway. */
	if (write(e->wake, &one, sizeof one) < 0)
		return;
}

static void
submit(struct ares_engine *e, struct dns_entry *entry)
{
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL)
		abort();
	job->asker.take = on_reply;
	job->engine = e;
	job->entry = dns_entry_hold(entry);
	pthread_mutex_lock(&e->lock);
	bool was_empty = e->first == NULL;
	*e->last = job;
	e->last = &job->next;
	pthread_mutex_unlock(&e->lock);
	if (was_empty)
		wake(e);
}

static struct dns_entry *
ask(struct dns *dns, enum dns_type type, struct str name)
{
	struct ares_engine *e = (struct ares_engine *)dns;
	bool is_new;
	struct dns_entry *entry =
	    dns_cache_get(e->cache, type, name, clock_mono_ms(), &is_new);
	if (is_new)
		submit(e, entry);
	return entry;
}

static void
count(struct dns *dns, struct dns_counters *out)
{
	struct ares_engine *e = (struct ares_engine *)dns;
	dns_cache_count(e->cache, out);
	out->sent = atomic_load(&e->sent);
	out->failed = atomic_load(&e->failed);
}

/* Questions that nobody waits for any more; the thread is gone. */
static void
cancel_queue(struct ares_engine *e)
{
	static const struct dns_answer never = {.status = DNS_TIMEOUT};
	while (e->first != NULL) {
		struct job *job = e->first;
		e->first = job->next;
		dns_flight_begin(&e->flight, &job->mark, clock_mono_ms());
		settle(job, &never);
	}
}

static void
close_channels(struct ares_engine *e)
{
	for (unsigned i = 0; i < DNS_ARES_MAX_SERVERS; i++) {
		ares_destroy(e->servers[i].channel);
		ares_destroy(e->servers[i].aside);
	}
}

static void
release(struct dns *dns)
{
	struct ares_engine *e = (struct ares_engine *)dns;
	pthread_mutex_lock(&e->lock);
	e->is_stopping = true;
	pthread_mutex_unlock(&e->lock);
	wake(e);
	pthread_join(e->thread, NULL);
	close_channels(e);
	cancel_queue(e);
	dns_cache_free(e->cache);
	close(e->epoll);
	close(e->wake);
	pthread_mutex_destroy(&e->lock);
	free(e);
	ares_library_cleanup();
}

static const struct dns_engine engine = {
	.ask = ask, .count = count, .free = release};

/* ---- the start -------------------------------------------------------------- */

bool
dns_ares_is_server(struct str server)
{
	char text[DNS_CHANNEL_SERVER];
	return dns_channel_server(server, text);
}

static bool
open_channel(struct ares_engine *e, const char *server, bool is_alone)
{
	struct server *s = &e->servers[e->server_count++];
	struct dns_channel_options o = {
		.server = server,
		.timeout_ms = is_alone ? ALONE_TIMEOUT_MS : SHARED_TIMEOUT_MS,
		.tries = is_alone ? ALONE_TRIES : SHARED_TRIES,
		.watch = watch_socket,
		.watch_arg = e,
	};
	if (dns_channel_open(&s->channel, &o) != ARES_SUCCESS)
		return false;
	o.has_own_sockets = true;
	return dns_channel_open(&s->aside, &o) == ARES_SUCCESS;
}

static bool
open_named(struct ares_engine *e, const struct dns_ares_options *o)
{
	for (size_t i = 0; i < o->server_count &&
	     e->server_count < DNS_ARES_MAX_SERVERS; i++) {
		char server[DNS_CHANNEL_SERVER];
		if (!dns_channel_server(o->servers[i], server) ||
		    !open_channel(e, server, o->server_count == 1))
			return false;
	}
	return true;
}

/* The system's servers are read by c-ares, once. */
static bool
open_system(struct ares_engine *e)
{
	char servers[DNS_ARES_MAX_SERVERS][DNS_CHANNEL_SERVER];
	size_t count = dns_channel_system(servers, DNS_ARES_MAX_SERVERS);
	for (size_t i = 0; i < count; i++)
		if (!open_channel(e, servers[i], count == 1))
			return false;
	return count > 0;
}

static bool
open_wake(struct ares_engine *e)
{
	struct epoll_event ev = {.events = EPOLLIN};
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ev.data.fd = e->wake;
	return e->epoll >= 0 && e->wake >= 0 &&
	    epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->wake, &ev) == 0;
}

static const char *
start(struct ares_engine *e, const struct dns_ares_options *o)
{
	if (!open_wake(e))
		return "no epoll or eventfd to be had (file descriptors?)";
	if (o->server_count > 0 ? !open_named(e, o) : !open_system(e))
		return "no name server can be used: name one in dns-servers";
	e->cache = dns_cache_new(o->cache_bytes);
	if (pthread_create(&e->thread, NULL, run, e) != 0) {
		dns_cache_free(e->cache);
		return "its thread could not be started";
	}
	return NULL;
}

struct dns *
dns_ares_new(const struct dns_ares_options *o, const char **reason)
{
	*reason = "c-ares does not start";
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return NULL;
	struct ares_engine *e = calloc(1, sizeof *e);
	if (e == NULL)
		abort();
	e->dns.engine = &engine;
	e->epoll = e->wake = -1;
	e->last = &e->first;
	e->avoid_ms = o->avoid_ms > 0 ? o->avoid_ms : AVOID_MS;
	atomic_init(&e->dns.holders, 1);
	pthread_mutex_init(&e->lock, NULL);
	*reason = start(e, o);
	if (*reason == NULL)
		return &e->dns;
	close_channels(e);
	if (e->epoll >= 0)
		close(e->epoll);
	if (e->wake >= 0)
		close(e->wake);
	pthread_mutex_destroy(&e->lock);
	free(e);
	ares_library_cleanup();
	return NULL;
}
